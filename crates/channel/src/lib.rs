//! The port to a payment institution: one trait in the field's verbs, its words, and the conformance suite that
//! every adapter passes. Provider words stop at the adapter; nothing here knows WeChat from Alipay.

pub mod contract;
mod port;
mod probe;
mod words;

pub use port::{Acknowledgement, Channel};
pub use probe::{Finding, Said};
pub use words::*;
