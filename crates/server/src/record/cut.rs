//! 日期: where a list begins. Nobody sets where it ends (PRODUCT 3.3).
//!
//! A payment belongs to the day of its success (PRODUCT 6.9), but lists are in the order of booking: one of 23:59:59 is
//! booked after midnight. So a list also shows what was booked within [`LATE_MS`] after the day and paid on it.

use crate::{
    clock::{DAY_MS, HOUR_MS, business_day},
    ids,
};

/// An institution is asked again within seconds, so its news is hardly ever later than this.
const LATE_MS: i64 = 2 * HOUR_MS;

/// Where a list begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// Every record below this is shown.
    pub whole_below: i64,
    /// Between that and this, those …
    pub below: i64,
    /// … that were paid before this, UTC milliseconds.
    pub paid_before_ms: i64,
}

impl Cut {
    /// At the newest.
    pub const NONE: Cut = Cut { whole_below: i64::MAX, below: i64::MAX, paid_before_ms: 0 };

    /// At the end of the day `2026-11-23`, in Shanghai. A day that has not come yet cuts nothing off. None: not a day.
    pub fn of(day: &str, now_ms: i64) -> Option<Cut> {
        let date: jiff::civil::Date = day.parse().ok().filter(|_| day.len() == 10)?;
        if day >= business_day(now_ms).as_str() {
            return Some(Cut::NONE);
        }
        let midnight = date.to_zoned(jiff::tz::TimeZone::fixed(jiff::tz::offset(8))).ok()?;
        let end_ms = midnight.timestamp().as_millisecond() + DAY_MS;
        Some(Cut { whole_below: ids::floor_of(end_ms), below: ids::floor_of(end_ms + LATE_MS), paid_before_ms: end_ms })
    }

    /// Not before the cursor, too.
    pub fn and_before(self, cursor: i64) -> Cut {
        Cut { whole_below: self.whole_below.min(cursor), below: self.below.min(cursor), ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_shanghai_6_9() {
        let now_ms = 1_795_399_200_000; // 2026-11-23 10:00 +08:00
        let midnight_ms = 1_795_363_200_000;
        let cut = Cut::of("2026-11-22", now_ms).unwrap();
        assert_eq!(ids::minted_at_ms(cut.whole_below), midnight_ms);
        assert_eq!(cut.paid_before_ms, midnight_ms);
        assert_eq!(ids::minted_at_ms(cut.below), midnight_ms + LATE_MS);
        for today_or_later in ["2026-11-23", "2026-12-01", "9999-12-31"] {
            assert_eq!(Cut::of(today_or_later, now_ms), Some(Cut::NONE));
        }
        for before_us in ["2020-01-01", "0000-01-01"] {
            assert_eq!(Cut::of(before_us, now_ms).unwrap().whole_below, 0);
        }
        for no_day in ["", "2026-13-01", "2026-02-30", "20261123", "2026-11-22T00:00:00", "昨天", "-026-11-22"] {
            assert_eq!(Cut::of(no_day, now_ms), None, "{no_day}");
        }
    }
}
