//! Each node reads what happened, for the merchants whose screens are open on it.

use std::time::Duration;

use db::{Error, Tx, params};
use futures_util::future::join_all;
use tokio::sync::watch;

use super::{OVERLAP_MS, hub::Told, sql};
use crate::{App, app::Shared, ids, merchant};

const ROUND: Duration = Duration::from_millis(250);
/// Events are forgotten after a day: whoever was away longer reads the records.
const KEPT_MS: i64 = crate::clock::DAY_MS;

/// Tells open screens until `stop`.
pub async fn poll(app: Shared, mut stop: watch::Receiver<bool>) {
    let mut rounds = tokio::time::interval(ROUND);
    rounds.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        let polled = tokio::select! {
            _ = rounds.tick() => poll_once(&app).await,
            () = app.hub.woken.notified() => poll_woken(&app).await,
            _ = stop.changed() => return,
        };
        if let Err(error) = polled {
            tracing::warn!(%error, "live events could not be read");
        }
    }
}

/// One round: one small read per merchant that listens, all at once.
///
/// # Errors
/// The refusals of the database.
pub async fn poll_once(app: &App) -> Result<(), Error> {
    poll_these(app, app.hub.listening()).await
}

/// The same for merchants of whom this node wrote something just now.
pub(super) async fn poll_woken(app: &App) -> Result<(), Error> {
    poll_these(app, app.hub.take_woken()).await
}

async fn poll_these(app: &App, merchants: Vec<(i64, i64)>) -> Result<(), Error> {
    let polled = merchants.into_iter().map(|(merchant_id, since)| poll_merchant(app, merchant_id, since));
    // One that cannot be read keeps no other from being told.
    join_all(polled).await.into_iter().collect()
}

async fn poll_merchant(app: &App, merchant_id: i64, since: i64) -> Result<(), Error> {
    let floor = ids::floor_of(app.clock.now_ms() - OVERLAP_MS);
    let read_since = async move |tx: &mut Tx<'_>| tx.query(sql::SINCE, params![merchant_id, since]).await;
    let rows = app.db.read::<_, Error, _>(read_since).await?;
    let events = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    // A full page: go on from its end, however old it is.
    let floor = if events.len() < 1000 { floor } else { events.last().map_or(floor, |(id, ..)| *id) };
    app.hub.tell(merchant_id, floor, events);
    Ok(())
}

fn read(row: &db::Row) -> Result<(i64, i64, Told), Error> {
    let (event_id, manager_id, kind, subject): (i64, i64, String, i64) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let told = match kind.as_str() {
        "session" => Told::Session { session_id: subject },
        "refund" => Told::Refund { event_id, refund_id: subject },
        "attention" => Told::Attention { event_id, inbox_id: subject },
        _ => Told::Payment { event_id, record_id: subject },
    };
    Ok((event_id, manager_id, told))
}

/// What a manager missed since `cursor`; a little from before it too, for commits that were slower than their number.
///
/// # Errors
/// The refusals of the database.
pub async fn missed(app: &App, merchant_id: i64, manager_id: i64, cursor: i64) -> Result<Vec<Told>, Error> {
    let since = ids::floor_of(ids::minted_at_ms(cursor) - OVERLAP_MS);
    let read_all = async move |tx: &mut Tx<'_>| {
        let (mut told, mut since) = (Vec::new(), since);
        loop {
            let page = tx.query(sql::MISSED, params![merchant_id, manager_id, since]).await?;
            let Some(last) = page.last() else { return Ok(told) };
            since = read(last)?.0;
            for row in &page {
                told.push(read(row)?.2);
            }
        }
    };
    app.db.read(read_all).await
}

/// Forgets events that are older than a day; says how many.
///
/// # Errors
/// The refusals of the database.
pub async fn forget(app: &App) -> Result<u64, Error> {
    let before = ids::floor_of(app.clock.now_ms() - KEPT_MS);
    let mut forgotten = 0;
    for (merchant_id, _) in app.db.read(async |tx: &mut Tx<'_>| merchant::page_epochs(tx).await).await? {
        let work = async move |tx: &mut Tx<'_>| tx.execute(sql::FORGET, params![merchant_id, before]).await;
        forgotten += app.db.write::<_, Error, _>(db::Key::of(("forget", merchant_id)), work).await?;
    }
    Ok(forgotten)
}
