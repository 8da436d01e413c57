//! Durable jobs: work that follows a change is enqueued in the change's own transaction and run after it, at least
//! once, by any worker of any node (PRODUCT 6.7). Knows nothing of payments.
//!
//! A job is identified by `(merchant_id, kind, key)`: enqueuing it twice changes nothing. Workers claim by
//! compare-and-set of a lease on rows that a plain read found in one of [`SLOTS`] slots, so the same text runs on
//! every engine and workers do not block each other.

mod queue;

pub use queue::{
    Claimed, ENQUEUE, Ended, Kinds, MIGRATION, NewJob, SLOTS, claim, due_slots, enqueue, finish, hasten, reopen, replay,
};
