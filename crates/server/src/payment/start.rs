//! A payer presses pay: the order's live attempt is used again, or closed and replaced, or a first one is made. An
//! order has one live attempt (PRODUCT 4); while an attempt's end is unknown nothing new starts (PRODUCT 6.5).

use channel::{Credential, JsapiInvoke, Prepay, PrepayOutcome, Refusal, RefusalKind};
use db::{Error as DbError, Key, Tx, params};
use jobs::NewJob;
use money::Amount;
use serde::{Deserialize, Serialize};

use super::{
    ASK, Asked, Error, Number, Payment, Status,
    ask::{NEVER_MADE_MS, ask, close},
    reach, sql,
};
use crate::{
    App,
    clock::MINUTE_MS,
    merchant::{self, ChannelKind, Way, authorization},
    order::{self, Order},
};

/// A prepay and a code live two hours, an H5 address five minutes (PROTOCOLS 1.6); we stop a little earlier.
const CREDENTIAL_MS: i64 = 115 * MINUTE_MS;
const H5_CREDENTIAL_MS: i64 = 4 * MINUTE_MS;
/// How long an attempt may be paid that exists at the institution only once the payer acts: see
/// [`ChannelKind::is_made_by_payer`].
const MADE_BY_PAYER_MS: i64 = 5 * MINUTE_MS;
/// The first question about an attempt nobody told us of.
const FIRST_ASK_MS: i64 = 10_000;
/// Replacing an attempt, or a spent number, is tried this often within one press.
const ROUNDS: usize = 3;

/// Who pays which order, and how.
#[derive(Clone, Debug)]
pub struct Start {
    /// Whose order.
    pub merchant_id: i64,
    /// Which order.
    pub order_id: i64,
    /// With which institution's wallet.
    pub channel: ChannelKind,
    /// How.
    pub way: Way,
    /// By whom, for JSAPI: `sp:<id>` or `sub:<id>`.
    pub payer_id: Option<String>,
    /// The payer's address.
    pub client_ip: String,
    /// The order's page, where the wallet comes back to.
    pub return_url: String,
}

/// What the payer's page may do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Started {
    /// Hand this to the wallet.
    Ready(Ready),
    /// It is paid already.
    Paid,
    /// It is closed.
    Closed,
    /// Nobody knows yet what became of the attempt: wait and press again.
    Unknown,
    /// An attempt that nobody can close, because the institution makes it only once the payer acts, may still be paid:
    /// another one waits until it is dead.
    Held {
        /// Whose wallet it is for.
        channel: ChannelKind,
        /// When it is known to be dead, UTC milliseconds.
        until_ms: i64,
    },
    /// The institution refused.
    Refused(Refusal),
}

/// What a wallet is handed, and until when it may be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ready {
    /// What to hand over.
    pub handover: Handover,
    /// The attempt's last moment to pay, UTC milliseconds.
    pub expires_at_ms: i64,
}

/// A credential as it is stored and handed to the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Handover {
    /// Signed parameters for the wallet's own browser.
    Jsapi(JsapiInvoke),
    /// The institution's number of the attempt, for the wallet's bridge.
    Trade(String),
    /// An address that opens the wallet.
    H5(String),
    /// The text of a code.
    Native(String),
}

/// What one look at the order decided.
enum Next {
    Done(Started),
    Send(Box<Payment>),
    Replace(Box<Payment>),
}

/// Starts or resumes the payment of an order.
///
/// # Errors
/// [`Error`].
pub async fn start(app: &App, start: Start) -> Result<Started, Error> {
    for _ in 0..ROUNDS {
        match look(app, &start).await? {
            Next::Done(started) => return Ok(started),
            Next::Send(payment) => {
                if let Some(started) = send(app, &payment, &start.return_url).await? {
                    return Ok(started);
                }
            }
            Next::Replace(payment) => {
                if let Some(started) = replace(app, &payment).await? {
                    return Ok(started);
                }
            }
        }
    }
    Ok(Started::Unknown)
}

async fn look(app: &App, start: &Start) -> Result<Next, Error> {
    let now_ms = app.clock.now_ms();
    let key = Key::of((start.merchant_id, start.order_id));
    let start = start.clone();
    let work = async move |tx: &mut Tx<'_>| {
        let found = order::get(tx, start.merchant_id, start.order_id).await?;
        let order = found.ok_or(order::Error::Unknown)?;
        match order.status {
            order::Status::Paid | order::Status::PartlyRefunded | order::Status::Refunded => {
                return Ok(Next::Done(Started::Paid));
            }
            order::Status::Closed => return Ok(Next::Done(Started::Closed)),
            order::Status::Created | order::Status::Pending => {}
        }
        let Some(attempt) = order.live_attempt else { return begin(tx, &start, &order, now_ms).await };
        let number = Number { merchant_id: start.merchant_id, order_id: order.order_id, attempt };
        let live = super::get(tx, number).await?.ok_or(Error::Stored)?;
        let next = resume(live, &start, now_ms);
        if let Next::Send(again) = &next {
            let Number { merchant_id, order_id, attempt } = again.number;
            tx.execute(sql::SENDING, params![merchant_id, order_id, attempt, now_ms]).await?;
        }
        Ok(next)
    };
    app.db.write(key, work).await
}

/// The live attempt as it is, sent again under its own number, or to be replaced by one for this payer and way.
fn resume(live: Payment, start: &Start, now_ms: i64) -> Next {
    let same = live.channel == start.channel && live.way == start.way && live.payer_id == start.payer_id;
    if !same || now_ms >= live.expires_at_ms {
        return Next::Replace(Box::new(live));
    }
    let usable = live.status == Status::Pending && live.credential_until_ms.is_some_and(|until| now_ms < until);
    match live.credential.as_deref().and_then(|json| serde_json::from_str(json).ok()) {
        Some(handover) if usable => Next::Done(Started::Ready(Ready { handover, expires_at_ms: live.expires_at_ms })),
        _ => Next::Send(Box::new(live)),
    }
}

/// Writes the next attempt, and with it the job that asks about it should nobody tell us.
async fn begin(tx: &mut Tx<'_>, start: &Start, order: &Order, now_ms: i64) -> Result<Next, Error> {
    if now_ms >= order.expires_at_ms {
        return Ok(Next::Done(Started::Closed));
    }
    let accounts = merchant::accounts_of_unit(tx, start.merchant_id, order.org_unit_id).await?;
    let account = accounts.into_iter().find(|account| account.channel == start.channel && account.offers(start.way));
    let account = account.ok_or(Error::WayMissing)?;
    let sealed = authorization::find(tx, start.merchant_id, &account.provider_key, &account.account.sub_mchid).await?;
    if !order::begin_attempt(tx, start.merchant_id, order).await? {
        return Ok(Next::Done(Started::Unknown)); // two presses at once on two nodes: the other one is on its way
    }
    let number = Number { merchant_id: start.merchant_id, order_id: order.order_id, attempt: order.attempts + 1 };
    let payment = Payment {
        number,
        account_id: account.account_id,
        provider_key: account.provider_key,
        channel: account.channel,
        account: account.account,
        authorization: sealed,
        way: start.way,
        payer_id: start.payer_id.clone(),
        client_ip: start.client_ip.clone(),
        description: format!("{} {}", order.merchant_short_name, order.title),
        amount_fen: order.amount_fen,
        status: Status::Created,
        credential: None,
        credential_until_ms: None,
        created_at_ms: now_ms,
        expires_at_ms: last_moment(start, order.expires_at_ms, now_ms),
        updated_at_ms: now_ms,
    };
    payment.scene()?;
    insert(tx, &payment).await?;
    Ok(Next::Send(Box::new(payment)))
}

/// The attempt's last moment to pay: the order's, but soon for one that nobody could close, so that another wallet may
/// be used before the order is over.
fn last_moment(start: &Start, order_expires_at_ms: i64, now_ms: i64) -> i64 {
    if start.channel.is_made_by_payer(start.way) {
        order_expires_at_ms.min(now_ms + MADE_BY_PAYER_MS)
    } else {
        order_expires_at_ms
    }
}

async fn insert(tx: &mut Tx<'_>, payment: &Payment) -> Result<(), Error> {
    let Number { merchant_id, order_id, attempt } = payment.number;
    let out_trade_no = payment.number.to_string();
    let now_ms = payment.created_at_ms;
    let values = params![
        merchant_id,
        order_id,
        attempt,
        &out_trade_no,
        payment.account_id,
        &payment.provider_key,
        &payment.account.sub_mchid,
        payment.way.word(),
        &payment.payer_id,
        &payment.client_ip,
        &payment.description,
        payment.amount_fen,
        now_ms,
        payment.expires_at_ms
    ];
    tx.execute(sql::INSERT, values).await?;
    let job = NewJob { merchant_id, kind: ASK, key: &out_trade_no, payload: "", due_at_ms: now_ms + FIRST_ASK_MS };
    jobs::enqueue(tx, &job, now_ms).await?;
    Ok(())
}

/// Asks the institution for the attempt: again with the same number and identical parameters is not a second attempt.
/// Nothing: look again.
async fn send(app: &App, payment: &Payment, return_url: &str) -> Result<Option<Started>, Error> {
    let (provider, account) = reach(app, payment)?;
    let prepay = Prepay {
        out_trade_no: payment.number.to_string(),
        amount: Amount::from_fen(payment.amount_fen),
        description: payment.description.clone(),
        notify_url: format!("{}/callback/{}/{}", app.config.public_url, payment.channel.word(), payment.provider_key),
        expires_at_ms: payment.expires_at_ms,
        scene: payment.scene()?,
        return_url: Some(return_url.to_owned()),
    };
    let outcome = provider.channel.prepay(&account, &prepay).await;
    if payment.channel.prepays_by_network(payment.way) {
        let answered = !matches!(outcome, PrepayOutcome::Unknown(_));
        app.pulse.note(&payment.provider_key, answered, app.clock.now_ms());
    }
    match outcome {
        PrepayOutcome::Ready(credential) => ready(app, payment, credential).await,
        PrepayOutcome::Unknown(why) => {
            change(app, payment.number, sql::NO_ANSWER, &why).await?;
            Ok(Some(Started::Unknown))
        }
        PrepayOutcome::Refused(refusal) => refused(app, payment, refusal).await,
    }
}

async fn ready(app: &App, payment: &Payment, credential: Credential) -> Result<Option<Started>, Error> {
    let now_ms = app.clock.now_ms();
    let (handover, lives_ms) = match credential {
        Credential::Jsapi(invoke) => (Handover::Jsapi(invoke), CREDENTIAL_MS),
        Credential::H5 { url } => (Handover::H5(url), H5_CREDENTIAL_MS),
        Credential::Trade { trade_no } => (Handover::Trade(trade_no), CREDENTIAL_MS),
        Credential::Native { code_url } => (Handover::Native(code_url), CREDENTIAL_MS),
    };
    // What costs no call is made anew rather than kept: such an address carries the merchant's leave (PRODUCT 8).
    let kept = payment.channel.prepays_by_network(payment.way);
    let json = if kept { serde_json::to_string(&handover).map_err(|_| Error::Stored)? } else { String::new() };
    let number = payment.number;
    let work = async move |tx: &mut Tx<'_>| {
        let Number { merchant_id, order_id, attempt } = number;
        order::mark_pending(tx, merchant_id, order_id).await?;
        let values = params![merchant_id, order_id, attempt, &json, now_ms + lives_ms, now_ms];
        Ok::<_, Error>(tx.execute(sql::READY, values).await? == 1)
    };
    let stored = app.db.write(Key::of((number.merchant_id, number.order_id)), work).await?;
    // Not stored: the callback was faster than the answer to our call. The next look sees it paid.
    Ok(stored.then_some(Started::Ready(Ready { handover, expires_at_ms: payment.expires_at_ms })))
}

/// A refusal of an attempt whose first call went unanswered may be the echo of its success: ask before believing.
async fn refused(app: &App, payment: &Payment, refusal: Refusal) -> Result<Option<Started>, Error> {
    let may_exist = payment.status != Status::Created || refusal.kind == RefusalKind::NumberSpent;
    if may_exist {
        return Ok(match ask(app, payment.number).await? {
            Asked::Paid => Some(Started::Paid),
            Asked::Ended => None,
            Asked::Open | Asked::Unknown => Some(Started::Unknown),
        });
    }
    let note = format!("{} {}", refusal.code, refusal.message);
    tracing::warn!(out_trade_no = %payment.number, %note, "the institution refused an attempt");
    change(app, payment.number, sql::REFUSE, &note).await?;
    Ok(Some(Started::Refused(refusal)))
}

/// Closes the live attempt so that another may start. Nothing: look again.
async fn replace(app: &App, payment: &Payment) -> Result<Option<Started>, Error> {
    Ok(match close(app, payment).await? {
        Asked::Paid => Some(Started::Paid),
        Asked::Ended => None,
        Asked::Open | Asked::Unknown if payment.is_made_by_payer() => {
            Some(Started::Held { channel: payment.channel, until_ms: payment.expires_at_ms + NEVER_MADE_MS })
        }
        Asked::Open | Asked::Unknown => Some(Started::Unknown),
    })
}

/// Closes the order's live attempt, so that the next press makes another. False: it is paid, or nobody knows yet.
///
/// # Errors
/// [`Error`].
pub async fn drop_live(app: &App, merchant_id: i64, order_id: i64) -> Result<bool, Error> {
    let read = async move |tx: &mut Tx<'_>| {
        let order = order::get(tx, merchant_id, order_id).await?.ok_or(order::Error::Unknown)?;
        let Some(attempt) = order.live_attempt else { return Ok(None) };
        super::get(tx, Number { merchant_id, order_id, attempt }).await
    };
    match app.db.read(read).await? {
        None => Ok(true),
        Some(live) => Ok(replace(app, &live).await?.is_none()),
    }
}

/// Writes the institution's or the wallet's words to an open attempt; its status stays as it is.
///
/// # Errors
/// The refusals of the database.
pub async fn note(tx: &mut Tx<'_>, number: Number, words: &str, now_ms: i64) -> Result<(), DbError> {
    let Number { merchant_id, order_id, attempt } = number;
    tx.execute(sql::NOTE, params![merchant_id, order_id, attempt, words, now_ms]).await.map(drop)
}

/// One conditional move of an attempt to an end (or to unknown), with a note; an ended one frees its order.
pub(super) async fn change(app: &App, number: Number, text: &'static str, note: &str) -> Result<bool, Error> {
    let now_ms = app.clock.now_ms();
    let note: String = note.chars().take(300).filter(|c| *c != '\0').collect();
    let work = async move |tx: &mut Tx<'_>| {
        let Number { merchant_id, order_id, attempt } = number;
        order::lock(tx, merchant_id, order_id).await?;
        let moved = tx.execute(text, params![merchant_id, order_id, attempt, &note, now_ms]).await? == 1;
        if moved && text != sql::NO_ANSWER {
            order::end_attempt(tx, merchant_id, order_id, attempt).await?;
        }
        Ok::<_, Error>(moved)
    };
    app.db.write(Key::of((number.merchant_id, number.order_id)), work).await
}
