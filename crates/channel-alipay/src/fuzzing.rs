//! Doors for the fuzzers: the parsers behind a signature, which no fuzzer gets past. Each door states what must hold
//! whatever comes in, and panics where it does not.

use channel::{Account, Notice, PayByCodeOutcome, QueryOutcome, Refund, RefundQueryOutcome, Success};
use money::Amount;

use crate::{
    Alipay, bill,
    client::{Answer, Head, sorted},
    notice, refund, slice,
    translate::{self, Asked},
    wire::{self, Refunded},
};

/// The trade that every answer is read for.
const NUMBER: &str = "order_01";

fn is_sound(success: &Success) {
    assert!(success.total.fen() > 0 && !success.transaction_id.is_empty());
}

/// A callback's body as if its signature had fitted.
pub fn callback(body: &[u8]) {
    if let Ok(Notice::Payment(success)) = notice::unproven(body) {
        is_sound(&success);
    }
}

/// A gateway's answer as it comes: cut open, believed only where it is signed, and read as if it were.
pub fn answer(alipay: &Alipay, body: &[u8]) {
    let Ok(text) = std::str::from_utf8(body) else { return };
    for method in [wire::QUERY, wire::REFUND, wire::OAUTH_TOKEN] {
        let believed = alipay.client.believed(method, text, &alipay.keys);
        let nothing = matches!(believed, Err(_) | Ok(Answer::Nothing(_) | Answer::Error(_)));
        assert!(nothing, "nobody guesses a signature");
    }
    let members = slice::members(text);
    if let Ok(serde_json::Value::Object(parsed)) = serde_json::from_str(text) {
        // Every JSON object is cut, and each piece is the value that a JSON reader sees, where it is not there twice.
        let members = members.as_deref().unwrap_or_else(|| unreachable!("an object is cut"));
        for (name, value) in &parsed {
            if let Some(raw) = slice::only(members, name) {
                assert_eq!(serde_json::from_str::<serde_json::Value>(raw).ok().as_ref(), Some(value));
            }
        }
    }
    for (_, raw) in members.unwrap_or_default() {
        as_if_signed(raw);
    }
}

fn as_if_signed(raw: &str) {
    let answer = || serde_json::from_str::<Head>(raw).ok().map(|head| sorted(head, raw, false));
    let account = Account::of("2088102146225135");
    let Some(query) = answer() else { return };
    if let QueryOutcome::Succeeded(success) = translate::query(query, &account, "2014072300007148", Asked::Ours(NUMBER))
    {
        is_sound(&success);
    }
    if let Some(paid) = answer()
        && let PayByCodeOutcome::Succeeded(success) =
            translate::paid_by_code(paid, &account, "2014072300007148", NUMBER)
    {
        is_sound(&success);
    }
    let _ = answer().map(|answer| translate::close(answer, NUMBER).is_ok());
    let _ = answer().map(|answer| translate::cancelled(answer, NUMBER));
    if let Ok(told) = serde_json::from_str::<Refunded>(raw)
        && let RefundQueryOutcome::Known(fact) = refund::found(&told, &asked())
    {
        assert!(fact.amount.fen() > 0);
    }
}

fn asked() -> Refund {
    Refund {
        out_refund_no: "refund_01".to_owned(),
        out_trade_no: NUMBER.to_owned(),
        transaction_id: "2026092122001425131427300000".to_owned(),
        amount: Amount::from_fen(500),
        total: Amount::from_fen(1250),
        reason: String::new(),
        notify_url: String::new(),
    }
}

/// A bill's zip.
pub fn bill(zip: &[u8]) {
    const MOST: u64 = 1 << 20;
    if let Ok(files) = bill::unpacked(zip.to_vec(), MOST) {
        assert!(files.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>() <= MOST);
    }
}
