//! An order as the institution knows it, its states and its place in the state file.

use rusqlite::{Connection, OptionalExtension as _, Row, Transaction, params};
use serde_json::{Value, json};

use crate::clock::{beijing, rfc3339};
use crate::institution::SP_MCHID;
use crate::random;

/// Unpaid orders close by themselves after this long, ms (PROTOCOLS 1.6).
pub(crate) const UNPAID_LIFE_MS: i64 = 7 * 24 * 3_600_000;

/// How the payer comes to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TradeType {
    Jsapi,
    H5,
    Native,
    /// The payer showed a code.
    Code,
}

impl TradeType {
    /// The word in orders and callbacks.
    pub fn word(self) -> &'static str {
        match self {
            Self::Jsapi => "JSAPI",
            Self::H5 => "MWEB",
            Self::Native => "NATIVE",
            Self::Code => "MICROPAY",
        }
    }

    /// In Chinese, for pages.
    pub fn chinese(self) -> &'static str {
        match self {
            Self::Jsapi => "微信内支付",
            Self::H5 => "手机浏览器支付",
            Self::Native => "扫码支付",
            Self::Code => "付款码支付",
        }
    }

    fn from_word(word: &str) -> Self {
        match word {
            "JSAPI" => Self::Jsapi,
            "MWEB" => Self::H5,
            "MICROPAY" => Self::Code,
            _ => Self::Native,
        }
    }

    /// What a credential for it is called and how long it lives, ms.
    pub fn credential(self) -> (&'static str, i64) {
        match self {
            Self::Jsapi => ("prepay_id", 2 * 3_600_000),
            Self::H5 => ("h5", 5 * 60_000),
            Self::Native | Self::Code => ("pr", 2 * 3_600_000),
        }
    }
}

/// Where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    NotPay,
    /// By code, and the payer has not given the password yet.
    UserPaying,
    Success,
    /// Paid, and a refund was asked for.
    Refund,
    Closed,
    /// By code, and taken back.
    Revoked,
}

impl Standing {
    pub fn word(self) -> &'static str {
        match self {
            Self::NotPay => "NOTPAY",
            Self::UserPaying => "USERPAYING",
            Self::Success => "SUCCESS",
            Self::Refund => "REFUND",
            Self::Closed => "CLOSED",
            Self::Revoked => "REVOKED",
        }
    }

    pub fn chinese(self) -> &'static str {
        match self {
            Self::NotPay => "订单未支付",
            Self::UserPaying => "用户支付中，需要输入密码",
            Self::Success => "支付成功",
            Self::Refund => "转入退款",
            Self::Closed => "订单已关闭",
            Self::Revoked => "订单已撤销",
        }
    }
}

/// How and when an order was paid.
#[derive(Debug, Clone)]
pub(crate) struct Paid {
    pub transaction_id: String,
    pub at_ms: i64,
    pub by: String,
}

/// One order.
#[derive(Debug, Clone)]
pub(crate) struct Order {
    pub out_trade_no: String,
    pub sub_mchid: String,
    pub trade_type: TradeType,
    /// The order call's body as received: repeats must be the same.
    pub body: Value,
    pub created_at_ms: i64,
    /// Last moment to pay.
    pub expires_at_ms: i64,
    state: String,
    pub paid: Option<Paid>,
    /// Until then queries and closes behave as if it were unpaid (a fault), UTC ms.
    pub seen_from_ms: i64,
    refund_asked: bool,
}

const COLUMNS: &str = "out_trade_no, sub_mchid, trade_type, body, created_at_ms, expires_at_ms, state, transaction_id,
    paid_at_ms, paid_by, seen_from_ms,
    EXISTS (SELECT 1 FROM refund WHERE refund.out_trade_no = pay_order.out_trade_no)";

impl Order {
    /// A new unpaid order; nothing is stored yet.
    pub fn new(out_trade_no: &str, sub_mchid: &str, trade_type: TradeType, body: Value, at_ms: (i64, i64)) -> Self {
        Self {
            out_trade_no: out_trade_no.to_owned(),
            sub_mchid: sub_mchid.to_owned(),
            trade_type,
            body,
            created_at_ms: at_ms.0,
            expires_at_ms: at_ms.1,
            state: "OPEN".to_owned(),
            paid: None,
            seen_from_ms: 0,
            refund_asked: false,
        }
    }

    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        let body: String = row.get(3)?;
        let state: String = row.get(6)?;
        let transaction_id: Option<String> = row.get(7)?;
        let (paid_at_ms, paid_by): (Option<i64>, Option<String>) = (row.get(8)?, row.get(9)?);
        let paid = transaction_id.map(|transaction_id| Paid {
            transaction_id,
            at_ms: paid_at_ms.unwrap_or_default(),
            by: paid_by.unwrap_or_default(),
        });
        Ok(Self {
            out_trade_no: row.get(0)?,
            sub_mchid: row.get(1)?,
            trade_type: TradeType::from_word(&row.get::<_, String>(2)?),
            body: serde_json::from_str(&body).unwrap_or_default(),
            created_at_ms: row.get(4)?,
            expires_at_ms: row.get(5)?,
            state,
            paid,
            seen_from_ms: row.get(10)?,
            refund_asked: row.get(11)?,
        })
    }

    /// Where it stands at `now_ms`.
    pub fn standing(&self, now_ms: i64) -> Standing {
        if self.state == "REVOKED" {
            Standing::Revoked
        } else if self.paid.is_some() && now_ms >= self.seen_from_ms {
            if self.refund_asked { Standing::Refund } else { Standing::Success }
        } else if self.state == "CLOSED" || now_ms >= self.created_at_ms + UNPAID_LIFE_MS {
            Standing::Closed
        } else if self.trade_type == TradeType::Code {
            Standing::UserPaying
        } else {
            Standing::NotPay
        }
    }

    /// What is to be paid.
    pub fn amount_fen(&self) -> i64 {
        self.body["amount"]["total"].as_i64().unwrap_or_default()
    }

    /// A text of the order call, empty when it was not given.
    pub fn text(&self, name: &str) -> &str {
        self.body[name].as_str().unwrap_or_default()
    }

    /// The openid that ordered (JSAPI only).
    pub fn ordered_by(&self) -> Option<&str> {
        let payer = &self.body["payer"];
        payer["sp_openid"].as_str().or_else(|| payer["sub_openid"].as_str())
    }

    /// The order object of queries and callbacks (PROTOCOLS 1.4).
    pub fn object(&self, now_ms: i64) -> Value {
        let standing = self.standing(now_ms);
        let mut object = json!({
            "sp_appid": self.text("sp_appid"),
            "sp_mchid": SP_MCHID,
            "sub_mchid": self.sub_mchid,
            "out_trade_no": self.out_trade_no,
            "trade_state": standing.word(),
            "trade_state_desc": standing.chinese(),
            "amount": { "total": self.amount_fen(), "currency": "CNY", "payer_currency": "CNY" },
            "payer": {},
        });
        let sub_appid = self.text("sub_appid");
        if !sub_appid.is_empty() {
            object["sub_appid"] = json!(sub_appid);
        }
        if let Some(paid) = self.paid.as_ref().filter(|_| now_ms >= self.seen_from_ms) {
            object["transaction_id"] = json!(paid.transaction_id);
            object["trade_type"] = json!(self.trade_type.word());
            object["bank_type"] = json!("OTHERS");
            object["attach"] = json!(self.text("attach"));
            object["success_time"] = json!(rfc3339(paid.at_ms));
            object["amount"]["payer_total"] = json!(self.amount_fen());
            object["payer"] = json!({ "sp_openid": paid.by });
            if !sub_appid.is_empty() {
                object["payer"]["sub_openid"] = json!(paid.by);
            }
        }
        object
    }

    /// True when a success may be told: it was paid and is no longer hidden.
    pub fn is_paid(&self, now_ms: i64) -> bool {
        matches!(self.standing(now_ms), Standing::Success | Standing::Refund)
    }

    /// Marks it paid by `openid` in memory; [`Order::store_paid`] writes it down.
    pub fn pay(&mut self, openid: &str, now_ms: i64) {
        let transaction_id = format!("4200002{}{}", beijing(now_ms, "%Y%m%d"), random::digits(13));
        self.paid = Some(Paid { transaction_id, at_ms: now_ms, by: openid.to_owned() });
    }

    /// Writes down a new order.
    pub fn insert(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        tx.prepare_cached(
            "INSERT INTO pay_order (out_trade_no, sub_mchid, trade_type, body, created_at_ms, expires_at_ms, state)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'OPEN')",
        )?
        .execute(params![
            self.out_trade_no,
            self.sub_mchid,
            self.trade_type.word(),
            self.body.to_string(),
            self.created_at_ms,
            self.expires_at_ms
        ])?;
        Ok(())
    }

    /// Writes down that it was paid.
    pub fn store_paid(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        if let Some(paid) = &self.paid {
            tx.execute(
                "UPDATE pay_order SET state = 'PAID', transaction_id = ?2, paid_at_ms = ?3, paid_by = ?4,
                     seen_from_ms = ?5 WHERE out_trade_no = ?1",
                params![self.out_trade_no, paid.transaction_id, paid.at_ms, paid.by, self.seen_from_ms],
            )?;
        }
        Ok(())
    }

    /// Writes down that it was taken back.
    pub fn revoke(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        tx.execute("UPDATE pay_order SET state = 'REVOKED' WHERE out_trade_no = ?1", [&self.out_trade_no])?;
        Ok(())
    }

    /// Writes down that it was closed.
    pub fn close(&self, tx: &Transaction<'_>) -> rusqlite::Result<()> {
        tx.execute("UPDATE pay_order SET state = 'CLOSED' WHERE out_trade_no = ?1", [&self.out_trade_no])?;
        Ok(())
    }
}

/// The order with this number.
pub(crate) fn by_out_trade_no(connection: &Connection, out_trade_no: &str) -> rusqlite::Result<Option<Order>> {
    one(connection, "out_trade_no", out_trade_no)
}

/// The paid order with this number.
pub(crate) fn by_transaction_id(connection: &Connection, transaction_id: &str) -> rusqlite::Result<Option<Order>> {
    one(connection, "transaction_id", transaction_id)
}

fn one(connection: &Connection, column: &str, value: &str) -> rusqlite::Result<Option<Order>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM pay_order WHERE {column} = ?1"))?
        .query_row([value], Order::from_row)
        .optional()
}

/// The newest orders, at most `limit`.
pub(crate) fn newest(connection: &Connection, limit: i64) -> rusqlite::Result<Vec<Order>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM pay_order ORDER BY created_at_ms DESC, rowid DESC LIMIT ?1"))?
        .query_map([limit], Order::from_row)?
        .collect()
}
