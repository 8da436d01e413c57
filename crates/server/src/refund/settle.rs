//! The one writer of what the institution says of a refund: its answer, the answer to a query and a callback alike
//! (PRODUCT 6.1 – 6.3, 6.6). They may come before the answer to our own call, twice and out of order; what does not agree
//! with our refund is kept and raised, not booked.

use channel::{RefundFact, RefundStatus};
use db::{Error as DbError, Key, Tx, params};
use money::Amount;

use super::{
    ASK, Error, Minted, Money, Refund, RefundNumber, Status, by_id, by_number, found, give_back, lifecycle::Move,
    release, reserve, sql, stored_words, tell,
};
use crate::{
    App, order,
    payment::{self, Item, Kind, News, Number, Teller},
};

/// What became of the institution's word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// The refund stands there now.
    Moved(Status),
    /// It was known, or older than what is known.
    Nothing,
    /// A refund that was made at the institution without us: kept, booked on its payment and raised.
    Found,
    /// It does not agree: kept and raised. Says what differs.
    Raised(&'static str),
}

/// What came of asking, where the institution did not say how the refund stands.
#[derive(Clone, Debug)]
pub(super) enum Answer {
    /// None.
    Nothing(String),
    /// 待资金.
    NotEnough(String),
    /// Refused, and nothing of it is there.
    Refused(String),
    /// It takes the redirection.
    RedirectTaken,
    /// It does not take the redirection.
    RedirectRefused(String),
}

/// Writes down what the institution says. Run twice it changes nothing the second time.
///
/// # Errors
/// The refusals of the database: nothing was written, a callback must be sent again.
pub async fn settle(app: &App, teller: Teller, fact: RefundFact, news: News) -> Result<Settled, Error> {
    let ours = fact.out_refund_no.parse::<RefundNumber>().ok();
    let of = fact.out_trade_no.parse::<Number>().ok();
    let named = ours.map(|n| (n.merchant_id, n.order_id)).or(of.map(|n| (n.merchant_id, n.order_id)));
    let (merchant_id, order_id) = named.unwrap_or_default();
    let settling = Settling { teller, fact, news, of, merchant_id, order_id, minted: Minted::new(app) };
    let work = async move |tx: &mut Tx<'_>| settling.run(tx).await;
    let settled = app.db.write(Key::of((merchant_id, order_id)), work).await?;
    if settled != Settled::Nothing {
        app.hub.wake(merchant_id);
    }
    Ok(settled)
}

/// Writes down what came of asking. Where a callback was faster, nothing.
pub(super) async fn answered(app: &App, refund: &Refund, answer: Answer) -> Result<(), Error> {
    let (merchant_id, order_id) = (refund.payment.merchant_id, refund.payment.order_id);
    let (refund_id, minted) = (refund.refund_id, Minted::new(app));
    let work = async move |tx: &mut Tx<'_>| {
        order::lock(tx, merchant_id, order_id).await?;
        let refund = by_id(tx, merchant_id, refund_id).await?.ok_or(Error::Stored)?;
        write_answer(tx, &refund, &answer, minted).await
    };
    app.db.write(Key::of((merchant_id, order_id)), work).await?;
    app.hub.wake(merchant_id);
    Ok(())
}

async fn write_answer(tx: &mut Tx<'_>, refund: &Refund, answer: &Answer, minted: Minted) -> Result<(), Error> {
    let (merchant_id, refund_id, now_ms) = (refund.payment.merchant_id, refund.refund_id, minted.now_ms);
    let (text, note, next) = match answer {
        Answer::Nothing(why) => (sql::NO_ANSWER, why, Status::Unknown),
        Answer::NotEnough(why) => (sql::NOT_ENOUGH, why, Status::NotEnough),
        Answer::Refused(why) => (sql::REFUSE, why, Status::Refused),
        Answer::RedirectRefused(why) => (sql::REDIRECT_REFUSED, why, Status::Abnormal),
        Answer::RedirectTaken => {
            return Ok(tx.execute(sql::REDIRECT_KNOWN, params![merchant_id, refund_id, now_ms]).await.map(drop)?);
        }
    };
    let note = stored_words(note);
    if tx.execute(text, params![merchant_id, refund_id, &note, now_ms]).await? == 0 {
        return Ok(());
    }
    match next {
        Status::NotEnough => raise(tx, refund, Kind::RefundWaiting, &note, minted).await?,
        Status::Refused => {
            release(tx, refund).await?;
            tx.execute(sql::SETTLE_ITEMS, params![merchant_id, refund_id, now_ms, "over"]).await?;
        }
        _ => {}
    }
    if next != refund.status {
        tracing::info!(out_refund_no = refund.out_refund_no, status = next.word(), note, "a refund moved");
        tell(tx, refund, minted).await?;
    }
    Ok(())
}

/// Puts a refund that does not go on by itself before a person, once.
async fn raise(tx: &mut Tx<'_>, refund: &Refund, kind: Kind, detail: &str, minted: Minted) -> Result<(), DbError> {
    let item = Item {
        inbox_id: minted.stuck,
        kind,
        key: refund.out_refund_no.clone(),
        number: refund.payment,
        amount_fen: refund.amount_fen,
        refund_id: Some(refund.refund_id),
        detail,
        manager_id: Some(refund.manager_id),
        now_ms: minted.now_ms,
    };
    payment::raise(tx, &item).await.map(drop)
}

/// One word of the institution, on its way into the books.
pub(super) struct Settling {
    pub teller: Teller,
    pub fact: RefundFact,
    pub news: News,
    /// The payment that it names.
    pub of: Option<Number>,
    pub merchant_id: i64,
    pub order_id: i64,
    pub minted: Minted,
}

impl Settling {
    async fn run(&self, tx: &mut Tx<'_>) -> Result<Settled, Error> {
        order::lock(tx, self.merchant_id, self.order_id).await?;
        let out_refund_no = stored_words(&self.fact.out_refund_no);
        let Some(refund) = by_number(tx, self.merchant_id, &out_refund_no).await? else {
            return found::found(self, tx).await;
        };
        if let Some(difference) = self.difference(&refund) {
            return self.misfit(tx, &refund, difference).await;
        }
        let asked_since = refund.redirect_known_at_ms.is_some() && matches!(self.news, News::Query);
        match refund.status.after(self.fact.status, asked_since) {
            Move::To(next) => self.apply(tx, &refund, next).await,
            Move::Contradicts(what) => self.misfit(tx, &refund, what).await,
            Move::Stay if refund.kind == "outside" && self.fact.status == RefundStatus::Succeeded => {
                self.misfit(tx, &refund, "settled outside, and given back by the institution as well").await
            }
            Move::Stay => Ok(Settled::Nothing),
        }
    }

    /// Everything that must agree, agrees, or the first thing that does not (PRODUCT 6.3).
    fn difference(&self, refund: &Refund) -> Option<&'static str> {
        let (fact, of) = (&self.fact, &refund.of);
        if let Some(what) = self.foreign(&of.provider_key, &of.sub_mchid) {
            return Some(what);
        }
        let told = |text: &str, own: &str| text.is_empty() || text == own;
        let checks = [
            (fact.amount.fen() == refund.amount_fen, "amount"),
            (fact.total.is_none_or(|total| total.fen() == of.amount_fen), "total"),
            (told(&fact.out_trade_no, &of.out_trade_no), "payment"),
            (told(&fact.transaction_id, &of.transaction_id), "transaction id"),
        ];
        checks.into_iter().find(|(agrees, _)| !agrees).map(|(_, what)| what)
    }

    /// Whether it speaks of another provider's or merchant's money.
    pub fn foreign(&self, provider_key: &str, sub_mchid: &str) -> Option<&'static str> {
        let fact = &self.fact;
        let checks = [
            (self.teller.provider_key == provider_key, "service provider"),
            (fact.sp_mchid.as_ref().is_none_or(|sp| *sp == self.teller.sp_mchid), "service provider"),
            (fact.sub_mchid.as_ref().is_none_or(|sub| sub == sub_mchid), "sub merchant"),
        ];
        checks.into_iter().find(|(agrees, _)| !agrees).map(|(_, what)| what)
    }

    /// Moves the refund and its money there.
    pub async fn apply(&self, tx: &mut Tx<'_>, refund: &Refund, next: Status) -> Result<Settled, Error> {
        let reopened = refund.status.money() == Money::Released;
        if reopened && !reserve(tx, refund.payment, refund.amount_fen).await? {
            return self.misfit(tx, refund, "given up before, and its money is no longer free").await;
        }
        let (merchant_id, refund_id, now_ms) = (self.merchant_id, refund.refund_id, self.minted.now_ms);
        let their_id = self.fact.refund_id.as_deref().map(stored_words);
        let account = Some(stored_words(&self.fact.received_account)).filter(|text| !text.is_empty());
        let success_at_ms = self.fact.success_at_ms.unwrap_or(now_ms);
        let values = params![merchant_id, refund_id, &their_id, &account, now_ms, success_at_ms];
        let moved = match next {
            Status::Succeeded => tx.execute(sql::SUCCEEDED, values).await?,
            Status::Processing => tx.execute(sql::PROCESSING, &values[..5]).await?,
            Status::Abnormal => tx.execute(sql::ABNORMAL, &values[..5]).await?,
            Status::Closed => tx.execute(sql::CLOSED, &values[..5]).await?,
            _ => 0,
        };
        super::once(moved)?;
        self.keep(tx).await?;
        match next.money() {
            Money::GivenBack => give_back(tx, refund, self.minted).await?,
            Money::Released => release(tx, refund).await?,
            Money::Reserved => {}
        }
        let over = if next.is_over() { "over" } else { "" };
        if next == Status::Abnormal {
            raise(tx, refund, Kind::RefundAbnormal, &self.told(""), self.minted).await?;
        } else {
            tx.execute(sql::SETTLE_ITEMS, params![merchant_id, refund_id, now_ms, over]).await?;
        }
        if reopened && !next.is_over() {
            jobs::reopen(tx, merchant_id, ASK, &refund.out_refund_no, now_ms).await?;
        }
        tracing::info!(out_refund_no = refund.out_refund_no, status = next.word(), "a refund moved");
        tell(tx, refund, self.minted).await?;
        Ok(Settled::Moved(next))
    }

    /// Not booked: raised, and its bytes kept, once however often it is told.
    async fn misfit(&self, tx: &mut Tx<'_>, refund: &Refund, what: &'static str) -> Result<Settled, Error> {
        let key = format!("{}:{what}", refund.out_refund_no);
        let about =
            About { number: refund.payment, refund_id: Some(refund.refund_id), manager_id: Some(refund.manager_id) };
        self.raise(tx, Kind::RefundMisfit, key, &about, what).await?;
        Ok(Settled::Raised(what))
    }

    /// Puts the institution's word before a person, and keeps its bytes with it, once.
    pub async fn raise(
        &self,
        tx: &mut Tx<'_>,
        kind: Kind,
        key: String,
        about: &About,
        what: &str,
    ) -> Result<(), DbError> {
        if self.raise_only(tx, kind, key, about, what).await? {
            self.keep(tx).await?;
        }
        Ok(())
    }

    /// Puts it before a person; whoever calls keeps its bytes. False: it was there already.
    pub async fn raise_only(
        &self,
        tx: &mut Tx<'_>,
        kind: Kind,
        key: String,
        about: &About,
        what: &str,
    ) -> Result<bool, DbError> {
        let detail = self.told(what);
        let item = Item {
            inbox_id: self.minted.inbox,
            kind,
            key,
            number: about.number,
            amount_fen: self.fact.amount.fen(),
            refund_id: about.refund_id,
            detail: &detail,
            manager_id: about.manager_id,
            now_ms: self.minted.now_ms,
        };
        payment::raise(tx, &item).await
    }

    /// The institution's word, for people.
    pub fn told(&self, what: &str) -> String {
        let fact = &self.fact;
        let text = format!(
            "{what}; refund {} ({}) is {:?}: {} of payment {} ({}); {}",
            fact.out_refund_no,
            fact.refund_id.as_deref().unwrap_or("-"),
            fact.status,
            Amount::from_fen(fact.amount.fen()),
            fact.out_trade_no,
            fact.transaction_id,
            fact.received_account
        );
        stored_words(text.trim_start_matches("; "))
    }

    async fn keep(&self, tx: &mut Tx<'_>) -> Result<(), DbError> {
        let News::Callback { headers, body } = &self.news else { return Ok(()) };
        let (out_trade_no, out_refund_no) =
            (stored_words(&self.fact.out_trade_no), stored_words(&self.fact.out_refund_no));
        let transaction_id = stored_words(&self.fact.transaction_id);
        let values = params![
            self.merchant_id,
            self.minted.callback,
            &self.teller.provider_key,
            &out_trade_no,
            headers,
            body,
            self.minted.now_ms,
            &transaction_id,
            self.fact.amount.fen(),
            &out_refund_no
        ];
        tx.execute(sql::KEEP_CALLBACK, values).await.map(drop)
    }
}

/// What an item before a person is about.
pub(super) struct About {
    pub number: Number,
    pub refund_id: Option<i64>,
    pub manager_id: Option<i64>,
}
