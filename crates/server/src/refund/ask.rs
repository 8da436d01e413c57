//! The job that asks the institution for a refund, and what became of it, until its end is known. One number for ever:
//! repeated with it, it is the same refund (PRODUCT 6.5, 6.6).

use channel::{Account, Refund as Ask, RefundFact, RefundOutcome, RefundQueryOutcome, RefundStatus, Refusal};
use db::{Key, Tx, params};
use jobs::{Claimed, Ended};
use money::Amount;

use super::{
    Error, Refund, Status, by_id, by_number,
    lifecycle::ask_again_in_ms,
    settle::{Answer, answered, settle},
    sql,
};
use crate::{
    App, order,
    outside::Provider,
    payment::{self, News, Teller},
};

/// When to come back after the database did not answer.
const BUSY_MS: i64 = 10_000;

/// Asks; says when to ask again.
pub async fn ask_job(app: &App, job: &Claimed) -> Ended {
    let (merchant_id, number) = (job.merchant_id, job.key.clone());
    let find = async move |tx: &mut Tx<'_>| by_number(tx, merchant_id, &number).await;
    let refund = match app.db.read(find).await {
        Ok(Some(refund)) => refund,
        Ok(None) => return Ended::Failed { why: "no such refund".into() },
        Err(error) => return Ended::Again { due_at_ms: app.clock.now_ms() + BUSY_MS, why: error.to_string() },
    };
    if refund.status.is_over() {
        return Ended::Done;
    }
    let refund_id = refund.refund_id;
    if let Err(error) = ask(app, &refund).await {
        return again(app, &refund, error.to_string());
    }
    let find = async move |tx: &mut Tx<'_>| by_id(tx, merchant_id, refund_id).await;
    match app.db.read(find).await {
        Ok(Some(now)) if now.status.is_over() => Ended::Done,
        Ok(now) => {
            let now = now.unwrap_or(refund);
            again(app, &now, now.status.word().to_owned())
        }
        Err(error) => again(app, &refund, error.to_string()),
    }
}

/// As long after the decision to ask as it deserves: the request may have waited for days.
fn again(app: &App, refund: &Refund, why: String) -> Ended {
    let now_ms = app.clock.now_ms();
    let acts = [Some(&refund.asked), refund.decided.as_ref(), refund.outside.as_ref()];
    let since_ms = acts.into_iter().flatten().map(|act| act.at_ms).max().unwrap_or(now_ms);
    Ended::Again { due_at_ms: now_ms + ask_again_in_ms(refund.status, now_ms - since_ms), why }
}

/// What is asked, and of whom.
struct Asking {
    provider: Provider,
    account: Account,
    ask: Ask,
    teller: Teller,
}

async fn ask(app: &App, refund: &Refund) -> Result<(), Error> {
    let number = refund.payment;
    let find = async move |tx: &mut Tx<'_>| payment::get(tx, number).await;
    let payment = app.db.read(find).await?.ok_or(Error::Stored)?;
    let (provider, account) = payment::reach(app, &payment)?;
    let ask = Ask {
        out_refund_no: refund.out_refund_no.clone(),
        out_trade_no: refund.of.out_trade_no.clone(),
        transaction_id: refund.of.transaction_id.clone(),
        amount: Amount::from_fen(refund.amount_fen),
        total: Amount::from_fen(refund.of.amount_fen),
        reason: refund.reason.clone(),
        notify_url: format!("{}/callback/{}/{}", app.config.public_url, payment.channel.word(), payment.provider_key),
    };
    let teller = Teller::new(payment.provider_key.clone(), &provider);
    let asking = Asking { provider, account, ask, teller };
    match refund.status {
        Status::Approved | Status::Unknown | Status::NotEnough => asking.send(app, refund).await,
        Status::Redirecting if refund.redirect_known_at_ms.is_none() => asking.redirect(app, refund).await,
        _ => asking.query(app).await.map(drop),
    }
}

impl Asking {
    async fn send(&self, app: &App, refund: &Refund) -> Result<(), Error> {
        if !count_ask(app, refund).await? {
            return Ok(()); // a callback was faster
        }
        match self.provider.channel.refund(&self.account, &self.ask).await {
            RefundOutcome::Known(fact) => self.settle(app, fact).await,
            RefundOutcome::NotEnough(refusal) => answered(app, refund, Answer::NotEnough(words(&refusal))).await,
            RefundOutcome::Refused(refusal) => self.refused(app, refund, &refusal).await,
            RefundOutcome::Unknown(why) => answered(app, refund, Answer::Nothing(why)).await,
        }
    }

    /// A refusal after an earlier sending may be the echo of its success: ask before it is given up.
    async fn refused(&self, app: &App, refund: &Refund, refusal: &Refusal) -> Result<(), Error> {
        if refund.asks == 0 {
            return answered(app, refund, Answer::Refused(words(refusal))).await;
        }
        match self.provider.channel.query_refund(&self.account, &self.ask).await {
            RefundQueryOutcome::Known(fact) => self.settle(app, fact).await,
            RefundQueryOutcome::NotFound => answered(app, refund, Answer::Refused(words(refusal))).await,
            RefundQueryOutcome::Unknown(why) => answered(app, refund, Answer::Nothing(why)).await,
        }
    }

    async fn query(&self, app: &App) -> Result<(), Error> {
        match self.provider.channel.query_refund(&self.account, &self.ask).await {
            RefundQueryOutcome::Known(fact) => self.settle(app, fact).await,
            // What the institution had once it does not lose: a copy of its data lags behind.
            RefundQueryOutcome::NotFound => Ok(()),
            RefundQueryOutcome::Unknown(why) => {
                tracing::info!(out_refund_no = self.ask.out_refund_no, why, "a refund query went unanswered");
                Ok(())
            }
        }
    }

    async fn redirect(&self, app: &App, refund: &Refund) -> Result<(), Error> {
        let fact = RefundFact {
            sp_mchid: None,
            sub_mchid: Some(refund.of.sub_mchid.clone()),
            out_refund_no: refund.out_refund_no.clone(),
            out_trade_no: refund.of.out_trade_no.clone(),
            transaction_id: refund.of.transaction_id.clone(),
            refund_id: refund.institution_refund_id.clone(),
            status: RefundStatus::Abnormal,
            amount: self.ask.amount,
            total: Some(self.ask.total),
            success_at_ms: None,
            received_account: refund.received_account.clone().unwrap_or_default(),
        };
        match self.provider.channel.redirect_refund(&self.account, &fact).await {
            RefundOutcome::Known(told) if told.status == RefundStatus::Abnormal => {
                let why = format!("{:?}: {}", told.status, told.received_account);
                answered(app, refund, Answer::RedirectRefused(why)).await
            }
            RefundOutcome::Known(told) => {
                answered(app, refund, Answer::RedirectTaken).await?;
                self.settle(app, told).await
            }
            RefundOutcome::NotEnough(refusal) | RefundOutcome::Refused(refusal) => {
                answered(app, refund, Answer::RedirectRefused(words(&refusal))).await
            }
            RefundOutcome::Unknown(why) => {
                tracing::warn!(out_refund_no = refund.out_refund_no, why, "a redirection went unanswered: asked again");
                Ok(())
            }
        }
    }

    async fn settle(&self, app: &App, fact: RefundFact) -> Result<(), Error> {
        settle(app, self.teller.clone(), fact, News::Query).await.map(drop)
    }
}

/// What was asked may have been made: counted before it is asked, so that a refusal after a crash is not believed at once.
async fn count_ask(app: &App, refund: &Refund) -> Result<bool, Error> {
    let (merchant_id, order_id, refund_id) = (refund.payment.merchant_id, refund.payment.order_id, refund.refund_id);
    let now_ms = app.clock.now_ms();
    let work = async move |tx: &mut Tx<'_>| {
        order::lock(tx, merchant_id, order_id).await?;
        Ok::<_, Error>(tx.execute(sql::COUNT_ASK, params![merchant_id, refund_id, now_ms]).await? == 1)
    };
    app.db.write(Key::of((merchant_id, order_id)), work).await
}

/// The institution's own words.
fn words(refusal: &Refusal) -> String {
    format!("{} {}", refusal.code, refusal.message)
}
