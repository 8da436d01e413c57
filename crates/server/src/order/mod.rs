//! 订单: what is owed. A payment ([`crate::payment`]) is one attempt to collect it.
//!
//! ```text
//!              first attempt lives            success, whoever brings the news
//!   created ─────────────────────► pending ───────────────────────────────────► paid
//!      │                              │
//!      └───────────► closed ◄─────────┘   expired, after the institution was asked    │
//!                                                                                     │ the payment that paid it
//!                                                 partly refunded ◄───────────────────┤ goes back to the payer, a
//!                                                        └──────────► refunded ◄──────┘ part of it or all
//! ```
//!
//! An order moves only forward, each move by one conditional update (PRODUCT 6.1). A success that comes after the
//! close leaves it closed and is booked as a late payment (PRODUCT 6.2); what goes back of a late or a duplicate payment
//! moves its order nowhere.

mod detail;
mod http_admin;
pub mod lifecycle;
mod list;
mod look;
mod place;
mod sql;
#[cfg(test)]
mod tests;
mod timeline;

pub use http_admin::router;
pub use lifecycle::Status;
pub use look::{Looks, look};
pub use place::{Place, Placed, place};
pub use sql::PLACING;

use db::{Error as DbError, Tx, params};

use crate::{
    form::FilledField,
    web::{FieldProblem, Problem, Words},
};

/// The job that closes an order which nobody paid in time. Its key is the order's id.
pub const EXPIRE: &str = "order.expire";

/// The job that asks what became of one of its payments. Its key is the payment's number; the payment room does it.
pub const ASK_PAYMENT: &str = "payment.ask";

/// An order with what is shown around it.
#[derive(Clone, Debug)]
pub struct Order {
    /// Its id, and its number on screen.
    pub order_id: i64,
    /// The secret part of its page's address.
    pub token: String,
    /// Through which code.
    pub code_id: i64,
    /// Under whom.
    pub manager_id: i64,
    /// The manager's name.
    pub manager_name: String,
    /// Under which org unit.
    pub org_unit_id: i64,
    /// What was filled in.
    pub values: Vec<FilledField>,
    /// Its first line on screen.
    pub title: String,
    /// What is owed, fen.
    pub amount_fen: i64,
    /// Where it stands.
    pub status: Status,
    /// When it was paid, UTC milliseconds.
    pub paid_at_ms: Option<i64>,
    /// When it was made, UTC milliseconds.
    pub created_at_ms: i64,
    /// The last moment to pay, UTC milliseconds.
    pub expires_at_ms: i64,
    /// How many attempts were made.
    pub attempts: i64,
    /// The attempt that lives, if one does.
    pub live_attempt: Option<i64>,
    /// The attempt that paid it, if one did.
    pub paid_attempt: Option<i64>,
    /// The company's full registered name.
    pub merchant_full_name: String,
    /// The company's short name.
    pub merchant_short_name: String,
    /// The token of the code it was made through.
    pub code_token: String,
}

/// What goes wrong with orders.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// No code or order under this address.
    #[error("nothing under this address")]
    Unknown,
    /// The code takes no orders any more.
    #[error("the code is over")]
    CodeOver,
    /// The manager was disabled.
    #[error("the manager is disabled")]
    ManagerDisabled,
    /// The merchant has no account to collect to.
    #[error("the merchant has no account at an institution")]
    NoAccount,
    /// What was filled in breaks the form's rules.
    #[error("the form is not filled in")]
    Form(Vec<FieldProblem>),
    /// A stored row cannot be read.
    #[error("a stored order cannot be read")]
    Stored,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Db(e) => e.into(),
            Error::Unknown => Problem::new(Words {
                status: 404,
                code: "code.unknown",
                title: ("没有找到这个收款码或订单", "No such code or order"),
                detail: ("请重新扫码，或向业务经理索取新的收款码。", "Scan again, or ask the manager for a new code."),
            }),
            Error::CodeOver => Problem::new(Words {
                status: 410,
                code: "code.expired",
                title: ("收款码已失效", "The code is over"),
                detail: ("请向业务经理索取新的收款码。", "Ask the manager for a new code."),
            }),
            Error::ManagerDisabled => Problem::new(Words {
                status: 403,
                code: "manager.disabled",
                title: ("该业务经理已停止收款", "This manager no longer collects"),
                detail: ("请联系收款企业。", "Contact the company."),
            }),
            Error::NoAccount => Problem::new(Words {
                status: 503,
                code: "channel.unavailable",
                title: ("收款企业暂未开通收款", "The company cannot collect yet"),
                detail: ("请联系收款企业。", "Contact the company."),
            }),
            Error::Form(errors) => Problem::new(Words {
                status: 422,
                code: "form.invalid",
                title: ("有内容需要修改", "Some fields need attention"),
                detail: (
                    "请按提示修改后重新提交，已填写的内容不会丢失。",
                    "Correct the fields marked; nothing typed is lost.",
                ),
            })
            .with_errors(errors),
            Error::Stored => Problem::internal(),
        }
    }
}

/// The order of an id.
///
/// # Errors
/// The refusals of the database, or [`Error::Stored`].
pub async fn get(tx: &mut Tx<'_>, merchant_id: i64, order_id: i64) -> Result<Option<Order>, Error> {
    tx.query_opt(sql::GET, params![merchant_id, order_id]).await?.map(|row| read(&row)).transpose()
}

/// The order of a page's address.
///
/// # Errors
/// As [`get`].
pub async fn find(tx: &mut Tx<'_>, merchant_id: i64, token: &str) -> Result<Option<Order>, Error> {
    let Some(order_id) = order_of_token(token) else { return Ok(None) };
    let order = get(tx, merchant_id, order_id).await?;
    Ok(order.filter(|order| order.token == token))
}

/// `o<merchant>-<id in base 36>x<secret>`: the id leads to the row, the secret proves that its payer is asking.
fn token_of(merchant_id: i64, order_id: i64, secret: &str) -> String {
    let mut digits = Vec::new();
    let mut rest = order_id.unsigned_abs();
    while rest > 0 {
        digits.push(char::from_digit((rest % 36) as u32, 36).unwrap_or('0'));
        rest /= 36;
    }
    let id: String = digits.iter().rev().collect();
    format!("o{merchant_id}-{:0>13}{secret}", id)
}

fn order_of_token(token: &str) -> Option<i64> {
    let (_, rest) = token.split_once('-')?;
    i64::from_str_radix(rest.get(..13)?, 36).ok()
}

fn read(row: &db::Row) -> Result<Order, Error> {
    let status: String = row.get(9)?;
    Ok(Order {
        order_id: row.get(0)?,
        token: row.get(1)?,
        code_id: row.get(2)?,
        manager_id: row.get(3)?,
        manager_name: row.get(4)?,
        org_unit_id: row.get(5)?,
        values: serde_json::from_str(&row.get::<String>(6)?).map_err(|_| Error::Stored)?,
        title: row.get(7)?,
        amount_fen: row.get(8)?,
        status: Status::of_word(&status).ok_or(Error::Stored)?,
        paid_at_ms: row.get(10)?,
        created_at_ms: row.get(11)?,
        expires_at_ms: row.get(12)?,
        attempts: row.get(13)?,
        live_attempt: row.get(14)?,
        merchant_full_name: row.get(15)?,
        merchant_short_name: row.get(16)?,
        code_token: row.get(17)?,
        paid_attempt: row.get(18)?,
    })
}

/// Gives an open order its next attempt; false where one lives already or the order is no longer open.
///
/// # Errors
/// The refusals of the database.
pub async fn begin_attempt(tx: &mut Tx<'_>, merchant_id: i64, order: &Order) -> Result<bool, DbError> {
    Ok(tx.execute(sql::BEGIN_ATTEMPT, params![merchant_id, order.order_id, order.attempts]).await? == 1)
}

/// Takes the order's row for the rest of the transaction, whatever its status. Whoever touches an order and its
/// attempts takes the order first, so that two nodes never wait for each other crosswise.
///
/// # Errors
/// The refusals of the database.
pub async fn lock(tx: &mut Tx<'_>, merchant_id: i64, order_id: i64) -> Result<(), DbError> {
    tx.execute(sql::LOCK, params![merchant_id, order_id]).await.map(drop)
}

/// An attempt lives at the institution: created → pending.
///
/// # Errors
/// The refusals of the database.
pub async fn mark_pending(tx: &mut Tx<'_>, merchant_id: i64, order_id: i64) -> Result<(), DbError> {
    tx.execute(sql::MARK_PENDING, params![merchant_id, order_id]).await.map(drop)
}

/// The live attempt ended without payment: the order may have another.
///
/// # Errors
/// The refusals of the database.
pub async fn end_attempt(tx: &mut Tx<'_>, merchant_id: i64, order_id: i64, attempt: i64) -> Result<(), DbError> {
    tx.execute(sql::END_ATTEMPT, params![merchant_id, order_id, attempt]).await.map(drop)
}

/// The payer has `amount_fen` back of the payment that paid the order: paid → partly refunded → refunded. False: this
/// attempt did not pay it, or there is not so much left.
///
/// # Errors
/// The refusals of the database.
pub async fn give_back(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    order_id: i64,
    attempt: i64,
    amount_fen: i64,
) -> Result<bool, DbError> {
    Ok(tx.execute(sql::GIVE_BACK, params![merchant_id, order_id, attempt, amount_fen]).await? == 1)
}

/// created or pending → closed, where no attempt lives. False: it is not to be closed (any more).
///
/// # Errors
/// The refusals of the database.
pub async fn close(tx: &mut Tx<'_>, merchant_id: i64, order_id: i64, now_ms: i64) -> Result<bool, DbError> {
    Ok(tx.execute(sql::CLOSE, params![merchant_id, order_id, now_ms]).await? == 1)
}
