//! `GET /api/manager/live`: the WebSocket of one open screen.

use std::time::Duration;

use axum::{
    Router,
    extract::{
        State, WebSocketUpgrade,
        ws::{CloseFrame, Message, WebSocket},
    },
    response::Response,
    routing::get,
};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;

use super::{hub::Told, poll::missed};
use crate::{
    App,
    app::Shared,
    ids,
    inbox::{self, AttentionShown},
    record::{self, Record, Today},
    refund::{self, RefundShown},
    session::{self, ManagerSession},
    web::Displaced,
};

/// A screen that does not say who it is within this time is shut.
const HELLO_WITHIN: Duration = Duration::from_secs(10);
/// How often a screen is told that we are there, and its session is looked at: an event of its end may be lost to it.
const PING_EVERY: Duration = Duration::from_secs(25);
const CLOSE_DISPLACED: u16 = 4001;
const CLOSE_ENDED: u16 = 4002;
/// A first message is a token and a cursor.
const MAX_MESSAGE_BYTES: usize = 4 * 1024;

/// The route.
pub fn router() -> Router<Shared> {
    pinging(PING_EVERY)
}

pub(super) fn pinging(every: Duration) -> Router<Shared> {
    let connect = async move |State(app): State<Shared>, upgrade: WebSocketUpgrade| connect(app, upgrade, every);
    Router::new().route("/api/manager/live", get(connect))
}

#[derive(Deserialize)]
struct Hello {
    token: String,
    #[serde(default)]
    cursor: String,
}

/// What the server says. Clients tell repeated payments apart by `record_id`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum Say {
    Hello { cursor: String },
    Payment { cursor: String, record: Box<Record>, today: Today },
    Attention { cursor: String, item: Box<AttentionShown> },
    Refund { cursor: String, order_id: String, refund: Box<RefundShown> },
    Displaced { displaced: Displaced },
    Ended,
    Ping,
}

fn connect(app: Shared, upgrade: WebSocketUpgrade, ping_every: Duration) -> Response {
    upgrade.max_message_size(MAX_MESSAGE_BYTES).on_upgrade(async move |mut socket| {
        let ended = converse(&app, &mut socket, ping_every).await;
        let frame = ended.map(|code| CloseFrame { code, reason: "".into() });
        let _ = socket.send(Message::Close(frame)).await; // the other side may be gone already
    })
}

/// Talks until one side ends it; says with which code to close.
async fn converse(app: &App, socket: &mut WebSocket, ping_every: Duration) -> Option<u16> {
    let hello: Hello = match tokio::time::timeout(HELLO_WITHIN, socket.recv()).await {
        Ok(Some(Ok(Message::Text(text)))) => serde_json::from_str(&text).ok()?,
        _ => return None,
    };
    let who = match session::authenticate(app, &hello.token).await {
        Ok(who) => who,
        Err(error) => return refuse(socket, error).await,
    };
    let now = ids::floor_of(app.clock.now_ms());
    let mut told = app.hub.open(who.merchant_id, who.manager_id, now);
    say(socket, &Say::Hello { cursor: now.to_string() }).await?;
    if let Ok(cursor) = hello.cursor.parse() {
        for missed in missed(app, who.merchant_id, who.manager_id, cursor).await.ok()? {
            tell(app, socket, &who, missed).await?;
        }
    }
    // A session that ended between the look above and the opening of the screen must not stay open.
    if let Err(error) = session::authenticate(app, &hello.token).await {
        return refuse(socket, error).await;
    }
    let mut ping = tokio::time::interval(ping_every);
    ping.reset();
    listen(app, socket, &who, &hello.token, &mut told, ping).await
}

async fn listen(
    app: &App,
    socket: &mut WebSocket,
    who: &ManagerSession,
    token: &str,
    told: &mut mpsc::Receiver<Told>,
    mut ping: tokio::time::Interval,
) -> Option<u16> {
    loop {
        tokio::select! {
            event = told.recv() => match event? {
                Told::Session { session_id } if session_id == who.session_id => {
                    if let Err(error) = session::authenticate(app, token).await {
                        return refuse(socket, error).await;
                    }
                }
                Told::Session { .. } => {}
                payment => tell(app, socket, who, payment).await?,
            },
            message = socket.recv() => match message {
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            },
            _ = ping.tick() => {
                if let Err(error) = session::authenticate(app, token).await {
                    return refuse(socket, error).await;
                }
                say(socket, &Say::Ping).await?;
            }
        }
    }
}

async fn tell(app: &App, socket: &mut WebSocket, who: &ManagerSession, told: Told) -> Option<()> {
    match told {
        Told::Payment { event_id, record_id } => tell_payment(app, socket, who, event_id, record_id).await,
        Told::Refund { event_id, refund_id } => tell_refund(app, socket, who, event_id, refund_id).await,
        Told::Attention { event_id, inbox_id } => tell_attention(app, socket, who, event_id, inbox_id).await,
        Told::Session { .. } => Some(()),
    }
}

async fn tell_attention(
    app: &App,
    socket: &mut WebSocket,
    who: &ManagerSession,
    event_id: i64,
    inbox_id: i64,
) -> Option<()> {
    match inbox::seen(app, who, inbox_id).await {
        Ok(Some(item)) => say(socket, &Say::Attention { cursor: event_id.to_string(), item: Box::new(item) }).await,
        Ok(None) => Some(()),
        Err(error) => {
            tracing::warn!(%error, inbox_id, "an item could not be told; the screen reconnects and catches up");
            None
        }
    }
}

async fn tell_refund(
    app: &App,
    socket: &mut WebSocket,
    who: &ManagerSession,
    event_id: i64,
    refund_id: i64,
) -> Option<()> {
    match refund::seen(app, who, refund_id).await {
        Ok(Some((order_id, refund))) => {
            let (cursor, order_id) = (event_id.to_string(), order_id.to_string());
            say(socket, &Say::Refund { cursor, order_id, refund: Box::new(refund) }).await
        }
        Ok(None) => Some(()),
        Err(error) => {
            tracing::warn!(%error, refund_id, "a refund could not be told; the screen reconnects and catches up");
            None
        }
    }
}

async fn tell_payment(
    app: &App,
    socket: &mut WebSocket,
    who: &ManagerSession,
    event_id: i64,
    record_id: i64,
) -> Option<()> {
    let seen = record::seen(app, who, record_id).await;
    let (record, today) = match seen {
        Ok(Some(seen)) => seen,
        Ok(None) => return Some(()),
        Err(error) => {
            tracing::warn!(%error, record_id, "a record could not be told; the screen reconnects and catches up");
            return None;
        }
    };
    say(socket, &Say::Payment { cursor: event_id.to_string(), record: Box::new(record), today }).await
}

/// Says why the session is over. A database that cannot be asked says nothing of it: the screen just reconnects.
async fn refuse(socket: &mut WebSocket, error: session::Error) -> Option<u16> {
    match error {
        session::Error::Displaced(displaced) => {
            say(socket, &Say::Displaced { displaced }).await?;
            Some(CLOSE_DISPLACED)
        }
        session::Error::Db(error) => {
            tracing::warn!(%error, "a screen's session could not be looked at");
            None
        }
        _ => {
            say(socket, &Say::Ended).await?;
            Some(CLOSE_ENDED)
        }
    }
}

async fn say(socket: &mut WebSocket, what: &Say) -> Option<()> {
    let text = serde_json::to_string(what).ok()?;
    socket.send(Message::Text(text.into())).await.ok()
}
