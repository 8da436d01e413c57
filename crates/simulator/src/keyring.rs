//! The keyring of every run: the same in each, or no run could be replayed.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use mott::{random::Random, vault::Vault};
use tempfile::TempDir;

use crate::random::Stream;

/// A keyring file, gone when dropped.
pub struct Keyring {
    folder: TempDir,
}

impl Keyring {
    /// Writes the file.
    ///
    /// # Errors
    /// In words, where it cannot be written.
    pub fn new() -> Result<Keyring, String> {
        let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
        let stream = Mutex::new(Stream::new(0, 0));
        let fixed = Random::new(move |bytes| stream.lock().unwrap_or_else(PoisonError::into_inner).fill(bytes));
        let keyring = Keyring { folder };
        Vault::add_key(&keyring.path(), &fixed).map_err(|error| error.to_string())?;
        Ok(keyring)
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        Path::new(self.folder.path()).join("keyring.toml")
    }
}
