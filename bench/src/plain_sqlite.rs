//! SQLite without us: one rusqlite connection in process, cached statements, a transaction each, durable like ours.

use std::{path::Path, time::Instant};

use rusqlite::{Connection, params_from_iter, types::Value};

use crate::{
    Error,
    baseline::{Given, Statement},
};

/// Runs `warm` transactions, then `measured` ones, and says how many of these it did in a second.
///
/// # Errors
/// When SQLite refuses.
pub fn per_second(file: &Path, statements: &[Statement], warm: i64, measured: i64) -> Result<f64, Error> {
    let mut conn = Connection::open(file)?;
    // As the product's own writer is set up.
    conn.execute_batch(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; PRAGMA cache_size=-32768; \
         PRAGMA temp_store=MEMORY; PRAGMA wal_autocheckpoint=4000",
    )?;
    conn.set_prepared_statement_cache_capacity(64);
    let texts: Vec<String> = statements.iter().map(|s| s.sql.replace('$', "?")).collect();
    let mut from = Instant::now();
    for n in 0..warm + measured {
        if n == warm {
            from = Instant::now();
        }
        let tx = conn.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for (text, statement) in texts.iter().zip(statements) {
            let mut prepared = tx.prepare_cached(text)?;
            let mut rows = prepared.query(params_from_iter(statement.given.iter().map(|given| value(given, n))))?;
            while rows.next()?.is_some() {}
        }
        tx.commit()?;
    }
    Ok(measured as f64 / from.elapsed().as_secs_f64())
}

fn value(given: &Given, n: i64) -> Value {
    match given {
        Given::Null => Value::Null,
        Given::Number(number) => Value::Integer(*number),
        Given::Text(text) => Value::Text(text.clone()),
        Given::Bytes(bytes) => Value::Blob(bytes.clone()),
        Given::Count(from) => Value::Integer(from + n),
        Given::CountText(from) => Value::Text((from + n).to_string()),
    }
}

/// The one number that `sql` answers.
///
/// # Errors
/// When SQLite refuses.
pub fn count(file: &Path, sql: &str) -> Result<i64, Error> {
    Ok(Connection::open(file)?.query_row(sql, [], |row| row.get(0))?)
}
