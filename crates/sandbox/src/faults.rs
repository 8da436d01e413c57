//! What a real institution does on its bad days, armed by hand or by a test and used up one by one.

use std::sync::Arc;

use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::Redirect;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::error::Error;

/// A kind of misbehaviour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The order is made, its answer never arrives.
    PrepayTimeoutAfterMade,
    /// Neither order nor answer.
    PrepayTimeoutNotMade,
    /// `SYSTEM_ERROR`, nothing done.
    #[serde(rename = "http_500")]
    Http500,
    /// A proxy's web page with status 200, nothing done.
    Html,
    /// Done and answered, without the `Wechatpay-*` headers.
    Unsigned,
    /// The callback of the next payment is never sent.
    CallbackLost,
    /// The callback of the next payment is sent twice at the same moment, each time.
    CallbackTwice,
    /// The next order is paid, and its callback delivered, before the order call is answered.
    CallbackBeforeAnswer,
    /// The callback of the next payment says one fen more.
    WrongAmount,
    /// The next sending of a callback is signed with the platform certificate (or, where that is the rule, with the
    /// public key).
    CallbackOtherKey,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::PrepayTimeoutAfterMade => "prepay_timeout_after_made",
            Self::PrepayTimeoutNotMade => "prepay_timeout_not_made",
            Self::Http500 => "http_500",
            Self::Html => "html",
            Self::Unsigned => "unsigned",
            Self::CallbackLost => "callback_lost",
            Self::CallbackTwice => "callback_twice",
            Self::CallbackBeforeAnswer => "callback_before_answer",
            Self::WrongAmount => "wrong_amount",
            Self::CallbackOtherKey => "callback_other_key",
        }
    }
}

/// The kinds a person may arm, and what they mean.
pub(crate) const KINDS: [(&str, &str); 10] = [
    ("prepay_timeout_after_made", "下单：订单已建立，应答丢失"),
    ("prepay_timeout_not_made", "下单：没有建立，也没有应答"),
    ("http_500", "下单：系统异常 500"),
    ("html", "下单：应答是一个网页"),
    ("unsigned", "下单：应答没有签名"),
    ("callback_before_answer", "下单：应答之前就已支付并回调"),
    ("callback_lost", "支付：回调丢失"),
    ("callback_twice", "支付：同时回调两次"),
    ("wrong_amount", "支付：回调金额多一分"),
    ("callback_other_key", "支付：回调换另一把密钥签名"),
];

/// Which call of the payment API a fault waits for. Callback faults wait for any payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Call {
    #[default]
    Prepay,
    Query,
    Close,
    Certificates,
}

impl Call {
    fn name(self) -> &'static str {
        match self {
            Self::Prepay => "prepay",
            Self::Query => "query",
            Self::Close => "close",
            Self::Certificates => "certificates",
        }
    }
}

/// One armed fault, as told to whoever asks.
#[derive(Debug, Serialize)]
pub(crate) struct Armed {
    pub kind: String,
    pub on: String,
    pub count: i64,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Arm {
    kind: Kind,
    #[serde(default = "once")]
    count: i64,
    #[serde(default)]
    on: Call,
    /// How long a call without answer is held open before its connection breaks, ms.
    #[serde(default = "default_hold_ms")]
    hold_ms: i64,
}

fn once() -> i64 {
    1
}

fn default_hold_ms() -> i64 {
    30_000
}

/// GET shows what is armed, POST arms (count 0 disarms), DELETE disarms all.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new().route("/faults", get(show).post(arm).delete(disarm)).route("/devtools/fault", post(arm_by_hand))
}

/// Uses up one fault of `kind` armed for `call`; `Some(hold_ms)` when there was one.
///
/// # Errors
/// When the state file fails.
pub(crate) fn take(tx: &Transaction<'_>, kind: Kind, call: Call) -> rusqlite::Result<Option<i64>> {
    tx.query_row(
        "UPDATE fault SET remaining = remaining - 1 WHERE kind = ?1 AND on_call = ?2 AND remaining > 0 RETURNING hold_ms",
        params![kind.name(), call.name()],
        |row| row.get(0),
    )
    .optional()
}

/// [`take`] in a transaction of its own.
///
/// # Errors
/// When the state file fails.
pub(crate) fn take_now(app: &App, kind: Kind, call: Call) -> Result<Option<i64>, Error> {
    app.state.write(|tx| Ok(take(tx, kind, call)?))
}

/// What is armed now.
///
/// # Errors
/// When the state file fails.
pub(crate) fn armed(connection: &Connection) -> rusqlite::Result<Vec<Armed>> {
    connection
        .prepare("SELECT kind, on_call, remaining FROM fault WHERE remaining > 0 ORDER BY kind, on_call")?
        .query_map([], |row| Ok(Armed { kind: row.get(0)?, on: row.get(1)?, count: row.get(2)? }))?
        .collect()
}

async fn show(Extract(app): Extract<Arc<App>>) -> Result<Json<Vec<Armed>>, Error> {
    Ok(Json(app.state.read(armed)?))
}

async fn arm(Extract(app): Extract<Arc<App>>, Json(fault): Json<Arm>) -> Result<Json<Vec<Armed>>, Error> {
    app.state.write(|tx| {
        tx.execute(
            "INSERT INTO fault (kind, on_call, remaining, hold_ms) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (kind, on_call) DO UPDATE SET remaining = excluded.remaining, hold_ms = excluded.hold_ms",
            params![fault.kind.name(), fault.on.name(), fault.count.max(0), fault.hold_ms.max(0)],
        )
    })?;
    show(Extract(app)).await
}

/// The front page's form: one more of a kind.
async fn arm_by_hand(Extract(app): Extract<Arc<App>>, Form(fault): Form<Arm>) -> Result<Redirect, Error> {
    arm(Extract(app), Json(fault)).await.map(|_| Redirect::to("/"))
}

async fn disarm(Extract(app): Extract<Arc<App>>) -> Result<StatusCode, Error> {
    app.state.write(|tx| tx.execute("DELETE FROM fault", []))?;
    Ok(StatusCode::NO_CONTENT)
}
