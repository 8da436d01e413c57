//! Telling the customer's server about payments and refunds: queued with the change, sent until acknowledged.
//!
//! A callback is claimed before it is sent: its next try is written down first, so a kill in between loses nothing
//! and the published schedule goes on after a restart.

mod plan;
mod send;

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
use crate::faults::Provider;

pub(crate) use plan::{Bend, Plan};

use plan::Seal;
use send::Sending;

/// WeChat Pay's gaps between tries, s: the first sending and fifteen more (PROTOCOLS 1.4).
const WECHATPAY_GAPS_S: [i64; 15] =
    [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];
/// Alipay's: 4m 10m 10m 1h 2h 6h 15h (PROTOCOLS 2.3).
const ALIPAY_GAPS_S: [i64; 7] = [240, 600, 600, 3600, 7200, 21_600, 54_000];
/// How many are on their way at once.
const IN_FLIGHT: usize = 128;
/// How often the clock is looked at: a frozen clock moves without telling.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A callback that is to be sent now.
struct Claimed {
    callback_id: i64,
    sending: Sending,
    copies: i64,
    last: bool,
}

fn gaps(provider: Provider) -> &'static [i64] {
    match provider {
        Provider::WechatPay => &WECHATPAY_GAPS_S,
        Provider::Alipay => &ALIPAY_GAPS_S,
    }
}

/// What is to be told, and where.
pub(crate) struct Telling<'a> {
    pub provider: Provider,
    /// `payment` or `refund`.
    pub what: &'static str,
    pub out_trade_no: &'a str,
    pub notify_url: &'a str,
    /// WeChat Pay's sealed JSON; Alipay's parameters as JSON.
    pub body: &'a str,
    /// From when it is true, UTC ms.
    pub from_ms: i64,
}

/// A callback as told to whoever asks.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub callback_id: String,
    pub out_trade_no: String,
    /// `wechatpay` or `alipay`.
    pub provider: String,
    /// `payment` or `refund`.
    pub what: String,
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

/// Queues a callback as `plan` says. Who gave no address is not told.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn queue(app: &App, tx: &Transaction<'_>, plan: &Plan, telling: &Telling<'_>) -> rusqlite::Result<()> {
    if telling.notify_url.is_empty() {
        return Ok(());
    }
    let from_ms = telling.from_ms + app.settings.callback_delay_ms + plan.late_ms;
    let (state, next_at_ms) = if plan.lost { ("lost", None) } else { ("waiting", Some(from_ms)) };
    tx.prepare_cached(
        "INSERT INTO callback (provider, what, out_trade_no, notify_url, body, copies, seal, state, next_at_ms,
             created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        telling.provider.name(),
        telling.what,
        telling.out_trade_no,
        telling.notify_url,
        telling.body,
        plan.copies,
        plan.seal.name(),
        state,
        next_at_ms,
        app.now_ms()
    ])?;
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
            "SELECT callback_id, provider, notify_url, body, copies, tries, seal FROM callback
             WHERE next_at_ms <= ?1 ORDER BY next_at_ms LIMIT ?2",
        )?;
        let found: Vec<(Claimed, Option<i64>)> = due
            .query_map(params![now_ms, i64::try_from(most).unwrap_or(0)], |row| {
                let provider = Provider::named(&row.get::<_, String>(1)?);
                let tries: i64 = row.get(5)?;
                let seal = if tries == 0 { Seal::named(&row.get::<_, String>(6)?) } else { Seal::Genuine };
                let gap_s = gaps(provider).get(usize::try_from(tries).unwrap_or_default());
                let claimed = Claimed {
                    callback_id: row.get(0)?,
                    sending: Sending { provider, notify_url: row.get(2)?, body: row.get(3)?, seal },
                    copies: row.get(4)?,
                    last: gap_s.is_none(),
                };
                Ok((claimed, gap_s.map(|gap_s| now_ms + gap_s * 1000)))
            })?
            .collect::<Result<_, _>>()?;
        let mut next = tx.prepare_cached(
            "UPDATE callback SET tries = tries + 1, next_at_ms = ?2, last_result = '' WHERE callback_id = ?1",
        )?;
        for (claimed, next_at_ms) in &found {
            next.execute(params![claimed.callback_id, next_at_ms])?;
        }
        Ok(found.into_iter().map(|(claimed, _)| claimed).collect())
    })
}

async fn deliver(app: Arc<App>, claimed: Claimed) {
    let mut copies = JoinSet::new();
    for _ in 0..claimed.copies {
        let (app, sending) = (app.clone(), claimed.sending.clone());
        copies.spawn(async move { send::send(&app, &sending).await });
    }
    let results = copies.join_all().await;
    let acknowledged = results.iter().any(Result::is_ok);
    let words: Vec<String> = results.into_iter().map(|result| result.unwrap_or_else(|refused| refused)).collect();
    if let Err(error) = settle(&app, &claimed, acknowledged, &words.join(" · ")) {
        tracing::error!(%error, "could not write down how a callback went");
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
            "SELECT callback_id, out_trade_no, provider, what, notify_url, state, tries, next_at_ms, last_result,
                 created_at_ms FROM callback WHERE ?1 IS NULL OR out_trade_no = ?1 ORDER BY callback_id DESC LIMIT 50",
        )?
        .query_map([out_trade_no], |row| {
            Ok(Told {
                callback_id: row.get::<_, i64>(0)?.to_string(),
                out_trade_no: row.get(1)?,
                provider: row.get(2)?,
                what: row.get(3)?,
                notify_url: row.get(4)?,
                state: row.get(5)?,
                tries: row.get(6)?,
                next_at_ms: row.get(7)?,
                last_result: row.get(8)?,
                created_at_ms: row.get(9)?,
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
