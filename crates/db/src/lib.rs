//! One door to SQLite and PostgreSQL: [`Db`], [`Tx`], [`Row`], [`Migration`]. No business word inside.
//!
//! Both engines group-commit. A *lane* is a thread with one connection; it drains the closures that are waiting (it
//! never waits for more), runs them in one transaction and answers each of them only after the commit:
//!
//! * SQLite has one lane. A batch runs without savepoints, which would copy every page that each closure touches; when
//!   one refuses after it changed rows, the batch is rolled back and run again with them, so it fails alone.
//! * PostgreSQL has two; the closures of a batch send their statements in waves on one pipelined connection, never two
//!   of one [`Key`]. A failure rolls the batch back and re-runs it one by one.
//!
//! A closure may therefore run more than once: it is an `AsyncFn`, so the compiler refuses one that consumes or
//! mutates what it captured. Clock, ids and randomness enter as captures. It may await nothing but its [`Tx`].

mod engine;
mod error;
mod migrate;
mod postgres;
mod row;
mod sqlite;
mod tx;
mod value;
mod waves;
mod work;

pub use engine::{Around, Db, Engine, Key, Moment, Options};
pub use error::Error;
pub use migrate::{Migration, applied, migrate};
pub use row::{FromColumn, Row};
pub use tx::Tx;
pub use value::Val;

/// `params![a, b]`: the values of `$1`, `$2`, … in order.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::Val::from($value)),*] };
}

#[cfg(feature = "testing")]
pub mod testing;
