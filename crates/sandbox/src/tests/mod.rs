//! Integration tests: the router on a loopback port, and a customer who speaks plain RSA and AES.

mod callbacks;
mod kit;
mod mailbox;
mod pay;
mod platform;
mod support;
mod wallet;
