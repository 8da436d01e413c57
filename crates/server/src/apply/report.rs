//! What an apply did, one line each: `+` made, `~` changed, `=` nothing to do.

use std::fmt;

/// The lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    lines: Vec<String>,
}

impl Report {
    /// What was done, without the sign of doing nothing.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    pub(super) fn created(&mut self, what: impl fmt::Display) {
        self.lines.push(format!("+ {what}"));
    }

    pub(super) fn changed(&mut self, what: impl fmt::Display, properties: &[&str]) {
        self.lines.push(format!("~ {what} {}", properties.join(", ")));
    }

    /// A line for what a put did, if it did anything.
    pub(super) fn put(&mut self, what: impl fmt::Display, put: &crate::org::Put) {
        if put.created {
            self.created(what);
        } else if put.is_change() {
            self.changed(what, &put.changed);
        }
    }

    pub(super) fn append(&mut self, other: Report) {
        self.lines.extend(other.lines);
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.lines.is_empty() {
            return writeln!(f, "= nothing to do");
        }
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}
