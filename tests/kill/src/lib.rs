//! Kills `mott` under load, at random moments, on both engines, and looks at the books after each restart: nothing is
//! lost, nothing is doubled (PRODUCT 6.1, 6.4, 6.7). Holds a test and nothing else.
//!
//! ```text
//!  world.rs   a folder, an institution, a database, `mott apply`; callbacks signed ahead of time
//!  mott.rs    the real binary: started, asked, killed with SIGKILL
//!  client.rs  one HTTP/1.1 connection, so that "written, its answer not read" is known exactly
//!  told.rs    what the outside was told: what it may rely on after any kill
//!  load.rs    payers and the institution, several connections each, until the kill
//!  books.rs   what the database says, compared with what was told
//!  rounds.rs  start ─► check ─► send again what went unanswered ─► load ─► kill ─► …
//! ```
//!
//! `MOTT_KILLS` (per engine, 25), `MOTT_KILL_SEED` and `MOTT_KILL_BINARY` (else it is built) make a longer or another run.
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
mod books;
#[cfg(test)]
mod client;
#[cfg(test)]
mod load;
#[cfg(test)]
mod mott;
#[cfg(test)]
mod rounds;
#[cfg(test)]
mod told;
#[cfg(test)]
mod world;
