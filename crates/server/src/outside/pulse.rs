//! Whether an institution answers of late, as far as this node has noticed. Only a hint for what is offered: nothing of
//! a payment is decided by it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// So many calls in a row without an answer, and the wallet is not offered any more …
const SILENT_CALLS: u32 = 3;
/// … for so long after the last of them; then somebody may try again.
const SILENT_MS: i64 = 60_000;

/// By provider key: calls in a row without an answer, and when the last one was made.
#[derive(Default)]
pub struct Pulse(Mutex<HashMap<String, (u32, i64)>>);

impl Pulse {
    /// A call was answered, or was not.
    pub fn note(&self, provider_key: &str, answered: bool, now_ms: i64) {
        let mut silent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answered {
            silent.remove(provider_key);
        } else {
            let (calls, _) = silent.get(provider_key).copied().unwrap_or_default();
            silent.insert(provider_key.to_owned(), (calls.saturating_add(1), now_ms));
        }
    }

    /// Whether the recent calls all went unanswered (PRODUCT 4: such a wallet is not shown).
    pub fn is_silent(&self, provider_key: &str, now_ms: i64) -> bool {
        let silent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        silent.get(provider_key).is_some_and(|(calls, last)| *calls >= SILENT_CALLS && now_ms - last < SILENT_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_institution_is_silent_after_three_calls_until_one_is_answered_or_a_minute_passed() {
        let pulse = Pulse::default();
        for now_ms in [0, 10] {
            pulse.note("a", false, now_ms);
            assert!(!pulse.is_silent("a", now_ms));
        }
        pulse.note("a", false, 20);
        assert!(pulse.is_silent("a", 20) && !pulse.is_silent("b", 20));
        assert!(!pulse.is_silent("a", 20 + SILENT_MS), "somebody may try again");
        pulse.note("a", false, 90_000);
        assert!(pulse.is_silent("a", 90_000), "and one more without an answer is enough");
        pulse.note("a", true, 90_001);
        assert!(!pulse.is_silent("a", 90_001));
    }
}
