//! The second half of an institution: what its counter does beyond attempts and callbacks.

use async_trait::async_trait;
use money::Amount;

use crate::{
    BillKind, Channel, QueryOutcome, Refund, RefundStatus, Secret, Success,
    contract::{Broken, Callback, Institution, Stage, bills, codes, judged, refunds},
};

/// The other side of an adapter, as a test drives it: payment codes, refunds and bills.
#[async_trait]
pub trait Counter: Institution {
    /// A fresh code in a payer's wallet, who behaves so when it is charged. Every call gives another code.
    async fn payment_code(&self, payer: Till) -> Secret;

    /// The payer of a payment by code that asks for a password never types it, and the institution gives up.
    async fn walk_away(&self, out_trade_no: &str);

    /// Every refund that the institution has made, each once, oldest first.
    async fn refunds(&self) -> Vec<MadeRefund>;

    /// Whether refunds of this institution are ever so. Every institution has [`RefundStatus::Succeeded`].
    fn refunds_can_be(&self, status: RefundStatus) -> bool;

    /// A refund moves on to where it ends; only asked for where [`refunds_can_be`](Counter::refunds_can_be) says so.
    async fn settle_refund(&self, out_refund_no: &str, status: RefundStatus);

    /// From now on there is no money (or again enough) in the merchant's account to refund from.
    async fn empty_account(&self, empty: bool);

    /// The callback about a refund as it stands; `None` where the institution sends none.
    async fn refund_callback(&self, out_refund_no: &str) -> Option<Callback>;

    /// From now on `day`'s bill is so; the files that an adapter shall bring, which only
    /// [`BillState::Made`] has.
    async fn bill(&self, kind: BillKind, day: &str, state: BillState) -> Vec<(String, Vec<u8>)>;

    /// Whether a bill of this institution is ever so. Every institution has [`BillState::Made`].
    fn has_bill(&self, kind: BillKind, state: BillState) -> bool;
}

/// How a payer behaves whose code is charged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Till {
    /// Pays at once.
    Pays,
    /// Is asked for a password: [`pay`](Institution::pay) types it, [`walk_away`](Counter::walk_away) does not.
    AsksPassword,
    /// Has not enough money.
    CannotPay,
}

/// A refund as the institution wrote it down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeRefund {
    /// Our number of it.
    pub out_refund_no: String,
    /// Our number of the payment.
    pub out_trade_no: String,
    /// What goes back.
    pub amount: Amount,
}

/// What the institution has of a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillState {
    /// The bill, with something in it.
    Made,
    /// Not made yet.
    NotYet,
    /// Nothing moved that day.
    Nothing,
    /// Promised, but what is downloaded is not what was promised.
    Damaged,
}

/// Runs the cases of payment codes, refunds and bills and returns the rules that hold. `run` as in
/// [`run`](crate::contract::run), and another one than there.
///
/// # Errors
/// The rules that are broken.
pub async fn run_counter(
    channel: &dyn Channel,
    counter: &dyn Counter,
    run: &str,
) -> Result<Vec<&'static str>, Vec<Broken>> {
    let desk = Desk { stage: Stage { channel, institution: counter, run }, counter };
    judged([codes::cases(&desk).await, refunds::cases(&desk).await, bills::cases(&desk).await])
}

/// What the cases work at.
pub(super) struct Desk<'a> {
    pub(super) stage: Stage<'a>,
    pub(super) counter: &'a dyn Counter,
}

impl Desk<'_> {
    /// A fresh attempt of 12.50, paid; what a query says of it.
    pub(super) async fn paid(&self, name: &str) -> Result<Success, String> {
        let number = self.stage.paid(name).await?;
        match self.stage.channel.query(&self.counter.account(), &number).await {
            QueryOutcome::Succeeded(success) => Ok(success),
            other => Err(format!("the paid attempt is {other:?}")),
        }
    }

    /// A refund of `fen` of a payment.
    pub(super) fn refund(&self, name: &str, of: &Success, fen: i64) -> Refund {
        Refund {
            out_refund_no: self.stage.number(name),
            out_trade_no: of.out_trade_no.clone(),
            transaction_id: of.transaction_id.clone(),
            amount: Amount::from_fen(fen),
            total: of.total,
            reason: "退学 退费".to_owned(),
            notify_url: "https://pay.example.com/callback/contract/demo".to_owned(),
        }
    }

    /// The refunds of a payment in the institution's books.
    pub(super) async fn refunds_of(&self, of: &Success) -> Vec<MadeRefund> {
        let all = self.counter.refunds().await;
        all.into_iter().filter(|refund| refund.out_trade_no == of.out_trade_no).collect()
    }
}
