//! What goes out: prepay, query, close, and every way of not being answered.

use crate::{
    CloseOutcome, Credential, PayerId, Prepay, PrepayOutcome, QueryOutcome, RefusalKind, Scene,
    contract::{Attempt, Case, Fault, Stage, want},
};

pub(super) async fn cases(stage: &Stage<'_>) -> Vec<(&'static str, Case)> {
    vec![
        ("a prepay in each scene gives that scene's credential", each_scene(stage).await),
        ("the institution writes down what was asked", written_down(stage).await),
        (
            "an attempt that exists only once the payer acts is not found before, and is as asked then",
            later(stage).await,
        ),
        ("the same number with the same parameters is the same attempt", repeated(stage).await),
        ("the same number with other parameters is refused as spent", changed(stage).await),
        ("a query tells not found, pending, paid and closed apart", queried(stage).await),
        ("a close can be repeated, and its number is spent", closed(stage).await),
        ("a close of a paid attempt says that it is paid and leaves it so", closed_when_paid(stage).await),
        ("whatever is no trustworthy answer is unknown", faults(stage).await),
        ("an attempt whose answer was lost is sent again, and is one attempt", lost_answer(stage).await),
    ]
}

async fn each_scene(stage: &Stage<'_>) -> Case {
    let account = stage.institution.account();
    let PayerId::Provider(openid) = stage.institution.payer() else {
        return Err("the suite needs a payer under the provider's appid".to_owned());
    };
    let jsapi = stage.prepay("jsapi", Scene::Jsapi(PayerId::Provider(openid)));
    let outcome = stage.channel.prepay(&account, &jsapi).await;
    let usable = match &outcome {
        PrepayOutcome::Ready(Credential::Jsapi(invoke)) => !invoke.pay_sign.is_empty() && !invoke.package.is_empty(),
        PrepayOutcome::Ready(Credential::Trade { trade_no }) => !trade_no.is_empty(),
        _ => false,
    };
    want(usable, outcome)?;
    let h5 = stage.prepay("h5", Scene::H5 { client_ip: "203.0.113.9".to_owned() });
    let outcome = stage.channel.prepay(&account, &h5).await;
    want(matches!(&outcome, PrepayOutcome::Ready(Credential::H5 { url }) if url.starts_with("http")), &outcome)?;
    let native = stage.prepay("native", Scene::Native);
    let outcome = stage.channel.prepay(&account, &native).await;
    want(matches!(&outcome, PrepayOutcome::Ready(Credential::Native { code_url }) if !code_url.is_empty()), &outcome)
}

async fn written_down(stage: &Stage<'_>) -> Case {
    let number = stage.made("written").await?;
    let asked = stage.plain("written");
    let attempts = attempts_of(stage, &number).await;
    want(attempts == [as_asked(stage, &asked)], attempts)
}

/// What the institution writes down of an attempt.
fn as_asked(stage: &Stage<'_>, asked: &Prepay) -> Attempt {
    Attempt {
        out_trade_no: asked.out_trade_no.clone(),
        sub_mchid: stage.institution.account().sub_mchid,
        amount: asked.amount,
        description: asked.description.clone(),
        notify_url: asked.notify_url.clone(),
        expires_at_ms: asked.expires_at_ms,
    }
}

/// Until the payer opens it there is nothing to find or to close; from then on it is an attempt like any other.
async fn later(stage: &Stage<'_>) -> Case {
    let account = stage.institution.account();
    for (at, scene) in stage.institution.later_scenes().into_iter().enumerate() {
        let asked = stage.prepay(&format!("later{at}"), scene);
        let number = asked.out_trade_no.clone();
        stage.channel.prepay(&account, &asked).await;
        let outcome = stage.channel.prepay(&account, &asked).await;
        let PrepayOutcome::Ready(credential) = &outcome else { return want(false, outcome) };
        let found = stage.channel.query(&account, &number).await;
        want(found == QueryOutcome::NotFound, found)?;
        let closed = stage.channel.close(&account, &number).await;
        want(closed != CloseOutcome::AlreadyPaid, closed)?;
        stage.institution.open(credential).await;
        let found = stage.channel.query(&account, &number).await;
        want(found == QueryOutcome::Pending, found)?;
        let attempts = attempts_of(stage, &number).await;
        want(attempts == [as_asked(stage, &asked)], attempts)?;
        stage.institution.pay(&number).await;
        let outcome = stage.channel.query(&account, &number).await;
        want(matches!(&outcome, QueryOutcome::Succeeded(success) if success.total == asked.amount), &outcome)?;
        let closed = stage.channel.close(&account, &number).await;
        want(closed == CloseOutcome::AlreadyPaid, closed)?;
    }
    Ok(())
}

async fn repeated(stage: &Stage<'_>) -> Case {
    let number = stage.made("again").await?;
    stage.made("again").await?;
    let attempts = attempts_of(stage, &number).await;
    want(attempts.len() == 1, attempts)
}

async fn changed(stage: &Stage<'_>) -> Case {
    stage.made("changed").await?;
    let mut other = stage.plain("changed");
    other.amount = money::Amount::from_fen(1251);
    spent(stage.channel.prepay(&stage.institution.account(), &other).await)
}

async fn queried(stage: &Stage<'_>) -> Case {
    let account = stage.institution.account();
    let ask = async |number: &str| stage.channel.query(&account, number).await;
    let outcome = ask(&stage.number("never")).await;
    want(outcome == QueryOutcome::NotFound, outcome)?;
    let number = stage.made("queried").await?;
    let outcome = ask(&number).await;
    want(outcome == QueryOutcome::Pending, outcome)?;
    stage.institution.pay(&number).await;
    let outcome = ask(&number).await;
    let QueryOutcome::Succeeded(success) = &outcome else { return want(false, outcome) };
    let asked = stage.plain("queried");
    want(success.out_trade_no == number && success.sub_mchid == account.sub_mchid, success)?;
    want(success.total == asked.amount && success.currency == "CNY", success)?;
    want(!success.transaction_id.is_empty() && !success.sp_mchid.is_empty(), success)?;
    want(success.success_at_ms.abs_diff(stage.institution.now_ms()) < 1000, success)?;
    let number = stage.made("qclosed").await?;
    stage.channel.close(&account, &number).await;
    let outcome = ask(&number).await;
    want(outcome == QueryOutcome::Closed, outcome)
}

async fn closed(stage: &Stage<'_>) -> Case {
    let account = stage.institution.account();
    let number = stage.made("closed").await?;
    for _ in 0..2 {
        let outcome = stage.channel.close(&account, &number).await;
        want(outcome == CloseOutcome::Closed, outcome)?;
    }
    spent(stage.channel.prepay(&account, &stage.plain("closed")).await)
}

async fn closed_when_paid(stage: &Stage<'_>) -> Case {
    let account = stage.institution.account();
    let number = stage.paid("paidclose").await?;
    let outcome = stage.channel.close(&account, &number).await;
    want(outcome == CloseOutcome::AlreadyPaid, outcome)?;
    let outcome = stage.channel.query(&account, &number).await;
    want(matches!(outcome, QueryOutcome::Succeeded(_)), outcome)?;
    spent(stage.channel.prepay(&account, &stage.plain("paidclose")).await)
}

async fn faults(stage: &Stage<'_>) -> Case {
    let account = stage.institution.account();
    for (at, fault) in stage.faults().into_iter().enumerate() {
        let name = format!("fault{at}");
        let number = stage.made(&format!("{name}_made")).await?;
        stage.institution.fault(Some(fault)).await;
        let prepay = stage.channel.prepay(&account, &stage.plain(&name)).await;
        let query = stage.channel.query(&account, &number).await;
        let close = stage.channel.close(&account, &number).await;
        stage.institution.fault(None).await;
        want(matches!(prepay, PrepayOutcome::Unknown(_)), (fault, prepay))?;
        want(matches!(query, QueryOutcome::Unknown(_)), (fault, query))?;
        want(matches!(close, CloseOutcome::Unknown(_)), (fault, close))?;
        let again = stage.channel.close(&account, &number).await;
        want(again == CloseOutcome::Closed, (fault, again))?;
    }
    Ok(())
}

async fn lost_answer(stage: &Stage<'_>) -> Case {
    for (name, fault) in [("silence", Fault::Silence), ("hangup", Fault::HangUp)] {
        let prepay = stage.plain(name);
        stage.institution.fault(Some(fault)).await;
        let outcome = stage.channel.prepay(&stage.institution.account(), &prepay).await;
        stage.institution.fault(None).await;
        want(matches!(outcome, PrepayOutcome::Unknown(_)), outcome)?;
        let number = stage.made(name).await?;
        let attempts = attempts_of(stage, &number).await;
        want(attempts.len() == 1, attempts)?;
    }
    Ok(())
}

fn spent(outcome: PrepayOutcome) -> Case {
    want(matches!(&outcome, PrepayOutcome::Refused(refusal) if refusal.kind == RefusalKind::NumberSpent), &outcome)
}

async fn attempts_of(stage: &Stage<'_>, number: &str) -> Vec<Attempt> {
    stage.institution.attempts().await.into_iter().filter(|attempt| attempt.out_trade_no == number).collect()
}
