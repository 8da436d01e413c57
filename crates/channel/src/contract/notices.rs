//! What comes in: callbacks, genuine and otherwise (PRODUCT 6.3).

use crate::{
    Headers, Notice, NoticeError, QueryOutcome,
    contract::{Callback, CallbackKind, Case, Stage, want},
};

/// A callback this old, or this far ahead, is refused.
const STALE_MS: i64 = 300_000;

pub(super) async fn cases(stage: &Stage<'_>) -> Vec<(&'static str, Case)> {
    vec![
        ("a genuine callback tells the same success as a query", genuine(stage).await),
        ("a callback's header names have no case", header_case(stage).await),
        ("a genuine callback of another kind is told apart", other_kind(stage).await),
        ("a callback five minutes away is stale, either way, where callbacks are bound to a time", stale(stage).await),
        ("a changed byte anywhere breaks the signature", tampered(stage).await),
        ("a wrong signature and a probe's are refused", wrong_signature(stage).await),
        ("an unknown key is told apart, so that keys can be fetched", unknown_key(stage).await),
        ("a callback without its proof is refused", unproven(stage).await),
        ("accepted and refused are acknowledged differently", acknowledged(stage)),
    ]
}

async fn callback(stage: &Stage<'_>, name: &str, kind: CallbackKind) -> Result<(String, Callback), String> {
    let number = stage.paid(name).await?;
    let callback = stage.institution.callback(&number, kind).await;
    Ok((number, callback))
}

fn read(stage: &Stage<'_>, callback: &Callback) -> Result<Notice, NoticeError> {
    stage.channel.read_notice(&callback.headers, &callback.body, stage.institution.now_ms())
}

async fn genuine(stage: &Stage<'_>) -> Case {
    let (number, callback) = callback(stage, "notice", CallbackKind::Paid).await?;
    let QueryOutcome::Succeeded(queried) = stage.channel.query(&stage.institution.account(), &number).await else {
        return Err("the paid attempt is not known as paid".to_owned());
    };
    for _ in 0..2 {
        let told = read(stage, &callback);
        want(told == Ok(Notice::Payment(queried.clone())), (told, &queried))?;
    }
    Ok(())
}

async fn header_case(stage: &Stage<'_>) -> Case {
    let (_, callback) = callback(stage, "case", CallbackKind::Paid).await?;
    for change in [str::to_ascii_lowercase, str::to_ascii_uppercase] {
        let headers = Headers(callback.headers.0.iter().map(|(name, v)| (change(name), v.clone())).collect());
        let told = read(stage, &Callback { headers, body: callback.body.clone() });
        want(matches!(told, Ok(Notice::Payment(_))), told)?;
    }
    Ok(())
}

async fn other_kind(stage: &Stage<'_>) -> Case {
    let (_, callback) = callback(stage, "other", CallbackKind::OtherKind).await?;
    let told = read(stage, &callback);
    want(matches!(&told, Ok(Notice::Other(kind)) if !kind.is_empty()), &told)
}

async fn stale(stage: &Stage<'_>) -> Case {
    let (_, callback) = callback(stage, "stale", CallbackKind::Paid).await?;
    if !stage.institution.stamps_time() {
        for away_ms in [-STALE_MS, STALE_MS, 30 * 60 * 60 * 1000] {
            let now_ms = stage.institution.now_ms() + away_ms;
            let told = stage.channel.read_notice(&callback.headers, &callback.body, now_ms);
            want(matches!(told, Ok(Notice::Payment(_))), (away_ms, told))?;
        }
        return Ok(());
    }
    // The institution stamps whole seconds, so the border is looked for from its whole second.
    let at_ms = stage.institution.now_ms().div_euclid(1000) * 1000;
    for (now_ms, fresh) in [
        (at_ms + STALE_MS - 1, true),
        (at_ms + STALE_MS, false),
        (at_ms - STALE_MS + 1000, true),
        (at_ms - STALE_MS, false),
    ] {
        let told = stage.channel.read_notice(&callback.headers, &callback.body, now_ms);
        let as_wanted = if fresh { told.is_ok() } else { matches!(told, Err(NoticeError::Stale { .. })) };
        want(as_wanted, (now_ms - at_ms, told))?;
    }
    Ok(())
}

async fn tampered(stage: &Stage<'_>) -> Case {
    let (_, callback) = callback(stage, "tampered", CallbackKind::Paid).await?;
    let bad = |body: Vec<u8>| {
        let told = read(stage, &Callback { headers: callback.headers.clone(), body });
        let of_the_proof = matches!(told, Err(NoticeError::Missing(_) | NoticeError::UnknownKey(_)));
        want(told == Err(NoticeError::BadSignature) || (stage.institution.proof_in_body() && of_the_proof), told)
    };
    for at in (0..callback.body.len()).step_by(97) {
        let mut body = callback.body.clone();
        if let Some(byte) = body.get_mut(at) {
            *byte ^= 1;
        }
        bad(body)?;
    }
    bad([callback.body.as_slice(), b"\n"].concat())?;
    bad(Vec::new())
}

async fn wrong_signature(stage: &Stage<'_>) -> Case {
    let kinds = [("wrongsig", CallbackKind::WrongSignature), ("probe", CallbackKind::Probe)];
    for (name, kind) in kinds.into_iter().filter(|(_, kind)| stage.institution.has_callback(*kind)) {
        let (_, callback) = callback(stage, name, kind).await?;
        let told = read(stage, &callback);
        want(told == Err(NoticeError::BadSignature), (kind, told))?;
    }
    Ok(())
}

async fn unknown_key(stage: &Stage<'_>) -> Case {
    let (_, callback) = callback(stage, "unknown", CallbackKind::UnknownKey).await?;
    let told = read(stage, &callback);
    if stage.institution.names_its_key() {
        want(matches!(told, Err(NoticeError::UnknownKey(_))), told)
    } else {
        want(told == Err(NoticeError::BadSignature), told)
    }
}

async fn unproven(stage: &Stage<'_>) -> Case {
    let (_, callback) = callback(stage, "unproven", CallbackKind::Unproven).await?;
    let told = read(stage, &callback);
    want(matches!(told, Err(NoticeError::Missing(_))), told)
}

fn acknowledged(stage: &Stage<'_>) -> Case {
    let (accepted, refused) = (stage.channel.acknowledge(true), stage.channel.acknowledge(false));
    want(accepted != refused && (200..300).contains(&accepted.status), (accepted, refused))
}
