//! The manager's open screen: what happens is told within a second, whichever node it happened on.
//!
//! ```text
//!  confirm ──► live_event (same transaction) ──► every node reads it each 250 ms for its open screens ──► WebSocket
//! ```
//!
//! Events are numbered by ids that two nodes mint at the same time, so a smaller number may commit after a larger one:
//! a node reads again what lies within [`OVERLAP_MS`] behind its newest and skips what it has told.

mod hub;
mod poll;
mod socket;
mod sql;
#[cfg(test)]
mod tests;

pub use hub::{Hub, Told};
pub use poll::{forget, missed, poll, poll_once};
pub use socket::router;
pub use sql::TELL;

use db::{Error, Tx, params};

/// How far behind the newest event a slower commit may still appear.
const OVERLAP_MS: i64 = 20_000;

/// Tells the manager's screen that a payment was recorded. In the transaction that records it.
///
/// # Errors
/// The refusals of the database.
pub async fn tell_payment(
    tx: &mut Tx<'_>,
    event_id: i64,
    merchant_id: i64,
    manager_id: i64,
    record_id: i64,
) -> Result<(), Error> {
    tx.execute(sql::TELL, params![merchant_id, event_id, manager_id, "payment", record_id]).await.map(drop)
}

/// Tells the manager's screen that a refund moved. In the transaction that moves it.
///
/// # Errors
/// The refusals of the database.
pub async fn tell_refund(
    tx: &mut Tx<'_>,
    event_id: i64,
    merchant_id: i64,
    manager_id: i64,
    refund_id: i64,
) -> Result<(), Error> {
    tx.execute(sql::TELL, params![merchant_id, event_id, manager_id, "refund", refund_id]).await.map(drop)
}

/// Tells the manager's screen that money of one of its orders needs a person. In the transaction that raises it.
///
/// # Errors
/// The refusals of the database.
pub async fn tell_attention(
    tx: &mut Tx<'_>,
    event_id: i64,
    merchant_id: i64,
    manager_id: i64,
    inbox_id: i64,
) -> Result<(), Error> {
    tx.execute(sql::TELL, params![merchant_id, event_id, manager_id, "attention", inbox_id]).await.map(drop)
}

/// Tells the screen of a session that it was displaced or ended. In the transaction that ends it.
///
/// # Errors
/// The refusals of the database.
pub async fn tell_session(
    tx: &mut Tx<'_>,
    event_id: i64,
    merchant_id: i64,
    manager_id: i64,
    session_id: i64,
) -> Result<(), Error> {
    tx.execute(sql::TELL, params![merchant_id, event_id, manager_id, "session", session_id]).await.map(drop)
}
