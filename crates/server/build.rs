//! The payer's pages carry their script and style inside them, so `apps/payer` must be built before this crate.

use std::{path::Path, process::exit};

const BUILT: [&str; 5] = ["page.js", "page.css", "order.js", "order.css", "message.css"];

fn main() {
    let dist = Path::new("../../apps/payer/dist");
    let mut missing = Vec::new();
    for name in BUILT {
        let file = dist.join(name);
        println!("cargo::rerun-if-changed={}", file.display());
        if !file.is_file() {
            missing.push(name);
        }
    }
    if !missing.is_empty() {
        println!("cargo::error=apps/payer/dist lacks {}: run `make web`", missing.join(", "));
        exit(1);
    }
}
