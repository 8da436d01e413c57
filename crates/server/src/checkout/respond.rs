//! Pages to answers.

use std::sync::OnceLock;

use axum::{
    body::Bytes,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::page::{self, HEADERS, Message, Page};
use crate::web::Problem;

/// Whether the page's own script is asking.
pub fn wants_json(headers: &HeaderMap) -> bool {
    headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|accept| accept.contains("application/json"))
}

/// A page in the encoding that the browser takes.
pub fn send(headers: &HeaderMap, status: StatusCode, html: &Bytes, brotli: &Bytes, csp: &'static str) -> Response {
    let takes_brotli = headers
        .get(header::ACCEPT_ENCODING)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|list| list.split(',').any(|e| e.trim().split(';').next() == Some("br")));
    let mut response = if takes_brotli { brotli.clone() } else { html.clone() }.into_response();
    *response.status_mut() = status;
    let out = response.headers_mut();
    for (name, value) in HEADERS {
        out.insert(name, HeaderValue::from_static(value));
    }
    out.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(csp));
    if takes_brotli {
        out.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"));
    }
    response
}

/// A page made for one payer.
pub fn page(headers: &HeaderMap, status: StatusCode, page: Page) -> Response {
    send(headers, status, &page.html.into(), &page.brotli.into(), page.csp)
}

/// A page that only says something; rendered once.
pub fn message(headers: &HeaderMap, message: Message) -> Response {
    type Ready = Vec<(Message, Bytes, Bytes, &'static str)>;
    static READY: OnceLock<Ready> = OnceLock::new();
    let ready = READY.get_or_init(|| {
        let render = |m: Message| page::render_message(m).ok().map(|p| (m, p.html.into(), p.brotli.into(), p.csp));
        Message::ALL.into_iter().filter_map(render).collect()
    });
    let status = StatusCode::from_u16(message.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    match ready.iter().find(|(m, ..)| *m == message) {
        Some((_, html, brotli, csp)) => send(headers, status, html, brotli, csp),
        None => status.into_response(),
    }
}

/// The same refusal to a person or to the page's script.
pub fn refuse(headers: &HeaderMap, problem: Problem) -> Response {
    if wants_json(headers) {
        return problem.into_response();
    }
    message(
        headers,
        match problem.code.as_str() {
            "code.expired" => Message::ExpiredCode,
            "code.unknown" => Message::UnknownCode,
            "manager.disabled" => Message::ManagerDisabled,
            "request.too_large" => Message::TooLarge,
            "request.malformed" => Message::BadRequest,
            "server.busy" | "channel.unavailable" => Message::ServerBusy,
            _ => Message::ServerError,
        },
    )
}
