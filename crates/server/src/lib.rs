//! 星收付: a company collects money through its people. One folder per concept, in the order money flows; see
//! ARCHITECTURE.md for the picture.

// who
pub mod admin;
pub mod audit;
pub mod manager;
pub mod merchant;
pub mod org;
pub mod session;
// what may be paid, and through which code
pub mod collection_code;
pub mod form;
// one payment, left to right
pub mod callback;
pub mod checkout;
pub mod order;
pub mod payment;
pub mod refund;
pub mod refusal;
// what people see of it
pub mod inbox;
pub mod live;
pub mod notification;
pub mod record;
// beside it
pub mod app;
pub mod apply;
pub mod check;
pub mod cleaning;
pub mod clock;
pub mod command;
pub mod config;
pub mod ids;
pub mod node;
pub mod outside;
pub mod random;
pub mod schema;
#[cfg(test)]
mod testing;
pub mod vault;
pub mod web;
pub mod worker;

pub use app::App;
