//! Files that survive a kill: written beside, flushed, then renamed into place.

use std::fs::{self, OpenOptions};
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::error::Error;

/// The text of `path`, `None` when there is no such file.
///
/// # Errors
/// When it exists and cannot be read.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Error> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::File { path: path.to_owned(), source }),
    }
}

/// Writes a file that only the owner may read; does nothing when it already says the same.
///
/// # Errors
/// When the folder cannot be made or the file not written.
pub(crate) fn write_secret(path: &Path, text: &str) -> Result<(), Error> {
    let broken = |source| Error::File { path: path.to_owned(), source };
    if read(path)?.as_deref() == Some(text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(broken)?;
    }
    let beside = path.with_extension("new");
    let mut file =
        OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&beside).map_err(broken)?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(broken)?;
    fs::rename(&beside, path).map_err(broken)
}
