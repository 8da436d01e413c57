//! The only place that asks what time it is.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone};

/// System time, or a frozen time kept in a file that tests move.
///
/// The file holds one integer, absolute UTC ms. Missing, empty or unreadable means system time. It is read again on
/// each use, so that several processes can be moved through time together.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    file: Option<PathBuf>,
}

impl Clock {
    /// A clock that follows `file` when there is one.
    #[must_use]
    pub fn new(file: Option<PathBuf>) -> Self {
        Self { file }
    }

    /// The file it follows.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Now, in UTC ms.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.frozen_ms().unwrap_or_else(system_ms)
    }

    fn frozen_ms(&self) -> Option<i64> {
        let text = std::fs::read_to_string(self.file.as_ref()?).ok()?;
        text.trim().parse().ok()
    }
}

#[expect(clippy::disallowed_methods, reason = "the one reading of the system clock; everything else asks a Clock")]
fn system_ms() -> i64 {
    let since = std::time::SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// `at_ms` (UTC ms) in Beijing time by a strftime `format`. Empty when the time is outside the calendar.
pub(crate) fn beijing(at_ms: i64, format: &str) -> String {
    let Ok(at) = Timestamp::from_millisecond(at_ms) else { return String::new() };
    at.to_zoned(TimeZone::fixed(Offset::constant(8))).strftime(format).to_string()
}

/// RFC 3339 as the institution writes it: seconds, `+08:00`.
pub(crate) fn rfc3339(at_ms: i64) -> String {
    beijing(at_ms, "%Y-%m-%dT%H:%M:%S+08:00")
}

/// Reads RFC 3339 with an offset into UTC ms.
pub(crate) fn parse_rfc3339(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(|at| at.as_millisecond())
}

/// Reads `2026-09-21 22:13:20` in Beijing time into UTC ms.
pub(crate) fn parse_beijing(text: &str) -> Option<i64> {
    let at: jiff::civil::DateTime = text.parse().ok()?;
    let at = at.to_zoned(TimeZone::fixed(Offset::constant(8))).ok()?;
    (text.len() == 19).then(|| at.timestamp().as_millisecond())
}
