//! Callbacks (PROTOCOLS 2.3 \[D 13, S node + vector\]): a form whose parameters are signed. Nothing in the protocol bounds
//! their age: `notify_time` is signed, but a callback is repeated for 25 hours, so an old one is as genuine as a new one
//! and must be harmless by being booked once.

use std::collections::BTreeMap;

use channel::{Notice, NoticeError, Success};

use crate::{
    keys::{Distrust, KeyRing},
    sign::{SIGN_TYPE, joined},
    translate, wire,
};

/// What a trade's callback calls itself.
const TRADE: &str = "trade_status_sync";

type Form = BTreeMap<String, String>;

/// Verifies and reads a callback, in that order (PRODUCT 6.3). A forgery costs a few hashes and RSA operations.
pub(crate) fn read(keys: &KeyRing, body: &[u8], now_ms: i64) -> Result<Notice, NoticeError> {
    let form = form(body)?;
    verify(keys, &form, now_ms)?;
    tell(&form)
}

/// What the parameters of a genuine callback say.
fn tell(form: &Form) -> Result<Notice, NoticeError> {
    let kind = text(form, "notify_type");
    if kind != TRADE {
        let name = if kind.is_empty() { text(form, "method") } else { kind };
        return Ok(Notice::Other(if name.is_empty() { "a notice without a name" } else { name }.to_owned()));
    }
    // Refunds come to the same address and carry the payment's state: never book one as a payment. They tell the sum
    // of the trade's refunds, not which refund it is, so a question must follow where anybody waits for one.
    if told(form, "gmt_refund") || wire::told(form.get("refund_fee").map(String::as_str)).is_some() {
        let (number, refund, sum) = (text(form, "out_trade_no"), text(form, "out_biz_no"), text(form, "refund_fee"));
        return Ok(Notice::Other(format!("refund of {number} ({refund}), {sum} in all")));
    }
    match text(form, "trade_status") {
        "TRADE_SUCCESS" | "TRADE_FINISHED" => {
            success(form).map(Notice::Payment).map_err(|why| NoticeError::Unreadable(why.to_owned()))
        }
        "" => Err(NoticeError::Unreadable("a trade without trade_status".to_owned())),
        status => Ok(Notice::Other(status.to_owned())),
    }
}

/// Reads a callback that nobody proved: for the fuzzer.
#[cfg(feature = "fuzzing")]
pub(crate) fn unproven(body: &[u8]) -> Result<Notice, NoticeError> {
    tell(&form(body)?)
}

fn text<'a>(form: &'a Form, name: &str) -> &'a str {
    form.get(name).map_or("", String::as_str)
}

fn told(form: &Form, name: &str) -> bool {
    !text(form, name).is_empty()
}

/// The parameters. One that comes twice, or is not UTF-8, cannot be what was signed.
fn form(body: &[u8]) -> Result<Form, NoticeError> {
    let mut form = Form::new();
    for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
        let (name, value) = match pair.iter().position(|byte| *byte == b'=') {
            Some(at) => (pair.get(..at).unwrap_or_default(), pair.get(at + 1..).unwrap_or_default()),
            None => (pair, &[][..]),
        };
        let (name, value) = (decoded(name)?, decoded(value)?);
        if form.insert(name, value).is_some() {
            return Err(NoticeError::BadSignature);
        }
    }
    Ok(form)
}

/// Percent signs and plus signs undone; a percent sign that is none, or a byte that never stands bare in a form, refused.
fn decoded(text: &[u8]) -> Result<String, NoticeError> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter().copied();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digit = |byte: Option<u8>| byte.and_then(|b| (b as char).to_digit(16)).map(|d| d as u8);
                let (high, low) = (digit(bytes.next()), digit(bytes.next()));
                let (Some(high), Some(low)) = (high, low) else { return Err(NoticeError::BadSignature) };
                high * 16 + low
            }
            byte => byte,
        });
    }
    String::from_utf8(out).map_err(|_| NoticeError::BadSignature)
}

/// Whether the parameters are what Alipay signed: without `sign` and `sign_type`; some callbacks that are not about trades
/// keep `sign_type` in, so that is tried too \[S node\]. Whether empty ones count is not agreed upon (the PHP SDK leaves
/// them out, the Java SDK keeps them), so where there are any both are tried; an empty one means nothing here.
fn verify(keys: &KeyRing, form: &Form, now_ms: i64) -> Result<(), NoticeError> {
    let sign = form.get("sign").filter(|sign| !sign.is_empty()).ok_or(NoticeError::Missing("sign"))?;
    let sign_type = text(form, "sign_type");
    if !matches!(sign_type, "" | SIGN_TYPE) {
        return Err(NoticeError::BadSignature);
    }
    let serial = form.get("alipay_cert_sn").filter(|serial| !serial.is_empty()).map(String::as_str);
    let all = |keep_type: bool, keep_empty: bool| {
        let kept: Vec<(&str, &str)> = form
            .iter()
            .filter(|(name, value)| {
                *name != "sign" && (keep_type || *name != "sign_type") && (keep_empty || !value.is_empty())
            })
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        joined(&kept)
    };
    let empty = form.values().any(String::is_empty);
    for (keep_type, keep_empty) in [(false, true), (true, true), (false, false), (true, false)] {
        if (keep_type && sign_type.is_empty()) || (!keep_empty && !empty) {
            continue;
        }
        match keys.check(serial, &all(keep_type, keep_empty), sign, now_ms) {
            Ok(()) => return Ok(()),
            Err(Distrust::Unknown(serial)) => return Err(NoticeError::UnknownKey(serial)),
            Err(Distrust::Wrong) => {}
        }
    }
    Err(NoticeError::BadSignature)
}

fn success(form: &Form) -> Result<Success, &'static str> {
    let need = |name: &str, lacks| Some(text(form, name)).filter(|value| !value.is_empty()).ok_or(lacks);
    let amount = |name: &str| wire::told(form.get(name).map(String::as_str));
    let app_id = need("app_id", "a success without app_id")?;
    let currency = Some(text(form, "trans_currency")).filter(|currency| !currency.is_empty());
    Ok(Success {
        sp_mchid: app_id.to_owned(),
        sub_mchid: need("seller_id", "a success without seller_id")?.to_owned(),
        sp_appid: app_id.to_owned(),
        sub_appid: None,
        out_trade_no: need("out_trade_no", "a success without out_trade_no")?.to_owned(),
        transaction_id: need("trade_no", "a success without trade_no")?.to_owned(),
        total: amount("total_amount").ok_or("a success without a readable total_amount")?,
        payer_total: amount("buyer_pay_amount"),
        settlement: amount("receipt_amount"),
        currency: currency.unwrap_or("CNY").to_owned(),
        success_at_ms: wire::instant_ms(text(form, "gmt_payment")).ok_or("a success without a readable gmt_payment")?,
        trade_type: String::new(),
        payer_id: translate::payer(
            form.get("buyer_open_id").map(String::as_str),
            form.get("buyer_id").map(String::as_str),
        ),
    })
}
