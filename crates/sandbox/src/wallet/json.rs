//! The wallet for scripts: an injected `WeixinJSBridge` calls these from the payer's page.
//!
//! Answers are those of `getBrandWCPayRequest`: `{"err_msg": "get_brand_wcpay_request:ok|cancel|fail"}`, and why.

use std::sync::Arc;

use axum::extract::{Request, State as Extract};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::alipay;
use super::pay::{self, What};
use crate::app::App;
use crate::crypto;
use crate::institution::{MINI_PROGRAM, OFFICIAL_ACCOUNT};
use crate::platform::users;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PayBody {
    prepay_id: Option<String>,
    pr: Option<String>,
    code_url: Option<String>,
    out_trade_no: Option<String>,
    openid: Option<String>,
    #[serde(default)]
    cancel: bool,
}

/// The parameters of `getBrandWCPayRequest`, and who holds the phone.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct JsapiBody {
    app_id: String,
    time_stamp: String,
    nonce_str: String,
    package: String,
    sign_type: String,
    pay_sign: String,
    openid: Option<String>,
    #[serde(default)]
    cancel: bool,
    /// Only check, and say where a person may press the button.
    #[serde(default)]
    ask: bool,
}

/// JSON routes, callable from any origin.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/wallet/pay", post(by_json).options(preflight))
        .route("/wallet/jsapi", post(by_bridge).options(preflight))
        .merge(alipay::scripts())
        .layer(from_fn(any_origin))
}

async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

/// The bridge runs in the page of another origin; the answer names that origin and lets it send the cookie.
async fn any_origin(request: Request, next: Next) -> Response {
    let origin = request.headers().get("origin").cloned();
    let mut response = next.run(request).await;
    if let Some(origin) = origin {
        let headers = response.headers_mut();
        headers.insert("access-control-allow-origin", origin);
        for (name, value) in [
            ("access-control-allow-credentials", "true"),
            ("access-control-allow-methods", Method::POST.as_str()),
            ("access-control-allow-headers", "content-type"),
            ("vary", "origin"),
        ] {
            headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap_or(origin_any()));
        }
    }
    response
}

fn origin_any() -> HeaderValue {
    HeaderValue::from_static("*")
}

async fn by_json(Extract(app): Extract<Arc<App>>, headers: HeaderMap, Json(body): Json<PayBody>) -> Json<Value> {
    let what = match body {
        PayBody { prepay_id: Some(token), .. } => Some(What::PrepayId(token)),
        PayBody { pr: Some(token), .. } => Some(What::Pr(token)),
        PayBody { code_url: Some(text), .. } => What::scanned(&text),
        PayBody { out_trade_no: Some(number), .. } => Some(What::OutTradeNo(number)),
        _ => None,
    };
    let Some(what) = what else { return Json(fail("prepay_id、pr、code_url、out_trade_no 须有其一")) };
    let openid = users::acting(&headers, body.openid.as_deref());
    Json(pressed(&app, &what, &openid, body.cancel))
}

async fn by_bridge(Extract(app): Extract<Arc<App>>, headers: HeaderMap, Json(body): Json<JsapiBody>) -> Response {
    let prepay_id = match checked(&app, &body) {
        Ok(prepay_id) => prepay_id,
        Err(why) => return Json(fail(why)).into_response(),
    };
    if body.ask {
        let url = format!("{}/wallet/pay?prepay_id={prepay_id}", app.settings.public_url);
        return Json(json!({ "pay_url": url })).into_response();
    }
    let openid = users::acting(&headers, body.openid.as_deref());
    Json(pressed(&app, &What::PrepayId(prepay_id), &openid, body.cancel)).into_response()
}

/// What a WeChat client checks before it shows the payment: signature by the merchant's key, and that the app is the
/// one that ordered (PROTOCOLS 1.6).
fn checked(app: &App, body: &JsapiBody) -> Result<String, &'static str> {
    if body.sign_type != "RSA" {
        return Err("signType 须为 RSA");
    }
    let prepay_id = body.package.strip_prefix("prepay_id=").ok_or("package 须为 prepay_id=…")?;
    let text = format!("{}\n{}\n{}\n{}\n", body.app_id, body.time_stamp, body.nonce_str, body.package);
    if !crypto::verify(&app.institution.merchant, text.as_bytes(), &body.pay_sign) {
        return Err("支付验证签名失败");
    }
    let seconds: i64 = body.time_stamp.parse().map_err(|_| "timeStamp 须为秒的字符串")?;
    if (app.now_ms().div_euclid(1000) - seconds).abs() > 2 * 3600 {
        return Err("timeStamp 与当前时间相差过大");
    }
    let order = app.state.read(|connection| pay::find(connection, &What::PrepayId(prepay_id.to_owned()), app.now_ms()));
    match order {
        Ok(order) if [order.text("sp_appid"), order.text("sub_appid")].contains(&body.app_id.as_str()) => {
            Ok(prepay_id.to_owned())
        }
        Ok(_) if [OFFICIAL_ACCOUNT, MINI_PROGRAM].contains(&body.app_id.as_str()) => Err("appId 与下单时的不一致"),
        Ok(_) => Err("appId 不存在"),
        Err(pay::Refusal::CredentialExpired) => Err("prepay_id 已过期"),
        Err(_) => Err("prepay_id 不存在"),
    }
}

fn pressed(app: &App, what: &What, openid: &str, cancel: bool) -> Value {
    if cancel {
        return json!({ "err_msg": "get_brand_wcpay_request:cancel" });
    }
    match pay::pay(app, what, openid) {
        Ok(order) => json!({ "err_msg": "get_brand_wcpay_request:ok", "out_trade_no": order.out_trade_no }),
        Err(refusal) => fail(&refusal.to_string()),
    }
}

fn fail(why: &str) -> Value {
    json!({ "err_msg": "get_brand_wcpay_request:fail", "err_desc": why })
}
