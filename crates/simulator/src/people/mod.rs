//! Whoever uses the product: payers, managers, admins. They know what they see, and press what people press.

mod admin;
mod manager;
mod payer;

pub use admin::{admin, decide};
pub use manager::{manager, phone};
pub use payer::{look_once, payer};
