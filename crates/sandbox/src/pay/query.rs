//! Asking about an order, by our customer's number or by ours.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::Value;

use super::answer::ApiError;
use super::order::{self, Order};
use super::tell;
use crate::app::App;
use crate::faults::{Call, Kind, take_now};
use crate::institution::SP_MCHID;

/// Both are required.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    sp_mchid: String,
    sub_mchid: String,
}

pub(crate) fn not_exist() -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "ORDER_NOT_EXIST", "订单不存在")
}

pub(crate) async fn by_out_trade_no(
    Extract(app): Extract<Arc<App>>,
    Path(number): Path<String>,
    whose: Result<Query<Whose>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let found = app.state.read(|connection| order::by_out_trade_no(connection, &number))?;
    answer(&app, found, whose)
}

pub(crate) async fn by_transaction_id(
    Extract(app): Extract<Arc<App>>,
    Path(number): Path<String>,
    whose: Result<Query<Whose>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let found = app.state.read(|connection| order::by_transaction_id(connection, &number))?;
    answer(&app, found, whose)
}

fn answer(
    app: &App,
    found: Option<Order>,
    whose: Result<Query<Whose>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(whose) = whose.map_err(|error| ApiError::parameter("query", error.body_text()))?;
    if whose.sp_mchid != SP_MCHID {
        return Err(ApiError::parameter("sp_mchid", "sp_mchid 与签名的商户号不一致"));
    }
    let known = "SELECT EXISTS (SELECT 1 FROM sub_merchant WHERE sub_mchid = ?1)";
    if !app.state.read(|connection| connection.query_row(known, [&whose.sub_mchid], |row| row.get::<_, bool>(0)))? {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "MCH_NOT_EXISTS", "特约商户号不存在，请检查sub_mchid"));
    }
    let order = found.filter(|order| order.sub_mchid == whose.sub_mchid).ok_or_else(not_exist)?;
    let now_ms = app.now_ms();
    let mut object = order.object(now_ms);
    if order.is_paid(now_ms)
        && take_now(app, Kind::QueryWrongAmount, Call::Query, &tell::subject(&order, now_ms))?.is_some()
    {
        object["amount"]["total"] = (order.amount_fen() + 1).into();
        object["amount"]["payer_total"] = (order.amount_fen() + 1).into();
    }
    Ok(Json(object))
}
