//! Callbacks as bytes, with a cheap keyed hash where the real ones carry RSA: what matters here is who can make one.

use std::hash::{DefaultHasher, Hash, Hasher};

use channel::{Headers, Notice, NoticeError, RefundFact, RefundStatus, Success};
use money::Amount;
use serde_json::{Value, json};

/// A callback this old, or this far ahead, is refused.
const STALE_MS: i64 = 300_000;

/// A signed message.
#[derive(Clone, Debug)]
pub struct Sealed {
    /// Headers with the proof.
    pub headers: Vec<(String, String)>,
    /// The bytes.
    pub body: Vec<u8>,
}

fn signature(key: u64, at_s: i64, body: &[u8]) -> String {
    let mut hasher = DefaultHasher::new();
    ("the institution's own secret", key, at_s, body).hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// Signs with a key. Key 0 is nobody's: whoever has no key forges with it.
pub fn seal(key: u64, at_ms: i64, body: Vec<u8>) -> Sealed {
    let at_s = at_ms / 1000;
    let proof = if key == 0 { "f".repeat(16) } else { signature(key, at_s, &body) };
    let header = |name: &str, value: String| (format!("wechatpay-{name}"), value);
    let headers = vec![
        header("timestamp", at_s.to_string()),
        header("serial", key.max(1).to_string()),
        header("signature", proof),
    ];
    Sealed { headers, body }
}

/// Signs as Alipay does: in the body, with neither time-stamp nor key id.
pub fn seal_in_body(forged: bool, body: &[u8]) -> Sealed {
    let mut read: Value = serde_json::from_slice(body).unwrap_or_default();
    let proof = if forged { "f".repeat(16) } else { signature(1, 0, read.to_string().as_bytes()) };
    read["sign"] = proof.into();
    Sealed { headers: Vec::new(), body: read.to_string().into_bytes() }
}

/// Verifies what [`seal_in_body`] signed.
pub fn verify_body(body: &[u8]) -> Result<(), NoticeError> {
    let mut read: Value = serde_json::from_slice(body).map_err(|e| NoticeError::Unreadable(e.to_string()))?;
    let fields = read.as_object_mut().ok_or(NoticeError::Missing("sign"))?;
    let told = fields.remove("sign").ok_or(NoticeError::Missing("sign"))?;
    if told != signature(1, 0, read.to_string().as_bytes()) {
        return Err(NoticeError::BadSignature);
    }
    Ok(())
}

/// Verifies with the keys up to `known`.
pub fn verify(headers: &Headers, body: &[u8], known: u64, now_ms: i64) -> Result<(), NoticeError> {
    let read = |name: &'static str| headers.get(name).ok_or(NoticeError::Missing(name));
    let number = |text: &str| text.parse::<i64>().map_err(|e| NoticeError::Unreadable(e.to_string()));
    let at_s = number(read("wechatpay-timestamp")?)?;
    let key = number(read("wechatpay-serial")?)? as u64;
    let skew_s = now_ms / 1000 - at_s;
    if (skew_s * 1000).abs() >= STALE_MS {
        return Err(NoticeError::Stale { skew_s });
    }
    if key > known {
        return Err(NoticeError::UnknownKey(key.to_string()));
    }
    if read("wechatpay-signature")? != signature(key, at_s, body) {
        return Err(NoticeError::BadSignature);
    }
    Ok(())
}

/// A success as bytes.
pub fn success_body(success: &Success) -> Vec<u8> {
    json!({
        "no": success.out_trade_no, "transaction": success.transaction_id, "fen": success.total.fen(),
        "currency": success.currency, "sp": success.sp_mchid, "sub": success.sub_mchid, "app": success.sp_appid,
        "at": success.success_at_ms, "type": success.trade_type,
    })
    .to_string()
    .into_bytes()
}

/// What is told of a refund, as bytes.
pub fn refund_body(fact: &RefundFact) -> Vec<u8> {
    json!({
        "refund": fact.out_refund_no, "no": fact.out_trade_no, "transaction": fact.transaction_id, "id": fact.refund_id,
        "status": word(fact.status), "fen": fact.amount.fen(), "total": fact.total.map(|total| total.fen()),
        "sp": fact.sp_mchid, "sub": fact.sub_mchid, "at": fact.success_at_ms, "to": fact.received_account,
    })
    .to_string()
    .into_bytes()
}

const fn word(status: RefundStatus) -> &'static str {
    match status {
        RefundStatus::Processing => "processing",
        RefundStatus::Succeeded => "succeeded",
        RefundStatus::Closed => "closed",
        RefundStatus::Abnormal => "abnormal",
    }
}

fn read_refund(read: &Value) -> RefundFact {
    let text = |name: &str| read[name].as_str().map(str::to_owned);
    let told = text("status").unwrap_or_default();
    let all = [RefundStatus::Processing, RefundStatus::Succeeded, RefundStatus::Closed, RefundStatus::Abnormal];
    RefundFact {
        sp_mchid: text("sp"),
        sub_mchid: text("sub"),
        out_refund_no: text("refund").unwrap_or_default(),
        out_trade_no: text("no").unwrap_or_default(),
        transaction_id: text("transaction").unwrap_or_default(),
        refund_id: text("id"),
        status: all.into_iter().find(|status| word(*status) == told).unwrap_or(RefundStatus::Processing),
        amount: Amount::from_fen(read["fen"].as_i64().unwrap_or_default()),
        total: read["total"].as_i64().map(Amount::from_fen),
        success_at_ms: read["at"].as_i64(),
        received_account: text("to").unwrap_or_default(),
    }
}

/// Bytes as a notice.
pub fn read(body: &[u8]) -> Result<Notice, NoticeError> {
    let read: Value = serde_json::from_slice(body).map_err(|e| NoticeError::Unreadable(e.to_string()))?;
    if read["refund"].is_string() {
        return Ok(Notice::Refund(read_refund(&read)));
    }
    let text = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
    let amount = Amount::from_fen(read["fen"].as_i64().unwrap_or_default());
    Ok(Notice::Payment(Success {
        sp_mchid: text("sp"),
        sub_mchid: text("sub"),
        sp_appid: text("app"),
        sub_appid: None,
        out_trade_no: text("no"),
        transaction_id: text("transaction"),
        total: amount,
        payer_total: Some(amount),
        settlement: None,
        currency: text("currency"),
        success_at_ms: read["at"].as_i64().unwrap_or_default(),
        trade_type: text("type"),
        payer_id: None,
    }))
}
