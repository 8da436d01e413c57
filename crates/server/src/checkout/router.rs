//! The routes under `/pay/`. A token's first letter says what it names.

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::{HeaderMap, Uri},
    response::Response,
    routing::{get, post},
};

use super::{code_page, dispute, failed, oauth, order_page, page::Message, pay, respond, slip};
use crate::{app::Shared, web::Client};

/// Thirty texts of five hundred Chinese characters, as a browser encodes them, and then some.
const MAX_FORM_BYTES: usize = 256 * 1024;

/// The routes.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/pay/oauth", get(oauth::come_back))
        .route("/pay/slip", get(slip::show))
        .route("/pay/{token}", get(show).post(submit))
        .route("/pay/{token}/failed", post(failed))
        .route("/pay/{token}/dispute", post(disputed))
        .layer(DefaultBodyLimit::max(MAX_FORM_BYTES))
}

async fn show(State(app): State<Shared>, Path(token): Path<String>, headers: HeaderMap) -> Response {
    match token.as_bytes().first() {
        Some(b'c') => code_page::show(&app, &token, &headers).await,
        Some(b'o') if respond::wants_json(&headers) => order_page::status(&app, &token).await,
        Some(b'o') => order_page::show(&app, &token, &headers).await,
        _ => respond::message(&headers, Message::MalformedCode),
    }
}

async fn submit(
    State(app): State<Shared>,
    Path(token): Path<String>,
    client: Client,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    match token.as_bytes().first() {
        Some(b'c') => code_page::submit(&app, &token, &headers, &body).await,
        Some(b'o') => pay::pay(&app, &token, &client, &headers, &body).await,
        _ => {
            tracing::debug!(path = uri.path(), "posted to nothing");
            respond::message(&headers, Message::MalformedCode)
        }
    }
}

async fn failed(State(app): State<Shared>, Path(token): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    failed::tell(&app, &token, &headers, &body).await
}

async fn disputed(
    State(app): State<Shared>,
    Path(token): Path<String>,
    client: Client,
    headers: HeaderMap,
) -> Response {
    dispute::tell(&app, &token, &client, &headers).await
}
