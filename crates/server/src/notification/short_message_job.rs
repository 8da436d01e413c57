//! The job `sms.send`: one short message, by its id. Idempotent as far as a provider without idempotency keys allows: a
//! message that is not queued any more is not sent; one whose answer was lost is sent again, and may arrive twice.

use db::{Key, Tx, params};
use jobs::{Claimed, Ended};
use sms::Outcome;

use super::{
    lifecycle::{self, Next},
    short_message::{SmsText, open},
    sql,
};
use crate::{App, outside::ShortMessages};

/// The kind of the job; its key is the message's id.
pub const SEND_SMS: &str = "sms.send";

/// When to come back after the database did not answer.
const BUSY_MS: i64 = 2_000;

struct Queued {
    mobile: String,
    sealed: Vec<u8>,
    expires_at_ms: i64,
}

/// Sends a message: sent wipes what it said, a refusal is kept in the provider's words, silence is asked again.
pub async fn send_sms(app: &App, job: &Claimed) -> Ended {
    let done = match job.key.parse() {
        Ok(sms_id) => send(app, job, sms_id).await,
        Err(_) => return Ended::Failed { why: format!("{} is no message", job.key) },
    };
    done.unwrap_or_else(|error| Ended::Again { due_at_ms: app.clock.now_ms() + BUSY_MS, why: error.to_string() })
}

async fn send(app: &App, job: &Claimed, sms_id: i64) -> Result<Ended, db::Error> {
    let merchant_id = job.merchant_id;
    let Some(queued) = load(app, merchant_id, sms_id).await? else { return Ok(Ended::Done) };
    if app.clock.now_ms() >= queued.expires_at_ms {
        settle(app, sql::SMS_GIVEN_UP, merchant_id, sms_id, "没有在有效期内发出".into()).await?;
        return Ok(Ended::Done);
    }
    match attempt(app, &queued).await {
        Outcome::Sent { id } => {
            settle(app, sql::SMS_SENT, merchant_id, sms_id, id).await?;
            Ok(Ended::Done)
        }
        Outcome::Refused { code, message } => {
            tracing::warn!(sms_id, code, message, "a short message was refused");
            settle(app, sql::SMS_REFUSED, merchant_id, sms_id, format!("{code}: {message}")).await?;
            Ok(Ended::Done)
        }
        Outcome::Unknown(why) => {
            tracing::warn!(sms_id, why, "nobody knows whether a short message was sent");
            match lifecycle::after_silence(job.attempt, queued.expires_at_ms, app.clock.now_ms()) {
                Next::Again(due_at_ms) => Ok(Ended::Again { due_at_ms, why }),
                Next::GiveUp => {
                    settle(app, sql::SMS_GIVEN_UP, merchant_id, sms_id, why).await?;
                    Ok(Ended::Done)
                }
            }
        }
    }
}

async fn load(app: &App, merchant_id: i64, sms_id: i64) -> Result<Option<Queued>, db::Error> {
    let read = async move |tx: &mut Tx<'_>| tx.query_opt(sql::LOAD_SMS, params![merchant_id, sms_id]).await;
    let row = app.db.read::<_, db::Error, _>(read).await?;
    row.map(|row| Ok(Queued { mobile: row.get(0)?, sealed: row.get(1)?, expires_at_ms: row.get(2)? })).transpose()
}

async fn attempt(app: &App, queued: &Queued) -> Outcome {
    let links = app.outside.links();
    let Some(sender) = &links.short_messages else { return Outcome::Unknown("no [sms] is set up".into()) };
    let SmsText::LoginCode { code, minutes } = match open(&app.vault, &queued.sealed) {
        Ok(text) => text,
        Err(error) => return Outcome::Unknown(error.to_string()),
    };
    let values = [("code", code.as_str()), ("minutes", &minutes.to_string())];
    let message = ShortMessages::message(&sender.login_code, queued.mobile.clone(), &values);
    sender.sms.send(&message).await
}

async fn settle(app: &App, text: &'static str, merchant_id: i64, sms_id: i64, what: String) -> Result<(), db::Error> {
    let now_ms = app.clock.now_ms();
    let write = async move |tx: &mut Tx<'_>| tx.execute(text, params![merchant_id, sms_id, now_ms, &what]).await;
    app.db.write(Key::of(("sms", sms_id)), write).await.map(drop)
}
