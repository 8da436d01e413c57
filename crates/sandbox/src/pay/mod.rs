//! WeChat Pay API v3, partner mode: what a service provider's server may call.
//!
//! Every call goes through [`guard`]: the request is verified, the handler answers, the answer is signed.

mod answer;
mod authorization;
mod certificates;
mod close;
pub(crate) mod notice;
pub(crate) mod order;
mod place;
mod query;
mod request;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State as Extract};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, Method, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{Html, IntoResponse as _, Response};
use axum::routing::{any, get, post};
use futures_util::TryStreamExt as _;

use crate::app::App;
use crate::error::Error;
use crate::faults::{Call, Kind, take_now};
use crate::institution::Signer;
use crate::{callbacks, wallet};
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
    } else if method == Method::GET {
        Call::Query
    } else if path.ends_with("/close") {
        Call::Close
    } else {
        Call::Prepay
    }
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
    let signer = match checked(app, &parts.method, &parts.uri, &parts.headers, &body) {
        Ok(signer) => signer,
        Err(refusal) => return answer::seal(app, Signer::Certificate, refusal.into_response()).await,
    };
    let call = call_of(&parts.method, parts.uri.path());
    if let Some(response) = instead(app, call).await? {
        return Ok(response);
    }
    let response = next.run(Request::from_parts(parts, Body::from(body.clone()))).await;
    if call == Call::Prepay && response.status() == StatusCode::OK {
        after_prepay(app, &body).await?;
        if let Some(hold_ms) = take_now(app, Kind::PrepayTimeoutAfterMade, call)? {
            return Ok(never(hold_ms).await);
        }
    }
    if take_now(app, Kind::Unsigned, call)?.is_some() {
        return Ok(response);
    }
    answer::seal(app, signer, response).await
}

/// Everything that is checked before a call is looked at; gives the key that shall sign the answer (PROTOCOLS 1.2).
fn checked(
    app: &App,
    method: &Method,
    uri: &axum::http::Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Signer, ApiError> {
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
    match headers.get("wechatpay-serial").and_then(|value| value.to_str().ok()) {
        None => Ok(Signer::Certificate),
        Some(serial) if serial == app.institution.serial(Signer::PublicKey) => Ok(Signer::PublicKey),
        Some(serial) if serial.eq_ignore_ascii_case(app.institution.serial(Signer::Certificate)) => {
            Ok(Signer::Certificate)
        }
        Some(_) => Err(ApiError::new(
            StatusCode::BAD_REQUEST,
            "INVALID_REQUEST",
            "Wechatpay-Serial 不是当前有效的微信支付公钥ID或平台证书序列号",
        )),
    }
}

/// The faults that come instead of an answer.
async fn instead(app: &App, call: Call) -> Result<Option<Response>, Error> {
    if take_now(app, Kind::Http500, call)?.is_some() {
        let refusal = ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "SYSTEM_ERROR", "系统异常，请稍后重试");
        return Ok(Some(refusal.into_response()));
    }
    if take_now(app, Kind::Html, call)?.is_some() {
        return Ok(Some(Html("<!doctype html><title>502</title><p>upstream is away</p>").into_response()));
    }
    if call == Call::Prepay
        && let Some(hold_ms) = take_now(app, Kind::PrepayTimeoutNotMade, call)?
    {
        return Ok(Some(never(hold_ms).await));
    }
    Ok(None)
}

/// The fault "paid and told before the order call was answered".
async fn after_prepay(app: &Arc<App>, body: &[u8]) -> Result<(), Error> {
    if take_now(app, Kind::CallbackBeforeAnswer, Call::Prepay)?.is_none() {
        return Ok(());
    }
    let body: serde_json::Value = serde_json::from_slice(body)?;
    let out_trade_no = body["out_trade_no"].as_str().unwrap_or_default();
    let payer = ["sp_openid", "sub_openid"].iter().find_map(|name| body["payer"][name].as_str());
    let what = wallet::pay::What::OutTradeNo(out_trade_no.to_owned());
    if let Err(refusal) = wallet::pay::pay(app, &what, payer.unwrap_or(crate::platform::users::DEFAULT)) {
        tracing::warn!(%refusal, "could not pay before the answer");
    }
    callbacks::deliver_due(app).await
}

/// No answer: the connection stays open for `hold_ms` and then breaks in the middle.
async fn never(hold_ms: i64) -> Response {
    tokio::time::sleep(Duration::from_millis(hold_ms.unsigned_abs())).await;
    let broken = futures_util::stream::once(async { Err::<Bytes, _>(ErrorKind::ConnectionReset) });
    let body = Body::from_stream(broken.map_err(std::io::Error::from));
    ([("content-length", "64")], body).into_response()
}
