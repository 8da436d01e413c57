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

    /// In the order of the codes, so that two nodes that write the same ones take turns instead of blocking each other.
    fn take(&self) -> Vec<Scanned> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));
        let mut scanned: Vec<Scanned> = taken.into_iter().collect();
        scanned.sort_unstable();
        scanned
    }

    fn put_back(&self, scanned: Vec<Scanned>) {
        let mut scans = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for (code, (more, at_ms)) in scanned {
            let (count, last_ms) = scans.entry(code).or_default();
            *count += more;
            *last_ms = (*last_ms).max(at_ms);
        }
    }
}

/// `((merchant, code), (how many, the last one's time))`
type Scanned = ((i64, i64), (i64, i64));

/// Writes what was counted, in one transaction. A count lost to a crash is only a count.
///
/// # Errors
/// The refusals of the database; what was counted waits for the next time.
pub async fn flush_scans(app: &App, scans: &Scans) -> Result<(), DbError> {
    let scanned = scans.take();
    if scanned.is_empty() {
        return Ok(());
    }
    let written = scanned.clone();
    let work = async move |tx: &mut Tx<'_>| {
        for ((merchant_id, code_id), (count, last_ms)) in &written {
            tx.execute(sql::SCANNED, params![*merchant_id, *code_id, *count, *last_ms]).await?;
        }
        Ok(())
    };
    let flushed = app.db.write(Key::of("scans"), work).await;
    // After a commit that was not answered they may be there already: a count is better short than double.
    if flushed.as_ref().is_err_and(|error| !matches!(error, DbError::CommitUnknown)) {
        scans.put_back(scanned);
    }
    flushed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_written_is_counted_with_what_came_since() {
        let scans = Scans::default();
        scans.count(1, 8, 10);
        scans.count(1, 7, 20);
        scans.count(1, 7, 15);
        let taken = scans.take();
        assert_eq!(taken, [((1, 7), (2, 20)), ((1, 8), (1, 10))], "in the order of the codes");
        scans.count(1, 7, 30);
        scans.put_back(taken);
        assert_eq!(scans.take(), [((1, 7), (3, 30)), ((1, 8), (1, 10))]);
    }
}
