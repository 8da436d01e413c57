//! What the build needs beyond cargo: the tidy rules, the generated API description, planted bugs.

pub mod bugs;
pub mod openapi;
pub mod tidy;

use std::path::{Path, PathBuf};

/// The root of the repository.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}
