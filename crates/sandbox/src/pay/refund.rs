//! A refund as the institution knows it (PROTOCOLS 1.8): on its way until its time has come, then at its end.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde_json::{Value, json};

use super::order::Order;
use crate::clock::{beijing, rfc3339};
use crate::institution::SP_MCHID;
use crate::random;

/// One refund.
#[derive(Debug, Clone)]
pub(crate) struct Refund {
    pub out_refund_no: String,
    pub refund_id: String,
    pub out_trade_no: String,
    /// The refund call's body as received: repeats must be the same.
    pub body: Value,
    pub fen: i64,
    pub created_at_ms: i64,
    /// When it comes to its end, UTC ms.
    pub due_at_ms: i64,
    /// `SUCCESS`, `ABNORMAL` or `CLOSED`.
    pub outcome: String,
    pub received_account: String,
}

const COLUMNS: &str =
    "out_refund_no, refund_id, out_trade_no, body, fen, created_at_ms, due_at_ms, outcome, received_account";

impl Refund {
    /// A new refund of `order`; nothing is stored yet.
    pub fn new(order: &Order, out_refund_no: &str, fen: i64, body: Value, now_ms: i64) -> Self {
        Self {
            out_refund_no: out_refund_no.to_owned(),
            refund_id: format!("5030{}{}", beijing(now_ms, "%Y%m%d"), random::digits(16)),
            out_trade_no: order.out_trade_no.clone(),
            body,
            fen,
            created_at_ms: now_ms,
            due_at_ms: now_ms,
            outcome: "SUCCESS".to_owned(),
            received_account: "支付用户零钱".to_owned(),
        }
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let body: String = row.get(3)?;
        Ok(Self {
            out_refund_no: row.get(0)?,
            refund_id: row.get(1)?,
            out_trade_no: row.get(2)?,
            body: serde_json::from_str(&body).unwrap_or_default(),
            fen: row.get(4)?,
            created_at_ms: row.get(5)?,
            due_at_ms: row.get(6)?,
            outcome: row.get(7)?,
            received_account: row.get(8)?,
        })
    }

    /// Where it stands.
    pub fn status(&self, now_ms: i64) -> &str {
        if now_ms < self.due_at_ms { "PROCESSING" } else { &self.outcome }
    }

    /// The refund object of answers and queries.
    pub fn object(&self, order: &Order, now_ms: i64) -> Value {
        self.object_as(order, self.status(now_ms), now_ms)
    }

    /// The answer to the call that made it: only ever accepted (PROTOCOLS 1.8).
    pub fn accepted(&self, order: &Order, now_ms: i64) -> Value {
        self.object_as(order, "PROCESSING", now_ms)
    }

    fn object_as(&self, order: &Order, status: &str, now_ms: i64) -> Value {
        let transaction_id = order.paid.as_ref().map_or("", |paid| &paid.transaction_id);
        let total = order.amount_fen();
        let mut object = json!({
            "refund_id": self.refund_id,
            "out_refund_no": self.out_refund_no,
            "transaction_id": transaction_id,
            "out_trade_no": self.out_trade_no,
            "channel": "ORIGINAL",
            "user_received_account": self.received_account,
            "create_time": rfc3339(self.created_at_ms),
            "status": status,
            "funds_account": "AVAILABLE",
            "amount": {
                "total": total,
                "refund": self.fen,
                "payer_total": total,
                "payer_refund": self.fen,
                "settlement_total": total,
                "settlement_refund": self.fen,
                "discount_refund": 0,
                "currency": "CNY",
            },
        });
        if status == "SUCCESS" && now_ms >= self.due_at_ms {
            object["success_time"] = json!(rfc3339(self.due_at_ms));
        }
        object
    }

    /// What a callback says of it at its end (PROTOCOLS 1.4).
    pub fn told(&self, order: &Order, now_ms: i64) -> Value {
        let total = order.amount_fen();
        let mut object = json!({
            "sp_mchid": SP_MCHID,
            "sub_mchid": order.sub_mchid,
            "out_trade_no": self.out_trade_no,
            "transaction_id": order.paid.as_ref().map_or("", |paid| &paid.transaction_id),
            "out_refund_no": self.out_refund_no,
            "refund_id": self.refund_id,
            "refund_status": self.status(now_ms),
            "user_received_account": self.received_account,
            "amount": { "total": total, "refund": self.fen, "payer_total": total, "payer_refund": self.fen },
        });
        if self.outcome == "SUCCESS" {
            object["success_time"] = json!(rfc3339(self.due_at_ms));
        }
        object
    }

    /// Writes down a new refund, or the new course of a known one.
    pub fn store(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        tx.prepare_cached(
            "INSERT INTO refund (out_refund_no, refund_id, out_trade_no, body, fen, created_at_ms, due_at_ms, outcome,
                 received_account) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (out_refund_no) DO UPDATE SET due_at_ms = excluded.due_at_ms, outcome = excluded.outcome,
                 received_account = excluded.received_account",
        )?
        .execute(params![
            self.out_refund_no,
            self.refund_id,
            self.out_trade_no,
            self.body.to_string(),
            self.fen,
            self.created_at_ms,
            self.due_at_ms,
            self.outcome,
            self.received_account
        ])?;
        Ok(())
    }
}

/// The refund whose `column` (`out_refund_no` or `refund_id`) is `value`.
pub(crate) fn one(connection: &Connection, column: &str, value: &str) -> rusqlite::Result<Option<Refund>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM refund WHERE {column} = ?1"))?
        .query_row([value], Refund::from_row)
        .optional()
}

/// The refunds of an order, oldest first.
pub(crate) fn of_order(connection: &Connection, out_trade_no: &str) -> rusqlite::Result<Vec<Refund>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM refund WHERE out_trade_no = ?1 ORDER BY created_at_ms, rowid"))?
        .query_map([out_trade_no], Refund::from_row)?
        .collect()
}
