//! The adapter against a peer that was written from PROTOCOLS section 2 alone, and against the provider's own vectors.

#![cfg(test)]

mod bills;
mod calls;
mod certificates;
mod conformance;
mod notices;
mod peer;
mod refunds;
mod setup;
mod vectors;
