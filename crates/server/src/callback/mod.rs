//! 回调: what an institution tells us. Believed only when its signature, its age and everything it says agree; answered
//! only after the commit (PRODUCT 6.3, 6.4).
//!
//! What is not believed is answered with a refusal and kept for [`KEPT_MS`], at most [`KEPT_PER_MINUTE_AND_SOURCE`] of
//! a source and [`KEPT_PER_MINUTE`] of all in a minute, so that a flood of forged ones costs signature checks and no disk.

mod receive;
mod refused;
mod sql;
#[cfg(test)]
mod tests;

pub use receive::router;
pub use refused::{Kept, forget};

/// Refused callbacks that a node keeps in a minute.
pub const KEPT_PER_MINUTE: u32 = 60;
/// Of these, how many of one source.
pub const KEPT_PER_MINUTE_AND_SOURCE: u32 = 10;
/// How much is kept of the body: a genuine one is about a thousand bytes.
pub const KEPT_BODY_BYTES: usize = 8 * 1024;
/// How long they are kept.
pub const KEPT_MS: i64 = 90 * crate::clock::DAY_MS;
