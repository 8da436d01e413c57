//! What was offered to a buyer but is no trade yet: a code on a screen, a page in a browser. The trade comes into being
//! when somebody opens it in the wallet (PROTOCOLS 2.2).

use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde_json::Value;

use super::person;
use super::trade::{self, Trade};
use crate::random;

/// One offer.
#[derive(Debug, Clone)]
pub(crate) struct Offer {
    pub seller_id: String,
    pub out_trade_no: String,
    pub app_id: String,
    pub product: String,
    pub content: Value,
    pub notify_url: String,
    pub return_url: String,
    pub total_fen: i64,
    pub created_at_ms: i64,
    pub expires_at_ms: i64,
}

impl Offer {
    /// Writes it down; gives its token.
    ///
    /// # Errors
    /// When the state file fails.
    pub fn insert(&self, tx: &Transaction<'_>) -> rusqlite::Result<String> {
        let token = format!("bax0{}", random::alphanumeric(28).to_lowercase());
        tx.prepare_cached(
            "INSERT INTO alipay_offer (token, seller_id, out_trade_no, app_id, product, content, notify_url, return_url,
                 total_fen, created_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            token,
            self.seller_id,
            self.out_trade_no,
            self.app_id,
            self.product,
            self.content.to_string(),
            self.notify_url,
            self.return_url,
            self.total_fen,
            self.created_at_ms,
            self.expires_at_ms
        ])?;
        Ok(token)
    }

    /// The trade of this offer: the one that exists, or a new one that `name` has opened. `None` when the offer is
    /// over, or its number went to another trade.
    ///
    /// # Errors
    /// When the state file fails.
    pub fn opened(&self, tx: &Transaction<'_>, name: &str, now_ms: i64) -> rusqlite::Result<Option<Trade>> {
        if let Some(known) = trade::by_out_trade_no(tx, &self.seller_id, &self.out_trade_no)? {
            return Ok((known.content == self.content && known.product == self.product).then_some(known));
        }
        if now_ms >= self.expires_at_ms {
            return Ok(None);
        }
        person::called(tx, name)?;
        let trade = Trade {
            seller_id: self.seller_id.clone(),
            out_trade_no: self.out_trade_no.clone(),
            trade_no: Trade::number(now_ms),
            app_id: self.app_id.clone(),
            product: self.product.clone(),
            content: self.content.clone(),
            notify_url: self.notify_url.clone(),
            total_fen: self.total_fen,
            buyer: name.to_owned(),
            created_at_ms: now_ms,
            expires_at_ms: self.expires_at_ms,
            closed_at_ms: None,
            paid_at_ms: None,
            seen_from_ms: 0,
            refunded_fen: 0,
        };
        trade.insert(tx)?;
        Ok(Some(trade))
    }
}

/// The offer with this token.
///
/// # Errors
/// When the state file fails.
pub(crate) fn by_token(connection: &Connection, token: &str) -> rusqlite::Result<Option<Offer>> {
    one(connection, "token = ?1", token)
}

/// The newest offer with the customer's number.
///
/// # Errors
/// When the state file fails.
pub(crate) fn by_number(connection: &Connection, number: &str) -> rusqlite::Result<Option<Offer>> {
    one(connection, "out_trade_no = ?1 ORDER BY created_at_ms DESC", number)
}

fn one(connection: &Connection, which: &str, value: &str) -> rusqlite::Result<Option<Offer>> {
    connection
        .prepare_cached(&format!(
            "SELECT seller_id, out_trade_no, app_id, product, content, notify_url, return_url, total_fen,
                 created_at_ms, expires_at_ms FROM alipay_offer WHERE {which} LIMIT 1"
        ))?
        .query_row([value], |row| {
            let content: String = row.get(4)?;
            Ok(Offer {
                seller_id: row.get(0)?,
                out_trade_no: row.get(1)?,
                app_id: row.get(2)?,
                product: row.get(3)?,
                content: serde_json::from_str(&content).unwrap_or_default(),
                notify_url: row.get(5)?,
                return_url: row.get(6)?,
                total_fen: row.get(7)?,
                created_at_ms: row.get(8)?,
                expires_at_ms: row.get(9)?,
            })
        })
        .optional()
}
