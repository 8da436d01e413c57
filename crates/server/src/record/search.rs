//! A search, newest first. What a page shows does not depend on the engine or on what was indexed when:
//!
//! ```text
//!  paid before the day's end, booked after it   read, few
//!  the newest, as far as some of them are not indexed yet (their job runs within the second)   read
//!  everything else   asked of the index:
//!      SQLite       goes backwards through the records that have the grams, a bounded number of them
//!      PostgreSQL   reads the newest 2 000; then asks the index in stretches of time that grow fourfold
//! ```
//!
//! Each of these is bounded. Where a bound is met before the page is full, the page is short and says where to go on.

use std::cmp::Ordering;

use db::{Engine, Error, Tx, Val, params};

use super::{
    cut::Cut,
    entry::Entry,
    query::{MOST_WORDS, Query},
    sql, words,
};

/// Fifteen at a time (PRODUCT 3.3).
pub const PAGE: usize = 15;
/// Records that are looked at first whether they are indexed, and at most.
const NOT_INDEXED: (i64, i64) = (256, 4096);
/// Candidates that SQLite's index is asked for first, and at most at once.
const CANDIDATES: (i64, i64) = (32, 512);
/// How often it is asked for one page.
const ROUNDS: usize = 12;

/// A search of one manager's records.
pub struct Search {
    /// Whose merchant.
    pub merchant_id: i64,
    /// Whose.
    pub manager_id: i64,
    /// What is meant.
    pub query: Query,
    /// Where it begins.
    pub cut: Cut,
    /// Of the database.
    pub engine: Engine,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// Records, newest first, at most a page.
    pub ids: Vec<i64>,
    /// Below which the search goes on; none: there is nothing more.
    pub next: Option<i64>,
}

impl Search {
    /// A page of it.
    ///
    /// # Errors
    /// The refusals of the database.
    pub async fn run(&self, tx: &mut Tx<'_>) -> Result<Found, Error> {
        if self.query.low_fen > self.query.high_fen {
            return Ok(Found::default());
        }
        let mut ids = self.late(tx).await?;
        // First what is not indexed, then the index: what is indexed meanwhile is found twice and never missed.
        let mut down_to = self.not_indexed(tx, &mut ids).await?;
        if ids.len() <= PAGE {
            let reached = match self.engine {
                Engine::Sqlite => self.ask_sqlite(tx, down_to, &mut ids).await?,
                Engine::Postgres => self.ask_postgres(tx, down_to, &mut ids).await?,
            };
            down_to = down_to.max(reached);
        }
        ids.retain(|id| *id >= down_to);
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.dedup();
        let full = ids.len() > PAGE;
        ids.truncate(PAGE);
        let next = if full { ids.last().copied() } else { (down_to > 0).then_some(down_to) };
        Ok(Found { ids, next })
    }

    /// Paid before the end of the day, booked after it.
    async fn late(&self, tx: &mut Tx<'_>) -> Result<Vec<i64>, Error> {
        let Cut { whole_below, below, paid_before_ms } = self.cut;
        if below <= whole_below {
            return Ok(Vec::new());
        }
        let values = params![self.merchant_id, self.manager_id, below, whole_below, paid_before_ms];
        self.read(tx, sql::SOURCES_LATE, values).await
    }

    /// Which of the sources are meant.
    async fn read(&self, tx: &mut Tx<'_>, sql: &'static str, values: &[Val<'_>]) -> Result<Vec<i64>, Error> {
        let mut ids = Vec::new();
        for row in tx.query(sql, values).await? {
            let entry = Entry::read(self.merchant_id, &row)?;
            ids.extend(entry.is_meant(&self.query).then_some(entry.record_id));
        }
        Ok(ids)
    }

    /// Reads the newest as far as some of them are not indexed. From the answer on everything is either indexed or read.
    async fn not_indexed(&self, tx: &mut Tx<'_>, ids: &mut Vec<i64>) -> Result<i64, Error> {
        let (mut low, mut size, mut left) = (self.cut.whole_below, NOT_INDEXED.0, NOT_INDEXED.1);
        loop {
            let rows = tx.query(sql::NEWEST, params![self.merchant_id, self.manager_id, low, size]).await?;
            let Some(last) = rows.last() else { return Ok(0) };
            let (lowest, mut missing) = (last.get::<i64>(0)?, false);
            for row in &rows {
                missing |= row.get::<Option<i64>>(1)?.is_none();
            }
            if missing {
                let values = params![self.merchant_id, self.manager_id, low, lowest];
                ids.extend(self.read(tx, sql::SOURCES_MISSING, values).await?);
            }
            if (rows.len() as i64) < size {
                return Ok(0);
            }
            (low, left) = (lowest, left - size);
            if !missing {
                return Ok(self.indexed_down_to(tx).await?.min(low));
            }
            if left <= 0 || ids.len() > PAGE {
                return Ok(low);
            }
            size = (size * 4).min(left);
        }
    }

    /// Below this, what there was before the index is still waiting for it; 0: it is done.
    async fn indexed_down_to(&self, tx: &mut Tx<'_>) -> Result<i64, Error> {
        let Some(row) = tx.query_opt(sql::INDEXED_DOWN_TO, params![self.merchant_id]).await? else { return Ok(0) };
        Ok(match self.manager_id.cmp(&row.get::<i64>(0)?) {
            Ordering::Less => i64::MAX,
            Ordering::Equal => row.get(1)?,
            Ordering::Greater => 0,
        })
    }

    /// The words that the SQL compares.
    fn words(&self) -> [&str; MOST_WORDS] {
        std::array::from_fn(|n| self.query.words.get(n).map_or("", String::as_str))
    }

    /// Adds what the index has from `from` on; down to where that is complete (0: to the end).
    async fn ask_sqlite(&self, tx: &mut Tx<'_>, from: i64, ids: &mut Vec<i64>) -> Result<i64, Error> {
        let mut wanted = self.query.all();
        wanted.insert(words::manager(self.merchant_id, self.manager_id));
        let mut wanted = wanted.into_iter().collect::<Vec<_>>().join(" ");
        let any = self.query.any().into_iter().collect::<Vec<_>>().join(" OR ");
        if !any.is_empty() {
            wanted = format!("{} AND ({any})", wanted.replace(' ', " AND "));
        }
        let ([a, b, c, d, e, f], Query { low_fen, high_fen, .. }) = (self.words(), &self.query);
        let (mut below, mut size) = (self.cut.whole_below, CANDIDATES.0);
        for _ in 0..ROUNDS {
            let values = params![
                self.merchant_id,
                &wanted,
                below,
                from,
                size,
                *low_fen,
                *high_fen,
                a,
                b,
                c,
                d,
                e,
                f,
                self.manager_id
            ];
            let rows = tx.query(sql::CANDIDATES_SQLITE, values).await?;
            for row in &rows {
                let record_id = row.get(0)?;
                below = below.min(record_id);
                ids.extend(row.get::<bool>(1)?.then_some(record_id));
            }
            if (rows.len() as i64) < size || ids.len() > PAGE {
                return Ok(0);
            }
            size = (size * 4).min(CANDIDATES.1);
        }
        Ok(below)
    }

    /// As [`Search::ask_sqlite`]; it always comes to the end.
    async fn ask_postgres(&self, tx: &mut Tx<'_>, from: i64, ids: &mut Vec<i64>) -> Result<i64, Error> {
        let (merchant_id, manager_id, below) = (self.merchant_id, self.manager_id, self.cut.whole_below);
        let ([a, b, c, d, e, f], Query { low_fen, high_fen, .. }) = (self.words(), &self.query);
        let row = tx.query_opt(sql::READ_DOWN_TO_POSTGRES, params![merchant_id, manager_id, below, from]).await?;
        let read_down_to = row.map(|row| row.get::<i64>(0)).transpose()?;
        let mut top = read_down_to.unwrap_or(from);
        let values = params![merchant_id, manager_id, below, top, *low_fen, *high_fen, a, b, c, d, e, f];
        for row in tx.query(sql::READ_POSTGRES, values).await? {
            ids.push(row.get(0)?);
        }
        if read_down_to.is_none() {
            return Ok(0);
        }
        let mut all = self.query.all();
        all.insert(words::manager(merchant_id, manager_id));
        let all = all.into_iter().collect::<Vec<_>>().join(" ");
        let any = self.query.any().into_iter().collect::<Vec<_>>().join(" ");
        let mut scale = 0;
        while top > from && ids.len() <= PAGE {
            let grams = format!("{all} {}", words::time(scale, top - 1));
            let start = words::start_of(scale, top - 1).max(from);
            let values = params![merchant_id, &grams, top, start, *low_fen, *high_fen, a, b, c, d, e, f, &any];
            let rows = if any.is_empty() {
                tx.query(sql::HAVE_ALL_POSTGRES, &values[..12]).await?
            } else {
                tx.query(sql::HAVE_ALL_AND_ANY_POSTGRES, values).await?
            };
            for row in rows {
                ids.push(row.get(0)?);
            }
            top = start;
            if scale + 1 < words::SCALES.len() && words::start_of(scale + 1, top) == top {
                scale += 1;
            }
        }
        Ok(0)
    }
}
