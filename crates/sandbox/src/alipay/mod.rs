//! Alipay: its OpenAPI gateway, its authorisation page, its trades and its notifications.

mod ask;
mod bill;
mod content;
mod gateway;
mod give_back;
mod identity;
pub(crate) mod notice;
pub(crate) mod oauth;
pub(crate) mod offer;
pub(crate) mod person;
mod place;
mod refusal;
pub(crate) mod sign;
mod till;
pub(crate) mod trade;
mod zip;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::app::App;

pub(crate) use gateway::offer_of;
pub(crate) use identity::{APP_ID, Identity};

/// Alipay's routes.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/gateway.do", get(gateway::answer).post(gateway::answer))
        .route("/oauth2/publicAppAuthorize.htm", get(oauth::authorize))
        .route("/alipay/bill", get(bill::file))
}
