//! WeChat Pay API v3, partner mode: what a service provider's server may call.
//!
//! Every call goes through [`guard`]: the request is verified, the handler answers, the answer is signed.

mod answer;
mod authorization;
mod bill;
mod certificates;
mod close;
mod codepay;
mod give_back;
pub(crate) mod notice;
pub(crate) mod order;
mod place;
mod query;
pub(crate) mod refund;
mod request;
pub(crate) mod sheet;
pub(crate) mod tell;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as Extract};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{any, get, post};
use futures_util::TryStreamExt as _;
use serde_json::Value;

use crate::app::App;
use crate::error::Error;
use crate::faults::{Call, Kind, Provider, Subject, take_now};
use crate::institution::{Pen, Signer};
use crate::platform::users;
use crate::{callbacks, crypto, wallet};
use answer::ApiError;

const BODY_LIMIT: usize = 64 * 1024;

/// The routes below `/v3`.
pub(crate) fn router(app: Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/v3/pay/partner/transactions/jsapi", post(place::jsapi))
        .route("/v3/pay/partner/transactions/h5", post(place::h5))
        .route("/v3/pay/partner/transactions/native", post(place::native))
        .route("/v3/pay/partner/transactions/out-trade-no/{out_trade_no}", get(query::by_out_trade_no))
        .route("/v3/pay/partner/transactions/id/{transaction_id}", get(query::by_transaction_id))
        .route("/v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close", post(close::close))
        .route("/v3/pay/partner/transactions/codepay", post(codepay::pay))
        .route("/v3/pay/partner/transactions/out-trade-no/{out_trade_no}/reverse", post(codepay::reverse))
        .route("/v3/refund/domestic/refunds", post(give_back::ask))
        .route("/v3/refund/domestic/refunds/{out_refund_no}", get(give_back::query))
        .route("/v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund", post(give_back::elsewhere))
        .route("/v3/bill/tradebill", get(bill::trade))
        .route("/v3/bill/fundflowbill", get(bill::fund))
        .route("/v3/bill/sub-merchant-fundflowbill", get(bill::fund))
        .route("/v3/billdownload/file", get(bill::file))
        .route("/v3/certificates", get(certificates::list))
        .route("/v3/{*rest}", any(unknown))
        .layer(from_fn_with_state(app, guard))
}

async fn unknown() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", "请求的接口不存在")
}

fn call_of(method: &Method, path: &str) -> Call {
    if path.starts_with("/v3/certificates") {
        Call::Certificates
    } else if path.starts_with("/v3/bill") {
        Call::Bill
    } else if path.starts_with("/v3/refund") {
        if method == Method::GET { Call::RefundQuery } else { Call::Refund }
    } else if method == Method::GET {
        Call::Query
    } else if path.ends_with("/close") {
        Call::Close
    } else if path.ends_with("/reverse") {
        Call::Reverse
    } else if path.ends_with("/codepay") {
        Call::Codepay
    } else {
        Call::Prepay
    }
}

/// Whose call it is, for the faults: by the number in the body or in the path.
fn subject(app: &App, path: &str, body: &[u8]) -> Result<Subject, Error> {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let (number, sum) = match body["out_refund_no"].as_str() {
        Some(number) => (number, "refund"),
        None => (body["out_trade_no"].as_str().unwrap_or_default(), "total"),
    };
    let now_ms = app.now_ms();
    let in_path = path.split_once("/out-trade-no/").map(|(_, rest)| rest.split('/').next().unwrap_or_default());
    if let Some(number) = in_path {
        let number = percent_decoded(number);
        let known = app.state.read(|connection| order::by_out_trade_no(connection, &number))?;
        let fen = known.map_or(0, |order| order.amount_fen());
        return Ok(Subject { provider: Provider::WechatPay, number, fen, now_ms });
    }
    let fen = body["amount"][sum].as_i64().unwrap_or_default();
    Ok(Subject { provider: Provider::WechatPay, number: number.to_owned(), fen, now_ms })
}

fn percent_decoded(text: &str) -> String {
    // A number has no `+` and no `=`, so it reads as the name of one form field.
    let mut pairs = url::form_urlencoded::parse(text.as_bytes());
    pairs.next().map(|(name, _)| name.into_owned()).unwrap_or_default()
}

async fn guard(Extract(app): Extract<Arc<App>>, request: Request, next: Next) -> Response {
    match answered(&app, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn answered(app: &Arc<App>, request: Request, next: Next) -> Result<Response, Error> {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, BODY_LIMIT).await else {
        return Ok(ApiError::parameter("body", "请求体过大或不完整").into_response());
    };
    let pen = match checked(app, &parts.method, &parts.uri, &parts.headers, &body) {
        Ok(pen) => pen,
        Err(refusal) => {
            return answer::seal(app, &app.institution.pen(Signer::Certificate), refusal.into_response()).await;
        }
    };
    let call = call_of(&parts.method, parts.uri.path());
    let of = subject(app, parts.uri.path(), &body)?;
    if let Some(response) = instead(app, call, &of).await? {
        return Ok(response);
    }
    if call == Call::Close && take_now(app, Kind::PaidDuringClose, call, &of)?.is_some() {
        pay_for(app, &of.number, None);
    }
    let file = parts.uri.path().starts_with("/v3/billdownload/");
    let response = next.run(Request::from_parts(parts, Body::from(body.clone()))).await;
    if response.status() == StatusCode::OK {
        told_before(app, call, &of, &body).await?;
        if let Some(hold_ms) = take_now(app, Kind::TimeoutAfterDone, call, &of)? {
            return Ok(never(hold_ms).await);
        }
    }
    if let Some(hold_ms) = take_now(app, Kind::Slow, call, &of)? {
        tokio::time::sleep(Duration::from_millis(hold_ms.unsigned_abs())).await;
    }
    // A bill's file carries no signature (PROTOCOLS 1.3).
    if file || take_now(app, Kind::Unsigned, call, &of)?.is_some() {
        return Ok(response);
    }
    let wrong = take_now(app, Kind::WrongSignature, call, &of)?.is_some();
    let mut sealed = answer::seal(app, &pen, response).await?;
    if wrong {
        let signature = crypto::sign(&pen.key, b"something else\n");
        if let Ok(value) = HeaderValue::from_str(&signature) {
            sealed.headers_mut().insert("wechatpay-signature", value);
        }
    }
    Ok(sealed)
}

/// Everything that is checked before a call is looked at; gives the key that shall sign the answer (PROTOCOLS 1.2).
fn checked(app: &App, method: &Method, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Pen, ApiError> {
    for name in ["accept", "user-agent"] {
        if headers.get(name).is_none_or(|value| value.is_empty()) {
            return Err(ApiError::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "Http头缺少Accept或User-Agent"));
        }
    }
    authorization::verify(app, method, uri, headers, body)?;
    let json = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| value.starts_with("application/json"));
    if !body.is_empty() && !json {
        return Err(ApiError::parameter("Content-Type", "请求体须为 application/json"));
    }
    let Some(serial) = headers.get("wechatpay-serial").and_then(|value| value.to_str().ok()) else {
        return Ok(app.institution.pen(Signer::Certificate));
    };
    app.institution.pen_named(serial).ok_or_else(|| {
        ApiError::new(
            StatusCode::BAD_REQUEST,
            "INVALID_REQUEST",
            "Wechatpay-Serial 不是当前有效的微信支付公钥ID或平台证书序列号",
        )
    })
}

/// The faults that come instead of an answer.
async fn instead(app: &App, call: Call, of: &Subject) -> Result<Option<Response>, Error> {
    if take_now(app, Kind::Down, call, of)?.is_some() {
        return Ok(Some(never(0).await));
    }
    for (kind, status, code, message) in [
        (Kind::SystemError, StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR", "系统异常，请稍后重试"),
        (Kind::RateLimited, StatusCode::TOO_MANY_REQUESTS, "FREQUENCY_LIMITED", "频率超限，请降低请求频率"),
    ] {
        if take_now(app, kind, call, of)?.is_some() {
            return Ok(Some(ApiError::new(status, code, message).into_response()));
        }
    }
    if take_now(app, Kind::Unavailable, call, of)?.is_some() {
        return Ok(Some(StatusCode::SERVICE_UNAVAILABLE.into_response()));
    }
    if take_now(app, Kind::Html, call, of)?.is_some() {
        return Ok(Some(Html("<!doctype html><title>502</title><p>upstream is away</p>").into_response()));
    }
    Ok(match take_now(app, Kind::TimeoutNotDone, call, of)? {
        Some(hold_ms) => Some(never(hold_ms).await),
        None => None,
    })
}

/// The faults "paid and told before the order call was answered" and the same for a refund.
async fn told_before(app: &Arc<App>, call: Call, of: &Subject, body: &[u8]) -> Result<(), Error> {
    match call {
        Call::Prepay if take_now(app, Kind::CallbackBeforeAnswer, call, of)?.is_some() => {
            let body: Value = serde_json::from_slice(body)?;
            let payer = ["sp_openid", "sub_openid"].iter().find_map(|name| body["payer"][name].as_str());
            pay_for(app, &of.number, payer);
        }
        Call::Refund if take_now(app, Kind::RefundToldBeforeAnswer, call, of)?.is_some() => {}
        _ => return Ok(()),
    }
    callbacks::deliver_due(app).await
}

/// Somebody pays; of a JSAPI order who ordered it.
fn pay_for(app: &App, out_trade_no: &str, payer: Option<&str>) {
    let known = app.state.read(|connection| order::by_out_trade_no(connection, out_trade_no));
    let known = known.ok().flatten();
    let payer = payer.or_else(|| known.as_ref()?.ordered_by()).unwrap_or(users::DEFAULT).to_owned();
    if let Err(refusal) = wallet::pay::pay(app, &wallet::pay::What::OutTradeNo(out_trade_no.to_owned()), &payer) {
        tracing::warn!(%refusal, "a fault could not pay");
    }
}

/// No answer: the connection stays open for `hold_ms` and then breaks in the middle.
pub(crate) async fn never(hold_ms: i64) -> Response {
    tokio::time::sleep(Duration::from_millis(hold_ms.unsigned_abs())).await;
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(ErrorKind::ConnectionReset) });
    let body = Body::from_stream(broken.map_err(std::io::Error::from));
    ([("content-length", "64")], body).into_response()
}

/// Routes of the pretend institution that a real one lacks.
pub(crate) fn devtools() -> Router<Arc<App>> {
    Router::new().route("/devtools/rotate-certificate", post(certificates::rotate))
}
