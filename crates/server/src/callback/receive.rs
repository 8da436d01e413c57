//! `POST /callback/{channel}/{provider}`: verify, book, answer after the commit.

use axum::{
    Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::post,
};
use channel::{Headers, Notice, NoticeError};

use super::refused;
use crate::{
    App,
    app::Shared,
    outside::Provider,
    payment::{self, Booked, News, Teller},
    refund::{self, Settled},
    web::Client,
};

/// Headers that a verification needs; the others are not ours to keep.
const SIGNED: &str = "wechatpay-";

/// The route.
pub fn router() -> Router<Shared> {
    Router::new().route("/callback/{channel}/{provider}", post(receive))
}

async fn receive(
    State(app): State<Shared>,
    Path((channel, provider_key)): Path<(String, String)>,
    client: Client,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let known = app.outside.links().providers.get(&provider_key).cloned();
    let Some(provider) = known.filter(|provider| provider.kind.word() == channel) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = signed_headers(&headers);
    let accepted = match read(&app, &provider, &headers, &body).await {
        Ok(Notice::Payment(success)) => book(&app, provider_key, &provider, success, &headers, body).await,
        Ok(Notice::Refund(fact)) => settle(&app, provider_key, &provider, fact, &headers, body).await,
        Ok(Notice::Other(kind)) => {
            tracing::info!(provider_key, kind, "a genuine callback of a kind that is not acted on");
            true
        }
        Err(error) => {
            let kept = refused::keep(&app, &provider_key, client.ip, error.to_string(), as_json(&headers), body.into());
            if let Err(error) = kept.await {
                tracing::error!(%error, "a refused callback could not be kept");
            }
            false
        }
    };
    answer(&provider, accepted)
}

/// Opens the callback; a key that is not known yet is fetched once.
async fn read(app: &App, provider: &Provider, headers: &Headers, body: &[u8]) -> Result<Notice, NoticeError> {
    let now_ms = app.clock.now_ms();
    match provider.channel.read_notice(headers, body, now_ms) {
        Err(NoticeError::UnknownKey(serial)) => match provider.channel.refresh_keys(now_ms).await {
            Ok(()) => provider.channel.read_notice(headers, body, now_ms),
            Err(error) => {
                tracing::warn!(%error, serial, "keys could not be refreshed");
                Err(NoticeError::UnknownKey(serial))
            }
        },
        read => read,
    }
}

/// True: it is on disk, whatever it meant. False: the institution must send it again.
async fn book(
    app: &App,
    provider_key: String,
    provider: &Provider,
    success: channel::Success,
    headers: &Headers,
    body: Bytes,
) -> bool {
    let out_trade_no = success.out_trade_no.clone();
    let teller = Teller::new(provider_key, provider);
    let news = News::Callback { headers: as_json(headers), body: body.into() };
    match payment::confirm(app, teller, success, news).await {
        Ok(Booked::Order | Booked::Repeat) => true,
        Ok(booked) => {
            tracing::warn!(out_trade_no, ?booked, "a callback needs a person");
            true
        }
        Err(error) => {
            tracing::error!(out_trade_no, %error, "a callback could not be booked; it will be sent again");
            false
        }
    }
}

/// The same for news of a refund.
async fn settle(
    app: &App,
    provider_key: String,
    provider: &Provider,
    fact: channel::RefundFact,
    headers: &Headers,
    body: Bytes,
) -> bool {
    let out_refund_no = fact.out_refund_no.clone();
    let teller = Teller::new(provider_key, provider);
    let news = News::Callback { headers: as_json(headers), body: body.into() };
    match refund::settle(app, teller, fact, news).await {
        Ok(settled @ (Settled::Found | Settled::Raised(_))) => {
            tracing::warn!(out_refund_no, ?settled, "a refund callback needs a person");
            true
        }
        Ok(Settled::Moved(_) | Settled::Nothing) => true,
        Err(error) => {
            tracing::error!(out_refund_no, %error, "a refund callback could not be booked; it will be sent again");
            false
        }
    }
}

fn answer(provider: &Provider, accepted: bool) -> Response {
    let words = provider.channel.acknowledge(accepted);
    let status = StatusCode::from_u16(words.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if words.body.is_empty() {
        return status.into_response();
    }
    (status, [(header::CONTENT_TYPE, words.content_type)], words.body).into_response()
}

fn signed_headers(headers: &HeaderMap) -> Headers {
    let signed = headers.iter().filter(|(name, _)| name.as_str().starts_with(SIGNED));
    Headers(signed.filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned()))).collect())
}

fn as_json(headers: &Headers) -> String {
    let map: serde_json::Map<_, _> =
        headers.0.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
    serde_json::Value::Object(map).to_string()
}
