//! Integration tests: the router on a loopback port, and a customer who speaks plain RSA and AES.

mod alipay;
mod bills;
mod callbacks;
mod codepay;
mod kit;
mod mailbox;
mod pay;
mod platform;
mod refunds;
mod sms;
mod support;
mod wallet;
