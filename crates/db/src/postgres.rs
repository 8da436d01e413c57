use std::{cell::RefCell, collections::HashMap, panic::AssertUnwindSafe, time::Duration};

use futures_util::FutureExt;
use tokio_postgres::{Client, Config, NoTls, Statement, types::ToSql};

use crate::{
    Error, Row, Val,
    row::Inner,
    tx::{Conn, Tx},
    waves,
    work::Work,
};

/// A connection with its prepared statements.
pub(crate) struct PgConn {
    client: Client,
    statements: RefCell<HashMap<&'static str, Statement>>,
}

/// A connection whose other side acknowledges nothing for so long is lost.
const SILENCE: Duration = Duration::from_secs(10);

/// Tries of a closure that lost against another transaction (deadlock between two nodes).
const TRIES: usize = 4;

impl PgConn {
    /// Connects, giving up after five seconds. The driver task lives on the lane's own runtime. A machine that went
    /// away without a word is noticed within seconds too, so that its lane finds the one that took its place.
    pub async fn connect(config: &Config) -> Result<Self, Error> {
        let mut config = config.clone();
        config.connect_timeout(Duration::from_secs(5)).application_name("mott");
        config.keepalives(true).keepalives_idle(SILENCE / 2).keepalives_interval(SILENCE / 4).keepalives_retries(2);
        config.tcp_user_timeout(SILENCE);
        let (client, driver) = config.connect(NoTls).await?;
        tokio::task::spawn_local(async move {
            if let Err(error) = driver.await {
                tracing::warn!(%error, "a PostgreSQL connection ended");
            }
        });
        client
            .batch_execute(
                "SET statement_timeout='15s'; SET lock_timeout='8s'; SET idle_in_transaction_session_timeout='30s'; \
                 SET jit=off", // nothing here runs long enough to be worth compiling
            )
            .await?;
        Ok(PgConn { client, statements: RefCell::default() })
    }

    pub fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    async fn statement(&self, sql: &'static str) -> Result<Statement, Error> {
        if let Some(statement) = self.statements.borrow().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.borrow_mut().insert(sql, statement.clone());
        Ok(statement)
    }

    pub async fn execute(&self, sql: &'static str, params: &[Val<'_>]) -> Result<u64, Error> {
        let statement = self.statement(sql).await?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|v| v as _).collect();
        Ok(self.client.execute(&statement, &params).await?)
    }

    pub async fn query(&self, sql: &'static str, params: &[Val<'_>]) -> Result<Vec<Row>, Error> {
        let statement = self.statement(sql).await?;
        let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|v| v as _).collect();
        let rows = self.client.query(&statement, &params).await?;
        Ok(rows.into_iter().map(|row| Row(Inner::Pg(row))).collect())
    }

    pub async fn batch(&self, sql: &str) -> Result<(), Error> {
        Ok(self.client.batch_execute(sql).await?)
    }
}

/// How one closure ended on a shared transaction.
#[derive(Clone)]
enum Ended {
    /// It succeeded, or refused without having changed anything.
    Clean,
    /// It changed rows and then refused: its work must be undone.
    Undo,
    /// The database refused a statement, and the transaction with it.
    Broken(Error),
}

async fn run_one(conn: &PgConn, work: &dyn Work) -> Ended {
    let mut tx = Tx::new(Conn::Pg(conn));
    let outcome = AssertUnwindSafe(work.run(&mut tx)).catch_unwind().await;
    if let Some(error) = tx.failed {
        if matches!(outcome, Ok(true)) {
            work.set(error.clone()); // it swallowed the refusal, but the transaction is lost all the same
        }
        return Ended::Broken(error);
    }
    match outcome {
        Ok(true) => Ended::Clean,
        Ok(false) if !tx.wrote => Ended::Clean,
        Ok(false) => Ended::Undo,
        Err(_panic) => {
            work.set(Error::Panicked);
            Ended::Undo
        }
    }
}

/// Runs a batch interleaved on one transaction; if anything is to be undone, rolls all of it back and runs it again
/// one by one, so that the closure that broke it fails alone.
pub(crate) async fn write_batch(conn: &PgConn, batch: &[Box<dyn Work>]) {
    if batch.len() > 1 {
        if let Err(error) = conn.batch("BEGIN").await {
            batch.iter().for_each(|work| work.set(error.clone()));
            return;
        }
        let ended = waves::run(batch.iter().map(|work| run_one(conn, &**work))).await;
        if ended.iter().all(|ended| matches!(ended, Ended::Clean)) {
            commit(conn, batch).await;
            return;
        }
        if conn.batch("ROLLBACK").await.is_err() {
            batch.iter().for_each(|work| work.set(Error::Unavailable("the connection was lost".into())));
            return;
        }
    }
    for work in batch {
        write_alone(conn, std::slice::from_ref(work)).await;
    }
}

async fn write_alone(conn: &PgConn, one: &[Box<dyn Work>]) {
    for attempt in 1..=TRIES {
        if let Err(error) = conn.batch("BEGIN").await {
            one[0].set(error);
            return;
        }
        let ended = run_one(conn, &*one[0]).await;
        if matches!(ended, Ended::Clean) {
            commit(conn, one).await;
            return;
        }
        if conn.batch("ROLLBACK").await.is_err() {
            one[0].set(Error::Unavailable("the connection was lost".into()));
            return;
        }
        if !matches!(ended, Ended::Broken(Error::Conflict(_))) || attempt == TRIES {
            return;
        }
    }
}

/// A commit that the server refused is a rollback; one that it did not answer is unknown.
async fn commit(conn: &PgConn, batch: &[Box<dyn Work>]) {
    if let Err(error) = conn.batch("COMMIT").await {
        let error = if matches!(error, Error::Unavailable(_)) { Error::CommitUnknown } else { error };
        batch.iter().for_each(|work| work.set(error.clone()));
    }
}

/// Runs a reading closure outside any transaction.
pub(crate) async fn read_one(conn: &PgConn, work: &dyn Work) {
    if let Ended::Undo = run_one(conn, work).await {
        tracing::error!("a reading closure changed rows or panicked");
    }
}
