//! What an institution or a wallet refuses: one sentence for the payer, one for the manager, and a stable code
//! (PRODUCT 4). The other side's own words are kept beside it, on the order's time line.
//!
//! ```text
//!  prepay refused ──┐ (institution, code, message)             ┌─► payer's page: title, what to do, code
//!  bridge's fail ───┴─► Kind::of ──► one row of [`Kind::words`] ┴─► order's time line: the manager's sentence, kept words
//! ```

mod keep;
mod kind;
mod known;
mod sql;
#[cfg(test)]
mod tests;

pub use keep::{Kept, keep, of_order};
pub use kind::{Kind, Words};
