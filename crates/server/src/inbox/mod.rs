//! 待处理: money and messages that need a person (PRODUCT 6.2, 6.3, 6.6). [`crate::payment::raise`] puts them here; a person
//! closes them, or the refund that was stuck gets through by itself.
//!
//! ```text
//!                claim: the company keeps late or duplicate money; it gets its record, the order stays as it is
//!         ┌────► refund: all of it goes back; closes when the payer has it
//!   open ─┼────► explain: closed in words, where it was settled elsewhere or is a mistake ────► closed
//!         └────► by itself: the refund that waited for money or came back got through
//! ```
//!
//! Each act writes the audit log and the order's time line, and tells the manager, in one transaction.

mod act;
mod http_admin;
mod http_manager;
mod list;
mod sql;
#[cfg(test)]
mod tests;

pub use list::{AttentionShown, seen};

use crate::{
    payment::Kind,
    refund,
    web::{ApiRouter, Problem, Words},
};

/// The routes.
pub fn router() -> ApiRouter {
    http_admin::router().merge(http_manager::router())
}

/// What a person may do about one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum InboxAction {
    /// The company keeps the money: it gets its record.
    Claim,
    /// The payer gets it back.
    Refund,
    /// Closed in words.
    Explain,
}

/// What a person may do about one of this kind. What is about a refund on its way closes with it.
pub(crate) const fn actions(kind: Kind) -> &'static [InboxAction] {
    match kind {
        Kind::Late | Kind::Duplicate => &[InboxAction::Claim, InboxAction::Refund, InboxAction::Explain],
        Kind::Misfit | Kind::Unmatched | Kind::RefundFound | Kind::RefundMisfit | Kind::Disputed => {
            &[InboxAction::Explain]
        }
        Kind::RefundWaiting | Kind::RefundAbnormal => &[],
    }
}

/// What goes wrong here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The refund of it.
    #[error(transparent)]
    Refund(#[from] refund::Error),
    /// Nothing under this id, or nothing that this person may see.
    #[error("nothing under this id")]
    Unknown,
    /// It was closed before.
    #[error("it is closed")]
    Closed,
    /// This cannot be done with an item of this kind.
    #[error("this cannot be done with {0:?}")]
    NotOffered(Kind),
    /// A refund of the money is on its way.
    #[error("a refund is on its way")]
    RefundUnderway,
    /// A stored row cannot be read.
    #[error("a stored item cannot be read")]
    Stored,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let words = match error {
            Error::Db(e) => return e.into(),
            Error::Refund(e) => return e.into(),
            Error::Unknown => return Problem::not_found(),
            Error::Stored => return Problem::internal(),
            Error::Closed => Words {
                status: 409,
                code: "inbox.closed",
                title: ("这一条已经处理", "This was dealt with before"),
                detail: ("请刷新后查看是谁、如何处理的。", "Refresh to see who did what."),
            },
            Error::NotOffered(_) => Words {
                status: 409,
                code: "inbox.not_offered",
                title: ("这一条不能这样处理", "This cannot be done here"),
                detail: (
                    "退款卡住的，请在退款里处理；其他请填写说明后关闭。",
                    "A stuck refund is dealt with under refunds; anything else is closed with an explanation.",
                ),
            },
            Error::RefundUnderway => Words {
                status: 409,
                code: "inbox.refund_underway",
                title: ("这笔款正在退款", "A refund of this money is on its way"),
                detail: ("请等退款结束，或先撤回退款申请。", "Wait for its end, or withdraw the request first."),
            },
        };
        Problem::new(words)
    }
}
