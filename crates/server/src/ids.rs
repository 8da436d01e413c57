//! Time-ordered 63-bit ids: 41 bits of milliseconds since 2025, 10 of node, 12 of sequence. In JSON always strings.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use crate::clock::Clock;

const EPOCH_MS: i64 = 1_735_689_600_000; // 2025-01-01T00:00:00Z
const NODE_BITS: i64 = 10;
const SEQUENCE_BITS: i64 = 12;

/// Node numbers are below this.
pub const NODES: i64 = 1 << NODE_BITS;

/// Mints ids. On overflow of a millisecond, or a clock that steps back, it borrows the next one.
#[derive(Clone)]
pub struct Ids {
    clock: Clock,
    node: i64,
    last: Arc<AtomicI64>,
}

impl Ids {
    /// Ids of `node`, a number that no other living process has.
    pub fn new(clock: Clock, node: i64) -> Ids {
        Ids { clock, node: node % NODES, last: Arc::new(AtomicI64::new(0)) }
    }

    /// The next id, greater than every one this process minted before.
    pub fn mint(&self) -> i64 {
        // `last` counts (ms, sequence) without the node, so that adding one borrows from the next millisecond.
        let now = (self.clock.now_ms() - EPOCH_MS).max(0) << SEQUENCE_BITS;
        let before = self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some((last + 1).max(now)));
        let tick = before.map_or(now, |last| (last + 1).max(now));
        let (ms, sequence) = (tick >> SEQUENCE_BITS, tick & ((1 << SEQUENCE_BITS) - 1));
        (ms << (NODE_BITS + SEQUENCE_BITS)) | (self.node << SEQUENCE_BITS) | sequence
    }
}

/// The smallest id of `at_ms`: whatever was minted at or after that moment is not below it.
pub fn floor_of(at_ms: i64) -> i64 {
    (at_ms - EPOCH_MS).max(0) << (NODE_BITS + SEQUENCE_BITS)
}

/// When an id was minted, UTC milliseconds.
pub fn minted_at_ms(id: i64) -> i64 {
    (id >> (NODE_BITS + SEQUENCE_BITS)) + EPOCH_MS
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::atomic::AtomicI64};

    use super::*;

    #[test]
    fn ids_grow_even_when_the_clock_stands_or_steps_back() {
        let now = Arc::new(AtomicI64::new(EPOCH_MS + 1000));
        let read = now.clone();
        let ids = Ids::new(Clock::new(move || read.load(Ordering::Relaxed)), 7);
        let mut last = 0;
        for round in 0..10_000 {
            if round == 5000 {
                now.fetch_sub(500, Ordering::Relaxed);
            }
            let id = ids.mint();
            assert!(id > last);
            last = id;
        }
        assert!(minted_at_ms(last) - (EPOCH_MS + 1000) <= 3, "10 000 ids borrow at most three milliseconds");
    }

    #[test]
    fn two_nodes_never_mint_the_same() {
        let clock = Clock::new(|| EPOCH_MS + 5);
        let (a, b) = (Ids::new(clock.clone(), 1), Ids::new(clock, 2));
        let all: HashSet<i64> = (0..5000).flat_map(|_| [a.mint(), b.mint()]).collect();
        assert_eq!(all.len(), 10_000);
        assert!(all.iter().all(|id| *id >= floor_of(EPOCH_MS + 5)));
    }
}
