//! The two front ends, built into the binary: the console under `/console/`, the manager's pages under `/m/`.

use axum::{
    Router,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
    routing::get,
};
use rust_embed::{EmbeddedFile, RustEmbed};

use crate::app::Shared;

#[derive(RustEmbed)]
#[folder = "../../apps/console/dist"]
#[allow_missing = true]
struct Console;

#[derive(RustEmbed)]
#[folder = "../../apps/miniprogram/dist/h5"]
#[allow_missing = true]
struct ManagerApp;

const CONSOLE_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
const MANAGER_CSP: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     font-src 'self' data:; media-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The routes of both front ends.
pub fn router() -> Router<Shared> {
    Router::new()
        .route("/console", get(|| async { Redirect::permanent("/console/") }))
        .route("/console/", get(console))
        .route("/console/{*path}", get(console))
        .route("/m", get(|| async { Redirect::permanent("/m/") }))
        .route("/m/", get(manager_app))
        .route("/m/{*path}", get(manager_app))
        .route("/", get(|| async { Redirect::temporary("/console/") }))
}

async fn console(uri: Uri, headers: HeaderMap) -> Response {
    answer::<Console>(uri.path().trim_start_matches("/console/"), &headers, CONSOLE_CSP)
}

async fn manager_app(uri: Uri, headers: HeaderMap) -> Response {
    answer::<ManagerApp>(uri.path().trim_start_matches("/m/"), &headers, MANAGER_CSP)
}

/// A file, or the front end's first page for a path that the front end itself routes.
fn answer<F: RustEmbed>(path: &str, headers: &HeaderMap, csp: &'static str) -> Response {
    let is_file = path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    match F::get(path) {
        Some(file) if !path.is_empty() => asset(&file, headers),
        None if is_file => StatusCode::NOT_FOUND.into_response(),
        _ => match F::get("index.html") {
            Some(file) => page(file, csp),
            None => (StatusCode::SERVICE_UNAVAILABLE, "this build has no front ends: run `make web` and build again\n")
                .into_response(),
        },
    }
}

fn page(file: EmbeddedFile, csp: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, csp),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (headers, file.data).into_response()
}

/// Built files carry a hash in their name or are asked about by ETag.
fn asset(file: &EmbeddedFile, headers: &HeaderMap) -> Response {
    let etag = format!("\"{}\"", hex::encode(&file.metadata.sha256_hash()[..16]));
    let fixed = [(header::ETAG, etag.clone()), (header::CACHE_CONTROL, "public, max-age=3600".into())];
    if headers.get(header::IF_NONE_MATCH).is_some_and(|known| known.as_bytes() == etag.as_bytes()) {
        return (StatusCode::NOT_MODIFIED, fixed).into_response();
    }
    (fixed, [(header::CONTENT_TYPE, file.metadata.mimetype().to_owned())], file.data.clone()).into_response()
}
