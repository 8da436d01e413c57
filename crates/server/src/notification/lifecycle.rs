//! When a mail or a short message is tried again, and when no more. Pure.

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

/// A short message is sent again this long after the provider did not answer. Whoever is waiting for a code presses
/// again sooner than a longer row would help, and each silence may have been a delivery.
const SILENCES_MS: [i64; 2] = [5_000, 20_000];

/// What follows the `attempt`-th try (from 1) of a short message that is worth nothing after `expires_at_ms`.
pub fn after_silence(attempt: i64, expires_at_ms: i64, now_ms: i64) -> Next {
    let tried = usize::try_from(attempt.max(1) - 1).unwrap_or(usize::MAX);
    match SILENCES_MS.get(tried).map(|wait_ms| now_ms + wait_ms) {
        Some(due_at_ms) if due_at_ms < expires_at_ms => Next::Again(due_at_ms),
        _ => Next::GiveUp,
    }
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
    fn a_short_message_is_tried_three_times_while_it_is_worth_something() {
        assert_eq!(after_silence(1, 300_000, 0), Next::Again(5_000));
        assert_eq!(after_silence(2, 300_000, 0), Next::Again(20_000));
        assert_eq!(after_silence(3, 300_000, 0), Next::GiveUp);
        assert_eq!(after_silence(1, 5_000, 0), Next::GiveUp);
    }

    #[test]
    fn only_a_refusal_of_this_mail_is_final() {
        assert!(is_final(550) && is_final(554));
        assert!(!is_final(421) && !is_final(535) && !is_final(451));
    }
}
