//! Plays every row of `sandbox scenario run all` against a real `mott`, on both engines and both channels: whatever an
//! institution does, the payer is told the truth and the books are right (PRODUCT 6). Holds a test and nothing else.
//!
//! ```text
//!  world.rs   a folder, an institution, a database, `mott serve` on a clock that the rows move
//!  matrix.rs  plays all rows and asks that none fails
//! ```
//!
//! `MOTT_SCENARIO_BINARY` names a `mott` that was built with `test-clock`; else it is built.
#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        clippy::unwrap_used,
        clippy::expect_used,
        reason = "a test of real processes in real time; whatever fails here fails the test"
    )
)]

#[cfg(test)]
mod matrix;
#[cfg(test)]
mod world;
