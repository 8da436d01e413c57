//! Asking the institution what became of an attempt. Whatever it says is written down; a success is booked.

use channel::{CloseOutcome, QueryOutcome};
use db::Tx;
use jobs::{Claimed, Ended};

use super::{
    Booked, Error, News, Number, Payment, Status, confirm::Teller, lifecycle::ask_again_in_ms, reach, sql,
    start::change,
};
use crate::{App, clock::MINUTE_MS};

/// A number that the institution does not know so long after the call was never made there: our call took at most
/// eight seconds, and without its answer nobody holds anything to pay with.
pub(super) const NEVER_MADE_MS: i64 = 2 * MINUTE_MS;

/// What is known now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It is paid and booked.
    Paid,
    /// It ended without payment; its order is free.
    Ended,
    /// It lives at the institution, unpaid.
    Open,
    /// No trustworthy answer.
    Unknown,
}

/// Asks about one attempt.
///
/// # Errors
/// [`Error`].
pub async fn ask(app: &App, number: Number) -> Result<Asked, Error> {
    let read = async move |tx: &mut Tx<'_>| super::get(tx, number).await;
    let payment = app.db.read(read).await?.ok_or(Error::Stored)?;
    match payment.status {
        Status::Paid => return Ok(Asked::Paid),
        Status::Closed | Status::Refused => return Ok(Asked::Ended),
        Status::Created | Status::Pending | Status::Unknown => {}
    }
    let (provider, account) = reach(app, &payment)?;
    let outcome = provider.channel.query(&account, &number.to_string()).await;
    app.pulse.note(&payment.provider_key, !matches!(outcome, QueryOutcome::Unknown(_)), app.clock.now_ms());
    match outcome {
        QueryOutcome::Succeeded(success) => {
            let teller = Teller::new(payment.provider_key, &provider);
            let booked = super::confirm(app, teller, success, News::Query).await?;
            Ok(if matches!(booked, Booked::Misfit(_)) { Asked::Unknown } else { Asked::Paid })
        }
        QueryOutcome::Pending => Ok(Asked::Open),
        QueryOutcome::Closed => {
            change(app, number, sql::CLOSE, "closed at the institution").await?;
            Ok(Asked::Ended)
        }
        QueryOutcome::NotFound if never_made(&payment, app.clock.now_ms()) => {
            let text = if payment.status == Status::Pending { sql::CLOSE } else { sql::NEVER_MADE };
            let given_up = change(app, number, text, "never made at the institution").await?;
            Ok(if given_up { Asked::Ended } else { Asked::Unknown })
        }
        QueryOutcome::NotFound => Ok(Asked::Unknown),
        QueryOutcome::Unknown(why) => {
            tracing::info!(out_trade_no = %number, why, "a query went unanswered");
            Ok(Asked::Unknown)
        }
    }
}

/// Whether a number that the institution does not know can be given up. One whose credential a payer holds cannot,
/// before its time to pay is over: "not found" may be a copy of the institution's data that lags behind.
fn never_made(payment: &Payment, now_ms: i64) -> bool {
    let since_ms = if payment.status == Status::Pending { payment.expires_at_ms } else { payment.updated_at_ms };
    now_ms - since_ms >= NEVER_MADE_MS
}

/// Closes an open attempt at the institution, and asks about it once more: an institution also answers "closed" for a
/// number that it does not know, while the call that makes it may still be under way.
pub(super) async fn close(app: &App, payment: &Payment) -> Result<Asked, Error> {
    let number = payment.number;
    if payment.is_made_by_payer() && app.clock.now_ms() >= payment.expires_at_ms {
        // What was never made cannot be closed: it is dead once nobody may make it any more.
        match ask(app, number).await? {
            Asked::Open => {}
            known => return Ok(known),
        }
    }
    let (provider, account) = reach(app, payment)?;
    let outcome = provider.channel.close(&account, &number.to_string()).await;
    app.pulse.note(&payment.provider_key, !matches!(outcome, CloseOutcome::Unknown(_)), app.clock.now_ms());
    match outcome {
        CloseOutcome::Closed => Ok(match ask(app, number).await? {
            Asked::Open => Asked::Unknown, // closed, and yet open: nothing may start on that
            known => known,
        }),
        CloseOutcome::AlreadyPaid => ask(app, number).await,
        CloseOutcome::Unknown(why) => {
            tracing::warn!(out_trade_no = %number, why, "a close went unanswered: nothing new starts");
            Ok(Asked::Unknown)
        }
    }
}

/// The janitor: asks about an attempt until its end is known, ever more rarely (PRODUCT 6.5).
pub async fn ask_job(app: &App, job: &Claimed) -> Ended {
    let Ok(number) = job.key.parse::<Number>() else { return Ended::Failed { why: "not a number of ours".into() } };
    let why = match ask(app, number).await {
        Ok(Asked::Paid | Asked::Ended) => return Ended::Done,
        Ok(Asked::Open) => "open".to_owned(),
        Ok(Asked::Unknown) => "unknown".to_owned(),
        Err(error) => error.to_string(),
    };
    let now_ms = app.clock.now_ms();
    let age_ms = now_ms - crate::ids::minted_at_ms(number.order_id);
    Ended::Again { due_at_ms: now_ms + ask_again_in_ms(age_ms), why }
}
