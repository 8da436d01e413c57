//! The `Authorization` header of a request (PROTOCOLS 1.2).

use axum::http::{HeaderMap, Method, StatusCode, Uri};
use serde_json::{Value, json};

use super::answer::ApiError;
use crate::app::App;
use crate::crypto;
use crate::institution::SP_MCHID;

const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048 ";
/// A clock that is further away than this is refused, s.
const SKEW_S: i64 = 300;

struct Parameters<'a> {
    mchid: &'a str,
    nonce: &'a str,
    signature: &'a str,
    timestamp: &'a str,
    serial: &'a str,
}

fn refusal(field: &str, issue: &str, message: &str) -> ApiError {
    let detail = json!({ "field": field, "issue": issue, "location": "authorization" });
    ApiError::new(StatusCode::UNAUTHORIZED, "SIGN_ERROR", message).detail(detail)
}

/// Accepts only what the merchant's key signed within five minutes for exactly this method, path, query and body.
///
/// # Errors
/// 401 `SIGN_ERROR` that says which part is wrong.
pub(crate) fn verify(app: &App, method: &Method, uri: &Uri, headers: &HeaderMap, body: &[u8]) -> Result<(), ApiError> {
    let header = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| refusal("Authorization", "missing", "HTTP头Authorization缺失"))?;
    let given = parse(header)?;
    if given.mchid != SP_MCHID {
        return Err(refusal("mchid", "unknown merchant", "商户号不存在"));
    }
    if !given.serial.eq_ignore_ascii_case(&app.institution.stored.merchant_serial) {
        return Err(refusal("serial_no", "unknown certificate serial", "商户证书序列号有误，请使用平台登记的证书"));
    }
    let timestamp: i64 =
        given.timestamp.parse().map_err(|_| refusal("timestamp", "not an integer", "时间戳格式有误"))?;
    if (app.now_ms().div_euclid(1000) - timestamp).abs() > SKEW_S {
        return Err(refusal("timestamp", "expired", "Authorization不合法，时间戳与当前时间相差超过5分钟"));
    }
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut text = format!("{method}\n{target}\n{}\n{}\n", given.timestamp, given.nonce).into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    if crypto::verify(&app.institution.merchant, &text, given.signature) {
        return Ok(());
    }
    let shown: String = String::from_utf8_lossy(&text).chars().take(200).collect();
    Err(ApiError::new(StatusCode::UNAUTHORIZED, "SIGN_ERROR", "错误的签名，验签失败")
        .detail(mismatch(&shown, text.len())))
}

fn mismatch(shown: &str, length: usize) -> Value {
    json!({
        "field": "signature",
        "issue": "sign not match",
        "location": "authorization",
        "sign_information": { "truncated_sign_message": shown, "sign_message_length": length },
    })
}

fn parse(header: &str) -> Result<Parameters<'_>, ApiError> {
    let malformed = || refusal("Authorization", "malformed", "HTTP头Authorization值格式有误");
    let list = header.strip_prefix(SCHEME).ok_or_else(malformed)?;
    let (mut mchid, mut nonce, mut signature, mut timestamp, mut serial) = (None, None, None, None, None);
    for pair in list.split(',') {
        let (name, value) = pair.trim().split_once('=').ok_or_else(malformed)?;
        let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).ok_or_else(malformed)?;
        match name {
            "mchid" => mchid = Some(value),
            "nonce_str" => nonce = Some(value),
            "signature" => signature = Some(value),
            "timestamp" => timestamp = Some(value),
            "serial_no" => serial = Some(value),
            _ => return Err(malformed()),
        }
    }
    Ok(Parameters {
        mchid: mchid.ok_or_else(malformed)?,
        nonce: nonce.filter(|nonce| !nonce.is_empty()).ok_or_else(malformed)?,
        signature: signature.ok_or_else(malformed)?,
        timestamp: timestamp.ok_or_else(malformed)?,
        serial: serial.ok_or_else(malformed)?,
    })
}
