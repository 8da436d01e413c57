//! Many seeds, a few at a time, and what they showed together.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use crate::{Outcome, Plan, matrix::Row, run};

/// What many runs showed.
#[derive(Debug, Default)]
pub struct Summary {
    /// Runs.
    pub seeds: u64,
    /// Payments that institutions took in all of them.
    pub payments: u64,
    /// The fewest of one run.
    pub fewest: u64,
    /// How often each row occurred.
    pub rows: BTreeMap<Row, u64>,
    /// The failure of the lowest seed that failed, if one did.
    pub failure: Option<Outcome>,
}

impl Summary {
    fn add(&mut self, outcome: Outcome) {
        let payments = outcome.payments as u64;
        self.fewest = if self.seeds == 0 { payments } else { self.fewest.min(payments) };
        self.seeds += 1;
        self.payments += payments;
        for (row, times) in &outcome.rows {
            *self.rows.entry(*row).or_default() += times;
        }
        let earlier = self.failure.as_ref().is_some_and(|known| known.seed < outcome.seed);
        if !outcome.sentences.is_empty() && !earlier {
            self.failure = Some(outcome);
        }
    }

    /// Rows that occurred less often than `least`.
    pub fn rare(&self, least: u64) -> Vec<Row> {
        Row::ALL.iter().copied().filter(|row| self.rows.get(row).copied().unwrap_or_default() < least).collect()
    }

    /// The table of rows.
    pub fn table(&self) -> String {
        let line = |row: &Row| format!("{:>8}  {}\n", self.rows.get(row).copied().unwrap_or_default(), row.words());
        Row::ALL.iter().map(line).collect()
    }
}

/// Runs `seeds` seeds from `from` on, `threads` at a time, one thread each; no more once one failed.
///
/// # Errors
/// In words, where a run could not begin.
pub fn run_many(from: u64, seeds: u64, threads: usize, keyring: &Path) -> Result<Summary, String> {
    let (next, stop) = (AtomicU64::new(from), AtomicBool::new(false));
    let found = Mutex::new((Summary::default(), None));
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= from + seeds {
                        return;
                    }
                    let ran = run(Plan { seed, keep_log: false, database: None, keyring: keyring.to_owned() });
                    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                    match ran {
                        Ok(outcome) => {
                            stop.fetch_or(!outcome.sentences.is_empty(), Ordering::Relaxed);
                            found.0.add(outcome);
                        }
                        Err(why) => {
                            stop.store(true, Ordering::Relaxed);
                            found.1 = Some(why);
                        }
                    }
                }
            });
        }
    });
    match found.into_inner().unwrap_or_else(PoisonError::into_inner) {
        (_, Some(why)) => Err(why),
        (summary, None) => Ok(summary),
    }
}
