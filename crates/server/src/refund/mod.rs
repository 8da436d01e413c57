//! 退款: money back to the payer, the original way only (PRODUCT 6.6). A refund belongs to a payment, whether that paid
//! its order, came late or was a duplicate.
//!
//! ```text
//!              another person           no answer: sent again, same number
//!  requested ─────────────────► approved ◄────► unknown
//!   │    (below the limit at once) │  │            │
//!   │                              │  └─ 待资金 ─► not_enough ─ sent again, same number ─┐
//!   ▼                              ▼                                                     ▼
//!  declined                     processing ───────────────────────────────────────► succeeded
//!                               │   │  │                                                 ▲
//!   refused, closed ◄───────────┘   │  └─ the card is gone ─► abnormal ─┬─► redirecting ─┤ to the merchant's own account
//!   (nothing moved)                 │                            ▲      │       │        │
//!                                   │                            └──────┼───────┘        │ a second person
//!                                   │        past the refund year ─► outside ────────────┘ confirms
//! ```
//!
//! All above `declined`, `refused`, `closed` and `succeeded` is **reserved**: taken off what may still be refunded, in the
//! transaction of the request, by one conditional update, before anybody is asked. A time-out is `unknown` and releases
//! nothing (PRODUCT 6.5). Answers, queries and callbacks all go through [`settle`]; they may come before the answer, twice
//! and out of order. What moves is told to the manager's screen in the same transaction (PRODUCT 6.7).

mod act;
mod ask;
mod decide;
mod found;
mod http_admin;
mod http_manager;
pub mod lifecycle;
mod list;
mod number;
mod request;
mod settle;
mod sql;
#[cfg(test)]
mod tests;
mod view;

pub use ask::ask_job;
pub use lifecycle::{Money, Status};
pub use list::{of_order, seen, to_approve};
pub use number::RefundNumber;
pub use request::{Asker, Request, Sees, request};
pub use settle::{Settled, settle};
pub use view::{RefundShown, RefundView};

use db::{Error as DbError, Row, Tx, params};
use money::Amount;

use crate::{
    App, live, order, payment,
    payment::Number,
    web::{ApiRouter, FieldProblem, Problem, Words},
};

/// The job that asks the institution for a refund and what became of it. Its key is the `out_refund_no`.
pub const ASK: &str = "refund.ask";
/// Longest reason or remark, in characters.
const MAX_WORDS: usize = 80;

/// The routes.
pub fn router() -> ApiRouter {
    http_admin::router().merge(http_manager::router())
}

/// One refund with what stands around it.
#[derive(Clone, Debug)]
pub struct Refund {
    /// Its id.
    pub refund_id: i64,
    /// The payment that goes back.
    pub payment: Number,
    /// Our number of it at the institution, or theirs where it was found there.
    pub out_refund_no: String,
    /// `channel`, `outside` or `found`.
    pub kind: String,
    /// What goes back, fen.
    pub amount_fen: i64,
    /// Where it stands.
    pub status: Status,
    /// What the payer reads.
    pub reason: String,
    /// Whether another person had to approve it.
    pub needs_approval: bool,
    /// Who asked for it and when.
    pub asked: Act,
    /// Who decided, what and when.
    pub decided: Option<Act>,
    /// Who said where one that came back goes: to the merchant's own account, or that it was settled outside.
    pub outside: Option<Act>,
    /// How often the institution was asked.
    pub asks: i64,
    /// When the institution took the redirection.
    pub redirect_known_at_ms: Option<i64>,
    /// Their number of it.
    pub institution_refund_id: Option<String>,
    /// Their words for where it went.
    pub received_account: Option<String>,
    /// When the payer had it, UTC milliseconds.
    pub success_at_ms: Option<i64>,
    /// Their words, where it does not go on.
    pub note: Option<String>,
    /// When it moved last, UTC milliseconds.
    pub updated_at_ms: i64,
    /// What is known of the payment.
    pub of: OfPayment,
    /// The order's manager.
    pub manager_id: i64,
    /// The order's org unit.
    pub org_unit_id: i64,
    /// The order's first line on screen.
    pub title: String,
    /// The manager's name.
    pub manager_name: String,
    /// At which institution.
    pub channel: String,
}

/// What a person did, and in which words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// `admin:<id>`, `manager:<id>` or `institution`.
    pub by: String,
    /// The name.
    pub name: String,
    /// UTC milliseconds.
    pub at_ms: i64,
    /// The words.
    pub words: String,
}

/// The payment of a refund, as far as both must agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfPayment {
    /// Our number of the payment.
    pub out_trade_no: String,
    /// Theirs.
    pub transaction_id: String,
    /// What was paid, fen.
    pub amount_fen: i64,
    /// When, UTC milliseconds.
    pub success_at_ms: i64,
    /// Through which provider.
    pub provider_key: String,
    /// To whose account.
    pub sub_mchid: String,
    /// `order`, `late` or `duplicate`.
    pub booked: String,
}

/// What goes wrong with refunds.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The payment.
    #[error(transparent)]
    Payment(#[from] payment::Error),
    /// Nothing under this id, or nothing that this person may see.
    #[error("nothing under this id")]
    Unknown,
    /// The payment is not paid.
    #[error("there is no money to give back")]
    NotPaid,
    /// More than is left.
    #[error("only {left_fen} fen are left")]
    TooMuch {
        /// Fen.
        left_fen: i64,
    },
    /// The institution takes no refund a year after the payment.
    #[error("the refund year is over")]
    YearOver,
    /// Settled outside is for what the institution cannot give back any more.
    #[error("the institution can still give it back")]
    StillPossible,
    /// What it was to deal with was dealt with before.
    #[error("the item is closed")]
    ItemClosed,
    /// Whoever asked does not approve.
    #[error("the requester may not decide")]
    OwnRequest,
    /// It stands where this cannot be done.
    #[error("the refund is {0:?}")]
    Moved(Status),
    /// A field is not as it must be.
    #[error("a field was not taken")]
    Fields(Vec<FieldProblem>),
    /// A stored row cannot be read.
    #[error("a stored refund cannot be read")]
    Stored,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let words = match error {
            Error::Db(e) => return e.into(),
            Error::Payment(e) => return e.into(),
            Error::Unknown => return Problem::not_found(),
            Error::Fields(errors) => return Problem::fields(errors),
            Error::Stored => return Problem::internal(),
            Error::TooMuch { left_fen } => {
                let left = Amount::from_fen(left_fen);
                let (zh, en) = (format!("最多还能退 {left} 元"), format!("At most {left} yuan can be refunded"));
                return Problem::fields(vec![FieldProblem::new("amount_fen", "refund.too_much", zh, en)]);
            }
            Error::NotPaid => NOT_PAID,
            Error::YearOver => YEAR_OVER,
            Error::StillPossible => STILL_POSSIBLE,
            Error::ItemClosed => ITEM_CLOSED,
            Error::OwnRequest => OWN_REQUEST,
            Error::Moved(_) => MOVED,
        };
        Problem::new(words)
    }
}

const NOT_PAID: Words = Words {
    status: 409,
    code: "refund.not_paid",
    title: ("这笔支付没有收到款", "Nothing was received with this payment"),
    detail: ("只有已收到的款项可以退。", "Only money that came can be refunded."),
};
const YEAR_OVER: Words = Words {
    status: 409,
    code: "refund.year_over",
    title: ("支付已超过 365 天", "The payment is more than 365 days old"),
    detail: (
        "支付机构不再受理。请线下退给付款人，再由两个人登记为线下退款。",
        "The institution takes no refund of it. Pay the payer back by other means, then record it by two persons.",
    ),
};
const STILL_POSSIBLE: Words = Words {
    status: 409,
    code: "refund.still_possible",
    title: ("还可以原路退款", "It can still be refunded the original way"),
    detail: ("支付 365 天内只能原路退款。", "Within 365 days money goes back the original way only."),
};
const OWN_REQUEST: Words = Words {
    status: 403,
    code: "refund.own_request",
    title: ("不能审批自己提交的退款", "Nobody decides on his own request"),
    detail: ("请另一位有退款审批权限的同事处理。", "Ask a colleague who may approve refunds."),
};
const ITEM_CLOSED: Words = Words {
    status: 409,
    code: "inbox.closed",
    title: ("这一条已经处理", "This was dealt with before"),
    detail: ("请刷新后查看是谁、如何处理的。", "Refresh to see who did what."),
};
const MOVED: Words = Words {
    status: 409,
    code: "refund.moved",
    title: ("退款的状态已经变化", "The refund has moved on"),
    detail: ("请刷新后查看最新状态。", "Refresh to see where it stands now."),
};

/// Reads a refund by our number (or theirs, where it was found).
pub(crate) async fn by_number(tx: &mut Tx<'_>, merchant_id: i64, out_refund_no: &str) -> Result<Option<Refund>, Error> {
    tx.query_opt(sql::BY_NUMBER, params![merchant_id, out_refund_no])
        .await?
        .map(|row| read(&row, merchant_id))
        .transpose()
}

/// Reads a refund by its id.
pub(crate) async fn by_id(tx: &mut Tx<'_>, merchant_id: i64, refund_id: i64) -> Result<Option<Refund>, Error> {
    tx.query_opt(sql::BY_ID, params![merchant_id, refund_id]).await?.map(|row| read(&row, merchant_id)).transpose()
}

fn act(row: &Row, at: usize) -> Result<Option<Act>, DbError> {
    let (by, name, at_ms): (Option<String>, Option<String>, Option<i64>) =
        (row.get(at)?, row.get(at + 1)?, row.get(at + 2)?);
    let words = row.get::<Option<String>>(at + 3)?.unwrap_or_default();
    Ok(by.zip(at_ms).map(|(by, at_ms)| Act { by, name: name.unwrap_or_default(), at_ms, words }))
}

fn read(row: &Row, merchant_id: i64) -> Result<Refund, Error> {
    let reason: String = row.get(7)?;
    Ok(Refund {
        refund_id: row.get(0)?,
        payment: Number { merchant_id, order_id: row.get(1)?, attempt: row.get(2)? },
        out_refund_no: row.get(3)?,
        kind: row.get(4)?,
        amount_fen: row.get(5)?,
        status: Status::of_word(&row.get::<String>(6)?).ok_or(Error::Stored)?,
        needs_approval: row.get::<i64>(8)? == 1,
        asked: Act { by: row.get(9)?, name: row.get(10)?, at_ms: row.get(11)?, words: reason.clone() },
        reason,
        decided: act(row, 12)?,
        outside: act(row, 16)?,
        asks: row.get(20)?,
        redirect_known_at_ms: row.get(21)?,
        institution_refund_id: row.get(22)?,
        received_account: row.get(23)?,
        success_at_ms: row.get(24)?,
        note: row.get(25)?,
        updated_at_ms: row.get(26)?,
        of: OfPayment {
            out_trade_no: row.get(27)?,
            transaction_id: row.get::<Option<String>>(28)?.unwrap_or_default(),
            amount_fen: row.get(29)?,
            success_at_ms: row.get::<Option<i64>>(30)?.unwrap_or_default(),
            provider_key: row.get(31)?,
            sub_mchid: row.get(32)?,
            booked: row.get::<Option<String>>(33)?.unwrap_or_default(),
        },
        manager_id: row.get(34)?,
        org_unit_id: row.get(35)?,
        title: row.get(36)?,
        manager_name: row.get(37)?,
        channel: row.get(38)?,
    })
}

/// Text that a person or an institution wrote, as it may be stored: no NUL, and not endless.
pub(crate) fn stored_words(text: &str) -> String {
    text.trim().chars().filter(|c| *c != '\0').take(300).collect()
}

/// A reason or remark that a person must give.
pub(crate) fn checked_words(field: &str, text: &str) -> Result<String, Error> {
    let text = stored_words(text);
    let refuse = |code, zh: &str, en: &str| Error::Fields(vec![FieldProblem::new(field, code, zh, en)]);
    match text.chars().count() {
        0 => Err(refuse("words.missing", "请填写说明", "Say why")),
        1..=MAX_WORDS => Ok(text),
        _ => Err(refuse("words.too_long", "最多 80 个字", "At most 80 characters")),
    }
}

/// What every transaction about a refund brings along.
#[derive(Clone, Copy, Debug)]
struct Minted {
    /// Numbers the event that tells the manager.
    event: i64,
    /// Numbers the item before a person, the kept callback, the found refund.
    inbox: i64,
    /// The same for one that does not go on by itself: both may be raised at once.
    stuck: i64,
    callback: i64,
    refund: i64,
    now_ms: i64,
}

impl Minted {
    fn new(app: &App) -> Minted {
        Minted {
            event: app.ids.mint(),
            inbox: app.ids.mint(),
            stuck: app.ids.mint(),
            callback: app.ids.mint(),
            refund: app.ids.mint(),
            now_ms: app.clock.now_ms(),
        }
    }
}

/// Tells the manager's screen that a refund moved.
async fn tell(tx: &mut Tx<'_>, refund: &Refund, minted: Minted) -> Result<(), DbError> {
    live::tell_refund(tx, minted.event, refund.payment.merchant_id, refund.manager_id, refund.refund_id).await
}

/// Sets money aside, or says how much is left.
async fn reserve(tx: &mut Tx<'_>, of: Number, amount_fen: i64) -> Result<bool, DbError> {
    let values = params![of.merchant_id, of.order_id, of.attempt, amount_fen];
    Ok(tx.execute(sql::RESERVE, values).await? == 1)
}

/// Frees what was set aside.
async fn release(tx: &mut Tx<'_>, refund: &Refund) -> Result<(), DbError> {
    let Number { merchant_id, order_id, attempt } = refund.payment;
    once(tx.execute(sql::RELEASE, params![merchant_id, order_id, attempt, refund.amount_fen]).await?)
}

/// What was set aside went to the payer: the payment, its order, and what stood before a person because of it.
async fn give_back(tx: &mut Tx<'_>, refund: &Refund, minted: Minted) -> Result<(), DbError> {
    let Number { merchant_id, order_id, attempt } = refund.payment;
    once(tx.execute(sql::GIVE_BACK, params![merchant_id, order_id, attempt, refund.amount_fen]).await?)?;
    if refund.of.booked == "order" {
        let moved = order::give_back(tx, merchant_id, order_id, attempt, refund.amount_fen).await?;
        once(u64::from(moved))?;
    }
    let values =
        params![merchant_id, order_id, attempt, &refund.asked.by, &refund.asked.name, minted.now_ms, refund.refund_id];
    tx.execute(sql::MONEY_WENT_BACK, values).await.map(drop)
}

/// What must have changed one row, for its order's row is held; anything else is a defect and undoes the transaction.
fn once(changed: u64) -> Result<(), DbError> {
    if changed == 1 { Ok(()) } else { Err(DbError::NoRow) }
}
