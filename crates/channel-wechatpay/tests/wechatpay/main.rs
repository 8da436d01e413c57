//! The adapter against a peer that was written from PROTOCOLS section 1 alone.

#![cfg(test)]

mod calls;
mod codes;
mod conformance;
mod notices;
mod peer;
mod refunds;
mod setup;
