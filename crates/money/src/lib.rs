//! Money as integers of fen. No I/O, no floats (PRODUCT 6.9).
//!
//! WeChat speaks fen, Alipay speaks yuan strings, payers type anything: all of them meet here and nowhere else.

mod amount;

pub use amount::{Amount, ParseAmountError};
