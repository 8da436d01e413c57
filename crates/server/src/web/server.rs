//! The whole router: the rooms' routes within limits and headers.

use std::{sync::LazyLock, time::Duration};

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use tower_http::{catch_panic::CatchPanicLayer, set_header::SetResponseHeaderLayer, timeout::TimeoutLayer};
use utoipa::OpenApi;

use super::{ApiRouter, Problem, assets, openapi};
use crate::{
    admin, app::Shared, callback, checkout, collection_code, form, inbox, live, manager, order, org, record, refund,
    session,
};

/// Forms and callbacks are small; whatever needs more says so itself.
const MAX_BODY_BYTES: usize = 64 * 1024;
/// A request that takes longer is a client that does not send: our own calls outside end much earlier.
const MAX_REQUEST: Duration = Duration::from_secs(20);

/// Every documented route.
pub(super) fn api() -> ApiRouter {
    ApiRouter::with_openapi(openapi::Whole::openapi())
        .merge(session::router())
        .merge(manager::router())
        .merge(collection_code::router())
        .merge(record::router())
        .merge(admin::router())
        .merge(org::router())
        .merge(form::router())
        .merge(order::router())
        .merge(refund::router())
        .merge(inbox::router())
}

/// The router of a node.
pub fn router(app: Shared) -> Router {
    let (api, _) = api().split_for_parts();
    let api =
        api.layer(SetResponseHeaderLayer::overriding(header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
    Router::new()
        .route("/healthz", get(healthz))
        .route("/openapi.json", get(openapi_json))
        .merge(api)
        .merge(callback::router())
        .merge(checkout::router())
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, MAX_REQUEST))
        .merge(live::router())
        .merge(assets::router())
        .fallback(async || Problem::not_found())
        .layer(middleware::from_fn(plain_refusals))
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(SetResponseHeaderLayer::if_not_present(
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ))
        .layer(CatchPanicLayer::custom(|_panic| Problem::internal().into_response()))
        .with_state(app)
}

/// Refusals that the framework words itself get the one error shape.
async fn plain_refusals(request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    if response.headers().contains_key(header::CONTENT_TYPE) {
        return response;
    }
    match response.status() {
        StatusCode::METHOD_NOT_ALLOWED => {
            let allow = response.headers().get(header::ALLOW).cloned();
            let mut problem = Problem::method_not_allowed().into_response();
            problem.headers_mut().extend(allow.map(|value| (header::ALLOW, value)));
            problem
        }
        StatusCode::PAYLOAD_TOO_LARGE => Problem::too_large().into_response(),
        _ => response,
    }
}

async fn healthz(axum::extract::State(app): axum::extract::State<Shared>) -> Result<&'static str, Problem> {
    db::applied(&app.db).await?;
    Ok("ok\n")
}

/// The document never changes while the program runs: it is written once.
async fn openapi_json() -> Result<Response, Problem> {
    static DOCUMENT: LazyLock<Option<String>> = LazyLock::new(|| openapi::document().ok());
    let document = DOCUMENT.as_deref().ok_or_else(Problem::internal)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], document).into_response())
}
