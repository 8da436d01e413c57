//! Runs what is due. Every node may have a worker; they share the work by leases.

use std::time::Duration;

use jobs::{Claimed, Ended, SLOTS, claim, finish};
use tokio::sync::watch;

use crate::{App, app::Shared, notification, order, payment};

/// A try that takes longer than this is given to another worker.
const LEASE_MS: i64 = 60_000;
/// Jobs of one slot that are done at the same time.
const AT_ONCE: i64 = 16;
const IDLE: Duration = Duration::from_millis(200);

/// Works until `stop`.
pub async fn run(app: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        match round(&app).await {
            Ok(0) => {}
            Ok(_) if !*stop.borrow() => continue,
            Ok(_) => return,
            Err(error) => tracing::warn!(%error, "jobs could not be read"),
        }
        tokio::select! {
            () = tokio::time::sleep(IDLE) => {}
            _ = stop.changed() => return,
        }
    }
}

/// Goes once through every slot, beginning at a random one; says how many jobs were tried.
///
/// # Errors
/// The refusals of the database.
pub async fn round(app: &App) -> Result<usize, db::Error> {
    let first = app.random.below(SLOTS as u64) as i64;
    let mut tried = 0;
    for slot in (0..SLOTS).map(|i| (first + i) % SLOTS) {
        let claimed = claim(&app.db, slot, app.clock.now_ms(), LEASE_MS, AT_ONCE).await?;
        tried += claimed.len();
        let tries = claimed.iter().map(async |job| {
            let ended = work(app, job).await;
            finish(&app.db, job, ended, app.clock.now_ms()).await
        });
        for finished in futures_util::future::join_all(tries).await {
            finished?;
        }
    }
    Ok(tried)
}

/// Who does which kind of job.
async fn work(app: &App, job: &Claimed) -> Ended {
    match job.kind.as_str() {
        order::EXPIRE => payment::expire_job(app, job).await,
        payment::ASK => payment::ask_job(app, job).await,
        payment::AFTER_PAID => payment::after_paid(app, job).await,
        notification::SEND_MAIL => notification::send_mail(app, job).await,
        // A newer program enqueued it: that one will do it.
        kind => Ended::Again { due_at_ms: app.clock.now_ms() + LEASE_MS, why: format!("unknown kind {kind}") },
    }
}
