//! Time is a parameter: whoever needs "now" is handed a [`Clock`].

use std::sync::Arc;

/// Milliseconds of a day.
pub const DAY_MS: i64 = 86_400_000;
/// Milliseconds of an hour.
pub const HOUR_MS: i64 = 3_600_000;
/// Milliseconds of a minute.
pub const MINUTE_MS: i64 = 60_000;
/// Business days are Asia/Shanghai: eight hours ahead, without daylight saving since 1991 (PRODUCT 6.9).
const SHANGHAI_AHEAD_MS: i64 = 8 * HOUR_MS;

/// Where "now" comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> i64 + Send + Sync>);

impl Clock {
    /// A clock that asks `now` for UTC milliseconds.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Clock {
        Clock(Arc::new(now))
    }

    /// The machine's clock.
    #[expect(clippy::disallowed_methods, reason = "the one place where real time enters")]
    pub fn system() -> Clock {
        Clock::new(|| {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
        })
    }

    /// A clock that a test moves: the file holds one integer, UTC milliseconds; empty or missing means real time.
    #[cfg(feature = "test-clock")]
    pub fn from_file(path: std::path::PathBuf) -> Clock {
        let system = Clock::system();
        Clock::new(move || {
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            text.trim().parse().unwrap_or_else(|_| system.now_ms())
        })
    }

    /// UTC milliseconds.
    pub fn now_ms(&self) -> i64 {
        (self.0)()
    }
}

/// When the business day that holds `at_ms` began, UTC milliseconds.
pub fn business_day_start_ms(at_ms: i64) -> i64 {
    (at_ms + SHANGHAI_AHEAD_MS).div_euclid(DAY_MS) * DAY_MS - SHANGHAI_AHEAD_MS
}

/// The business day that holds `at_ms`, as `2026-11-23`.
pub fn business_day(at_ms: i64) -> String {
    shanghai(at_ms).strftime("%Y-%m-%d").to_string()
}

/// `at_ms` on a clock in Shanghai.
pub fn shanghai(at_ms: i64) -> jiff::Zoned {
    let at = jiff::Timestamp::from_millisecond(at_ms).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_business_day_is_a_day_in_shanghai_product_6_9() {
        let midnight = 1_795_363_200_000; // 2026-11-23 00:00 +08:00
        assert_eq!(business_day(midnight), "2026-11-23");
        assert_eq!(business_day(midnight - 1), "2026-11-22");
        assert_eq!(business_day_start_ms(midnight + DAY_MS - 1), midnight);
        assert_eq!(business_day_start_ms(midnight - 1), midnight - DAY_MS);
    }
}
