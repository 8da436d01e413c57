//! Closing an unpaid order.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State as Extract};
use axum::http::StatusCode;
use serde::Deserialize;

use super::answer::ApiError;
use super::order::{self, Standing};
use super::{query, request};
use crate::app::App;
use crate::institution::SP_MCHID;

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
        match order.standing(now_ms) {
            Standing::NotPay | Standing::Closed => order.close(tx)?,
            Standing::Success => {
                return Err(ApiError::new(StatusCode::BAD_REQUEST, "ORDERPAID", "该订单已支付"));
            }
        }
        Ok(StatusCode::NO_CONTENT)
    })
}
