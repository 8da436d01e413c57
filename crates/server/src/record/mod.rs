//! 收款记录: what a manager collected, newest first. Sorted by `record_id`, minted when the payment was booked: an order
//! made on Monday and paid on Thursday belongs to Thursday (DESIGN 3).

mod cut;
mod entry;
mod http_manager;
mod index;
mod query;
mod read;
mod search;
mod sql;
#[cfg(test)]
mod tests;
mod words;

pub use entry::{Entry, Source};
pub use http_manager::router;
pub use index::{INDEX_ALL, INDEX_ONE, index_all, index_one, index_paid, index_soon};
pub use read::{Record, Today, seen};
