//! A set-up file: its text, and where in it something stands.

use std::{
    fmt,
    ops::Range,
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;

/// What is wrong, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The file.
    pub file: String,
    /// The line, from 1; nothing where the file as a whole is meant.
    pub line: Option<usize>,
    /// The reason, and the cure.
    pub why: String,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.why),
            None => write!(f, "{}: {}", self.file, self.why),
        }
    }
}

/// A file that was read.
#[derive(Clone, Debug)]
pub(super) struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    pub(super) fn read(path: &Path) -> Result<Source, Refusal> {
        match std::fs::read_to_string(path) {
            Ok(text) => Ok(Source { path: path.to_owned(), text }),
            Err(e) => {
                Err(Refusal { file: path.display().to_string(), line: None, why: format!("cannot be read: {e}") })
            }
        }
    }

    /// A refusal of what stands at `span`.
    pub(super) fn at(&self, span: Range<usize>, why: impl Into<String>) -> Refusal {
        self.at_line(self.line(span.start), why)
    }

    /// A refusal of what stands in `line`.
    pub(super) fn at_line(&self, line: usize, why: impl Into<String>) -> Refusal {
        Refusal { line: Some(line), ..self.whole(why) }
    }

    /// A refusal of the whole file.
    pub(super) fn whole(&self, why: impl Into<String>) -> Refusal {
        Refusal { file: self.path.display().to_string(), line: None, why: why.into() }
    }

    pub(super) fn line(&self, at: usize) -> usize {
        1 + self.text.bytes().take(at).filter(|b| *b == b'\n').count()
    }

    /// Reads the file as `T`; unknown keys and wrong kinds are refused where they stand.
    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        toml::from_str(&self.text).map_err(|e| match e.span() {
            Some(span) => self.at(span, e.message()),
            None => self.whole(e.message()),
        })
    }

    /// Whether one of the file's outermost tables has one of these names.
    pub(super) fn has_table(&self, names: &[&str]) -> Result<bool, Refusal> {
        let table: toml::Table = self.parse()?;
        Ok(names.iter().any(|name| table.contains_key(*name)))
    }

    /// The text of the file that `name` names, beside this one; spaces around cut. Nothing for no name.
    pub(super) fn beside(&self, name: &str) -> Result<String, String> {
        if name.is_empty() {
            return Ok(String::new());
        }
        let path = self.path.parent().unwrap_or(Path::new("")).join(name);
        let text = std::fs::read_to_string(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        let text = text.trim();
        if text.is_empty() { Err(format!("{} is empty", path.display())) } else { Ok(text.to_owned()) }
    }
}
