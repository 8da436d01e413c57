//! Runs what is due. Every node may have a worker; they share the work by leases.
//!
//! ```text
//!  lane "quick" (everything but mail) ──► which slots have something due? ──► lease them all at once ──► run, side by side
//!  lane "mail"  (a server may hang)   ──►            the same, within its own bound
//! ```
//!
//! A job that hangs holds its own place and nothing else: the others of its lane go on, and no mail ever stands before
//! a payment.

use std::time::Duration;

use futures_util::future::join_all;
use jobs::{Claimed, Ended, Kinds, claim, due_slots, finish};
use tokio::{
    sync::watch,
    task::{JoinError, JoinSet},
    time::sleep,
};

use crate::{App, app::Shared, notification, order, payment, record, refund};

/// A try that takes longer than this is given to another worker.
const LEASE_MS: i64 = 60_000;
const IDLE: Duration = Duration::from_millis(200);

/// Jobs that share a bound.
#[derive(Clone, Copy)]
struct Lane {
    kinds: Kinds,
    at_once: usize,
}

const LANES: [Lane; 2] = [
    Lane { kinds: Kinds::Except(notification::SEND_MAIL), at_once: 64 },
    Lane { kinds: Kinds::Only(notification::SEND_MAIL), at_once: 8 },
];

/// Works until `stop`, then lets the jobs in flight end.
pub async fn run(app: Shared, stop: watch::Receiver<bool>) {
    join_all(LANES.map(|lane| keep_working(app.clone(), lane, stop.clone()))).await;
}

async fn keep_working(app: Shared, lane: Lane, mut stop: watch::Receiver<bool>) {
    let mut running = JoinSet::new();
    while !*stop.borrow() {
        let leased = lease(&app, lane, lane.at_once - running.len()).await.unwrap_or_else(|error| {
            tracing::warn!(%error, "jobs could not be read");
            Vec::new()
        });
        let idle = leased.is_empty();
        for job in leased {
            let app = app.clone();
            running.spawn(async move {
                if let Err(error) = run_one(&app, &job).await {
                    tracing::warn!(%error, kind = job.kind, key = job.key, "a job's end could not be written");
                }
            });
        }
        // After work there may be more; while every place is taken, and while there is none, it waits a little.
        while let Some(ended) = running.try_join_next() {
            note(ended);
        }
        if idle || running.len() == lane.at_once {
            tokio::select! {
                () = sleep(IDLE) => {}
                Some(ended) = running.join_next(), if running.len() == lane.at_once => note(ended),
                _ = stop.changed() => {}
            }
        }
    }
    while let Some(ended) = running.join_next().await {
        note(ended);
    }
}

/// A job that panicked ends alone; it comes back when its lease ends.
fn note(ended: Result<(), JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "a job panicked");
    }
}

/// Goes once through everything that is due and waits for the end of what it began; says how many jobs were tried.
///
/// # Errors
/// The refusals of the database.
pub async fn round(app: &App) -> Result<usize, db::Error> {
    let mut tried = 0;
    for lane in join_all(LANES.map(|lane| round_of(app, lane))).await {
        tried += lane?;
    }
    Ok(tried)
}

async fn round_of(app: &App, lane: Lane) -> Result<usize, db::Error> {
    let leased = lease(app, lane, lane.at_once).await?;
    for ended in join_all(leased.iter().map(|job| run_one(app, job))).await {
        ended?;
    }
    Ok(leased.len())
}

/// Leases up to `room` jobs that are due, of all slots at once, beginning at a random one. What was won is never lost
/// to a slot that failed.
async fn lease(app: &App, lane: Lane, room: usize) -> Result<Vec<Claimed>, db::Error> {
    if room == 0 {
        return Ok(Vec::new());
    }
    let now_ms = app.clock.now_ms();
    let mut slots = due_slots(&app.db, lane.kinds, now_ms).await?;
    if slots.is_empty() {
        return Ok(Vec::new());
    }
    let first = app.random.below(slots.len() as u64) as usize;
    slots.rotate_left(first);
    slots.truncate(room);
    let most = (room / slots.len()) as i64;
    let claims = slots.iter().map(|slot| claim(&app.db, *slot, lane.kinds, now_ms, LEASE_MS, most));
    let (mut leased, mut failed) = (Vec::new(), None);
    for claimed in join_all(claims).await {
        match claimed {
            Ok(claimed) => leased.extend(claimed),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if leased.is_empty() => Err(error),
        _ => Ok(leased),
    }
}

/// Tries one job and says how that ended.
async fn run_one(app: &App, job: &Claimed) -> Result<(), db::Error> {
    let ended = work(app, job).await;
    finish(&app.db, job, ended, app.clock.now_ms()).await.map(drop)
}

/// Who does which kind of job.
async fn work(app: &App, job: &Claimed) -> Ended {
    match job.kind.as_str() {
        order::EXPIRE => payment::expire_job(app, job).await,
        payment::ASK => payment::ask_job(app, job).await,
        refund::ASK => refund::ask_job(app, job).await,
        payment::AFTER_PAID => {
            let indexed = record::index_paid(app, job).await;
            match (payment::after_paid(app, job).await, indexed) {
                // What cannot be indexed stays in nobody's way: its order's other attempts are ended all the same.
                (Ended::Done, Err(error)) => {
                    Ended::Again { due_at_ms: app.clock.now_ms() + LEASE_MS, why: error.to_string() }
                }
                (ended, _) => ended,
            }
        }
        record::INDEX_ONE => record::index_one(app, job).await,
        record::INDEX_ALL => record::index_all(app, job).await,
        notification::SEND_MAIL => notification::send_mail(app, job).await,
        notification::SEND_SMS => notification::send_sms(app, job).await,
        // A newer program enqueued it: that one will do it.
        kind => Ended::Again { due_at_ms: app.clock.now_ms() + LEASE_MS, why: format!("unknown kind {kind}") },
    }
}

#[cfg(test)]
mod tests;
