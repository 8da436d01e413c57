//! 付款页: what a payer sees after scanning. Everything lives under one fixed directory, `/pay/`, on one host, because
//! institutions match paying directories exactly (PRODUCT 4).
//!
//! ```text
//!  GET /pay/c…   the code's page, kept ready-made per code and form version
//!  POST /pay/c…  places an order ──► /pay/o…
//!  POST /pay/o…  asks to pay it with a wallet, in a way (jsapi, h5, native), or sends to OAuth first
//!  GET /pay/oauth  the wallet says who pays ──► /pay/o…?pay=1
//!  POST /pay/o…/failed   the wallet's window refused: what the payer is told
//!  POST /pay/o…/dispute  不是我要付的: admin and manager are told
//!  GET /pay/slip  the merchant slip that WeChat frames after a payment
//!  GET /pay/o…   pays, waits, or is the receipt
//! ```

mod code_page;
mod dispute;
mod failed;
mod kept;
mod oauth;
mod order_page;
pub mod page;
mod pay;
mod respond;
mod router;
mod slip;
mod sql;
#[cfg(test)]
mod tests;

pub use kept::{Pages, keep_fresh, keep_fresh_once};
pub use router::router;
