//! The older interface, with its own XML and its own HMAC.

use std::collections::BTreeMap;

use axum::{
    body::Body,
    http::{Response, StatusCode, request::Parts},
    response::{Html, IntoResponse, Redirect},
};
use channel::contract::Fault;
use jiff::{Timestamp, tz};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    Facts,
    counter::{charge, undo},
    keys::{APIV2_KEY, SP_APPID, SP_MCHID, SUB_APPID, SUB_MCHID},
    server::transaction_id,
};

pub fn is(parts: &Parts) -> bool {
    matches!(parts.uri.path(), "/pay/micropay" | "/secapi/pay/reverse")
}

/// HMAC-SHA256 from its definition (RFC 2104), in upper-case hexadecimal.
fn hmac(key: &str, text: &str) -> String {
    let pad = |with: u8| {
        let mut block = [with; 64];
        block.iter_mut().zip(key.bytes()).for_each(|(pad, byte)| *pad ^= byte);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    hex::encode_upper(Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize())
}

pub fn sign(fields: &BTreeMap<String, String>, key: &str) -> String {
    let pairs: Vec<String> = fields
        .iter()
        .filter(|(name, value)| *name != "sign" && !value.is_empty())
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    hmac(key, &format!("{}&key={key}", pairs.join("&")))
}

/// `<a>b</a>` pairs inside `<xml>`.
pub fn fields(text: &str) -> BTreeMap<String, String> {
    let inner = text.trim().strip_prefix("<xml>").unwrap().strip_suffix("</xml>").unwrap();
    let plain = |value: &str| {
        value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&apos;", "'")
            .replace("&amp;", "&")
    };
    let mut fields = BTreeMap::new();
    let mut rest = inner;
    while let Some((name, after)) = rest.strip_prefix('<').and_then(|rest| rest.split_once('>')) {
        let (value, after) = after.split_once(&format!("</{name}>")).unwrap();
        assert!(fields.insert(name.to_owned(), plain(value)).is_none());
        rest = after;
    }
    fields
}

/// An answer's bytes: every value as CDATA.
pub fn write(fields: &BTreeMap<String, String>) -> String {
    let element = |(name, value): (&String, &String)| format!("<{name}><![CDATA[{value}]]></{name}>\n");
    format!("<xml>\n{}</xml>", fields.iter().map(element).collect::<String>())
}

fn failed(code: &str) -> Vec<(&'static str, String)> {
    vec![("result_code", "FAIL".to_owned()), ("err_code", code.to_owned()), ("err_code_des", "说明".to_owned())]
}

pub fn serve(facts: &mut Facts, fault: Option<Fault>, parts: &Parts, body: &[u8]) -> Response<Body> {
    let asked = fields(std::str::from_utf8(body).unwrap());
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    assert_eq!(text("sign"), sign(&asked, APIV2_KEY), "the request's signature");
    assert_eq!((text("sign_type").as_str(), text("nonce_str").len()), ("HMAC-SHA256", 32));
    assert_eq!(
        [text("appid"), text("mch_id"), text("sub_appid"), text("sub_mch_id")],
        [SP_APPID, SP_MCHID, SUB_APPID, SUB_MCHID]
    );
    let number = text("out_trade_no");
    let mut told = match parts.uri.path() {
        "/pay/micropay" => micropay(facts, &number, &asked),
        _ if undo(facts, &number) => vec![("result_code", "SUCCESS".to_owned()), ("recall", "N".to_owned())],
        _ => failed("ORDERNOTEXIST"),
    };
    match fault {
        Some(Fault::Undocumented) => told = failed("SOMETHING_NEW"),
        Some(Fault::Throttled) => told = failed("FREQUENCY_LIMITED"),
        Some(Fault::ServerError) => return (StatusCode::INTERNAL_SERVER_ERROR, "系统错误").into_response(),
        Some(Fault::BadGateway) => return (StatusCode::BAD_GATEWAY, Html("<html>502</html>")).into_response(),
        Some(Fault::Html) => return Html("<html>维护中</html>").into_response(),
        Some(Fault::Redirect) => return Redirect::temporary("/elsewhere").into_response(),
        _ => {}
    }
    let common = [("appid", SP_APPID), ("mch_id", SP_MCHID), ("sub_appid", SUB_APPID), ("sub_mch_id", SUB_MCHID)];
    told.extend(common.map(|(name, value)| (name, value.to_owned())));
    told.extend([("return_code", "SUCCESS".to_owned()), ("nonce_str", "5K8264ILTKCH16CQ2502SI8ZNMTM67VS".to_owned())]);
    let mut told: BTreeMap<String, String> = told.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    let key = match fault {
        Some(Fault::WrongSignature | Fault::Probe | Fault::Stale | Fault::UnknownKey) => {
            "another-key-of-32-characters-123"
        }
        _ => APIV2_KEY,
    };
    if fault != Some(Fault::Unsigned) {
        let signature = sign(&told, key);
        told.insert("sign".to_owned(), signature);
    }
    Response::new(Body::from(write(&told)))
}

fn micropay(facts: &mut Facts, number: &str, asked: &BTreeMap<String, String>) -> Vec<(&'static str, String)> {
    let fen: i64 = asked["total_fee"].parse().unwrap();
    assert!(asked["spbill_create_ip"].contains('.') && !asked["body"].is_empty() && asked["fee_type"] == "CNY");
    let order = json!({
        "sub_appid": SUB_APPID, "sub_mchid": SUB_MCHID, "description": asked["body"], "notify_url": "",
        "amount": {"total": fen}, "time_expire": "2026-09-21T22:43:20+08:00",
    });
    if let Err(code) = charge(facts, number, &asked["auth_code"], order) {
        return failed(&code.replace("NOT_ENOUGH", "NOTENOUGH"));
    }
    if facts.orders[number].state == "USERPAYING" {
        return failed("USERPAYING");
    }
    let at = Timestamp::from_millisecond(facts.now_ms).unwrap().to_zoned(tz::TimeZone::fixed(tz::offset(8)));
    vec![
        ("result_code", "SUCCESS".to_owned()),
        ("openid", "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned()),
        ("trade_type", "MICROPAY".to_owned()),
        ("bank_type", "OTHERS".to_owned()),
        ("total_fee", fen.to_string()),
        ("cash_fee", fen.to_string()),
        ("transaction_id", transaction_id(number)),
        ("out_trade_no", number.to_owned()),
        ("time_end", at.strftime("%Y%m%d%H%M%S").to_string()),
    ]
}
