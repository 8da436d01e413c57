//! 收款码 as the mini program asks for it.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::{CodeScreen, default_code, refresh};
use crate::{
    app::Shared,
    session::ManagerSession,
    web::{ApiRouter, Json, Path, Problem},
};

/// 撤销 is offered this long.
const UNDO_MS: i64 = 10_000;

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new()
        .routes(routes!(get_code))
        .routes(routes!(refresh_code))
        .routes(routes!(undo_refresh))
        .routes(routes!(end_code))
}

/// The default code, issued the first time; and the older ones that still take orders.
#[utoipa::path(get, path = "/api/manager/collection-code", tag = "manager",
    responses((status = 200, body = CodeScreen), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn get_code(State(app): State<Shared>, who: ManagerSession) -> Result<Json<CodeScreen>, Problem> {
    Ok(Json(default_code(&app, who.merchant_id, who.manager_id, Some(who.clone())).await?))
}

/// The screen after a refresh.
#[derive(Serialize, ToSchema)]
struct Refreshed {
    #[serde(flatten)]
    screen: CodeScreen,
    /// Until when 撤销 is offered, UTC milliseconds.
    undo_until_ms: i64,
}

/// A new default code; the replaced one dies three hours from now.
#[utoipa::path(post, path = "/api/manager/collection-code/refresh", tag = "manager",
    responses((status = 200, body = Refreshed), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn refresh_code(State(app): State<Shared>, who: ManagerSession) -> Result<Json<Refreshed>, Problem> {
    let screen = refresh::refresh(&app, &who).await?;
    Ok(Json(Refreshed { screen, undo_until_ms: app.clock.now_ms() + UNDO_MS }))
}

/// Which refresh is to be undone.
#[derive(Deserialize, ToSchema)]
struct UndoRefresh {
    /// The id of the code that the refresh made.
    code_id: String,
}

/// Brings the replaced code back while it lives.
#[utoipa::path(post, path = "/api/manager/collection-code/undo-refresh", tag = "manager", request_body = UndoRefresh,
    responses((status = 200, body = CodeScreen), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn undo_refresh(
    State(app): State<Shared>,
    who: ManagerSession,
    Json(undo): Json<UndoRefresh>,
) -> Result<Json<CodeScreen>, Problem> {
    let code_id = undo.code_id.parse().map_err(|_| Problem::malformed("code_id is not an id"))?;
    Ok(Json(refresh::undo(&app, &who, code_id).await?))
}

/// Ends a superseded code now.
#[utoipa::path(post, path = "/api/manager/collection-code/{code_id}/end", tag = "manager",
    params(("code_id" = String, Path, description = "The superseded code")),
    responses((status = 200, body = CodeScreen), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn end_code(
    State(app): State<Shared>,
    who: ManagerSession,
    Path(code_id): Path<i64>,
) -> Result<Json<CodeScreen>, Problem> {
    Ok(Json(refresh::end(&app, &who, code_id).await?))
}
