//! Callbacks that were not believed: kept within bounds and for a while, and raised in the log.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use db::{Error as DbError, Key, Tx, params};

use super::{KEPT_BODY_BYTES, KEPT_MS, KEPT_PER_MINUTE, KEPT_PER_MINUTE_AND_SOURCE, sql};
use crate::{App, clock::MINUTE_MS, ids, web::source_of};

/// How many this node kept in the present minute. A restart forgets a minute.
#[derive(Default)]
pub struct Kept(Mutex<Minute>);

/// Holds no more sources than may be kept: a flood from everywhere costs no memory.
#[derive(Default)]
struct Minute {
    minute: i64,
    kept: u32,
    by_source: HashMap<IpAddr, u32>,
}

impl Kept {
    /// Whether one more from `address` is to be kept.
    fn count(&self, address: IpAddr, now_ms: i64) -> bool {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let minute = now_ms / MINUTE_MS;
        if now.minute != minute {
            *now = Minute { minute, ..Minute::default() };
        }
        if now.kept >= KEPT_PER_MINUTE {
            return false;
        }
        let of_source = now.by_source.entry(source_of(address)).or_default();
        if *of_source >= KEPT_PER_MINUTE_AND_SOURCE {
            return false;
        }
        *of_source += 1;
        now.kept += 1;
        true
    }
}

/// Keeps one, within bounds.
///
/// # Errors
/// The refusals of the database.
pub async fn keep(
    app: &App,
    provider_key: &str,
    source: IpAddr,
    reason: String,
    headers: String,
    mut body: Vec<u8>,
) -> Result<(), DbError> {
    let now_ms = app.clock.now_ms();
    if !app.refused.count(source, now_ms) {
        return Ok(());
    }
    body.truncate(KEPT_BODY_BYTES);
    tracing::warn!(provider_key, %source, reason, "a callback was not believed");
    let (id, provider_key) = (app.ids.mint(), provider_key.to_owned());
    let work = async move |tx: &mut Tx<'_>| {
        let source = source.to_string();
        tx.execute(sql::KEEP_REFUSED, params![&provider_key, id, &source, &reason, &headers, &body, now_ms]).await
    };
    app.db.write(Key::of(("refused", id)), work).await.map(drop)
}

/// Forgets those that are older than [`KEPT_MS`].
///
/// # Errors
/// The refusals of the database.
pub async fn forget(app: &App) -> Result<u64, DbError> {
    let before = ids::floor_of(app.clock.now_ms() - KEPT_MS);
    let write = async move |tx: &mut Tx<'_>| tx.execute(sql::FORGET_REFUSED, params![before]).await;
    app.db.write(Key::of("refused sweep"), write).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flood(kept: &Kept, addresses: impl Iterator<Item = String>, now_ms: i64) -> usize {
        addresses.filter(|address| kept.count(address.parse().unwrap(), now_ms)).count()
    }

    #[test]
    fn a_flood_is_kept_within_bounds_per_source_and_minute() {
        let kept = Kept::default();
        let per_source = KEPT_PER_MINUTE_AND_SOURCE as usize;
        assert_eq!(flood(&kept, (0..100).map(|_| "10.0.0.1".into()), 0), per_source);
        assert_eq!(flood(&kept, (0..100).map(|_| "10.0.0.2".into()), 0), per_source, "another has its own bounds");
        let one_network = (0..100).map(|n| format!("2001:db8:7:8::{n:x}"));
        assert_eq!(flood(&kept, one_network, MINUTE_MS), per_source, "one /64 is one source; a new minute begins anew");
    }

    #[test]
    fn a_flood_from_everywhere_is_bounded_and_costs_no_memory() {
        let kept = Kept::default();
        let everywhere = (0..50_000).map(|n| format!("2001:db8:{:x}:{:x}::1", n >> 8, n & 255));
        assert_eq!(flood(&kept, everywhere, 0), KEPT_PER_MINUTE as usize);
        assert!(kept.0.lock().unwrap().by_source.len() <= KEPT_PER_MINUTE as usize);
    }
}
