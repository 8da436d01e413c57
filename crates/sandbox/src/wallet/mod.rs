//! The payer's wallet: what a WeChat user would do on the phone.

pub(crate) mod alipay;
pub(crate) mod code;
mod json;
mod page;
pub(crate) mod pay;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::app::App;

/// The routes below `/wallet`.
pub(crate) fn router() -> Router<Arc<App>> {
    page::router().merge(alipay::pages()).merge(json::router()).route("/devtools/payment-code", get(code::show))
}
