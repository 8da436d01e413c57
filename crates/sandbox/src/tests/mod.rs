//! Integration tests: the router on a loopback port, and a customer who speaks plain RSA and AES.

mod callbacks;
mod kit;
mod pay;
mod support;
