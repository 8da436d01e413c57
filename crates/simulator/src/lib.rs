//! The whole system in one thread and in no time: payers, managers, admins, institutions and several nodes over one
//! database, driven by a seed. What goes wrong in a year of a real installation goes wrong here in a second, and a seed
//! that fails once fails always.
//!
//! ```text
//!  people ──► network ──► node 1, node 2 (the product: its routers, its worker, its screens) ──► institutions
//!    │           each message may be slow, lost, doubled        │ Db::inline(), a door per node      │ ledger
//!    └──────────────────────────► auditor ◄──────────────────────┴────────────────────────────────────┘
//! ```
//!
//! `make simulate` runs many seeds; `SEED=7 make simulate` replays one.

pub mod around;
pub mod auditor;
pub mod institution;
pub mod keyring;
pub mod many;
pub mod matrix;
pub mod network;
pub mod people;
pub mod random;
pub mod run;
pub mod seed;
pub mod sim;
pub mod world;

pub use run::{Outcome, Plan, run};
