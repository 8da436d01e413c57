//! Records become searchable after the payment, in jobs, so that booking costs nothing more: each by the job that follows
//! its order, and what there was before the index by a job of its own, batch by batch. Until then they are found all the
//! same, by reading ([`super::search`]).

use db::{Error, Key, Tx, params};
use jobs::{Claimed, Ended, NewJob};

use super::{entry::Entry, sql};
use crate::{App, clock::MINUTE_MS, ids, payment::Number};

/// The job that indexes what there was before the index.
pub const INDEX_ALL: &str = "record.index";
/// Records that one transaction indexes: payments wait behind it.
const TOGETHER: i64 = 200;
/// How long one try goes on: well within its lease.
const TRY_MS: i64 = MINUTE_MS / 4;

/// The job that indexes a record which no payment's job follows: money that a person claimed. Its key is the record, its
/// payload the order.
pub const INDEX_ONE: &str = "record.index_one";

/// Makes the record searchable that the payment of this job made. The job says which; those of an older program do not,
/// and their records are among the ones that [`index_all`] goes through.
///
/// # Errors
/// The refusals of the database.
pub async fn index_paid(app: &App, job: &Claimed) -> Result<(), Error> {
    index(app, job.merchant_id, &job.key, &job.payload).await
}

/// In the transaction that enters a record which no payment's job follows.
///
/// # Errors
/// The refusals of the database.
pub async fn index_soon(tx: &mut Tx<'_>, of: Number, record_id: i64) -> Result<(), Error> {
    let (key, payload, now_ms) = (record_id.to_string(), of.order_id.to_string(), ids::minted_at_ms(record_id));
    let job = NewJob { merchant_id: of.merchant_id, kind: INDEX_ONE, key: &key, payload: &payload, due_at_ms: now_ms };
    jobs::enqueue(tx, &job, now_ms).await.map(drop)
}

/// Does [`INDEX_ONE`].
pub async fn index_one(app: &App, job: &Claimed) -> Ended {
    match index(app, job.merchant_id, &job.payload, &job.key).await {
        Ok(()) => Ended::Done,
        Err(error) => Ended::Again { due_at_ms: app.clock.now_ms() + MINUTE_MS, why: error.to_string() },
    }
}

async fn index(app: &App, merchant_id: i64, order_id: &str, record_id: &str) -> Result<(), Error> {
    let (Ok(order_id), Ok(record_id)) = (order_id.parse::<i64>(), record_id.parse::<i64>()) else { return Ok(()) };
    let engine = app.db.engine();
    let write = async move |tx: &mut Tx<'_>| match tx
        .query_opt(sql::SOURCE, params![merchant_id, order_id, record_id])
        .await?
    {
        Some(row) => Entry::read(merchant_id, &row)?.put(tx, engine).await,
        None => Ok(()),
    };
    app.db.write(Key::of((merchant_id, record_id)), write).await
}

/// Goes on where the last batch ended, a manager at a time, newest first, until nothing is left.
pub async fn index_all(app: &App, job: &Claimed) -> Ended {
    let until_ms = app.clock.now_ms() + TRY_MS;
    loop {
        let done = batch(app, job.merchant_id).await;
        let now_ms = app.clock.now_ms();
        match done {
            Ok(true) => return Ended::Done,
            Ok(false) if now_ms < until_ms => {}
            Ok(false) => return Ended::Again { due_at_ms: now_ms, why: "there is more".into() },
            Err(error) => return Ended::Again { due_at_ms: now_ms + MINUTE_MS, why: error.to_string() },
        }
    }
}

/// True: nothing is left.
pub(super) async fn batch(app: &App, merchant_id: i64) -> Result<bool, Error> {
    let engine = app.db.engine();
    let write = async move |tx: &mut Tx<'_>| {
        let Some(below) = tx.query_opt(sql::INDEXED_DOWN_TO, params![merchant_id]).await? else { return Ok(true) };
        let below = (below.get::<i64>(0)?, below.get::<i64>(1)?);
        let rows = tx.query(sql::SOURCES_BELOW, params![merchant_id, below.0, below.1, TOGETHER]).await?;
        for row in &rows {
            Entry::read(merchant_id, row)?.put(tx, engine).await?;
        }
        match rows.last() {
            Some(last) if rows.len() as i64 == TOGETHER => {
                let place = params![merchant_id, last.get::<i64>(1)?, last.get::<i64>(0)?];
                tx.execute(sql::NOTE_INDEXED, place).await.map(|_| false)
            }
            _ => tx.execute(sql::ALL_INDEXED, params![merchant_id]).await.map(|_| true),
        }
    };
    app.db.write(Key::of((merchant_id, INDEX_ALL)), write).await
}
