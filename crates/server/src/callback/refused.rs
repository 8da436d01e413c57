//! Callbacks that were not believed: kept within bounds, and raised in the log.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, OnceLock},
};

use db::{Error as DbError, Key, Tx, params};

use super::{KEPT_PER_MINUTE, sql};
use crate::{App, clock::MINUTE_MS};

/// How many were kept of each source in the present minute.
#[derive(Default)]
struct Kept {
    minute: i64,
    by_source: HashMap<IpAddr, u32>,
}

/// Whether one more of `source` is to be kept. Bounded by the sources of one minute; a restart forgets a minute.
fn within_bounds(source: IpAddr, now_ms: i64) -> bool {
    static KEPT: OnceLock<Mutex<Kept>> = OnceLock::new();
    let mut kept = KEPT.get_or_init(Mutex::default).lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    count(&mut kept, source, now_ms / MINUTE_MS)
}

fn count(kept: &mut Kept, source: IpAddr, minute: i64) -> bool {
    if kept.minute != minute {
        *kept = Kept { minute, by_source: HashMap::new() };
    }
    let count = kept.by_source.entry(source).or_default();
    *count += 1;
    *count <= KEPT_PER_MINUTE
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
    body: Vec<u8>,
) -> Result<(), DbError> {
    let now_ms = app.clock.now_ms();
    if !within_bounds(source, now_ms) {
        return Ok(());
    }
    tracing::warn!(provider_key, %source, reason, "a callback was not believed");
    let (id, provider_key) = (app.ids.mint(), provider_key.to_owned());
    let work = async move |tx: &mut Tx<'_>| {
        let source = source.to_string();
        tx.execute(sql::KEEP_REFUSED, params![&provider_key, id, &source, &reason, &headers, &body, now_ms]).await
    };
    app.db.write(Key::of(("refused", id)), work).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_kept_within_bounds_per_source_and_minute() {
        let mut kept = Kept::default();
        let (a, b): (IpAddr, IpAddr) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let of_a = (0..100).filter(|_| count(&mut kept, a, 1)).count();
        assert_eq!(of_a, KEPT_PER_MINUTE as usize);
        assert!(count(&mut kept, b, 1), "another source has its own bounds");
        assert!(count(&mut kept, a, 2), "the next minute begins anew");
    }
}
