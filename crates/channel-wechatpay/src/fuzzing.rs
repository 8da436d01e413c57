//! Doors for the fuzzers: the parsers behind a signature, which no fuzzer gets past. Each door states what must hold
//! whatever comes in, and panics where it does not.

use channel::{
    Account, CloseOutcome, Notice, PayByCodeOutcome, PrepayOutcome, QueryOutcome, RefundFact, RefundOutcome,
    RefundQueryOutcome, ReverseOutcome, Success,
};

use crate::{
    bill::{self, BillAnswer},
    client::{Answer, Raw},
    codepay,
    keys::certificate_from_pem,
    notice, refund,
    seal::ApiV3Keys,
    sealed_bill::BillOpener,
    translate::{self, Asked},
    v2, wire, xml,
};

/// The merchant, order and refund that every answer is read for.
const SUB_MCHID: &str = "1900000110";
const NUMBER: &str = "order-01";
const REFUND: &str = "refund-01";
const TRANSACTION: &str = "4200000001";

/// The key that fuzzed envelopes are opened with.
pub const APIV3_KEY: &str = "0123456789abcdefghijABCDEFGHIJ!#";

fn is_sound(success: &Success) {
    assert!(success.total.fen() > 0 && !success.transaction_id.is_empty());
}

fn is_sound_refund(fact: &RefundFact) {
    assert!(fact.amount.fen() > 0);
}

/// A callback's body as if its signature had fitted; then the same bytes as if they had been sealed in it.
pub fn callback(body: &[u8]) {
    let Ok(seal) = ApiV3Keys::new(APIV3_KEY, &[]) else { return };
    let opened = ["TRANSACTION.SUCCESS", "REFUND.SUCCESS", "REFUND.ABNORMAL", "REFUND.CLOSED"];
    let told = opened.map(|event| notice::told(event, body));
    for notice in told.into_iter().chain([notice::open(&seal, body)]).flatten() {
        match notice {
            Notice::Payment(success) => is_sound(&success),
            Notice::Refund(fact) => is_sound_refund(&fact),
            Notice::Other(_) => {}
        }
    }
}

/// An answer's body under each status and for each call, believed and not.
pub fn answer(status: u16, body: &[u8]) {
    let answer = || match status {
        200..300 => Answer::Trusted { status, body: body.to_vec() },
        _ => Raw::bare(status, body).read(Ok(())),
    };
    let account = Account::of(SUB_MCHID);
    for asked in [Asked::OutTradeNo(NUMBER), Asked::Transaction(TRANSACTION)] {
        match translate::query(answer(), &account, asked) {
            QueryOutcome::Succeeded(success) => is_sound(&success),
            QueryOutcome::NotFound => assert_eq!(status, 404),
            QueryOutcome::Pending | QueryOutcome::Closed => assert_eq!(status, 200),
            QueryOutcome::Unknown(_) => {}
        }
    }
    match codepay::charged(answer(), &account, NUMBER) {
        PayByCodeOutcome::Succeeded(success) => is_sound(&success),
        PayByCodeOutcome::Refused(_) | PayByCodeOutcome::Pending => assert!(status < 500),
        PayByCodeOutcome::Unknown(_) => {}
    }
    match (refund::asked(answer(), REFUND), refund::queried(answer(), REFUND)) {
        (RefundOutcome::Known(one), RefundQueryOutcome::Known(other)) => {
            assert_eq!(one, other);
            is_sound_refund(&one);
        }
        (RefundOutcome::Known(_), _) | (_, RefundQueryOutcome::Known(_)) => unreachable!("the same bytes"),
        _ => {}
    }
    let closed = translate::close(answer());
    let reversed = codepay::reversed(answer(), NUMBER);
    assert!(status < 500 || matches!(closed, CloseOutcome::Unknown(_)), "a 5xx decides nothing");
    assert!(status < 500 || matches!(reversed, ReverseOutcome::Unknown(_)), "a 5xx decides nothing");
    if let Answer::Error(error) = answer() {
        assert!(matches!(translate::prepay_error(error), PrepayOutcome::Refused(_) | PrepayOutcome::Unknown(_)));
    }
    if let Answer::Error(error) = answer() {
        bill::no_bill(error);
    }
    // An answer that is not believed decides nothing, whatever it says.
    let unsigned = Raw::bare(status, body);
    if (200..300).contains(&status) {
        assert!(matches!(unsigned.read(Err(crate::Distrust::BadSignature)), Answer::Nothing(_)));
    }
}

/// The older interface's XML: what is read and written again is read the same.
pub fn older_answer(body: &[u8]) {
    let key = v2::ApiV2Key::new("0123456789abcdefghijklmnopqrstuv");
    assert!(v2::read(&key, body).is_err(), "nobody guesses a signature");
    if let Ok(fields) = xml::read(body) {
        let again = xml::read(xml::write(&fields).as_bytes());
        // A field without a text may be written in two ways, and a control character in none.
        assert!(again.is_err() || again.as_ref() == Ok(&fields));
    }
}

/// A list of platform certificates, and a certificate.
pub fn certificates(body: &[u8]) {
    if let Ok(answer) = serde_json::from_slice::<wire::CertificatesAnswer<'_>>(body)
        && let Ok(seal) = ApiV3Keys::new(APIV3_KEY, &[])
    {
        answer.data.iter().for_each(|entry| assert!(seal.open(&entry.encrypt_certificate).is_err()));
    }
    if let Ok(pem) = std::str::from_utf8(body) {
        let _ = certificate_from_pem(pem).map(|(serial, _)| assert!(!serial.contains('\n')));
    }
}

/// A bill's answer, a packed file and a sealed one. `merchant_private_key_pem` opens sealed ones.
pub fn bill(merchant_private_key_pem: &str, body: &[u8]) {
    const MAX: u64 = 1 << 20;
    if let Ok(unpacked) = bill::unpacked(body.to_vec(), MAX) {
        assert!(unpacked.len() as u64 <= MAX || unpacked == body);
    }
    let Ok(answer) = bill::promised(body) else { return };
    match answer {
        BillAnswer::Open(open) => {
            if let Ok(path) = bill::path_of(&open.download_url) {
                assert!(path.starts_with('/') && !path.starts_with("//") && !path.starts_with("/\\"));
            }
        }
        BillAnswer::Sealed { download_bill_list, .. } => {
            let Ok(opener) = BillOpener::from_pem(merchant_private_key_pem) else { return };
            for sealed in download_bill_list.iter().take(4) {
                assert!(opener.open(sealed, body).is_err(), "nobody seals it by chance");
            }
        }
    }
}
