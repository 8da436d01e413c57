//! A trade as Alipay knows it, its states and its place in the state file (PROTOCOLS 2.2).

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde_json::{Map, Value, json};

use super::identity::USER_ID_APP_ID;
use super::person::Person;
use crate::clock::beijing;
use crate::faults::{Provider, Subject};
use crate::pages::yuan;
use crate::random;

/// Where a trade stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Waiting,
    Success,
    /// Unpaid and over, or paid and wholly refunded.
    Closed,
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "WAIT_BUYER_PAY",
            Self::Success => "TRADE_SUCCESS",
            Self::Closed => "TRADE_CLOSED",
        }
    }
}

/// One trade.
#[derive(Debug, Clone)]
pub(crate) struct Trade {
    pub seller_id: String,
    pub out_trade_no: String,
    pub trade_no: String,
    pub app_id: String,
    /// `JSAPI_PAY`, `QUICK_WAP_WAY`, `FACE_TO_FACE_PAYMENT` (scanned) or `BAR_CODE`.
    pub product: String,
    /// The order call's `biz_content`: repeats must be the same.
    pub content: Value,
    pub notify_url: String,
    pub total_fen: i64,
    /// By name.
    pub buyer: String,
    pub created_at_ms: i64,
    /// Last moment to pay.
    pub expires_at_ms: i64,
    pub closed_at_ms: Option<i64>,
    pub paid_at_ms: Option<i64>,
    /// Until then queries and closes behave as if it were unpaid (a fault), UTC ms.
    pub seen_from_ms: i64,
    pub refunded_fen: i64,
}

const COLUMNS: &str = "seller_id, out_trade_no, trade_no, app_id, product, content, notify_url, total_fen, buyer,
    created_at_ms, expires_at_ms, closed_at_ms, paid_at_ms, seen_from_ms,
    COALESCE((SELECT SUM(fen) FROM alipay_refund WHERE alipay_refund.trade_no = alipay_trade.trade_no), 0)";

impl Trade {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let content: String = row.get(5)?;
        Ok(Self {
            seller_id: row.get(0)?,
            out_trade_no: row.get(1)?,
            trade_no: row.get(2)?,
            app_id: row.get(3)?,
            product: row.get(4)?,
            content: serde_json::from_str(&content).unwrap_or_default(),
            notify_url: row.get(6)?,
            total_fen: row.get(7)?,
            buyer: row.get(8)?,
            created_at_ms: row.get(9)?,
            expires_at_ms: row.get(10)?,
            closed_at_ms: row.get(11)?,
            paid_at_ms: row.get(12)?,
            seen_from_ms: row.get(13)?,
            refunded_fen: row.get(14)?,
        })
    }

    /// Paid, and no longer hidden.
    pub fn paid_ms(&self, now_ms: i64) -> Option<i64> {
        self.paid_at_ms.filter(|_| now_ms >= self.seen_from_ms)
    }

    /// Where it stands at `now_ms`.
    pub fn standing(&self, now_ms: i64) -> Standing {
        if self.paid_ms(now_ms).is_some() {
            if self.refunded_fen == self.total_fen { Standing::Closed } else { Standing::Success }
        } else if self.closed_at_ms.is_some() || now_ms >= self.expires_at_ms {
            Standing::Closed
        } else {
            Standing::Waiting
        }
    }

    /// Who a fault about it would strike.
    pub fn subject(&self, now_ms: i64) -> Subject {
        Subject { provider: Provider::Alipay, number: self.out_trade_no.clone(), fen: self.total_fen, now_ms }
    }

    /// A new number of Alipay's: 28 digits, the day first.
    pub fn number(now_ms: i64) -> String {
        format!("{}2200{}", beijing(now_ms, "%Y%m%d"), random::digits(16))
    }

    /// What a query says of it.
    pub fn object(&self, buyer: &Person, now_ms: i64) -> Value {
        let mut object = json!({
            "trade_no": self.trade_no,
            "out_trade_no": self.out_trade_no,
            "trade_status": self.standing(now_ms).word(),
            "total_amount": yuan(self.total_fen),
            "buyer_logon_id": buyer.logon_id(),
            "point_amount": "0.00",
            "invoice_amount": "0.00",
            "buyer_pay_amount": "0.00",
            "receipt_amount": "0.00",
        });
        object["buyer_user_type"] = json!("PRIVATE");
        let (name, number) = buyer_as(&self.app_id, buyer, "buyer_user_id");
        object[name] = json!(number);
        if let Some(paid_at_ms) = self.paid_ms(now_ms) {
            object["send_pay_date"] = json!(beijing(paid_at_ms, "%Y-%m-%d %H:%M:%S"));
            for name in ["buyer_pay_amount", "receipt_amount", "invoice_amount"] {
                object[name] = json!(yuan(self.total_fen));
            }
            object["fund_bill_list"] = json!([{ "fund_channel": "ALIPAYACCOUNT", "amount": yuan(self.total_fen) }]);
        }
        object
    }

    /// What the call that made it answers.
    pub fn made(&self) -> Value {
        Value::Object(Map::from_iter([
            ("trade_no".to_owned(), json!(self.trade_no)),
            ("out_trade_no".to_owned(), json!(self.out_trade_no)),
        ]))
    }

    /// Writes down a new trade.
    pub fn insert(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        tx.prepare_cached(
            "INSERT INTO alipay_trade (seller_id, out_trade_no, trade_no, app_id, product, content, notify_url,
                 total_fen, buyer, created_at_ms, expires_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?
        .execute(params![
            self.seller_id,
            self.out_trade_no,
            self.trade_no,
            self.app_id,
            self.product,
            self.content.to_string(),
            self.notify_url,
            self.total_fen,
            self.buyer,
            self.created_at_ms,
            self.expires_at_ms
        ])?;
        Ok(())
    }

    /// Writes down that it was paid or closed.
    pub fn store(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        tx.prepare_cached(
            "UPDATE alipay_trade SET closed_at_ms = ?2, paid_at_ms = ?3, seen_from_ms = ?4 WHERE trade_no = ?1",
        )?
        .execute(params![self.trade_no, self.closed_at_ms, self.paid_at_ms, self.seen_from_ms])?;
        Ok(())
    }
}

/// How an application knows a buyer: by `open_id`, or the older kind by `user_id` under the name `old`.
pub(crate) fn buyer_as<'a>(app_id: &str, buyer: &'a Person, old: &'static str) -> (&'static str, &'a str) {
    if app_id == USER_ID_APP_ID { (old, &buyer.user_id) } else { ("buyer_open_id", &buyer.open_id) }
}

/// The trade of a seller with its own number.
///
/// # Errors
/// When the state file fails.
pub(crate) fn by_out_trade_no(connection: &Connection, seller: &str, number: &str) -> rusqlite::Result<Option<Trade>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM alipay_trade WHERE seller_id = ?1 AND out_trade_no = ?2"))?
        .query_row([seller, number], Trade::from_row)
        .optional()
}

/// The trade with Alipay's number.
///
/// # Errors
/// When the state file fails.
pub(crate) fn by_trade_no(connection: &Connection, trade_no: &str) -> rusqlite::Result<Option<Trade>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM alipay_trade WHERE trade_no = ?1"))?
        .query_row([trade_no], Trade::from_row)
        .optional()
}

/// The newest trades, at most `limit`.
///
/// # Errors
/// When the state file fails.
pub(crate) fn newest(connection: &Connection, limit: i64) -> rusqlite::Result<Vec<Trade>> {
    connection
        .prepare_cached(&format!(
            "SELECT {COLUMNS} FROM alipay_trade ORDER BY created_at_ms DESC, rowid DESC LIMIT ?1"
        ))?
        .query_map([limit], Trade::from_row)?
        .collect()
}

/// Any trade with the customer's number, whoever sells: numbers of one customer do not collide.
///
/// # Errors
/// When the state file fails.
pub(crate) fn by_number(connection: &Connection, number: &str) -> rusqlite::Result<Option<Trade>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM alipay_trade WHERE out_trade_no = ?1 LIMIT 1"))?
        .query_row([number], Trade::from_row)
        .optional()
}
