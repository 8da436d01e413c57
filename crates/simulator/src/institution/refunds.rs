//! Refunds as an institution makes them: at once or after a while, through, closed, or back because the card is gone.

use std::sync::{Arc, atomic::Ordering};

use channel::{Account, Refund, RefundFact, RefundOutcome, RefundStatus, Refusal, RefusalKind};

use super::{Institution, State, ledger::refusal, seal::refund_body};
use crate::{
    auditor::{Probe, Says},
    matrix::Row,
};

/// Seconds between the tries of a refund's callback.
const GAPS_S: [i64; 8] = [15, 30, 180, 600, 1_200, 1_800, 3_600, 21_600];

/// One refund.
#[derive(Clone, Debug)]
pub struct Returned {
    /// As it was asked for.
    pub refund: Refund,
    /// Through which provider.
    pub sp_mchid: &'static str,
    /// Of which merchant.
    pub sub_mchid: String,
    /// Where it stands.
    pub status: RefundStatus,
    /// Their number.
    pub id: String,
    /// When the payer had it, UTC milliseconds.
    pub success_at_ms: Option<i64>,
    /// The call that made it has returned.
    pub answered: bool,
}

impl Returned {
    fn fact(&self) -> RefundFact {
        RefundFact {
            sp_mchid: Some(self.sp_mchid.into()),
            sub_mchid: Some(self.sub_mchid.clone()),
            out_refund_no: self.refund.out_refund_no.clone(),
            out_trade_no: self.refund.out_trade_no.clone(),
            transaction_id: self.refund.transaction_id.clone(),
            refund_id: Some(self.id.clone()),
            status: self.status,
            amount: self.refund.amount,
            total: Some(self.refund.total),
            success_at_ms: self.success_at_ms,
            received_account: "支付用户零钱".into(),
        }
    }
}

impl Institution {
    pub(super) fn returned(&self, number: &str) -> Option<RefundFact> {
        self.books().refunds.get(number).map(Returned::fact)
    }

    /// Makes a refund, or finds the same one. `eager`: it is through, and told, before the call returns.
    pub(super) fn give_back(self: &Arc<Self>, account: &Account, refund: &Refund, eager: bool) -> RefundOutcome {
        let number = &refund.out_refund_no;
        let known = self.books().refunds.get(number).cloned();
        if let Some(known) = known {
            if known.refund != *refund {
                self.auditor.broken(format!("{number} was asked for again with other parameters"));
            }
            return RefundOutcome::Known(known.fact());
        }
        let paid = match self.attempt(&refund.out_trade_no).map(|attempt| attempt.state) {
            Some(State::Paid(success)) => success,
            _ => return RefundOutcome::Refused(refused("ORDER_NOT_EXIST")),
        };
        let before: i64 = self.given_back(&refund.out_trade_no, RefundStatus::Closed);
        if before + refund.amount.fen() > paid.total.fen() {
            self.auditor.broken(format!(
                "{number} asks for {} fen of {}, of which {before} of {} are given back",
                refund.amount.fen(),
                refund.out_trade_no,
                paid.total.fen()
            ));
            return RefundOutcome::Refused(refused("INVALID_REQUEST"));
        }
        if self.sim.fault(1, 10) {
            self.auditor.row(Row::RefundNotEnough);
            return RefundOutcome::NotEnough(refused("NOT_ENOUGH"));
        }
        if self.sim.fault(1, 30) {
            self.sim.log(format!("{number} is refused"));
            return RefundOutcome::Refused(refused("REFUND_FEE_MISMATCH"));
        }
        let id = self.next_transaction();
        let returned = Returned {
            refund: refund.clone(),
            sp_mchid: self.sp_mchid(),
            sub_mchid: account.sub_mchid.clone(),
            status: RefundStatus::Processing,
            id,
            success_at_ms: None,
            answered: false,
        };
        let fact = returned.fact();
        self.books().refunds.insert(number.clone(), returned);
        self.sim.log(format!("{number} is made"));
        self.go_on(number, eager);
        RefundOutcome::Known(fact)
    }

    /// An abnormal one goes to the merchant's own account instead.
    pub(super) fn redirect(self: &Arc<Self>, number: &str) -> RefundOutcome {
        let mut books = self.books();
        let Some(returned) = books.refunds.get_mut(number) else { return RefundOutcome::Refused(refused("NONE")) };
        if returned.status == RefundStatus::Abnormal {
            returned.status = RefundStatus::Processing;
            let fact = returned.fact();
            drop(books);
            self.go_on(number, false);
            return RefundOutcome::Known(fact);
        }
        RefundOutcome::Known(returned.fact())
    }

    fn go_on(self: &Arc<Self>, number: &str, eager: bool) {
        self.telling.fetch_add(1, Ordering::Relaxed);
        let (own, number) = (self.clone(), number.to_owned());
        self.sim.spawn(0, async move {
            own.end(&number, eager).await;
            own.telling.fetch_sub(1, Ordering::Relaxed);
        });
    }

    pub(super) fn refund_answered(&self, number: &str) {
        if let Some(returned) = self.books().refunds.get_mut(number) {
            returned.answered = true;
        }
    }

    /// What was given back of a payment, or is on its way; but for those of a status.
    fn given_back(&self, number: &str, but: RefundStatus) -> i64 {
        let books = self.books();
        let of = books.refunds.values().filter(|r| r.refund.out_trade_no == number && r.status != but);
        of.map(|r| r.refund.amount.fen()).sum()
    }

    async fn end(self: &Arc<Self>, number: &str, eager: bool) {
        let sim = self.sim.clone();
        if eager {
            sim.pause(0, 300).await;
        } else {
            sim.pause(500, 90_000).await;
        }
        let status = if sim.fault(1, 8) {
            self.auditor.row(Row::RefundAbnormal);
            RefundStatus::Abnormal
        } else if sim.fault(1, 16) {
            RefundStatus::Closed
        } else {
            RefundStatus::Succeeded
        };
        let now_ms = sim.now_ms();
        let Some(fact) = self.move_to(number, status, now_ms) else { return };
        sim.log(format!("{number} is {status:?}"));
        if status == RefundStatus::Succeeded {
            self.auditor.gave_back(number, &fact.out_trade_no, fact.amount.fen());
        }
        self.tell_refund(number, fact).await;
    }

    fn move_to(&self, number: &str, status: RefundStatus, now_ms: i64) -> Option<RefundFact> {
        let mut books = self.books();
        let returned = books.refunds.get_mut(number)?;
        returned.status = status;
        returned.success_at_ms = (status == RefundStatus::Succeeded).then_some(now_ms);
        Some(returned.fact())
    }

    async fn tell_refund(self: &Arc<Self>, number: &str, fact: RefundFact) {
        let sim = self.sim.clone();
        let notify_url = self.books().refunds.get(number).map(|r| r.refund.notify_url.clone()).unwrap_or_default();
        let url = super::notify::path_of(&notify_url);
        if sim.fault(1, 6) {
            return; // nobody tells; a query finds it
        }
        let says = if fact.status == RefundStatus::Succeeded { Says::GivenBack } else { Says::Other };
        let probe = Probe { transaction_id: number.to_owned(), says };
        let body = refund_body(&fact);
        let twice = sim.fault(1, 6);
        for gap_s in GAPS_S {
            if self.books().refunds.get(number).is_some_and(|returned| !returned.answered) {
                self.auditor.row(Row::RefundCallbackFirst);
            }
            let sealed = self.sealed(body.clone());
            if self.tell(&url, sealed, &probe).await && !twice {
                return;
            }
            sim.wait(gap_s * 1000).await;
            if twice && gap_s > 100 {
                return;
            }
        }
    }
}

fn refused(code: &str) -> Refusal {
    refusal(RefusalKind::Other, code)
}
