//! Telling the customer's server about payments: queued with the payment, sent until acknowledged.
//!
//! A callback is claimed before it is sent: its next try is written down first, so a kill in between loses nothing
//! and the published schedule goes on after a restart.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Path, Query, State as Extract};
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::error::Error;
use crate::faults::{Call, Kind, take, take_now};
use crate::institution::Signer;
use crate::pay::notice;
use crate::pay::order::Order;
use crate::signature;

/// Gaps between tries, s: the first sending and fifteen more (PROTOCOLS 1.4).
const GAPS_S: [i64; 15] = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];
/// How many are on their way at once.
const IN_FLIGHT: usize = 128;
/// How often the clock is looked at: a frozen clock moves without telling.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A callback that is to be sent now.
struct Claimed {
    callback_id: i64,
    notify_url: String,
    body: String,
    copies: i64,
    last: bool,
}

/// A callback as told to whoever asks.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub callback_id: String,
    pub out_trade_no: String,
    pub notify_url: String,
    /// `waiting`, `acknowledged`, `given_up` or `lost` (a fault).
    pub state: String,
    pub tries: i64,
    pub next_at_ms: Option<i64>,
    pub last_result: String,
    pub created_at_ms: i64,
}

impl Told {
    /// Its state for people.
    pub fn chinese(&self) -> &'static str {
        match self.state.as_str() {
            "acknowledged" => "已确认",
            "given_up" => "已放弃",
            "lost" => "故意丢失",
            _ => "等待",
        }
    }
}

/// Reading the queue and sending one again.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/callbacks", get(list))
        .route("/callbacks/{callback_id}/resend", post(resend))
        .route("/devtools/resend", post(resend_by_hand))
}

/// Queues the callback of a paid order, with whatever faults are armed.
///
/// # Errors
/// When it cannot be sealed or written.
pub(crate) fn queue(app: &App, tx: &Transaction<'_>, order: &Order, now_ms: i64) -> Result<(), Error> {
    let mut object = order.object(now_ms);
    if take(tx, Kind::WrongAmount, Call::Prepay)?.is_some() {
        object["amount"]["total"] = (order.amount_fen() + 1).into();
        object["amount"]["payer_total"] = (order.amount_fen() + 1).into();
    }
    let body = notice::paid(&app.institution, &object, now_ms)?;
    let lost = take(tx, Kind::CallbackLost, Call::Prepay)?.is_some();
    let copies = if take(tx, Kind::CallbackTwice, Call::Prepay)?.is_some() { 2 } else { 1 };
    let (state, next_at_ms) =
        if lost { ("lost", None) } else { ("waiting", Some(now_ms + app.settings.callback_delay_ms)) };
    tx.prepare_cached(
        "INSERT INTO callback (out_trade_no, notify_url, body, copies, state, next_at_ms, created_at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![order.out_trade_no, order.text("notify_url"), body, copies, state, next_at_ms, now_ms])?;
    Ok(())
}

/// Sends what is due, for ever.
///
/// # Errors
/// When the state file fails.
pub(crate) async fn run(app: Arc<App>) -> Result<(), Error> {
    let mut on_the_way = JoinSet::new();
    let mut look = interval(LOOK_EVERY);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        for claimed in claim(&app, IN_FLIGHT - on_the_way.len())? {
            on_the_way.spawn(deliver(app.clone(), claimed));
        }
        tokio::select! {
            _ = look.tick() => {}
            () = app.queued.notified() => {}
            Some(_) = on_the_way.join_next() => {}
        }
    }
}

/// Sends what is due now and waits for the answers.
///
/// # Errors
/// When the state file fails.
pub(crate) async fn deliver_due(app: &Arc<App>) -> Result<(), Error> {
    let mut on_the_way = JoinSet::new();
    for claimed in claim(app, IN_FLIGHT)? {
        on_the_way.spawn(deliver(app.clone(), claimed));
    }
    on_the_way.join_all().await;
    Ok(())
}

fn claim(app: &App, most: usize) -> Result<Vec<Claimed>, Error> {
    let now_ms = app.now_ms();
    app.state.write(|tx| {
        let mut due = tx.prepare_cached(
            "SELECT callback_id, notify_url, body, copies, tries FROM callback
             WHERE next_at_ms <= ?1 ORDER BY next_at_ms LIMIT ?2",
        )?;
        let found: Vec<(Claimed, usize)> = due
            .query_map(params![now_ms, i64::try_from(most).unwrap_or(0)], |row| {
                let tries: i64 = row.get(4)?;
                let tries = usize::try_from(tries).unwrap_or_default();
                let last = tries >= GAPS_S.len();
                let claimed = Claimed {
                    callback_id: row.get(0)?,
                    notify_url: row.get(1)?,
                    body: row.get(2)?,
                    copies: row.get(3)?,
                    last,
                };
                Ok((claimed, tries))
            })?
            .collect::<Result<_, _>>()?;
        let mut next = tx.prepare_cached(
            "UPDATE callback SET tries = tries + 1, next_at_ms = ?2, last_result = '' WHERE callback_id = ?1",
        )?;
        for (claimed, tries) in &found {
            next.execute(params![claimed.callback_id, GAPS_S.get(*tries).map(|gap| now_ms + gap * 1000)])?;
        }
        Ok(found.into_iter().map(|(claimed, _)| claimed).collect())
    })
}

async fn deliver(app: Arc<App>, claimed: Claimed) {
    let mut copies = JoinSet::new();
    for _ in 0..claimed.copies {
        copies.spawn(send(app.clone(), claimed.notify_url.clone(), claimed.body.clone()));
    }
    let results = copies.join_all().await;
    let acknowledged = results.iter().any(Result::is_ok);
    let words: Vec<String> = results.into_iter().map(|result| result.unwrap_or_else(|refused| refused)).collect();
    if let Err(error) = settle(&app, &claimed, acknowledged, &words.join(" · ")) {
        tracing::error!(%error, "could not write down how a callback went");
    }
}

/// One sending; `Ok` when it was acknowledged with 2xx. Both sides are words for the page.
async fn send(app: Arc<App>, notify_url: String, body: String) -> Result<String, String> {
    let signer = match (take_now(&app, Kind::CallbackOtherKey, Call::Prepay), app.settings.callback_signer) {
        (Ok(Some(_)), Signer::PublicKey) => Signer::Certificate,
        (Ok(Some(_)), Signer::Certificate) => Signer::PublicKey,
        (_, usual) => usual,
    };
    let signed = signature::headers(&app.institution, signer, app.now_ms(), body.as_bytes());
    let mut request = app.http.post(&notify_url).header("content-type", "application/json").header("accept", "*/*");
    for (name, value) in signed {
        request = request.header(name, value);
    }
    match request.body(body).send().await {
        Ok(response) if response.status().is_success() => Ok(response.status().to_string()),
        Ok(response) => Err(response.status().to_string()),
        Err(error) if error.is_timeout() => Err("5 秒内没有应答".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

fn settle(app: &App, claimed: &Claimed, acknowledged: bool, words: &str) -> Result<(), Error> {
    app.state.write(|tx| {
        // A late refusal must not undo what another try achieved.
        let (text, state) = if acknowledged {
            (
                "UPDATE callback SET state = ?2, next_at_ms = NULL, last_result = ?3 WHERE callback_id = ?1",
                "acknowledged",
            )
        } else {
            let text = "UPDATE callback SET state = ?2, last_result = ?3
                        WHERE callback_id = ?1 AND state <> 'acknowledged'";
            (text, if claimed.last { "given_up" } else { "waiting" })
        };
        tx.execute(text, params![claimed.callback_id, state, words])?;
        Ok(())
    })
}

/// The newest callbacks, of one order when `out_trade_no` is given.
///
/// # Errors
/// When the state file fails.
pub(crate) fn newest(connection: &Connection, out_trade_no: Option<&str>) -> rusqlite::Result<Vec<Told>> {
    connection
        .prepare(
            "SELECT callback_id, out_trade_no, notify_url, state, tries, next_at_ms, last_result, created_at_ms
             FROM callback WHERE ?1 IS NULL OR out_trade_no = ?1 ORDER BY callback_id DESC LIMIT 50",
        )?
        .query_map([out_trade_no], |row| {
            Ok(Told {
                callback_id: row.get::<_, i64>(0)?.to_string(),
                out_trade_no: row.get(1)?,
                notify_url: row.get(2)?,
                state: row.get(3)?,
                tries: row.get(4)?,
                next_at_ms: row.get(5)?,
                last_result: row.get(6)?,
                created_at_ms: row.get(7)?,
            })
        })?
        .collect()
}

#[derive(Debug, Deserialize)]
struct Which {
    out_trade_no: Option<String>,
}

async fn list(Extract(app): Extract<Arc<App>>, Query(which): Query<Which>) -> Result<Json<Vec<Told>>, Error> {
    Ok(Json(app.state.read(|connection| newest(connection, which.out_trade_no.as_deref()))?))
}

/// Sends a callback again as soon as possible, whatever became of it; the schedule goes on where it was.
async fn resend(Extract(app): Extract<Arc<App>>, Path(callback_id): Path<i64>) -> Result<StatusCode, Error> {
    Ok(if again(&app, callback_id)? { StatusCode::ACCEPTED } else { StatusCode::NOT_FOUND })
}

#[derive(Debug, Deserialize)]
struct Again {
    callback_id: i64,
}

async fn resend_by_hand(Extract(app): Extract<Arc<App>>, Form(which): Form<Again>) -> Result<Redirect, Error> {
    again(&app, which.callback_id)?;
    Ok(Redirect::to("/"))
}

fn again(app: &App, callback_id: i64) -> Result<bool, Error> {
    let now_ms = app.now_ms();
    let changed = app.state.write(|tx| {
        tx.execute(
            "UPDATE callback SET state = 'waiting', next_at_ms = ?2 WHERE callback_id = ?1",
            params![callback_id, now_ms],
        )
    })?;
    app.queued.notify_one();
    Ok(changed > 0)
}
