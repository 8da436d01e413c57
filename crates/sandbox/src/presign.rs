//! Real callbacks, signed ahead of time: what a benchmark sends must not cost it the signing.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::clock::Clock;
use crate::error::Error;
use crate::institution::{Institution, OFFICIAL_ACCOUNT, SP_MCHID, Signer};
use crate::pay::notice;
use crate::pay::order::{Order, TradeType};
use crate::{files, signature};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    out_trade_no: String,
    sub_mchid: String,
    amount_fen: i64,
    openid: String,
}

/// Writes one line of JSON per order of `orders` (a JSON list of `{out_trade_no, sub_mchid, amount_fen, openid}`):
/// `{"out_trade_no", "transaction_id", "headers": {…}, "body": "<base64>"}`, signed now with the institution's keys in `state`.
///
/// # Errors
/// When a file cannot be read or written or the list is not what it should be.
pub fn presign(state: &Path, clock: &Clock, orders: &Path, out: &Path) -> Result<usize, Error> {
    let institution = Institution::open(state, clock)?;
    let text = files::read(orders)?.unwrap_or_default();
    let wanted: Vec<Wanted> = serde_json::from_str(&text)?;
    let halves = wanted.split_at(wanted.len() / 2);
    // Signing is all there is to do: both cores of a small machine.
    let lines = std::thread::scope(|scope| {
        let first = scope.spawn(|| signed_lines(&institution, clock, halves.0));
        let second = signed_lines(&institution, clock, halves.1)?;
        let first = first.join().map_err(|_| Error::Key("a signing thread died".into()))??;
        Ok::<_, Error>(first + &second)
    })?;
    files::write_secret(out, &lines)?;
    Ok(wanted.len())
}

fn signed_lines(institution: &Institution, clock: &Clock, wanted: &[Wanted]) -> Result<String, Error> {
    let mut lines = String::new();
    for order in wanted {
        lines.push_str(&line(institution, clock.now_ms(), order)?.to_string());
        lines.push('\n');
    }
    Ok(lines)
}

fn line(institution: &Institution, now_ms: i64, wanted: &Wanted) -> Result<Value, Error> {
    let body = json!({
        "sp_appid": OFFICIAL_ACCOUNT,
        "sp_mchid": SP_MCHID,
        "amount": { "total": wanted.amount_fen, "currency": "CNY" },
    });
    let mut order = Order::new(&wanted.out_trade_no, &wanted.sub_mchid, TradeType::Jsapi, body, (now_ms, now_ms));
    order.pay(&wanted.openid, now_ms);
    let body = notice::paid(institution, &order.object(now_ms), now_ms)?;
    let headers: Map<String, Value> = signature::headers(&institution.pen(Signer::PublicKey), now_ms, body.as_bytes())
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::String(value)))
        .collect();
    let transaction_id = order.paid.map(|paid| paid.transaction_id);
    Ok(json!({
        "out_trade_no": wanted.out_trade_no,
        "transaction_id": transaction_id,
        "headers": headers,
        "body": BASE64.encode(body),
    }))
}
