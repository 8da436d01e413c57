//! Refunds: done at once or refused; one `out_request_no` is one refund (PROTOCOLS 2.2).

use rusqlite::{OptionalExtension as _, Transaction, params};
use serde_json::{Value, json};

use super::ask::find;
use super::content::{self, text};
use super::gateway::Asked;
use super::refusal::Refusal;
use super::trade::{Trade, buyer_as};
use super::{notice, person};
use crate::account;
use crate::app::App;
use crate::clock::beijing;
use crate::error::Error;
use crate::faults::{Call, Kind, Provider, Subject, take_now};
use crate::pages::yuan;

/// A refund can be asked for within a year of the payment, ms.
const REFUND_YEAR_MS: i64 = 365 * 24 * 3_600_000;

/// `alipay.trade.refund`
pub(super) fn refund(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let seller = asked.seller("")?;
    let fen = content::amount(&asked.content, "refund_amount")?;
    let number = text(&asked.content, "out_request_no").to_owned();
    let of = Subject { provider: Provider::Alipay, number, fen, now_ms: asked.now_ms };
    let spoiled = spoiled(asked.app, &of)?;
    let answer = asked.app.state.write(|tx| {
        let trade = find(tx, asked, &seller)?.ok_or_else(Refusal::no_trade)?;
        let given = text(&asked.content, "out_request_no");
        if given.is_empty() && fen != trade.total_fen {
            return Err(Refusal::parameter("out_request_no", "部分退款时必填"));
        }
        // Without a number of its own the trade's stands for the one full refund.
        let number = if given.is_empty() { trade.out_trade_no.clone() } else { given.to_owned() };
        let known: Option<i64> = tx
            .query_row(
                "SELECT fen FROM alipay_refund WHERE trade_no = ?1 AND out_request_no = ?2",
                [&trade.trade_no, &number],
                |row| row.get(0),
            )
            .optional()?;
        match known {
            Some(before) if before != fen => {
                return Err(Refusal::business("DISCORDANT_REPEAT_REQUEST", "同一退款请求号的金额与首次不一致"));
            }
            Some(_) => return answer(tx, &trade, "N"),
            None => {}
        }
        allowed(tx, &trade, fen, asked.now_ms)?;
        if let Some(refusal) = &spoiled {
            return Err(refusal.clone());
        }
        book(asked.app, tx, &trade, &number, fen, text(&asked.content, "refund_reason"), asked.now_ms)?;
        let trade = find(tx, asked, &seller)?.unwrap_or(trade);
        answer(tx, &trade, "Y")
    })?;
    asked.app.queued.notify_one();
    Ok(answer)
}

/// What a fault says instead. It is used up outside of the refund's own transaction, which a refusal undoes.
fn spoiled(app: &App, of: &Subject) -> Result<Option<Refusal>, Error> {
    for (kind, sub_code, sub_msg) in [
        (Kind::RefundClosed, "TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款"),
        (Kind::RefundAbnormal, "TRADE_NOT_ALLOW_REFUND", "当前交易不允许退款"),
        (Kind::RefundNotEnough, "SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"),
    ] {
        if take_now(app, kind, Call::Any, of)?.is_some() {
            return Ok(Some(Refusal::business(sub_code, sub_msg)));
        }
    }
    Ok(None)
}

fn allowed(tx: &Transaction<'_>, trade: &Trade, fen: i64, now_ms: i64) -> Result<(), Refusal> {
    let Some(paid_at_ms) = trade.paid_ms(now_ms) else {
        return Err(Refusal::business("TRADE_STATUS_ERROR", "交易状态不合法"));
    };
    if now_ms > paid_at_ms + REFUND_YEAR_MS {
        return Err(Refusal::business("TRADE_HAS_FINISHED", "交易已完结，不能退款"));
    }
    if trade.refunded_fen + fen > trade.total_fen {
        return Err(Refusal::business("REFUND_AMT_NOT_EQUAL_TOTAL", "撤销或退款金额与订单金额不一致"));
    }
    if account::balance_fen(tx, &trade.seller_id, now_ms)? < fen {
        return Err(Refusal::business("SELLER_BALANCE_NOT_ENOUGH", "卖家余额不足"));
    }
    Ok(())
}

/// Books a refund and tells it.
///
/// # Errors
/// When the state file fails.
pub(super) fn book(
    app: &App,
    tx: &Transaction<'_>,
    trade: &Trade,
    out_request_no: &str,
    fen: i64,
    reason: &str,
    now_ms: i64,
) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO alipay_refund (trade_no, out_request_no, fen, reason, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![trade.trade_no, out_request_no, fen, reason, now_ms],
    )?;
    let after = Trade { refunded_fen: trade.refunded_fen + fen, ..trade.clone() };
    notice::refunded(app, tx, &after, out_request_no, fen, now_ms)
}

fn answer(tx: &Transaction<'_>, trade: &Trade, moved: &str) -> Result<Value, Refusal> {
    let buyer = person::called(tx, &trade.buyer)?;
    let mut answer = trade.made();
    answer["buyer_logon_id"] = json!(buyer.logon_id());
    let (name, number) = buyer_as(&trade.app_id, &buyer, "buyer_user_id");
    answer[name] = json!(number);
    answer["fund_change"] = json!(moved);
    answer["refund_fee"] = json!(yuan(trade.refunded_fen));
    answer["send_back_fee"] = json!(yuan(trade.refunded_fen));
    Ok(answer)
}

/// `alipay.trade.fastpay.refund.query`: without `refund_status` it was not refunded.
pub(super) fn query(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let seller = asked.seller("")?;
    asked.app.state.read(|connection| {
        let trade = find(connection, asked, &seller)?.ok_or_else(Refusal::no_trade)?;
        let number = text(&asked.content, "out_request_no");
        if number.is_empty() {
            return Err(Refusal::parameter("out_request_no", "缺失"));
        }
        let found: Option<(i64, String, i64)> = connection
            .query_row(
                "SELECT fen, reason, at_ms FROM alipay_refund WHERE trade_no = ?1 AND out_request_no = ?2",
                [trade.trade_no.as_str(), number],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let mut answer = trade.made();
        if let Some((fen, reason, at_ms)) = found {
            answer["out_request_no"] = json!(number);
            answer["refund_reason"] = json!(reason);
            answer["total_amount"] = json!(yuan(trade.total_fen));
            answer["refund_amount"] = json!(yuan(fen));
            answer["send_back_fee"] = json!(yuan(fen));
            answer["refund_status"] = json!("REFUND_SUCCESS");
            let wants = |option: &str| {
                asked.content["query_options"].as_array().is_some_and(|list| list.iter().any(|each| each == option))
            };
            if wants("gmt_refund_pay") {
                answer["gmt_refund_pay"] = json!(beijing(at_ms, "%Y-%m-%d %H:%M:%S"));
            }
        }
        Ok(answer)
    })
}
