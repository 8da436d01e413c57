//! Logging in and out as the console asks for it.

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{AppendHeaders, IntoResponse},
};
use db::{Tx, params};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{AdminSession, COOKIE, Error, Role, SESSION_MS, login, sql};
use crate::{
    App,
    app::Shared,
    web::{ApiRouter, Client, Json, Problem},
};

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(admin_login)).routes(routes!(admin_session)).routes(routes!(admin_logout))
}

/// What an admin types.
#[derive(Deserialize, ToSchema)]
struct AdminLogin {
    /// The login.
    login: String,
    /// The password.
    password: String,
}

/// An admin, as the console shows it.
#[derive(Serialize, ToSchema)]
struct AdminProfile {
    /// The id.
    admin_id: String,
    /// The login.
    login: String,
    /// The name.
    name: String,
    /// `admin`, `finance` or `viewer`.
    role: String,
    /// What the role allows beyond looking: `manage`, `refund.request`, `refund.approve`, `inbox.act`.
    permissions: Vec<String>,
    /// The company's full registered name.
    merchant_full_name: String,
    /// The company's short name.
    merchant_short_name: String,
}

/// A session of an admin.
#[derive(Serialize, ToSchema)]
struct AdminLoggedIn {
    /// Who.
    admin: AdminProfile,
    /// For the header `X-CSRF-Token` of whatever is not a GET.
    csrf_token: String,
}

/// Logs in and sets the cookie.
#[utoipa::path(post, path = "/api/admin/login", tag = "admin", request_body = AdminLogin,
    responses((status = 200, body = AdminLoggedIn), (status = "4XX", body = Problem, content_type = "application/problem+json")))]
async fn admin_login(
    State(app): State<Shared>,
    client: Client,
    headers: HeaderMap,
    Json(typed): Json<AdminLogin>,
) -> Result<impl IntoResponse, Problem> {
    let device = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let done = login::login(&app, &typed.login, &typed.password, device, client.ip).await?;
    let admin = profile(&app, done.merchant_id, done.admin_id).await?;
    let cookie = set_cookie(&app, &done.token, SESSION_MS / 1000);
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(AdminLoggedIn { admin, csrf_token: done.csrf_token })))
}

/// Who is logged in, with the CSRF token: after a reload of the page.
#[utoipa::path(get, path = "/api/admin/session", tag = "admin",
    responses((status = 200, body = AdminLoggedIn), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn admin_session(State(app): State<Shared>, me: AdminSession) -> Result<Json<AdminLoggedIn>, Problem> {
    let admin = profile(&app, me.merchant_id, me.admin_id).await?;
    Ok(Json(AdminLoggedIn { admin, csrf_token: me.csrf_token }))
}

/// Ends the session and takes the cookie back.
#[utoipa::path(post, path = "/api/admin/logout", tag = "admin",
    responses((status = 204, description = "The session is over"),
        (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn admin_logout(State(app): State<Shared>, me: AdminSession) -> Result<impl IntoResponse, Problem> {
    login::logout(&app, me.merchant_id, me.session_id).await?;
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, set_cookie(&app, "", 0))])))
}

fn set_cookie(app: &App, token: &str, max_age_s: i64) -> String {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    format!("{COOKIE}={token}; Path=/api/admin; Max-Age={max_age_s}; HttpOnly; SameSite=Strict{secure}")
}

async fn profile(app: &App, merchant_id: i64, admin_id: i64) -> Result<AdminProfile, Error> {
    let read = async move |tx: &mut Tx<'_>| tx.query_one(sql::PROFILE, params![merchant_id, admin_id]).await;
    let row = app.db.read::<_, db::Error, _>(read).await?;
    Ok(AdminProfile {
        admin_id: admin_id.to_string(),
        login: row.get(0)?,
        name: row.get(1)?,
        permissions: Role::of_word(&row.get::<String>(2)?).ok_or(Error::Denied)?.permissions(),
        role: row.get(2)?,
        merchant_full_name: row.get(3)?,
        merchant_short_name: row.get(4)?,
    })
}
