//! Which process has which number. Ids carry the number, so two living processes must never have the same: it is
//! leased in the database, renewed while the process lives, and a process that lost its lease stops.
//!
//! Leases are about living processes, so they run on the machine's clock even where a test moves the product's.

use db::{Db, Error as DbError, Key, Tx, params};

use crate::ids;

mod sql;

/// How long a number is held without a renewal.
pub const LEASE_MS: i64 = 60_000;
/// How often it is renewed: two renewals may fail before the lease ends.
pub const RENEW_MS: i64 = 20_000;
/// How long a number rests after its lease, for machines whose clocks differ.
const REST_MS: i64 = 60_000;
/// Nodes that start at the same moment want the same number; each round one of them gets it.
const TRIES: usize = 20;

/// Why there is no number.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
    /// Every number is held.
    #[error("all {} node numbers are held: stop processes that are not needed", ids::NODES - 1)]
    Full,
}

/// A number that this process holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    /// The number, from 1.
    pub node: i64,
    /// Who holds it: random, so that a number taken over is never mistaken for one's own.
    pub holder: String,
}

/// Leases a number for `holder`.
///
/// # Errors
/// [`Error::Full`], or the refusals of the database.
pub async fn lease(db: &Db, holder: &str, now_ms: i64) -> Result<Lease, Error> {
    for _ in 0..TRIES {
        let name = holder.to_owned();
        match db.write(Key::of("node"), async move |tx: &mut Tx<'_>| take(tx, &name, now_ms).await).await {
            Ok(Some(node)) => return Ok(Lease { node, holder: holder.to_owned() }),
            Ok(None) | Err(Error::Db(DbError::Unique(_) | DbError::Conflict(_))) => {}
            Err(error) => return Err(error),
        }
    }
    Err(Error::Db(DbError::Busy))
}

/// `None`: another node was faster.
async fn take(tx: &mut Tx<'_>, holder: &str, now_ms: i64) -> Result<Option<i64>, Error> {
    if let Some(row) = tx.query_opt(sql::FREE, params![now_ms - REST_MS]).await? {
        let (node, until_ms): (i64, i64) = (row.get(0)?, row.get(1)?);
        let taken = tx.execute(sql::TAKE, params![node, holder, now_ms + LEASE_MS, until_ms]).await?;
        return Ok((taken == 1).then_some(node));
    }
    let node = tx.query_one(sql::NEXT, &[]).await?.get(0)?;
    if node >= ids::NODES {
        return Err(Error::Full);
    }
    tx.execute(sql::ADD, params![node, holder, now_ms + LEASE_MS]).await?;
    Ok(Some(node))
}

/// Holds the number for another while. False: somebody else has it now, and this process must mint no more ids.
///
/// # Errors
/// The refusals of the database; the lease then runs on as it was.
pub async fn renew(db: &Db, lease: &Lease, now_ms: i64) -> Result<bool, DbError> {
    hold_until(db, lease, now_ms + LEASE_MS).await
}

/// Gives the number back.
///
/// # Errors
/// The refusals of the database; the lease then ends by itself.
pub async fn release(db: &Db, lease: &Lease, now_ms: i64) -> Result<(), DbError> {
    hold_until(db, lease, now_ms).await.map(drop)
}

async fn hold_until(db: &Db, lease: &Lease, until_ms: i64) -> Result<bool, DbError> {
    let lease = lease.clone();
    db.write(Key::of("node"), async move |tx: &mut Tx<'_>| {
        Ok(tx.execute(sql::RENEW, params![lease.node, &lease.holder, until_ms]).await? == 1)
    })
    .await
}

#[cfg(test)]
mod tests {
    use db::{migrate, on_both_engines, testing::TestDb};

    use super::*;
    use crate::schema;

    on_both_engines!(living_nodes_never_share_a_number, a_number_taken_over_cannot_be_renewed);

    async fn living_nodes_never_share_a_number(test: TestDb) {
        migrate(&test.db, schema::STEPS).await.unwrap();
        let other = test.another_node();
        let (mut wanted, mut got) = (Vec::new(), std::collections::HashSet::new());
        for n in 0..8 {
            let db = if n % 2 == 0 { test.db.clone() } else { other.clone() };
            wanted.push(async move { lease(&db, &format!("h{n}"), 1_000_000).await.unwrap().node });
        }
        for node in futures_util::future::join_all(wanted).await {
            assert!(got.insert(node), "the number {node} was given twice");
        }
        let first = Lease { node: 1, holder: "gone".into() };
        assert!(!renew(&test.db, &first, 1_000_000).await.unwrap(), "a holder is known by its name, not its number");
    }

    async fn a_number_taken_over_cannot_be_renewed(test: TestDb) {
        migrate(&test.db, schema::STEPS).await.unwrap();
        let old = lease(&test.db, "old", 1_000_000).await.unwrap();
        assert!(renew(&test.db, &old, 1_020_000).await.unwrap());
        let rested = 1_020_000 + LEASE_MS + REST_MS;
        assert_ne!(lease(&test.db, "soon", rested - 1).await.unwrap().node, old.node, "a number rests after its lease");
        let new = lease(&test.db, "new", rested).await.unwrap();
        assert_eq!(new.node, old.node);
        assert!(!renew(&test.db, &old, rested).await.unwrap());
        release(&test.db, &new, rested).await.unwrap();
        assert_eq!(lease(&test.db, "next", rested + REST_MS).await.unwrap().node, new.node);
    }
}
