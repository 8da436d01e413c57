//! A refund as people see it.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Act, Refund, Status};

/// A refund as the back office sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefundView {
    /// Its id.
    pub refund_id: String,
    /// The number under which the institution knows it.
    pub out_refund_no: String,
    /// Of which order.
    pub order_id: String,
    /// Of which payment: its number at the institution.
    pub payment_id: String,
    /// At which institution.
    pub channel: String,
    /// `channel`: asked for by us; `outside`: settled by other means; `found`: made at the institution without us.
    pub kind: String,
    /// What goes back, fen.
    pub amount_fen: i64,
    /// What was paid, fen.
    pub paid_fen: i64,
    /// When that was, UTC milliseconds.
    pub paid_at_ms: i64,
    /// How the payment is booked: `order`, `late` or `duplicate`.
    pub booked: String,
    /// Where it stands.
    pub status: Status,
    /// What the payer reads.
    pub reason: String,
    /// The order's first line.
    pub title: String,
    /// Whose order it is.
    pub manager_name: String,
    /// Whether another person had to approve.
    pub needs_approval: bool,
    /// Who asked for it.
    pub asked: RefundAct,
    /// Who decided, and in which words.
    #[schema(required = true)]
    pub decided: Option<RefundAct>,
    /// Who said where one that came back goes: to the merchant's own account, or that it was settled outside.
    #[schema(required = true)]
    pub outside: Option<RefundAct>,
    /// Their number of it.
    #[schema(required = true)]
    pub institution_refund_id: Option<String>,
    /// Their words for where it went.
    #[schema(required = true)]
    pub received_account: Option<String>,
    /// When the payer had it, UTC milliseconds.
    #[schema(required = true)]
    pub success_at_ms: Option<i64>,
    /// Their words, where it does not go on.
    #[schema(required = true)]
    pub note: Option<String>,
    /// When it moved last, UTC milliseconds.
    pub updated_at_ms: i64,
    /// What this admin may do with it now.
    pub may: Vec<RefundAction>,
}

/// What a person did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefundAct {
    /// The name.
    pub name: String,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// The words.
    pub words: String,
}

/// What may be done with a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RefundAction {
    /// Let the institution be asked; or confirm what was settled outside.
    Approve,
    /// Do not.
    Decline,
    /// Take one's own request back.
    Withdraw,
    /// Ask the institution again now.
    Retry,
    /// Send it to the merchant's own bank account.
    Redirect,
    /// Say that it was settled outside.
    Outside,
}

/// A refund as the manager and the payer see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RefundShown {
    /// Its id.
    pub refund_id: String,
    /// What goes back, fen.
    pub amount_fen: i64,
    /// Where it stands.
    pub status: Status,
    /// Why.
    pub reason: String,
    /// When it was asked for, UTC milliseconds.
    pub asked_at_ms: i64,
    /// Who asked for it.
    pub asked_by: String,
    /// When the payer had it, UTC milliseconds.
    #[schema(required = true)]
    pub success_at_ms: Option<i64>,
    /// Their words for where it went.
    #[schema(required = true)]
    pub received_account: Option<String>,
    /// Why it was declined, or does not go on.
    #[schema(required = true)]
    pub note: Option<String>,
}

impl From<Act> for RefundAct {
    fn from(act: Act) -> RefundAct {
        RefundAct { name: act.name, at_ms: act.at_ms, words: act.words }
    }
}

/// What `who` may do with it now, given what the role allows.
pub(super) fn may(refund: &Refund, who: &str, requests: bool, approves: bool) -> Vec<RefundAction> {
    let first = refund.outside.as_ref().unwrap_or(&refund.asked).by.as_str();
    let own = first == who;
    match refund.status {
        Status::Requested | Status::Outside if own => {
            [requests.then_some(RefundAction::Withdraw)].into_iter().flatten().collect()
        }
        Status::Requested | Status::Outside if approves => vec![RefundAction::Approve, RefundAction::Decline],
        Status::Approved | Status::Unknown | Status::NotEnough | Status::Processing | Status::Redirecting
            if requests =>
        {
            vec![RefundAction::Retry]
        }
        Status::Abnormal if approves => vec![RefundAction::Redirect, RefundAction::Outside, RefundAction::Retry],
        _ => Vec::new(),
    }
}

impl RefundView {
    /// As this person sees it.
    pub(super) fn of(refund: Refund, who: &str, requests: bool, approves: bool) -> RefundView {
        RefundView {
            may: may(&refund, who, requests, approves),
            refund_id: refund.refund_id.to_string(),
            out_refund_no: refund.out_refund_no,
            order_id: refund.payment.order_id.to_string(),
            payment_id: refund.of.out_trade_no,
            channel: refund.channel,
            kind: refund.kind,
            amount_fen: refund.amount_fen,
            paid_fen: refund.of.amount_fen,
            paid_at_ms: refund.of.success_at_ms,
            booked: refund.of.booked,
            status: refund.status,
            reason: refund.reason,
            title: refund.title,
            manager_name: refund.manager_name,
            needs_approval: refund.needs_approval,
            asked: refund.asked.into(),
            decided: refund.decided.map(Into::into),
            outside: refund.outside.map(Into::into),
            institution_refund_id: refund.institution_refund_id,
            received_account: refund.received_account,
            success_at_ms: refund.success_at_ms,
            note: refund.note,
            updated_at_ms: refund.updated_at_ms,
        }
    }
}

impl From<Refund> for RefundShown {
    fn from(refund: Refund) -> RefundShown {
        let declined = refund.decided.filter(|_| refund.status == Status::Declined).map(|decided| decided.words);
        RefundShown {
            refund_id: refund.refund_id.to_string(),
            amount_fen: refund.amount_fen,
            status: refund.status,
            reason: refund.reason,
            asked_at_ms: refund.asked.at_ms,
            asked_by: refund.asked.name,
            success_at_ms: refund.success_at_ms,
            received_account: refund.received_account,
            note: declined.or(refund.note),
        }
    }
}
