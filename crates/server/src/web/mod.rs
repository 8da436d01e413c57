//! HTTP glue: mounts the rooms' routers, wraps them in limits and headers, serves the front ends. Names no concept.

mod assets;
mod client;
mod json;
mod listen;
mod openapi;
mod problem;
mod server;
#[cfg(test)]
mod tests;

pub use client::{Client, cookie, mask_network, source_of};
pub use json::{Json, Path, Query};
pub use listen::serve;
pub use openapi::{ApiRouter, document, one_of};
pub use problem::{Displaced, FieldProblem, Problem, Verification, Words};
pub use server::router;
