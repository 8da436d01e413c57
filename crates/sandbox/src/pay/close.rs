//! Closing an unpaid order.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use serde::Deserialize;

use super::answer::ApiError;
use super::order::{self, Standing, TradeType};
use super::{query, request};
use crate::app::App;
use crate::institution::SP_MCHID;

/// Error number of an order that was paid by code.
const CODE_ORDER: u32 = 268_449_641;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    sp_mchid: String,
    sub_mchid: String,
}

/// 204 for an unpaid or already closed order; a paid one refuses (PROTOCOLS 1.6).
pub(crate) async fn close(
    Extract(app): Extract<Arc<App>>,
    Path(out_trade_no): Path<String>,
    body: Bytes,
) -> Result<StatusCode, ApiError> {
    let (body, _) = request::strict::<Body>(&body)?;
    if body.sp_mchid != SP_MCHID {
        return Err(ApiError::parameter("sp_mchid", "sp_mchid 与签名的商户号不一致"));
    }
    let now_ms = app.now_ms();
    app.state.write(|tx| {
        let order = order::by_out_trade_no(tx, &out_trade_no)?
            .filter(|order| order.sub_mchid == body.sub_mchid)
            .ok_or_else(query::not_exist)?;
        if order.trade_type == TradeType::Code {
            let refusal = ApiError::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", "付款码支付的订单请使用撤销接口");
            return Err(refusal.number(CODE_ORDER));
        }
        match order.standing(now_ms) {
            Standing::NotPay | Standing::UserPaying | Standing::Closed | Standing::Revoked => order.close(tx)?,
            Standing::Success | Standing::Refund => {
                return Err(ApiError::new(StatusCode::BAD_REQUEST, "ORDERPAID", "该订单已支付"));
            }
        }
        Ok(StatusCode::NO_CONTENT)
    })
}
