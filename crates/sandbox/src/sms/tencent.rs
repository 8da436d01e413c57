//! `SendSms` as 腾讯云短信 offers it: JSON in the body, signed by v3, HTTP 200 whatever happened.

use axum::Json;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ACCESS_KEY_ID, Asked, No, SDK_APP_ID, header, hmac_sha256, sha256, take};
use crate::app::App;
use crate::error::Error;
use crate::random;

const ALGORITHM: &str = "TC3-HMAC-SHA256";
/// A request is refused when its time is this far away.
const SKEW_S: i64 = 300;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    sms_sdk_app_id: String,
    sign_name: String,
    template_id: String,
    template_param_set: Vec<String>,
    phone_number_set: Vec<String>,
}

pub(super) fn send(app: &App, secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<Response, Error> {
    if let Err((code, message)) = prove(app, secret, headers, body) {
        return Ok(said(json!({ "Error": { "Code": code, "Message": message } })));
    }
    let Ok(body) = serde_json::from_slice::<Body>(body) else {
        return Ok(said(json!({ "Error": { "Code": "InvalidParameter", "Message": "请求参数不完整" } })));
    };
    let number = body.phone_number_set.first().cloned().unwrap_or_default();
    let asked = Asked {
        provider: "tencent",
        sign_name: body.sign_name,
        template: body.template_id,
        mobile: number.strip_prefix("+86").unwrap_or_default().to_owned(),
        values: body.template_param_set,
    };
    if body.sms_sdk_app_id != SDK_APP_ID {
        let code = "UnauthorizedOperation.SmsSdkAppIdVerifyFail";
        return Ok(said(json!({ "Error": { "Code": code, "Message": "SmsSdkAppId 校验失败" } })));
    }
    let (serial_no, code, message) = match take(app, &asked)? {
        Ok(sms_id) => (format!("5000:{sms_id}"), "Ok", "send success"),
        Err(No::Signature) => (String::new(), "FailedOperation.SignatureIncorrectOrUnapproved", "签名未审批或格式错误"),
        Err(No::Template) => (String::new(), "FailedOperation.TemplateIncorrectOrUnapproved", "模板未审批或内容不匹配"),
        Err(No::Variables) => (
            String::new(),
            "FailedOperation.TemplateParamSetNotMatchApprovedTemplate",
            "请求内容与审核通过的模板内容不匹配",
        ),
        Err(No::Mobile) => (String::new(), "InvalidParameterValue.IncorrectPhoneNumber", "手机号格式错误"),
        Err(No::Blocked) => (String::new(), "FailedOperation.InsufficientBalanceInSmsPackage", "套餐包余量不足"),
    };
    let status = json!({ "SerialNo": serial_no, "PhoneNumber": number, "Fee": i32::from(code == "Ok"),
        "SessionContext": "", "Code": code, "Message": message, "IsoCode": "CN" });
    Ok(said(json!({ "SendStatusSet": [status] })))
}

/// The signature covers the signed headers and the body's hash, under a key of the day and the service.
fn prove(app: &App, secret: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), (&'static str, &'static str)> {
    let wrong = ("AuthFailure.SignatureFailure", "签名错误，请检查签名和密钥");
    if (header(headers, "x-tc-action"), header(headers, "x-tc-version")) != ("SendSms", "2021-01-11") {
        return Err(("InvalidAction", "接口不存在"));
    }
    if header(headers, "x-tc-region").is_empty() {
        return Err(("MissingParameter", "缺少参数 Region"));
    }
    let timestamp = header(headers, "x-tc-timestamp");
    let at_s: i64 = timestamp.parse().map_err(|_| wrong)?;
    if (app.now_ms() / 1000 - at_s).abs() > SKEW_S {
        return Err(("AuthFailure.SignatureExpire", "签名过期"));
    }
    let told = header(headers, "authorization").strip_prefix(ALGORITHM).ok_or(wrong)?.trim();
    let part = |name: &str| told.split(',').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='));
    let (id, scope) = part("Credential").and_then(|credential| credential.split_once('/')).ok_or(wrong)?;
    if id != ACCESS_KEY_ID {
        return Err(("AuthFailure.SecretIdNotFound", "密钥不存在"));
    }
    let day = utc_day(at_s);
    let signed = part("SignedHeaders").ok_or(wrong)?;
    let names: Vec<&str> = signed.split(';').collect();
    if scope != format!("{day}/sms/tc3_request") || !names.contains(&"content-type") || !names.contains(&"host") {
        return Err(wrong);
    }
    let lines: String =
        names.iter().map(|name| format!("{name}:{}\n", header(headers, name).trim().to_lowercase())).collect();
    let request = format!("POST\n/\n\n{lines}\n{signed}\n{}", sha256(body));
    let text = format!("{ALGORITHM}\n{timestamp}\n{scope}\n{}", sha256(request.as_bytes()));
    let key = hmac_sha256(format!("TC3{secret}").as_bytes(), &day);
    let key = hmac_sha256(&hmac_sha256(&key, "sms"), "tc3_request");
    let fits = part("Signature") == Some(hex::encode(hmac_sha256(&key, &text)).as_str());
    if fits { Ok(()) } else { Err(wrong) }
}

fn utc_day(at_s: i64) -> String {
    jiff::Timestamp::from_second(at_s).map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default()
}

fn said(mut response: Value) -> Response {
    response["RequestId"] = json!(random::event_id());
    Json(json!({ "Response": response })).into_response()
}
