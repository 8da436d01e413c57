//! Each node reads what happened, for the merchants whose screens are open on it.

use std::time::Duration;

use db::{Error, Tx, params};
use tokio::sync::watch;

use super::{OVERLAP_MS, hub::Told, sql};
use crate::{App, app::Shared, ids, merchant};

const ROUND: Duration = Duration::from_millis(250);
/// Events are forgotten after a day: whoever was away longer reads the records.
const KEPT_MS: i64 = crate::clock::DAY_MS;
const ROUNDS_BETWEEN_CLEANINGS: u32 = 4 * 60 * 10;

/// Tells open screens until `stop`.
pub async fn poll(app: Shared, mut stop: watch::Receiver<bool>) {
    let mut round = 0_u32;
    loop {
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            () = app.hub.woken.notified() => {}
            _ = stop.changed() => return,
        }
        round = round.wrapping_add(1);
        if let Err(error) = poll_once(&app).await {
            tracing::warn!(%error, "live events could not be read");
        }
        if round.is_multiple_of(ROUNDS_BETWEEN_CLEANINGS)
            && let Err(error) = forget(&app).await
        {
            tracing::warn!(%error, "old live events could not be forgotten");
        }
    }
}

/// One round: one small read per merchant that listens.
///
/// # Errors
/// The refusals of the database.
pub async fn poll_once(app: &App) -> Result<(), Error> {
    let floor = ids::floor_of(app.clock.now_ms() - OVERLAP_MS);
    for (merchant_id, since) in app.hub.listening() {
        let rows =
            app.db.read(async move |tx: &mut Tx<'_>| tx.query(sql::SINCE, params![merchant_id, since]).await).await?;
        let events = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        // A full page: go on from its end, however old it is.
        let floor = if events.len() < 1000 { floor } else { events.last().map_or(floor, |(id, ..)| *id) };
        app.hub.tell(merchant_id, floor, events);
    }
    Ok(())
}

fn read(row: &db::Row) -> Result<(i64, i64, Told), Error> {
    let (event_id, manager_id, kind, subject): (i64, i64, String, i64) =
        (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
    let told = match kind.as_str() {
        "session" => Told::Session { session_id: subject },
        _ => Told::Payment { event_id, record_id: subject },
    };
    Ok((event_id, manager_id, told))
}

/// What a manager missed since `cursor`; a little from before it too, for commits that were slower than their number.
pub(super) async fn missed(app: &App, merchant_id: i64, manager_id: i64, cursor: i64) -> Result<Vec<Told>, Error> {
    let since = ids::floor_of(ids::minted_at_ms(cursor) - OVERLAP_MS);
    let read_all = async move |tx: &mut Tx<'_>| tx.query(sql::MISSED, params![merchant_id, manager_id, since]).await;
    let rows = app.db.read(read_all).await?;
    rows.iter().map(|row| Ok(read(row)?.2)).collect()
}

async fn forget(app: &App) -> Result<(), Error> {
    let before = ids::floor_of(app.clock.now_ms() - KEPT_MS);
    for (merchant_id, _) in app.db.read(async |tx: &mut Tx<'_>| merchant::page_epochs(tx).await).await? {
        let work = async move |tx: &mut Tx<'_>| tx.execute(sql::FORGET, params![merchant_id, before]).await;
        app.db.write(db::Key::of(("forget", merchant_id)), work).await?;
    }
    Ok(())
}
