//! The sandbox's memory: one SQLite file that survives a kill at any time.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::error::Error;

const SCHEMA: &str = include_str!("schema.sql");
/// Columns that a state file of an earlier version lacks.
const LATER_COLUMNS: [(&str, &str, &str); 4] = [
    ("pay_order", "seen_from_ms", "INTEGER NOT NULL DEFAULT 0"),
    ("callback", "provider", "TEXT NOT NULL DEFAULT 'wechatpay'"),
    ("callback", "what", "TEXT NOT NULL DEFAULT 'payment'"),
    ("callback", "seal", "TEXT NOT NULL DEFAULT 'genuine'"),
];

/// One connection, used by one request at a time: a statement takes microseconds, and order is worth more here than
/// width.
pub(crate) struct State(Mutex<Connection>);

impl State {
    /// Opens `state/sandbox.db`, making the tables it lacks.
    ///
    /// # Errors
    /// When the folder or file cannot be made or opened.
    pub fn open(folder: &Path) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(|source| Error::File { path: folder.to_owned(), source })?;
        let connection = Connection::open(folder.join("sandbox.db"))?;
        // WAL with NORMAL loses nothing when the process is killed; only a power cut could take the last moments.
        connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;")?;
        connection.execute_batch(SCHEMA)?;
        for (table, column, kind) in LATER_COLUMNS {
            let known =
                connection.prepare("SELECT 1 FROM pragma_table_info(?1) WHERE name = ?2")?.exists([table, column])?;
            if !known {
                connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"))?;
            }
        }
        Ok(Self(Mutex::new(connection)))
    }

    /// Runs `work` in one transaction; its error rolls everything back.
    ///
    /// # Errors
    /// Whatever `work` says, or the state file.
    pub fn write<T, E: From<rusqlite::Error>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let tx = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&tx)?;
        tx.commit()?;
        Ok(done)
    }

    /// Runs `work` outside of a transaction.
    ///
    /// # Errors
    /// Whatever `work` says.
    pub fn read<T, E: From<rusqlite::Error>>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        work(&self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
