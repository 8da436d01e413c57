//! Refunds as the console asks for them.

use axum::{extract::State, http::StatusCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::{
    Asker, Request, Status, act, checked_words, decide,
    list::{self, RefundPage, Wanted},
    request::request,
    view::RefundView,
};
use crate::{
    admin::{AdminSession, Permission},
    app::Shared,
    payment::Number,
    web::{ApiRouter, Client, Json, Path, Problem, Query},
};

const PAGE: i64 = 20;
const MAX_PAGE: i64 = 100;

/// The routes.
pub(super) fn router() -> ApiRouter {
    ApiRouter::new()
        .routes(routes!(list_refunds))
        .routes(routes!(get_refund))
        .routes(routes!(list_order_refunds, request_refund))
        .routes(routes!(approve_refund))
        .routes(routes!(decline_refund))
        .routes(routes!(retry_refund))
        .routes(routes!(redirect_refund))
        .routes(routes!(settle_refund_outside))
}

/// Which refunds.
#[derive(Deserialize, IntoParams)]
struct RefundQuery {
    /// Only of this status.
    status: Option<Status>,
    /// Only older than this refund.
    cursor: Option<String>,
    /// How many, at most 100; 20 unless told.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// Refunds of the admin's org unit and below, newest first.
#[utoipa::path(get, path = "/api/admin/refunds", tag = "admin", params(RefundQuery),
    responses((status = 200, body = RefundPage), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn list_refunds(
    State(app): State<Shared>,
    who: AdminSession,
    Query(query): Query<RefundQuery>,
) -> Result<Json<RefundPage>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::malformed("limit must lie between 1 and 100"));
    }
    let below = match query.cursor.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|_| Problem::malformed("cursor is not an id"))?,
        None => i64::MAX,
    };
    Ok(Json(list::list(&app, &who, Wanted { status: query.status, below, limit }).await?))
}

/// One refund.
#[utoipa::path(get, path = "/api/admin/refunds/{refund_id}", tag = "admin",
    params(("refund_id" = String, Path, description = "The refund")),
    responses((status = 200, body = RefundView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn get_refund(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(refund_id): Path<i64>,
) -> Result<Json<RefundView>, Problem> {
    Ok(Json(list::view(list::get(&app, Asker::admin(&who, &client), refund_id).await?, &who)))
}

/// The refunds of one order, oldest first.
#[utoipa::path(get, path = "/api/admin/orders/{order_id}/refunds", tag = "admin",
    params(("order_id" = String, Path, description = "The order")),
    responses((status = 200, body = Vec<RefundView>), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn list_order_refunds(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(order_id): Path<i64>,
) -> Result<Json<Vec<RefundView>>, Problem> {
    let refunds = list::of_order_seen(&app, Asker::admin(&who, &client), order_id).await?;
    Ok(Json(refunds.into_iter().map(|refund| list::view(refund, &who)).collect()))
}

/// What an admin asks for.
#[derive(Deserialize, ToSchema)]
struct NewRefund {
    /// Which payment of the order: its `payment_id`.
    payment_id: String,
    /// How much of it, fen.
    amount_fen: i64,
    /// Why; the payer reads it. 1 to 80 characters.
    reason: String,
    /// The page's own key: the same one again is the same refund.
    submission: Option<String>,
    /// The payer has it by other means already: only past the refund year, and a second person confirms.
    #[serde(default)]
    outside: bool,
}

/// Asks for a refund. Above the merchant's limit it waits for another person, else the institution is asked at once.
#[utoipa::path(post, path = "/api/admin/orders/{order_id}/refunds", tag = "admin", request_body = NewRefund,
    params(("order_id" = String, Path, description = "The order")),
    responses((status = 201, body = RefundView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn request_refund(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(order_id): Path<i64>,
    Json(new): Json<NewRefund>,
) -> Result<(StatusCode, Json<RefundView>), Problem> {
    who.must(Permission::RefundRequest)?;
    let payment = new.payment_id.parse::<Number>().ok().filter(|number| number.order_id == order_id);
    let wanted = Request {
        payment: payment.ok_or_else(Problem::not_found)?,
        amount_fen: new.amount_fen,
        reason: new.reason,
        submission: new.submission,
        outside: new.outside,
        item: None,
    };
    let refund = request(&app, Asker::admin(&who, &client), wanted).await?;
    Ok((StatusCode::CREATED, Json(list::view(refund, &who))))
}

/// What a person says with a decision.
#[derive(Deserialize, ToSchema)]
struct RefundWords {
    /// At most 80 characters.
    #[serde(default)]
    words: String,
}

/// Approves a refund that another person asked for, or confirms one that was settled outside.
#[utoipa::path(post, path = "/api/admin/refunds/{refund_id}/approve", tag = "admin", request_body = RefundWords,
    params(("refund_id" = String, Path, description = "The refund")),
    responses((status = 200, body = RefundView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn approve_refund(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(refund_id): Path<i64>,
    Json(said): Json<RefundWords>,
) -> Result<Json<RefundView>, Problem> {
    who.must(Permission::RefundApprove)?;
    let refund = decide::approve(&app, Asker::admin(&who, &client), refund_id, &said.words).await?;
    Ok(Json(list::view(refund, &who)))
}

/// Declines a refund; whoever asked for it may take it back.
#[utoipa::path(post, path = "/api/admin/refunds/{refund_id}/decline", tag = "admin", request_body = RefundWords,
    params(("refund_id" = String, Path, description = "The refund")),
    responses((status = 200, body = RefundView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn decline_refund(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(refund_id): Path<i64>,
    Json(said): Json<RefundWords>,
) -> Result<Json<RefundView>, Problem> {
    let asker = Asker::admin(&who, &client);
    let refund = list::get(&app, asker.clone(), refund_id).await?;
    let first = refund.outside.as_ref().unwrap_or(&refund.asked);
    who.must(if first.by == asker.who { Permission::RefundRequest } else { Permission::RefundApprove })?;
    let words = checked_words("words", &said.words)?;
    Ok(Json(list::view(decide::decline(&app, asker, refund_id, words).await?, &who)))
}

/// Asks the institution again now, under the same number.
#[utoipa::path(post, path = "/api/admin/refunds/{refund_id}/retry", tag = "admin",
    params(("refund_id" = String, Path, description = "The refund")),
    responses((status = 200, body = RefundView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn retry_refund(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(refund_id): Path<i64>,
) -> Result<Json<RefundView>, Problem> {
    who.must(Permission::RefundRequest)?;
    Ok(Json(list::view(act::retry(&app, Asker::admin(&who, &client), refund_id).await?, &who)))
}

/// Sends a refund that came back to the merchant's own bank account.
#[utoipa::path(post, path = "/api/admin/refunds/{refund_id}/redirect", tag = "admin", request_body = RefundWords,
    params(("refund_id" = String, Path, description = "The refund")),
    responses((status = 200, body = RefundView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn redirect_refund(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(refund_id): Path<i64>,
    Json(said): Json<RefundWords>,
) -> Result<Json<RefundView>, Problem> {
    who.must(Permission::RefundApprove)?;
    let words = checked_words("words", &said.words)?;
    Ok(Json(list::view(act::redirect(&app, Asker::admin(&who, &client), refund_id, words).await?, &who)))
}

/// Says that a refund that came back was settled by other means; a second person confirms with approve.
#[utoipa::path(post, path = "/api/admin/refunds/{refund_id}/outside", tag = "admin", request_body = RefundWords,
    params(("refund_id" = String, Path, description = "The refund")),
    responses((status = 200, body = RefundView), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn settle_refund_outside(
    State(app): State<Shared>,
    who: AdminSession,
    client: Client,
    Path(refund_id): Path<i64>,
    Json(said): Json<RefundWords>,
) -> Result<Json<RefundView>, Problem> {
    who.must(Permission::RefundApprove)?;
    let words = checked_words("words", &said.words)?;
    Ok(Json(list::view(act::outside(&app, Asker::admin(&who, &client), refund_id, words).await?, &who)))
}
