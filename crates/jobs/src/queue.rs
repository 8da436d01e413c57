use std::hash::{DefaultHasher, Hash, Hasher};

use db::{Db, Error, Key, Migration, Row, Tx, params};
use futures_util::future::join_all;

/// Jobs are spread over this many slots; a worker reads one slot at a time.
pub const SLOTS: i64 = 32;

/// The table of jobs.
pub const MIGRATION: Migration = Migration {
    name: "0001_job",
    sqlite: include_str!("../migrations/sqlite/0001_job.sql"),
    postgres: include_str!("../migrations/postgres/0001_job.sql"),
};

/// Writes a job. Public for `make bench`, which runs the same text without us.
pub const ENQUEUE: &str = "INSERT INTO job (merchant_id, kind, job_key, slot, payload, due_at_ms, created_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (merchant_id, kind, job_key) DO NOTHING";
const HASTEN: &str = "UPDATE job SET due_at_ms = $4 \
     WHERE merchant_id = $1 AND kind = $2 AND job_key = $3 AND state = 'waiting' AND due_at_ms > $4";
const REPLAY: &str = "UPDATE job SET state = 'waiting', due_at_ms = $4, leased_until_ms = 0, attempts = 0 \
     WHERE merchant_id = $1 AND kind = $2 AND job_key = $3 AND state = 'failed'";
const REOPEN: &str = "UPDATE job SET state = 'waiting', due_at_ms = $4, leased_until_ms = 0, attempts = 0, ended_at_ms = NULL \
     WHERE merchant_id = $1 AND kind = $2 AND job_key = $3 AND state <> 'waiting'";
const DUE: &str = "SELECT merchant_id, kind, job_key, payload, attempts, leased_until_ms FROM job \
     WHERE slot = $1 AND state = 'waiting' AND due_at_ms <= $2 AND leased_until_ms <= $2 \
     AND ((kind = $4 AND $5 = 'only') OR (kind <> $4 AND $5 = 'except')) ORDER BY due_at_ms LIMIT $3";
/// One look into the index per slot: what an idle worker costs.
const DUE_SLOTS: &str = "WITH RECURSIVE s (slot) AS (SELECT CAST(0 AS BIGINT) UNION ALL SELECT slot + 1 FROM s \
     WHERE slot + 1 < $2) SELECT s.slot FROM s WHERE EXISTS (SELECT 1 FROM job j WHERE j.slot = s.slot \
     AND j.state = 'waiting' AND j.due_at_ms <= $1 AND j.leased_until_ms <= $1 \
     AND ((j.kind = $3 AND $4 = 'only') OR (j.kind <> $3 AND $4 = 'except')))";
const LEASE: &str = "UPDATE job SET leased_until_ms = $5, attempts = attempts + 1 \
     WHERE merchant_id = $1 AND kind = $2 AND job_key = $3 AND state = 'waiting' AND leased_until_ms = $4";
const FINISH: &str = "UPDATE job SET state = $5, due_at_ms = $6, leased_until_ms = 0, last_error = $7, ended_at_ms = $8 \
     WHERE merchant_id = $1 AND kind = $2 AND job_key = $3 AND state = 'waiting' AND leased_until_ms = $4";

/// A job to be done at or after a time.
#[derive(Clone, Debug)]
pub struct NewJob<'a> {
    /// Whose job (0: the installation's).
    pub merchant_id: i64,
    /// What is to be done, such as `payment.ask`.
    pub kind: &'static str,
    /// What makes it one job and not two.
    pub key: &'a str,
    /// What the handler needs to know, as JSON or plain text.
    pub payload: &'a str,
    /// Not before, UTC milliseconds.
    pub due_at_ms: i64,
}

/// Which kinds of jobs are asked for, so that slow ones never stand before the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// This one.
    Only(&'static str),
    /// Every other one.
    Except(&'static str),
}

impl Kinds {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Kinds::Only(kind) => (kind, "only"),
            Kinds::Except(kind) => (kind, "except"),
        }
    }
}

/// A job that this worker alone may do until its lease ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claimed {
    /// Whose job.
    pub merchant_id: i64,
    /// What is to be done.
    pub kind: String,
    /// What makes it one job.
    pub key: String,
    /// What the handler needs to know.
    pub payload: String,
    /// Which try this is, from 1.
    pub attempt: i64,
    /// The lease, which is also the proof of the claim.
    pub leased_until_ms: i64,
}

/// How a try ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The work is done.
    Done,
    /// It is to be tried again; the job chooses when.
    Again {
        /// Not before, UTC milliseconds.
        due_at_ms: i64,
        /// Why, for people.
        why: String,
    },
    /// It cannot be done; a person may [`replay`] it.
    Failed {
        /// Why, for people.
        why: String,
    },
}

fn slot_of(merchant_id: i64, kind: &str, key: &str) -> i64 {
    let mut hasher = DefaultHasher::new();
    (merchant_id, kind, key).hash(&mut hasher);
    (hasher.finish() % SLOTS as u64) as i64
}

/// Writes a job in the transaction of the change that it follows. False: it was there already.
///
/// # Errors
/// The refusals of the database.
pub async fn enqueue(tx: &mut Tx<'_>, job: &NewJob<'_>, now_ms: i64) -> Result<bool, Error> {
    let slot = slot_of(job.merchant_id, job.kind, job.key);
    let values = params![job.merchant_id, job.kind, job.key, slot, job.payload, job.due_at_ms, now_ms];
    Ok(tx.execute(ENQUEUE, values).await? == 1)
}

/// Brings a waiting job forward, never back.
///
/// # Errors
/// The refusals of the database.
pub async fn hasten(tx: &mut Tx<'_>, merchant_id: i64, kind: &str, key: &str, due_at_ms: i64) -> Result<bool, Error> {
    Ok(tx.execute(HASTEN, params![merchant_id, kind, key, due_at_ms]).await? == 1)
}

/// Gives a failed job another life.
///
/// # Errors
/// The refusals of the database.
pub async fn replay(tx: &mut Tx<'_>, merchant_id: i64, kind: &str, key: &str, now_ms: i64) -> Result<bool, Error> {
    Ok(tx.execute(REPLAY, params![merchant_id, kind, key, now_ms]).await? == 1)
}

/// Gives a job that has ended, done or failed, another life: what it was about goes on after all.
///
/// # Errors
/// The refusals of the database.
pub async fn reopen(tx: &mut Tx<'_>, merchant_id: i64, kind: &str, key: &str, now_ms: i64) -> Result<bool, Error> {
    Ok(tx.execute(REOPEN, params![merchant_id, kind, key, now_ms]).await? == 1)
}

/// The slots that have something to claim.
///
/// # Errors
/// The refusals of the database.
pub async fn due_slots(db: &Db, kinds: Kinds, now_ms: i64) -> Result<Vec<i64>, Error> {
    let (kind, which) = kinds.words();
    let read = async move |tx: &mut Tx<'_>| tx.query(DUE_SLOTS, params![now_ms, SLOTS, kind, which]).await;
    db.read(read).await?.iter().map(|row| row.get(0)).collect()
}

/// Claims up to `most` jobs of one slot that are due and not leased, all at once. What was won is told even where
/// another claim failed: that one is still due, or comes back when its lease ends.
///
/// # Errors
/// The refusals of the database, when nothing was won.
pub async fn claim(
    db: &Db,
    slot: i64,
    kinds: Kinds,
    now_ms: i64,
    lease_ms: i64,
    most: i64,
) -> Result<Vec<Claimed>, Error> {
    let (kind, which) = kinds.words();
    let read = async move |tx: &mut Tx<'_>| tx.query(DUE, params![slot, now_ms, most, kind, which]).await;
    let due = db.read::<_, Error, _>(read).await?;
    let tries = due.iter().map(async |row| {
        let (mut job, held_until_ms) = read_claim(row)?;
        job.leased_until_ms = now_ms + lease_ms;
        Ok(lease(db, &job, held_until_ms).await?.then_some(job))
    });
    let (mut claimed, mut failed) = (Vec::with_capacity(due.len()), None);
    for tried in join_all(tries).await {
        match tried {
            Ok(won) => claimed.extend(won),
            Err(error) => failed = Some(error),
        }
    }
    match failed {
        Some(error) if claimed.is_empty() => Err(error),
        _ => Ok(claimed),
    }
}

/// False: another worker was faster.
async fn lease(db: &Db, job: &Claimed, held_until_ms: i64) -> Result<bool, Error> {
    let wanted = job.clone();
    let write = async move |tx: &mut Tx<'_>| {
        let id = params![wanted.merchant_id, &wanted.kind, &wanted.key, held_until_ms, wanted.leased_until_ms];
        Ok(tx.execute(LEASE, id).await? == 1)
    };
    db.write(Key::of((&job.kind, &job.key)), write).await
}

fn read_claim(row: &Row) -> Result<(Claimed, i64), Error> {
    let held_until_ms = row.get(5)?;
    let job = Claimed {
        merchant_id: row.get(0)?,
        kind: row.get(1)?,
        key: row.get(2)?,
        payload: row.get(3)?,
        attempt: row.get::<i64>(4)? + 1,
        leased_until_ms: 0,
    };
    Ok((job, held_until_ms))
}

/// Says how a try ended. False: the lease had run out and another worker has the job now.
///
/// # Errors
/// The refusals of the database.
pub async fn finish(db: &Db, job: &Claimed, ended: Ended, now_ms: i64) -> Result<bool, Error> {
    let job = job.clone();
    db.write(Key::of((&job.kind, &job.key)), async move |tx: &mut Tx<'_>| {
        let (state, due_at_ms, why, ended_at_ms) = match &ended {
            Ended::Done => ("done", now_ms, None, Some(now_ms)),
            Ended::Again { due_at_ms, why } => ("waiting", *due_at_ms, Some(why.as_str()), None),
            Ended::Failed { why } => ("failed", now_ms, Some(why.as_str()), Some(now_ms)),
        };
        let values =
            params![job.merchant_id, &job.kind, &job.key, job.leased_until_ms, state, due_at_ms, why, ended_at_ms];
        Ok(tx.execute(FINISH, values).await? == 1)
    })
    .await
}
