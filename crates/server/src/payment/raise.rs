//! What needs a person: money and messages that cannot be booked as they are (PRODUCT 6.2, 6.3, 6.6). Written in the
//! transaction of the news, told to the manager of its order, and closed by a person ([`crate::inbox`]).

use db::{Error as DbError, Tx, params};

use super::{Number, sql};
use crate::live;

/// Why it needs a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A success on a closed order.
    Late,
    /// A second success on a paid order.
    Duplicate,
    /// News that does not agree with our own payment.
    Misfit,
    /// News of a number that is none of ours.
    Unmatched,
    /// A refund that was made at the institution without us.
    RefundFound,
    /// News of a refund that does not agree with our own.
    RefundMisfit,
    /// 待资金: the account at the institution has not enough for a refund.
    RefundWaiting,
    /// A refund that came back, because the payer's card is gone.
    RefundAbnormal,
    /// A payer says "不是我要付的" (PRODUCT 4).
    Disputed,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 9] = [
        Kind::Late,
        Kind::Duplicate,
        Kind::Misfit,
        Kind::Unmatched,
        Kind::RefundFound,
        Kind::RefundMisfit,
        Kind::RefundWaiting,
        Kind::RefundAbnormal,
        Kind::Disputed,
    ];

    /// The word in tables and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Kind::Late => "late",
            Kind::Duplicate => "duplicate",
            Kind::Misfit => "misfit",
            Kind::Unmatched => "unmatched",
            Kind::RefundFound => "refund_found",
            Kind::RefundMisfit => "refund_misfit",
            Kind::RefundWaiting => "refund_waiting",
            Kind::RefundAbnormal => "refund_abnormal",
            Kind::Disputed => "disputed",
        }
    }

    /// The kind of a word.
    pub fn of_word(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// One thing for a person.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// A minted id, also the number of the event that tells the manager.
    pub inbox_id: i64,
    /// Why.
    pub kind: Kind,
    /// What makes it one item however often it is told; the kind stands before it.
    pub key: String,
    /// The payment it is about, as far as one is known.
    pub number: Number,
    /// Fen.
    pub amount_fen: i64,
    /// The refund it is about.
    pub refund_id: Option<i64>,
    /// What is known, for people.
    pub detail: &'a str,
    /// Whose order it is, where one is known.
    pub manager_id: Option<i64>,
    /// UTC milliseconds.
    pub now_ms: i64,
}

/// Puts it before a person; false where it was there already.
///
/// # Errors
/// The refusals of the database.
pub async fn raise(tx: &mut Tx<'_>, item: &Item<'_>) -> Result<bool, DbError> {
    let Number { merchant_id, order_id, attempt } = item.number;
    let key = format!("{}:{}", item.kind.word(), item.key);
    let values = params![
        merchant_id,
        item.inbox_id,
        item.kind.word(),
        &key,
        order_id,
        attempt,
        item.amount_fen,
        item.detail,
        item.now_ms,
        item.refund_id
    ];
    let raised = tx.execute(sql::RAISE, values).await? == 1;
    if raised {
        tracing::warn!(kind = item.kind.word(), detail = item.detail, number = %item.number, "something needs a person");
        if let Some(manager_id) = item.manager_id {
            live::tell_attention(tx, item.inbox_id, merchant_id, manager_id, item.inbox_id).await?;
        }
    }
    Ok(raised)
}
