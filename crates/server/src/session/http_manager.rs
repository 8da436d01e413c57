//! Logging in and out as the mini program asks for it.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{Error, Identity, LoggedIn, Login, authenticate::bearer, end, login, renew};
use crate::{
    App,
    app::Shared,
    manager::{self, ManagerProfile},
    web::{ApiRouter, Client, Json, Problem},
};

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(manager_login)).routes(routes!(manager_renew)).routes(routes!(manager_logout))
}

/// What a manager types, and who the device is.
#[derive(Deserialize, ToSchema)]
struct ManagerLogin {
    /// The account: 11 digits.
    mobile: String,
    /// The password.
    password: String,
    /// Who the device is.
    identity: Identity,
    /// What the device calls itself.
    #[serde(default)]
    device: String,
}

/// Who the device is that renews.
#[derive(Deserialize, ToSchema)]
struct ManagerRenewal {
    /// The same identity that logged in.
    identity: Identity,
    /// What the device calls itself.
    #[serde(default)]
    device: String,
}

/// A session of a manager.
#[derive(Serialize, ToSchema)]
struct ManagerLoggedIn {
    /// For `Authorization: Bearer`.
    token: String,
    /// Until when, UTC milliseconds. Then renew.
    expires_at_ms: i64,
    /// Who logged in.
    manager: ManagerProfile,
}

/// Logs in with mobile and password. The first login binds the identity; a later one pushes the earlier session out.
#[utoipa::path(post, path = "/api/manager/login", tag = "manager", request_body = ManagerLogin,
    responses((status = 200, body = ManagerLoggedIn), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 502, body = Problem, content_type = "application/problem+json")))]
async fn manager_login(
    State(app): State<Shared>,
    client: Client,
    Json(typed): Json<ManagerLogin>,
) -> Result<Json<ManagerLoggedIn>, Problem> {
    let ManagerLogin { mobile, password, identity, device } = typed;
    let done = login(&app, &Login { mobile, password, identity, device, ip: client.ip }).await?;
    answer(&app, done).await
}

/// Replaces an expired token for the identity that logged in. Not after a logout, a push or a disabling.
#[utoipa::path(post, path = "/api/manager/session/renew", tag = "manager", request_body = ManagerRenewal,
    responses((status = 200, body = ManagerLoggedIn), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 502, body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn manager_renew(
    State(app): State<Shared>,
    client: Client,
    headers: HeaderMap,
    Json(told): Json<ManagerRenewal>,
) -> Result<Json<ManagerLoggedIn>, Problem> {
    let token = bearer(&headers).ok_or(Error::Missing)?;
    let done = renew(&app, token, &told.identity, &told.device, client.ip).await?;
    answer(&app, done).await
}

/// Ends the session. Of a session that is over already nothing is left to do.
#[utoipa::path(post, path = "/api/manager/logout", tag = "manager",
    responses((status = 204, description = "The session is over"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")), security(("manager" = [])))]
async fn manager_logout(State(app): State<Shared>, headers: HeaderMap) -> Result<StatusCode, Problem> {
    if let Some(token) = bearer(&headers) {
        end::logout(&app, token).await?;
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn answer(app: &App, done: LoggedIn) -> Result<Json<ManagerLoggedIn>, Problem> {
    let manager = manager::profile(app, done.merchant_id, done.manager_id).await?;
    Ok(Json(ManagerLoggedIn { token: done.token, expires_at_ms: done.expires_at_ms, manager }))
}
