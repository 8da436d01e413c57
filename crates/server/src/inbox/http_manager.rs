//! The manager is told what of the own orders waits for the back office (PRODUCT 6.2).

use axum::extract::State;
use utoipa_axum::routes;

use super::list::{self, AttentionShown};
use crate::{
    app::Shared,
    session::ManagerSession,
    web::{ApiRouter, Json, Problem},
};

/// The routes.
pub(super) fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(list_attention))
}

/// What of the own orders waits for the back office, newest first, at most twenty.
#[utoipa::path(get, path = "/api/manager/attention", tag = "manager",
    responses((status = 200, body = Vec<AttentionShown>), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn list_attention(State(app): State<Shared>, who: ManagerSession) -> Result<Json<Vec<AttentionShown>>, Problem> {
    Ok(Json(list::of_manager(&app, &who).await?))
}
