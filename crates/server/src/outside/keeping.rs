//! Certificates end. They are fetched anew long before, and whoever has none that lasts is told.
//!
//! Fetched keys live in a node's memory, beside the adapter that uses them, so every node keeps its own: a round of each
//! node, not a job that one worker would do for itself alone.

use std::{collections::HashMap, sync::Arc};

use super::{Links, Provider};
use crate::{
    App,
    clock::{DAY_MS, HOUR_MS, MINUTE_MS},
};

/// How long before its end a key is warned of.
pub const WARN_MS: i64 = 30 * DAY_MS;
/// How often certificates are fetched; the institution shows a new one at least a day before it signs with it \[M\].
const FETCH_MS: i64 = 12 * HOUR_MS;
/// When to try again after a fetch that failed.
const AGAIN_MS: i64 = 10 * MINUTE_MS;

/// A provider whose last key will end soon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// Which provider.
    pub provider_key: String,
    /// The key that lasts longest.
    pub key_id: String,
    /// When it ends, UTC milliseconds.
    pub not_after_ms: i64,
}

/// Providers whose longest key ends within [`WARN_MS`], or has ended. A bare public key has no end.
pub fn ending(links: &Links, now_ms: i64) -> Vec<Ending> {
    let of = |(provider_key, provider): (&String, &Provider)| {
        let keys = provider.channel.verification_keys();
        let longest = keys.into_iter().max_by_key(|key| key.not_after_ms.unwrap_or(i64::MAX))?;
        let not_after_ms = longest.not_after_ms.filter(|end_ms| end_ms - now_ms <= WARN_MS)?;
        Some(Ending { provider_key: provider_key.clone(), key_id: longest.id, not_after_ms })
    };
    let mut ending: Vec<Ending> = links.providers.iter().filter_map(of).collect();
    ending.sort_by(|a, b| a.provider_key.cmp(&b.provider_key));
    ending
}

/// Fetches certificates when they are due.
#[derive(Default)]
pub struct Keeper {
    /// By provider, and which adapter it was: one that was made anew knows nothing of what the last one fetched.
    due_at_ms: HashMap<(String, usize), i64>,
}

impl Keeper {
    /// One look at every provider that is verified by certificates.
    pub async fn round(&mut self, app: &App) {
        let (links, now_ms) = (app.outside.links(), app.clock.now_ms());
        let mut next = HashMap::new();
        for (provider_key, provider) in &links.providers {
            let keys = provider.channel.verification_keys();
            if !keys.is_empty() && keys.iter().all(|key| key.not_after_ms.is_none()) {
                continue;
            }
            let which = (provider_key.clone(), Arc::as_ptr(&provider.channel).cast::<()>().addr());
            let due_at_ms = self.due_at_ms.get(&which).copied().unwrap_or(now_ms);
            if due_at_ms > now_ms {
                next.insert(which, due_at_ms);
                continue;
            }
            let wait_ms = match provider.channel.refresh_keys(now_ms).await {
                Ok(()) => FETCH_MS,
                Err(error) => {
                    tracing::warn!(provider_key, %error, "certificates could not be fetched; the present ones stay");
                    AGAIN_MS
                }
            };
            next.insert(which, now_ms + wait_ms);
        }
        let fetched = next != self.due_at_ms;
        self.due_at_ms = next;
        for Ending { provider_key, key_id, not_after_ms } in ending(&links, now_ms) {
            let days = (not_after_ms - now_ms).div_euclid(DAY_MS);
            if fetched {
                tracing::warn!(
                    provider_key,
                    key_id,
                    days,
                    "the last key to verify with ends soon: see `mott check channels`"
                );
            }
        }
    }
}
