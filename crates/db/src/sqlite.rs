use std::{
    collections::HashMap,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    pin::pin,
    task::{Context, Poll, Waker},
};

use rusqlite::{Connection, params_from_iter};

use crate::{
    Error, Row, Val,
    row::Inner,
    tx::{Conn, Tx},
    work::Work,
};

/// A connection with its texts rewritten once from `$1` to SQLite's `?1` (position silently matches nothing).
pub(crate) struct SqliteConn {
    conn: Connection,
    /// By the place of the original, which is cheaper to hash than its hundreds of bytes.
    texts: HashMap<(usize, usize), String>,
}

impl SqliteConn {
    /// The writer: WAL, and `synchronous=FULL` so that a commit that was answered survives the power.
    pub fn writer(path: &Path) -> Result<Self, Error> {
        let conn = Connection::open(path)?;
        conn.execute_batch(
            "PRAGMA busy_timeout=5000; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; \
             PRAGMA cache_size=-32768; PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000",
        )?;
        Ok(Self::wrap(conn))
    }

    pub fn reader(path: &Path) -> Result<Self, Error> {
        let conn = Connection::open(path)?;
        conn.execute_batch(
            "PRAGMA busy_timeout=5000; PRAGMA query_only=ON; PRAGMA cache_size=-8192; PRAGMA temp_store=MEMORY",
        )?;
        Ok(Self::wrap(conn))
    }

    pub fn in_memory() -> Result<Self, Error> {
        let conn = Connection::open_in_memory()?;
        conn.execute_batch("PRAGMA foreign_keys=ON")?;
        Ok(Self::wrap(conn))
    }

    fn wrap(conn: Connection) -> Self {
        conn.set_prepared_statement_cache_capacity(256);
        SqliteConn { conn, texts: HashMap::new() }
    }

    fn statement(&mut self, sql: &'static str) -> Result<rusqlite::CachedStatement<'_>, Error> {
        let place = (sql.as_ptr() as usize, sql.len());
        let text = self.texts.entry(place).or_insert_with(|| sql.replace('$', "?"));
        Ok(self.conn.prepare_cached(text)?)
    }

    pub fn execute(&mut self, sql: &'static str, params: &[Val<'_>]) -> Result<u64, Error> {
        let changed = self.statement(sql)?.execute(params_from_iter(params.iter().map(|v| v.borrowed())))?;
        Ok(changed as u64)
    }

    pub fn query(&mut self, sql: &'static str, params: &[Val<'_>]) -> Result<Vec<Row>, Error> {
        let mut statement = self.statement(sql)?;
        let columns = statement.column_count();
        let mut rows = statement.query(params_from_iter(params.iter().map(|v| v.borrowed())))?;
        let mut out = Vec::new();
        while let Some(row) = rows.next()? {
            let values = (0..columns).map(|i| row.get(i)).collect::<Result<_, _>>()?;
            out.push(Row(Inner::Sqlite(values)));
        }
        Ok(out)
    }

    pub fn batch(&mut self, sql: &str) -> Result<(), Error> {
        Ok(self.conn.execute_batch(sql)?)
    }

    fn control(&mut self, sql: &'static str) -> Result<(), Error> {
        self.statement(sql)?.execute([])?;
        Ok(())
    }

    fn in_transaction(&self) -> bool {
        !self.conn.is_autocommit()
    }
}

/// How one run of a closure ended.
enum Outcome {
    /// It succeeded, or refused without having changed anything.
    Clean,
    /// It changed rows and then refused: its work must be undone.
    Undo,
}

/// A closure awaits nothing but its transaction, and SQLite answers at once: one poll must finish it.
fn poll_once(conn: &mut SqliteConn, work: &dyn Work) -> Outcome {
    let polled = catch_unwind(AssertUnwindSafe(|| {
        let mut tx = Tx::new(Conn::Sqlite(conn));
        let polled = pin!(work.run(&mut tx)).poll(&mut Context::from_waker(Waker::noop()));
        let kept = match (polled, tx.failed) {
            (Poll::Ready(ok), None) => ok,
            (Poll::Ready(ok), Some(error)) => {
                if ok {
                    work.set(error); // a swallowed refusal ends the closure, as it must on PostgreSQL
                }
                false
            }
            (Poll::Pending, _) => {
                work.set(Error::ForeignAwait);
                false
            }
        };
        if kept || !tx.wrote { Outcome::Clean } else { Outcome::Undo }
    }));
    polled.unwrap_or_else(|_panic| {
        work.set(Error::Panicked);
        Outcome::Undo
    })
}

/// Runs a batch in one transaction, answering for all of it or for none. First without savepoints, which cost a copy of
/// every page that a closure touches; if something is to be undone, again with them, so that a closure that refuses
/// fails alone; if the transaction as a whole fails, one by one.
pub(crate) fn write_batch(conn: &mut SqliteConn, batch: &[Box<dyn Work>]) {
    if let Err(error) = conn.control("BEGIN IMMEDIATE") {
        batch.iter().for_each(|work| work.set(error.clone()));
        return;
    }
    let clean = batch.iter().all(|work| matches!(poll_once(conn, &**work), Outcome::Clean) && conn.in_transaction());
    if clean && conn.control("COMMIT").is_ok() {
        return;
    }
    let refused_alone = batch.len() == 1 && !clean && conn.in_transaction();
    roll_back(conn);
    if refused_alone || (batch.len() > 1 && with_savepoints(conn, batch)) {
        return;
    }
    roll_back(conn);
    for work in batch {
        write_alone(conn, &**work);
    }
}

/// False: the transaction as a whole failed.
fn with_savepoints(conn: &mut SqliteConn, batch: &[Box<dyn Work>]) -> bool {
    let run = |conn: &mut SqliteConn, work: &dyn Work| {
        conn.control("SAVEPOINT closure")?;
        let undone = match poll_once(conn, work) {
            Outcome::Clean => Ok(()),
            Outcome::Undo => conn.control("ROLLBACK TO closure"),
        };
        // Fails too where SQLite threw the whole transaction away (INTERRUPT, IOERR, NOMEM, FULL may do this).
        undone.and_then(|()| conn.control("RELEASE closure"))
    };
    conn.control("BEGIN IMMEDIATE").is_ok()
        && batch.iter().all(|work| run(conn, &**work).is_ok())
        && conn.control("COMMIT").is_ok()
}

fn write_alone(conn: &mut SqliteConn, work: &dyn Work) {
    if let Err(error) = conn.control("BEGIN IMMEDIATE") {
        work.set(error);
        return;
    }
    let clean = matches!(poll_once(conn, work), Outcome::Clean) && conn.in_transaction();
    if clean && conn.control("COMMIT").is_err() {
        work.set(Error::CommitUnknown);
    }
    roll_back(conn);
}

fn roll_back(conn: &mut SqliteConn) {
    if conn.in_transaction()
        && let Err(error) = conn.control("ROLLBACK")
    {
        tracing::error!(%error, "a transaction could not be rolled back");
    }
}

/// Runs a reading closure outside any transaction.
pub(crate) fn read_one(conn: &mut SqliteConn, work: &dyn Work) {
    poll_once(conn, work);
}
