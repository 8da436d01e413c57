//! Managers as the console asks for them.

use axum::{extract::State, http::StatusCode};
use db::Tx;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::{Manager, ManagerPage, disable, list, mail, register, reset, unbind};
use crate::{
    admin::AdminSession,
    app::Shared,
    web::{ApiRouter, Client, Json, Path, Problem, Query},
};

/// How many a page has if nobody says.
const PAGE: i64 = 20;
/// Longer than anything that is searched for; a database may refuse a longer pattern.
const MAX_Q_CHARS: usize = 100;

/// The routes.
pub(super) fn router() -> ApiRouter {
    ApiRouter::new()
        .routes(routes!(list_managers, register_manager))
        .routes(routes!(get_manager))
        .routes(routes!(disable_manager))
        .routes(routes!(enable_manager))
        .routes(routes!(unbind_manager))
        .routes(routes!(mail_manager))
        .routes(routes!(reset_manager_password))
}

/// Which managers are asked for.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ManagerQuery {
    /// Part of name, mobile or e-mail address, up to 100 characters.
    #[serde(default)]
    q: String,
    /// `active` or `disabled`; both without it.
    #[serde(default)]
    status: String,
    /// The `next_cursor` of the page before.
    #[serde(default)]
    cursor: String,
    /// How many, up to 100.
    limit: Option<i64>,
}

/// The managers of the admin's scope, newest first.
#[utoipa::path(get, path = "/api/admin/managers", tag = "admin", params(ManagerQuery),
    responses((status = 200, body = ManagerPage), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn list_managers(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Query(asked): Query<ManagerQuery>,
) -> Result<Json<ManagerPage>, Problem> {
    let before = match asked.cursor.as_str() {
        "" => i64::MAX,
        cursor => cursor.parse().map_err(|_| Problem::malformed("cursor"))?,
    };
    if !matches!(asked.status.as_str(), "" | "active" | "disabled") {
        return Err(Problem::malformed("status is active or disabled"));
    }
    if asked.q.chars().count() > MAX_Q_CHARS {
        return Err(Problem::malformed("q has at most 100 characters"));
    }
    let who = admin.acting_from(&client);
    let filter = list::Filter { q: asked.q, status: asked.status, before, limit: asked.limit.unwrap_or(PAGE) };
    Ok(Json(app.db.read(async move |tx: &mut Tx<'_>| list::list(tx, &who, &filter).await).await?))
}

/// A manager to be registered.
#[derive(Deserialize, ToSchema)]
struct NewManager {
    /// 1 to 40 characters.
    name: String,
    /// 11 digits; the account.
    mobile: String,
    /// Where the mail with what login needs goes.
    email: String,
    /// Where the manager belongs.
    org_unit_id: String,
    /// The first password, 8 characters or more; without it one is generated.
    password: Option<String>,
}

/// A manager whose password was just set.
#[derive(Serialize, ToSchema)]
struct RegisteredManager {
    #[serde(flatten)]
    manager: Manager,
    /// The password, where it was generated: told here once.
    #[schema(required = true)]
    generated_password: Option<String>,
}

/// Registers a manager and queues the mail with what login needs.
#[utoipa::path(post, path = "/api/admin/managers", tag = "admin", request_body = NewManager,
    responses((status = 201, body = RegisteredManager), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn register_manager(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Json(new): Json<NewManager>,
) -> Result<(StatusCode, Json<RegisteredManager>), Problem> {
    admin.must_manage()?;
    let NewManager { name, mobile, email, org_unit_id, password } = new;
    let typed = register::Typed { name, mobile, email, org_unit_id, password };
    let (manager, generated_password) = register::register(&app, admin.acting_from(&client), typed).await?;
    Ok((StatusCode::CREATED, Json(RegisteredManager { manager, generated_password })))
}

/// One manager.
#[utoipa::path(get, path = "/api/admin/managers/{id}", tag = "admin", params(("id" = String, Path, description = "The manager")),
    responses((status = 200, body = Manager), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn get_manager(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Path(id): Path<i64>,
) -> Result<Json<Manager>, Problem> {
    let who = admin.acting_from(&client);
    Ok(Json(app.db.read(async move |tx: &mut Tx<'_>| list::find(tx, &who, id).await).await?))
}

/// Disables a manager: the session ends at once, the codes take no new order.
#[utoipa::path(post, path = "/api/admin/managers/{id}/disable", tag = "admin",
    params(("id" = String, Path, description = "The manager")),
    responses((status = 200, body = Manager), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn disable_manager(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Path(id): Path<i64>,
) -> Result<Json<Manager>, Problem> {
    admin.must_manage()?;
    let manager = disable::disable(&app, admin.acting_from(&client), id).await?;
    app.pages.forget(admin.merchant_id);
    Ok(Json(manager))
}

/// Enables a manager, if the mobile is still free.
#[utoipa::path(post, path = "/api/admin/managers/{id}/enable", tag = "admin",
    params(("id" = String, Path, description = "The manager")),
    responses((status = 200, body = Manager), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn enable_manager(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Path(id): Path<i64>,
) -> Result<Json<Manager>, Problem> {
    admin.must_manage()?;
    let manager = disable::enable(&app, admin.acting_from(&client), id).await?;
    app.pages.forget(admin.merchant_id);
    Ok(Json(manager))
}

/// Unbinds the WeChat identity or browser: the next login may come from another one.
#[utoipa::path(post, path = "/api/admin/managers/{id}/unbind", tag = "admin",
    params(("id" = String, Path, description = "The manager")),
    responses((status = 200, body = Manager), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn unbind_manager(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Path(id): Path<i64>,
) -> Result<Json<Manager>, Problem> {
    admin.must_manage()?;
    Ok(Json(unbind::unbind(&app, admin.acting_from(&client), id).await?))
}

/// Where the mail is to go instead.
#[derive(Deserialize, ToSchema)]
struct MailAgain {
    /// The corrected address.
    email: String,
}

/// Corrects the address and sends the mail again.
#[utoipa::path(post, path = "/api/admin/managers/{id}/mail", tag = "admin", request_body = MailAgain,
    params(("id" = String, Path, description = "The manager")),
    responses((status = 200, body = Manager), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn mail_manager(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Path(id): Path<i64>,
    Json(again): Json<MailAgain>,
) -> Result<Json<Manager>, Problem> {
    admin.must_manage()?;
    Ok(Json(mail::send_again(&app, admin.acting_from(&client), id, &again.email).await?))
}

/// A password to be set.
#[derive(Deserialize, ToSchema)]
struct ResetPassword {
    /// 8 characters or more; without it one is generated.
    password: Option<String>,
}

/// Sets a new password: the session ends at once, and the mail brings it.
#[utoipa::path(post, path = "/api/admin/managers/{id}/password", tag = "admin", request_body = ResetPassword,
    params(("id" = String, Path, description = "The manager")),
    responses((status = 200, body = RegisteredManager), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn reset_manager_password(
    State(app): State<Shared>,
    admin: AdminSession,
    client: Client,
    Path(id): Path<i64>,
    Json(wish): Json<ResetPassword>,
) -> Result<Json<RegisteredManager>, Problem> {
    admin.must_manage()?;
    let (manager, generated_password) = reset::reset(&app, admin.acting_from(&client), id, wish.password).await?;
    Ok(Json(RegisteredManager { manager, generated_password }))
}
