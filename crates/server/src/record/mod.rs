//! 收款记录: what a manager collected, newest first. Sorted by `record_id`, minted when the payment was booked: an order
//! made on Monday and paid on Thursday belongs to Thursday (DESIGN 3).

mod http_manager;
mod read;
mod sql;
#[cfg(test)]
mod tests;

pub use http_manager::router;
pub use read::{Record, Today, seen};
