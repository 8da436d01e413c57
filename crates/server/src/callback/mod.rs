//! 回调: what an institution tells us. Believed only when its signature, its age and everything it says agree; answered
//! only after the commit (PRODUCT 6.3, 6.4).
//!
//! What is not believed is answered with a refusal and kept, at most [`KEPT_PER_MINUTE`] per source and minute, so
//! that a flood of forged ones costs a signature check and no disk.

mod receive;
mod refused;
mod sql;
#[cfg(test)]
mod tests;

pub use receive::router;

/// Refused callbacks that are kept per source and minute.
pub const KEPT_PER_MINUTE: u32 = 10;
