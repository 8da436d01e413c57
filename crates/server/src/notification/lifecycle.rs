//! When a mail is tried again, and when no more. Pure.

use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS};

/// A mail that no server took for this long is given up and shown to the admin as refused.
const GIVE_UP_MS: i64 = 3 * DAY_MS;
/// After the first failures; then once a day.
const WAITS_MS: [i64; 5] = [30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, HOUR_MS, 6 * HOUR_MS];
/// A mail without its picture is better than none: after this many tries it goes without.
const TRIES_WITH_PICTURE: i64 = 4;

/// What follows a try that failed for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again at this time, UTC milliseconds.
    Again(i64),
    /// Tell the admin.
    GiveUp,
}

/// What follows the `attempt`-th try (from 1) of a mail queued at `queued_at_ms`.
pub fn after_failure(attempt: i64, queued_at_ms: i64, now_ms: i64) -> Next {
    if now_ms - queued_at_ms >= GIVE_UP_MS {
        return Next::GiveUp;
    }
    let waited = usize::try_from(attempt.max(1) - 1).unwrap_or(usize::MAX);
    Next::Again(now_ms + WAITS_MS.get(waited).copied().unwrap_or(DAY_MS))
}

/// Whether this try may fail for want of the picture.
pub fn waits_for_picture(attempt: i64) -> bool {
    attempt <= TRIES_WITH_PICTURE
}

/// Whether an SMTP refusal is about this mail and final. 4xx is not, and 530 to 538 are about our own login at the server,
/// which an operator will mend.
pub fn is_final(code: u16) -> bool {
    (500..600).contains(&code) && !(530..=538).contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_tried_ever_more_slowly_up_to_a_day_then_given_up() {
        let waits: Vec<i64> = (1..=7)
            .map(|attempt| match after_failure(attempt, 0, 1) {
                Next::Again(at_ms) => (at_ms - 1) / 1000,
                Next::GiveUp => -1,
            })
            .collect();
        assert_eq!(waits, [30, 120, 600, 3600, 21_600, 86_400, 86_400]);
        assert_eq!(after_failure(9, 0, 3 * DAY_MS), Next::GiveUp);
    }

    #[test]
    fn only_a_refusal_of_this_mail_is_final() {
        assert!(is_final(550) && is_final(554));
        assert!(!is_final(421) && !is_final(535) && !is_final(451));
    }
}
