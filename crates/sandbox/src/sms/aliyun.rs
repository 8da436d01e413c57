//! `SendSms` as 阿里云短信服务 offers it: RPC parameters in the query, signed by V3.

use axum::Json;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{ACCESS_KEY_ID, Asked, No, header, hmac_sha256, sha256, take};
use crate::app::App;
use crate::error::Error;
use crate::{clock, random};

const ALGORITHM: &str = "ACS3-HMAC-SHA256";
/// A request is refused when its time is this far away.
const SKEW_MS: i64 = 15 * 60_000;

pub(super) fn send(app: &App, secret: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Result<Response, Error> {
    if let Err((code, message)) = prove(app, secret, query, headers, body) {
        return Ok(said(StatusCode::BAD_REQUEST, code, message, None));
    }
    let given: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let text =
        |name: &str| given.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let values: Value = serde_json::from_str(&text("TemplateParam")).unwrap_or_default();
    let value = |name: &str| values[name].as_str().unwrap_or_default().to_owned();
    let asked = Asked {
        provider: "aliyun",
        sign_name: text("SignName"),
        template: text("TemplateCode"),
        mobile: text("PhoneNumbers"),
        values: vec![value("code"), value("minutes")],
    };
    Ok(match take(app, &asked)? {
        Ok(sms_id) => said(StatusCode::OK, "OK", "OK", Some(sms_id)),
        Err(no) => {
            let (code, message) = match no {
                No::Signature => ("isv.SMS_SIGNATURE_ILLEGAL", "短信签名不合法"),
                No::Template => ("isv.SMS_TEMPLATE_ILLEGAL", "短信模版不合法"),
                No::Variables => ("isv.TEMPLATE_MISSING_PARAMETERS", "模版缺少变量"),
                No::Mobile => ("isv.MOBILE_NUMBER_ILLEGAL", "非法手机号"),
                No::Blocked => ("isv.AMOUNT_NOT_ENOUGH", "账户余额不足"),
            };
            said(StatusCode::OK, code, message, None)
        }
    })
}

/// The signature covers the method, the path, the sorted parameters, every `x-acs-` header, the host and the body's hash.
fn prove(
    app: &App,
    secret: &str,
    query: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<(), (&'static str, &'static str)> {
    if (header(headers, "x-acs-action"), header(headers, "x-acs-version")) != ("SendSms", "2017-05-25") {
        return Err(("InvalidAction.NotFound", "Specified api is not found, please check your url and method."));
    }
    let dated = clock::parse_rfc3339(header(headers, "x-acs-date")).unwrap_or_default();
    if (app.now_ms() - dated).abs() > SKEW_MS {
        return Err(("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."));
    }
    if header(headers, "x-acs-content-sha256") != sha256(body) {
        return Err(("InvalidContentSha256", "Specified content hash is not matched."));
    }
    let wrong = ("SignatureDoesNotMatch", "Specified signature is not matched with our calculation.");
    let told = header(headers, "authorization").strip_prefix(ALGORITHM).ok_or(wrong)?.trim();
    let part = |name: &str| told.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    if part("Credential") != Some(ACCESS_KEY_ID) {
        return Err(("InvalidAccessKeyId.NotFound", "Specified access key is not found."));
    }
    let signed = part("SignedHeaders").ok_or(wrong)?;
    let names: Vec<&str> = signed.split(';').collect();
    // Whatever common header came must have been signed.
    let unsigned = |name: &str| (name.starts_with("x-acs-") || name == "host") && !names.contains(&name);
    if headers.keys().any(|name| unsigned(name.as_str())) || !names.is_sorted() {
        return Err(wrong);
    }
    let mut parameters: Vec<&str> = query.split('&').filter(|part| !part.is_empty()).collect();
    parameters.sort_unstable();
    let lines: String = names.iter().map(|name| format!("{name}:{}\n", header(headers, name).trim())).collect();
    let request = format!("POST\n/\n{}\n{lines}\n{signed}\n{}", parameters.join("&"), sha256(body));
    let text = format!("{ALGORITHM}\n{}", sha256(request.as_bytes()));
    let fits = part("Signature") == Some(hex::encode(hmac_sha256(secret.as_bytes(), &text)).as_str());
    if fits { Ok(()) } else { Err(wrong) }
}

fn said(status: StatusCode, code: &str, message: &str, sms_id: Option<i64>) -> Response {
    let mut answer = json!({ "Code": code, "Message": message, "RequestId": random::event_id().to_uppercase() });
    if let Some(sms_id) = sms_id {
        answer["BizId"] = json!(format!("{sms_id}^0"));
    }
    (status, Json(answer)).into_response()
}
