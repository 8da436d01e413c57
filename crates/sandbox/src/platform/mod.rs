//! The WeChat platform: users, official account and mini program.

mod answer;
pub(crate) mod code;
mod oauth;
mod token;
pub(crate) mod users;
mod wxacode;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use crate::app::App;

/// The platform's routes.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/devtools/login-code", get(code::login_code))
        .route("/sns/jscode2session", get(code::jscode2session))
        .route("/cgi-bin/token", get(token::plain))
        .route("/cgi-bin/stable_token", post(token::stable))
        .route("/connect/oauth2/authorize", get(oauth::authorize))
        .route("/sns/oauth2/access_token", get(oauth::access_token))
        .route("/wxa/getwxacodeunlimit", post(wxacode::unlimited))
}
