//! Logging in and out as the mini program asks for it.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{CodeSent, Error, Identity, LoggedIn, Login, authenticate::bearer, end, login, rebind, renew, send_code};
use crate::{
    App,
    app::Shared,
    manager::{self, ManagerProfile},
    web::{ApiRouter, Client, Json, Problem},
};

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new()
        .routes(routes!(manager_login))
        .routes(routes!(manager_code))
        .routes(routes!(manager_rebind))
        .routes(routes!(manager_renew))
        .routes(routes!(manager_logout))
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

/// Asks for a code by SMS.
#[derive(Deserialize, ToSchema)]
struct CodeAsked {
    /// From the refusal `login.code_needed`.
    ticket: String,
}

/// A code is on its way.
#[derive(Serialize, ToSchema)]
struct CodeOnItsWay {
    /// Where to, masked: `138****2176`.
    mobile: String,
    /// When another one may be asked for, UTC milliseconds.
    retry_at_ms: i64,
    /// Until when this one holds, UTC milliseconds.
    expires_at_ms: i64,
}

/// Brings the code back.
#[derive(Deserialize, ToSchema)]
struct CodeTyped {
    /// From the refusal `login.code_needed`.
    ticket: String,
    /// The six digits.
    code: String,
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

/// Sends a code to the mobile of an account that is bound to another identity: one a minute, ten a day.
#[utoipa::path(post, path = "/api/manager/session/code", tag = "manager", request_body = CodeAsked,
    responses((status = 202, body = CodeOnItsWay), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn manager_code(
    State(app): State<Shared>,
    Json(asked): Json<CodeAsked>,
) -> Result<(StatusCode, Json<CodeOnItsWay>), Problem> {
    let sent = send_code(&app, &asked.ticket).await?;
    let CodeSent { mobile, again_at_ms: retry_at_ms, expires_at_ms } = sent;
    Ok((StatusCode::ACCEPTED, Json(CodeOnItsWay { mobile, retry_at_ms, expires_at_ms })))
}

/// Binds the device by the code and logs it in; the earlier device is pushed out. A code holds five minutes and five tries.
#[utoipa::path(post, path = "/api/manager/session/rebind", tag = "manager", request_body = CodeTyped,
    responses((status = 200, body = ManagerLoggedIn), (status = "4XX", body = Problem, content_type = "application/problem+json"),
        (status = 502, body = Problem, content_type = "application/problem+json")))]
async fn manager_rebind(
    State(app): State<Shared>,
    client: Client,
    Json(typed): Json<CodeTyped>,
) -> Result<Json<ManagerLoggedIn>, Problem> {
    let done = rebind(&app, &typed.ticket, &typed.code, &typed.device, client.ip).await?;
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
