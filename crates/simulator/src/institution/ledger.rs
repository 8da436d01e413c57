//! What is true at an institution: attempts, and the money that was paid on them.

use std::sync::Arc;

use channel::{Account, Prepay, Refusal, RefusalKind, Scene, Success};

use super::Institution;
use crate::{
    auditor::{Money, order_of},
    matrix::Row,
};

/// One attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// As it was asked for.
    pub prepay: Prepay,
    /// For whom.
    pub account: Account,
    /// Where it stands.
    pub state: State,
    /// When it was made.
    pub made_at_ms: i64,
    /// Its maker had given up long before: the call overtook its own time-out.
    pub ghost: bool,
    /// A payer has what it takes to pay it.
    pub held: bool,
    /// The call that made it has returned.
    pub answered: bool,
}

/// Where an attempt stands.
#[derive(Clone, Debug)]
pub enum State {
    /// Handed out, and made only once the payer acts (Alipay's codes and pages for phones): nobody can ask about it,
    /// and nobody can close it.
    Latent,
    /// Unpaid.
    Open,
    /// Closed, or its time is over.
    Closed,
    /// Paid.
    Paid(Box<Success>),
}

/// An attempt that could be paid.
#[derive(Clone, Debug)]
pub struct Payable {
    /// Its number.
    pub number: String,
    /// A payer has what it takes.
    pub held: bool,
    /// It is made only once the payer acts.
    pub latent: bool,
}

/// Why a wallet could not pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayError {
    /// No such attempt, or it is over.
    Over,
    /// Another person ordered.
    Foreign,
    /// It is paid.
    Paid,
    /// The institution does not answer.
    Down,
}

impl Attempt {
    fn is_payable(&self, now_ms: i64) -> bool {
        matches!(self.state, State::Open | State::Latent) && now_ms < self.prepay.expires_at_ms
    }
}

/// The name that a payer filled in: the last word of what the wallet shows.
pub fn name_in(description: &str) -> &str {
    description.rsplit(' ').next().unwrap_or_default()
}

pub(super) fn refusal(kind: RefusalKind, code: &str) -> Refusal {
    Refusal { kind, code: code.into(), message: "as the institution words it".into() }
}

impl Institution {
    /// Makes an attempt, or finds the same one.
    pub(super) fn make(&self, account: &Account, prepay: &Prepay, ghost: bool) -> Result<(), Refusal> {
        let now_ms = self.sim.now_ms();
        let number = &prepay.out_trade_no;
        let known = self.books().attempts.get(number).cloned();
        if let Some(known) = known {
            if (&known.prepay, &known.account) != (prepay, account) {
                self.auditor.broken(format!("{number} was asked for again with other parameters"));
            }
            if known.is_payable(now_ms) {
                return Ok(());
            }
            self.auditor.refused(number);
            return Err(refusal(RefusalKind::NumberSpent, "ORDER_CLOSED"));
        }
        self.auditor.attempt_asked(name_in(&prepay.description), number, prepay.amount.fen());
        if now_ms >= prepay.expires_at_ms {
            self.auditor.refused(number);
            return Err(refusal(RefusalKind::BadRequest, "PARAM_ERROR"));
        }
        if self.sim.fault(1, 40) {
            self.auditor.refused(number);
            self.sim.log(format!("{number} is refused"));
            return Err(refusal(RefusalKind::Payer, "ACCOUNT_ERROR"));
        }
        if !ghost {
            self.network.look_at_others(number);
        }
        let latent = self.is_alipay() && !matches!(prepay.scene, Scene::Jsapi(_));
        let attempt = Attempt {
            prepay: prepay.clone(),
            account: account.clone(),
            state: if latent { State::Latent } else { State::Open },
            made_at_ms: now_ms,
            ghost,
            held: false,
            answered: false,
        };
        self.sim.log(format!("{number} is made"));
        self.books().attempts.insert(number.clone(), attempt);
        Ok(())
    }

    /// The attempts of an order that could be paid now. What came into being long after its call had been given up does
    /// not count, nor what is made only by a payer and none holds: nobody can pay it.
    pub fn payable_of(&self, order: &str) -> Vec<Payable> {
        let now_ms = self.sim.now_ms();
        let books = self.books();
        let payable = |(number, attempt): (&String, &Attempt)| {
            let latent = matches!(attempt.state, State::Latent);
            let counts = attempt.is_payable(now_ms) && !attempt.ghost && (attempt.held || !latent);
            let payable = || Payable { number: number.clone(), held: attempt.held, latent };
            (order_of(number) == order && counts).then(payable)
        };
        books.attempts.iter().filter_map(payable).collect()
    }

    /// A payer was handed what it takes to pay.
    pub fn handed_over(&self, number: &str) {
        if let Some(attempt) = self.books().attempts.get_mut(number) {
            attempt.held = true;
        }
    }

    /// The attempts that show a name in the wallet, newest last.
    pub fn shown_to(&self, name: &str) -> Vec<String> {
        let books = self.books();
        let mut shown: Vec<(i64, String)> = books
            .attempts
            .iter()
            .filter(|(_, attempt)| name_in(&attempt.prepay.description) == name)
            .map(|(number, attempt)| (attempt.made_at_ms, number.clone()))
            .collect();
        shown.sort();
        shown.into_iter().map(|(_, number)| number).collect()
    }

    pub(super) fn attempt(&self, number: &str) -> Option<Attempt> {
        self.books().attempts.get(number).cloned()
    }

    pub(super) fn answered(&self, number: &str) {
        if let Some(attempt) = self.books().attempts.get_mut(number) {
            attempt.answered = true;
        }
    }

    /// Closes an attempt that is not paid; false: it is paid.
    pub(super) fn shut(&self, number: &str) -> bool {
        let mut books = self.books();
        match books.attempts.get_mut(number) {
            Some(Attempt { state: State::Paid(_), .. }) => false,
            Some(Attempt { state: State::Latent, .. }) => true,
            Some(attempt) => {
                attempt.state = State::Closed;
                drop(books);
                self.sim.log(format!("{number} is closed"));
                true
            }
            None => true,
        }
    }

    /// A wallet pays. The bank takes a moment; whoever closes the attempt meanwhile may be told that it is closed, and
    /// the money comes all the same.
    ///
    /// # Errors
    /// [`PayError`].
    pub async fn pay(self: &Arc<Self>, number: &str, payer: Option<&str>) -> Result<(), PayError> {
        if self.is_down() {
            return Err(PayError::Down);
        }
        let attempt = self.attempt(number).ok_or(PayError::Over)?;
        if let (Scene::Jsapi(by), Some(payer)) = (&attempt.prepay.scene, payer) {
            let (channel::PayerId::Provider(openid) | channel::PayerId::Merchant(openid)) = by;
            if openid != payer {
                return Err(PayError::Foreign);
            }
        }
        match attempt.state {
            State::Paid(_) => return Err(PayError::Paid),
            State::Latent if attempt.is_payable(self.sim.now_ms()) => self.act(number),
            State::Open if attempt.is_payable(self.sim.now_ms()) => {}
            State::Open | State::Latent | State::Closed => return Err(PayError::Over),
        }
        self.sim.pause(50, 1_500).await;
        if self.sim.fault(1, 6) {
            self.sim.pause(1_000, 20_000).await;
        }
        let now = self.attempt(number).ok_or(PayError::Over)?;
        match now.state {
            State::Paid(_) => return Err(PayError::Paid),
            State::Closed if !self.sim.faults() => return Err(PayError::Over),
            State::Closed => self.auditor.row(Row::CloseRacedWithPay),
            State::Open | State::Latent => {}
        }
        self.take(number, &now);
        Ok(())
    }

    /// The payer scanned the code or signed in on the page: now there is something to ask about.
    fn act(&self, number: &str) {
        if let Some(attempt) = self.books().attempts.get_mut(number) {
            attempt.state = State::Open;
        }
        self.sim.log(format!("{number} is made by its payer"));
    }

    fn take(self: &Arc<Self>, number: &str, attempt: &Attempt) {
        let at_ms = self.sim.now_ms();
        let success = {
            let mut books = self.books();
            books.last_transaction += 1;
            let transaction_id = format!("42{}{:09}", self.provider_key, books.last_transaction);
            let success = self.success(number, attempt, transaction_id, at_ms);
            if let Some(attempt) = books.attempts.get_mut(number) {
                attempt.state = State::Paid(Box::new(success.clone()));
            }
            success
        };
        let money = Money {
            out_trade_no: number.to_owned(),
            fen: success.total.fen(),
            sub_mchid: success.sub_mchid.clone(),
            at_ms,
        };
        self.auditor.took(&success.transaction_id, money);
        self.sim.spawn(0, self.clone().notify(attempt.clone(), success));
    }

    /// A success of an attempt, as the institution words it.
    pub(super) fn success(&self, number: &str, attempt: &Attempt, transaction_id: String, at_ms: i64) -> Success {
        Success {
            sp_mchid: self.sp_mchid().into(),
            sub_mchid: attempt.account.sub_mchid.clone(),
            sp_appid: self.sp_appid().into(),
            sub_appid: attempt.account.sub_appid.clone(),
            out_trade_no: number.to_owned(),
            transaction_id,
            total: attempt.prepay.amount,
            payer_total: Some(attempt.prepay.amount),
            settlement: None,
            currency: "CNY".into(),
            success_at_ms: at_ms,
            trade_type: "JSAPI".into(),
            payer_id: Some("payer".into()),
        }
    }

    pub(super) fn next_transaction(&self) -> String {
        let mut books = self.books();
        books.last_transaction += 1;
        format!("66{}{:09}", self.provider_key, books.last_transaction)
    }
}
