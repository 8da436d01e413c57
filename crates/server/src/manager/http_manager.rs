//! A manager's own profile as the mini program asks for it.

use axum::extract::State;
use utoipa_axum::routes;

use super::{ManagerProfile, profile};
use crate::{
    app::Shared,
    session::ManagerSession,
    web::{ApiRouter, Json, Problem},
};

/// The routes.
pub(super) fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(manager_me))
}

/// Who is logged in.
#[utoipa::path(get, path = "/api/manager/me", tag = "manager",
    responses((status = 200, body = ManagerProfile), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn manager_me(State(app): State<Shared>, who: ManagerSession) -> Result<Json<ManagerProfile>, Problem> {
    Ok(Json(profile(&app, who.merchant_id, who.manager_id).await?))
}
