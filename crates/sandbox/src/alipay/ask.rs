//! Asking about a trade, and closing an unpaid one.

use rusqlite::Connection;
use serde_json::{Value, json};

use super::content::text;
use super::gateway::Asked;
use super::person;
use super::refusal::Refusal;
use super::trade::{self, Standing, Trade};
use crate::faults::{Call, Kind, take_now};
use crate::pages::yuan;

/// The seller's trade by Alipay's number or by its own.
pub(super) fn find(connection: &Connection, asked: &Asked<'_>, seller: &str) -> Result<Option<Trade>, Refusal> {
    let (theirs, own) = (text(&asked.content, "trade_no"), text(&asked.content, "out_trade_no"));
    if theirs.is_empty() && own.is_empty() {
        return Err(Refusal::parameter("out_trade_no", "out_trade_no 与 trade_no 须有其一"));
    }
    // Alipay's own number wins where both are given.
    let found = if theirs.is_empty() {
        trade::by_out_trade_no(connection, seller, own)?
    } else {
        trade::by_trade_no(connection, theirs)?
    };
    Ok(found.filter(|trade| trade.seller_id == seller))
}

/// `alipay.trade.query`
pub(super) fn query(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let seller = asked.seller("")?;
    let trade = asked.app.state.read(|connection| find(connection, asked, &seller))?.ok_or_else(Refusal::no_trade)?;
    let buyer = asked.app.state.write(|tx| person::called(tx, &trade.buyer))?;
    let mut object = trade.object(&buyer, asked.now_ms);
    let paid = trade.paid_ms(asked.now_ms).is_some();
    if paid && take_now(asked.app, Kind::QueryWrongAmount, Call::Query, &trade.subject(asked.now_ms))?.is_some() {
        object["total_amount"] = json!(yuan(trade.total_fen + 1));
    }
    Ok(object)
}

/// `alipay.trade.close`: only what exists and is unpaid.
pub(super) fn close(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let seller = asked.seller("")?;
    asked.app.state.write(|tx| {
        let mut trade = find(tx, asked, &seller)?.ok_or_else(Refusal::no_trade)?;
        if trade.standing(asked.now_ms) != Standing::Waiting {
            return Err(Refusal::business("TRADE_STATUS_ERROR", "交易状态不合法"));
        }
        trade.closed_at_ms = Some(asked.now_ms);
        trade.store(tx)?;
        Ok(trade.made())
    })
}
