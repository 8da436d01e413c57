//! 收款记录 as the mini program asks for it.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::read::{self, RecordDetail, RecordPage, Today};
use crate::{
    app::Shared,
    session::ManagerSession,
    web::{ApiRouter, Json, Path, Problem, Query},
};

/// Fifteen at a time (PRODUCT 3.3); nobody needs more than this at once.
const PAGE: i64 = 15;
const MAX_PAGE: i64 = 100;

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(get_today)).routes(routes!(list_records)).routes(routes!(get_record))
}

/// Today's count and sum.
#[utoipa::path(get, path = "/api/manager/today", tag = "manager",
    responses((status = 200, body = Today), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn get_today(State(app): State<Shared>, who: ManagerSession) -> Result<Json<Today>, Problem> {
    Ok(Json(read::today(&app, &who).await?))
}

/// Where a page begins.
#[derive(Deserialize, IntoParams)]
struct PageQuery {
    /// Only records older than this one.
    before: Option<String>,
    /// How many, at most 100; 15 unless told.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// Records, newest first.
#[utoipa::path(get, path = "/api/manager/records", tag = "manager", params(PageQuery),
    responses((status = 200, body = RecordPage), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn list_records(
    State(app): State<Shared>,
    who: ManagerSession,
    Query(query): Query<PageQuery>,
) -> Result<Json<RecordPage>, Problem> {
    let before = match query.before.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|_| Problem::malformed("before is not an id"))?,
        None => i64::MAX,
    };
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::malformed("limit must lie between 1 and 100"));
    }
    Ok(Json(read::page(&app, &who, before, limit).await?))
}

/// All of one record.
#[utoipa::path(get, path = "/api/manager/records/{record_id}", tag = "manager",
    params(("record_id" = String, Path, description = "The record")),
    responses((status = 200, body = RecordDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("manager" = [])))]
async fn get_record(
    State(app): State<Shared>,
    who: ManagerSession,
    Path(record_id): Path<i64>,
) -> Result<Json<RecordDetail>, Problem> {
    read::detail(&app, &who, record_id).await?.map(Json).ok_or_else(Problem::not_found)
}
