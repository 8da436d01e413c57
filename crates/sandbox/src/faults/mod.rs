//! What a real institution does on its bad days, armed by hand, by a test or by a magic amount, and used up one by one.

mod kind;

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};

pub(crate) use kind::{About, At, Call, KINDS, Kind, Provider};

use crate::app::App;
use crate::clock::beijing;
use crate::error::Error;

/// How long what is held up is held up when nothing was said, ms.
const HOLD_MS: i64 = 30_000;

/// One armed fault, as told to whoever asks.
#[derive(Debug, Serialize)]
pub(crate) struct Armed {
    pub kind: String,
    pub on: String,
    pub provider: String,
    pub count: i64,
    pub until_ms: Option<i64>,
}

impl Armed {
    /// How long it stays, for people.
    pub fn when(&self) -> String {
        match self.until_ms {
            Some(until_ms) => format!("直到 {}", beijing(until_ms, "%m-%d %H:%M:%S")),
            None => format!("还有 {} 次", self.count),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Arm {
    kind: Kind,
    #[serde(default = "once")]
    count: i64,
    #[serde(default)]
    on: Call,
    /// Of one institution only.
    provider: Option<Provider>,
    /// How long what is held up is held up, ms of real time for an answer, of the clock for everything else.
    #[serde(default = "default_hold_ms")]
    hold_ms: i64,
    /// Strikes every time for so long, ms of the clock, instead of `count` times.
    for_ms: Option<i64>,
}

fn once() -> i64 {
    1
}

fn default_hold_ms() -> i64 {
    HOLD_MS
}

/// GET shows what is armed, POST arms (count 0 disarms), DELETE disarms all.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/faults", get(show).post(arm).delete(disarm))
        .route("/faults/kinds", get(kinds))
        .route("/devtools/fault", post(arm_by_hand))
        .route("/devtools/no-fault", post(disarm_by_hand))
}

/// What a fault would strike: whose number, how much, and when.
#[derive(Debug, Clone)]
pub(crate) struct Subject {
    pub provider: Provider,
    /// The customer's number of the order or refund.
    pub number: String,
    /// What it is over, fen.
    pub fen: i64,
    pub now_ms: i64,
}

/// Uses up one fault of `kind` armed for `call` or called for by the subject's amount; `Some(hold_ms)` when there was
/// one.
///
/// # Errors
/// When the state file fails.
pub(crate) fn take(tx: &Transaction<'_>, kind: Kind, call: Call, subject: &Subject) -> rusqlite::Result<Option<i64>> {
    let armed = tx
        .prepare_cached(
            "UPDATE armed_fault SET remaining = remaining - (until_ms IS NULL)
             WHERE rowid = (SELECT rowid FROM armed_fault
                 WHERE kind = ?1 AND on_call IN (?2, 'any') AND provider IN (?3, 'any') AND remaining > 0
                   AND (until_ms IS NULL OR until_ms > ?4) LIMIT 1)
             RETURNING hold_ms",
        )?
        .query_row(params![kind.name(), call.name(), subject.provider.name(), subject.now_ms], |row| row.get(0))
        .optional()?;
    if armed.is_some() || kind.about().magic_fen != Some(subject.fen) || !magic_on(kind, call) {
        return Ok(armed);
    }
    let first = tx
        .prepare_cached("INSERT OR IGNORE INTO struck (provider, number, kind) VALUES (?1, ?2, ?3)")?
        .execute(params![subject.provider.name(), subject.number, kind.name()])?;
    Ok((first > 0).then_some(HOLD_MS))
}

/// The call on which a magic amount strikes: for most it is the order call.
fn magic_on(kind: Kind, call: Call) -> bool {
    match kind {
        Kind::PaidDuringClose => call == Call::Close,
        Kind::QueryWrongAmount => call == Call::Query,
        Kind::TimeoutAfterDone
        | Kind::TimeoutNotDone
        | Kind::SystemError
        | Kind::Unavailable
        | Kind::RateLimited
        | Kind::Html
        | Kind::Unsigned
        | Kind::WrongSignature => matches!(call, Call::Prepay | Call::Codepay),
        _ => true,
    }
}

/// [`take`] in a transaction of its own.
///
/// # Errors
/// When the state file fails.
pub(crate) fn take_now(app: &App, kind: Kind, call: Call, subject: &Subject) -> Result<Option<i64>, Error> {
    app.state.write(|tx| Ok(take(tx, kind, call, subject)?))
}

/// What is armed now.
///
/// # Errors
/// When the state file fails.
pub(crate) fn armed(connection: &Connection, now_ms: i64) -> rusqlite::Result<Vec<Armed>> {
    connection
        .prepare(
            "SELECT kind, on_call, provider, remaining, until_ms FROM armed_fault
             WHERE remaining > 0 AND (until_ms IS NULL OR until_ms > ?1) ORDER BY kind, on_call, provider",
        )?
        .query_map([now_ms], |row| {
            Ok(Armed {
                kind: row.get(0)?,
                on: row.get(1)?,
                provider: row.get(2)?,
                count: row.get(3)?,
                until_ms: row.get(4)?,
            })
        })?
        .collect()
}

async fn show(Extract(app): Extract<Arc<App>>) -> Result<Json<Vec<Armed>>, Error> {
    Ok(Json(app.state.read(|connection| armed(connection, app.now_ms()))?))
}

/// A kind as told to scripts.
#[derive(Serialize)]
struct Listed {
    kind: &'static str,
    words: &'static str,
    at: &'static str,
    magic_fen: Option<i64>,
}

async fn kinds() -> Json<Vec<Listed>> {
    let at = |about: &About| match about.at {
        At::Call => "call",
        At::Payment => "payment",
        At::Refund => "refund",
    };
    let listed =
        |about: &About| Listed { kind: about.name, words: about.words, at: at(about), magic_fen: about.magic_fen };
    Json(KINDS.iter().map(listed).collect())
}

async fn arm(Extract(app): Extract<Arc<App>>, Json(fault): Json<Arm>) -> Result<Json<Vec<Armed>>, Error> {
    let call = match fault.kind.about().at {
        At::Call => fault.on,
        At::Payment | At::Refund => Call::Any,
    };
    let until_ms = fault.for_ms.map(|for_ms| app.now_ms() + for_ms);
    app.state.write(|tx| {
        tx.execute(
            "INSERT INTO armed_fault (kind, on_call, provider, remaining, hold_ms, until_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (kind, on_call, provider) DO UPDATE SET remaining = excluded.remaining,
                 hold_ms = excluded.hold_ms, until_ms = excluded.until_ms",
            params![
                fault.kind.name(),
                call.name(),
                fault.provider.map_or("any", Provider::name),
                fault.count.max(0),
                fault.hold_ms.max(0),
                until_ms
            ],
        )
    })?;
    show(Extract(app)).await
}

/// The front page's form: one more of a kind.
async fn arm_by_hand(Extract(app): Extract<Arc<App>>, Form(fault): Form<Arm>) -> Result<Redirect, Error> {
    arm(Extract(app), Json(fault)).await.map(|_| Redirect::to("/"))
}

async fn disarm(Extract(app): Extract<Arc<App>>) -> Result<StatusCode, Error> {
    app.state.write(|tx| tx.execute("DELETE FROM armed_fault", []))?;
    Ok(StatusCode::NO_CONTENT)
}

async fn disarm_by_hand(Extract(app): Extract<Arc<App>>) -> Result<Redirect, Error> {
    disarm(Extract(app)).await.map(|_| Redirect::to("/"))
}
