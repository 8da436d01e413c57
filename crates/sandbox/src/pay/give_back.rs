//! Asking for a refund, asking about one, and sending one that came back elsewhere.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use serde_json::Value;

use super::answer::ApiError;
use super::order::{self, Order};
use super::refund::{self, Refund};
use super::{request, tell};
use crate::account;
use crate::app::App;
use crate::faults::{Call, Kind, Provider, Subject, take, take_now};

/// A refund can be asked for within a year of the payment, ms.
const REFUND_YEAR_MS: i64 = 365 * 24 * 3_600_000;
/// Of one order.
const MOST_REFUNDS: usize = 50;
/// Bytes.
const LONGEST_REASON: usize = 80;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields are accepted; the pretend institution does not act on all")]
struct Ask {
    sub_mchid: String,
    transaction_id: Option<String>,
    out_trade_no: Option<String>,
    out_refund_no: String,
    reason: Option<String>,
    notify_url: Option<String>,
    funds_account: Option<String>,
    amount: Sum,
    goods_detail: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Sum {
    refund: i64,
    total: i64,
    currency: String,
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
}

fn not_exists(message: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, "RESOURCE_NOT_EXISTS", message)
}

impl Ask {
    fn check(&self) -> Result<(), ApiError> {
        let number = self.out_refund_no.as_bytes();
        let fits = number.iter().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*@".contains(byte));
        if number.is_empty() || number.len() > 64 || !fits {
            return Err(ApiError::parameter(
                "out_refund_no",
                "out_refund_no 须为1至64个字符，只能是数字、大小写字母和_-|*@",
            ));
        }
        if self.transaction_id.is_some() == self.out_trade_no.is_some() {
            return Err(ApiError::parameter("transaction_id", "transaction_id 和 out_trade_no 须二选一"));
        }
        if self.amount.currency != "CNY" || self.amount.refund < 1 || self.amount.total < 1 {
            return Err(ApiError::parameter("amount", "金额须为不小于1的整数，单位为分，币种为CNY"));
        }
        if self.reason.as_ref().is_some_and(|reason| reason.is_empty() || reason.len() > LONGEST_REASON) {
            return Err(ApiError::parameter("reason", "reason 须为1至80个字节"));
        }
        self.notify_url.as_deref().map_or(Ok(()), |url| request::notify_url(url, 256))
    }

    fn order(&self, connection: &Connection, now_ms: i64) -> Result<Order, ApiError> {
        let found = match (&self.transaction_id, &self.out_trade_no) {
            (Some(id), _) => order::by_transaction_id(connection, id)?,
            (None, Some(number)) => order::by_out_trade_no(connection, number)?,
            (None, None) => None,
        };
        let found = found.filter(|order| order.sub_mchid == self.sub_mchid);
        let order = found.ok_or_else(|| not_exists("订单不存在"))?;
        if order.is_paid(now_ms) { Ok(order) } else { Err(invalid("订单未支付或已撤销，不能退款")) }
    }
}

/// `POST /v3/refund/domestic/refunds`: 200 means accepted, no more.
pub(crate) async fn ask(Extract(app): Extract<Arc<App>>, body: Bytes) -> Result<Json<Value>, ApiError> {
    let (ask, value) = request::strict::<Ask>(&body)?;
    ask.check()?;
    let now_ms = app.now_ms();
    let number = ask.out_refund_no.clone();
    let of = Subject { provider: Provider::WechatPay, number, fen: ask.amount.refund, now_ms };
    // Used up outside of the transaction that a refusal undoes.
    let poor = take_now(&app, Kind::RefundNotEnough, Call::Any, &of)?.is_some();
    let answer = app.state.write(|tx| {
        let order = ask.order(tx, now_ms)?;
        if let Some(known) = refund::one(tx, "out_refund_no", &ask.out_refund_no)? {
            if known.body != value {
                return Err(invalid("退款单号相同，但参数与首次请求时不一致"));
            }
            return Ok(known.object(&order, now_ms));
        }
        allowed(tx, &order, &ask.amount, now_ms)?;
        if poor {
            return Err(not_enough());
        }
        let mut made = Refund::new(&order, &ask.out_refund_no, ask.amount.refund, value, now_ms);
        if take(tx, Kind::RefundAbnormal, Call::Any, &of)?.is_some() {
            made.outcome = "ABNORMAL".to_owned();
        }
        if take(tx, Kind::RefundClosed, Call::Any, &of)?.is_some() {
            made.outcome = "CLOSED".to_owned();
        }
        made.due_at_ms += take(tx, Kind::RefundSlow, Call::Any, &of)?.unwrap_or_default();
        made.store(tx)?;
        tell::refund(&app, tx, &order, &made, &of)?;
        Ok(made.accepted(&order, now_ms))
    })?;
    app.queued.notify_one();
    Ok(Json(answer))
}

/// What a new refund must fit into (PROTOCOLS 1.8).
fn allowed(tx: &Transaction<'_>, order: &Order, sum: &Sum, now_ms: i64) -> Result<(), ApiError> {
    if sum.total != order.amount_fen() {
        return Err(invalid("订单金额与原订单不一致"));
    }
    if order.paid.as_ref().is_some_and(|paid| now_ms > paid.at_ms + REFUND_YEAR_MS) {
        return Err(invalid("订单已超过可退款的最大期限(支付完成后一年内可退款)"));
    }
    let before = refund::of_order(tx, &order.out_trade_no)?;
    let given: i64 = before.iter().filter(|refund| refund.status(now_ms) != "CLOSED").map(|refund| refund.fen).sum();
    if given + sum.refund > order.amount_fen() {
        return Err(invalid("累计退款金额大于支付金额"));
    }
    if before.len() >= MOST_REFUNDS {
        return Err(invalid("部分退款次数已达上限(50次)"));
    }
    if account::balance_fen(tx, &order.sub_mchid, now_ms)? < sum.refund {
        return Err(not_enough());
    }
    Ok(())
}

fn not_enough() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "NOT_ENOUGH", "基本账户余额不足，请充值后重新发起")
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Whose {
    sub_mchid: String,
}

/// `GET /v3/refund/domestic/refunds/{out_refund_no}?sub_mchid=`
pub(crate) async fn query(
    Extract(app): Extract<Arc<App>>,
    Path(out_refund_no): Path<String>,
    whose: Result<Query<Whose>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(whose) = whose.map_err(|error| ApiError::parameter("query", error.body_text()))?;
    let found = app.state.read(|connection| known(connection, "out_refund_no", &out_refund_no, &whose.sub_mchid))?;
    let (refund, order) = found.ok_or_else(|| not_exists("退款单不存在"))?;
    Ok(Json(refund.object(&order, app.now_ms())))
}

fn known(
    connection: &Connection,
    column: &str,
    value: &str,
    sub_mchid: &str,
) -> rusqlite::Result<Option<(Refund, Order)>> {
    let Some(refund) = refund::one(connection, column, value)? else { return Ok(None) };
    let order = order::by_out_trade_no(connection, &refund.out_trade_no)?;
    Ok(order.filter(|order| order.sub_mchid == sub_mchid).map(|order| (refund, order)))
}

/// Personal data comes encrypted and is not looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the payer's account is accepted and not looked at")]
struct Elsewhere {
    sub_mchid: String,
    out_refund_no: String,
    #[serde(rename = "type")]
    kind: String,
    bank_type: Option<String>,
    bank_account: Option<String>,
    real_name: Option<String>,
}

/// `POST /v3/refund/domestic/refunds/{refund_id}/apply-abnormal-refund`
pub(crate) async fn elsewhere(
    Extract(app): Extract<Arc<App>>,
    Path(refund_id): Path<String>,
    body: Bytes,
) -> Result<Json<Value>, ApiError> {
    let (asked, _) = request::strict::<Elsewhere>(&body)?;
    let account = match asked.kind.as_str() {
        "MERCHANT_BANK_CARD" => "商户结算银行账户",
        "USER_BANK_CARD" => "付款人指定的银行卡",
        _ => return Err(ApiError::parameter("type", "type 须为 USER_BANK_CARD 或 MERCHANT_BANK_CARD")),
    };
    let now_ms = app.now_ms();
    let answer = app.state.write(|tx| {
        let found = known(tx, "refund_id", &refund_id, &asked.sub_mchid)?;
        let (mut refund, order) = found.ok_or_else(|| not_exists("退款单不存在"))?;
        if refund.out_refund_no != asked.out_refund_no {
            return Err(ApiError::parameter("out_refund_no", "out_refund_no 与 refund_id 不一致"));
        }
        if refund.received_account == account {
            return Ok(refund.object(&order, now_ms));
        }
        if refund.status(now_ms) != "ABNORMAL" {
            return Err(invalid("退款单不是异常状态"));
        }
        refund.outcome = "SUCCESS".to_owned();
        refund.due_at_ms = now_ms;
        refund.received_account = account.to_owned();
        refund.store(tx)?;
        let of = Subject { provider: Provider::WechatPay, number: refund_id, fen: 0, now_ms };
        tell::refund(&app, tx, &order, &refund, &of)?;
        Ok(refund.accepted(&order, now_ms))
    })?;
    app.queued.notify_one();
    Ok(Json(answer))
}
