//! Orders as the console asks for them.

use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::routes;

use super::{
    Status,
    detail::{self, OrderDetail},
    list::{self, OrderPage, Wanted},
    look,
};
use crate::{
    admin::AdminSession,
    app::Shared,
    web::{ApiRouter, Json, Path, Problem, Query},
};

const PAGE: i64 = 20;
const MAX_PAGE: i64 = 100;
/// Longer than any number.
const MAX_Q_CHARS: usize = 100;

/// The routes.
pub fn router() -> ApiRouter {
    ApiRouter::new().routes(routes!(list_orders)).routes(routes!(get_order))
}

/// Which orders.
#[derive(Deserialize, IntoParams)]
struct OrderQuery {
    /// Only of this status.
    status: Option<Status>,
    /// An order's, an attempt's or an institution's number.
    q: Option<String>,
    /// Only older than this order.
    cursor: Option<String>,
    /// How many, at most 100; 20 unless told.
    #[param(minimum = 1, maximum = 100)]
    limit: Option<i64>,
}

/// Orders of the admin's org unit and below, newest first.
#[utoipa::path(get, path = "/api/admin/orders", tag = "admin", params(OrderQuery),
    responses((status = 200, body = OrderPage), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn list_orders(
    State(app): State<Shared>,
    who: AdminSession,
    Query(query): Query<OrderQuery>,
) -> Result<Json<OrderPage>, Problem> {
    let limit = query.limit.unwrap_or(PAGE);
    if !(1..=MAX_PAGE).contains(&limit) {
        return Err(Problem::malformed("limit must lie between 1 and 100"));
    }
    let below = match query.cursor.as_deref().filter(|text| !text.is_empty()) {
        Some(text) => text.parse().map_err(|_| Problem::malformed("cursor is not an id"))?,
        None => i64::MAX,
    };
    if query.q.as_deref().is_some_and(|q| q.chars().count() > MAX_Q_CHARS) {
        return Err(Problem::malformed("q has at most 100 characters"));
    }
    let number = query.q.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    let wanted = Wanted { status: query.status, number, below, limit };
    Ok(Json(list::list(&app, &who, wanted).await?))
}

/// All of one order.
#[utoipa::path(get, path = "/api/admin/orders/{order_id}", tag = "admin",
    params(("order_id" = String, Path, description = "The order")),
    responses((status = 200, body = OrderDetail), (status = "4XX", body = Problem, content_type = "application/problem+json")),
    security(("admin" = [])))]
async fn get_order(
    State(app): State<Shared>,
    who: AdminSession,
    Path(order_id): Path<i64>,
) -> Result<Json<OrderDetail>, Problem> {
    let order = detail::detail(&app, &who, order_id).await?.ok_or_else(Problem::not_found)?;
    if order.order.status.is_open() {
        look(&app, who.merchant_id, order_id).await;
    }
    Ok(Json(order))
}
