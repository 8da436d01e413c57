//! Scans are counted in memory and written once a second: a page costs no write.

use std::{collections::HashMap, sync::Mutex};

use db::{Error as DbError, Key, Tx, params};

use super::sql;
use crate::App;

/// Scans since the last flush: `(merchant, code)` → how many, and when the last one was.
#[derive(Default)]
pub struct Scans(Mutex<HashMap<(i64, i64), (i64, i64)>>);

impl Scans {
    /// Counts one.
    pub fn count(&self, merchant_id: i64, code_id: i64, now_ms: i64) {
        let mut scans = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (count, last_ms) = scans.entry((merchant_id, code_id)).or_default();
        *count += 1;
        *last_ms = (*last_ms).max(now_ms);
    }

    fn take(&self) -> HashMap<(i64, i64), (i64, i64)> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

/// Writes what was counted. A count lost to a crash is only a count.
///
/// # Errors
/// The refusals of the database.
pub async fn flush_scans(app: &App, scans: &Scans) -> Result<(), DbError> {
    for ((merchant_id, code_id), (count, last_ms)) in scans.take() {
        let work =
            async move |tx: &mut Tx<'_>| tx.execute(sql::SCANNED, params![merchant_id, code_id, count, last_ms]).await;
        app.db.write(Key::of(("scan", code_id)), work).await?;
    }
    Ok(())
}
