//! What a session or a login code is worth now, and how long a failed login has to wait. Pure.

use crate::{
    clock::{DAY_MS, HOUR_MS, MINUTE_MS},
    web::Displaced,
};

/// How long a token opens anything; after that it is renewed silently for the bound identity (PRODUCT 3.1).
pub const SESSION_MS: i64 = 30 * DAY_MS;
/// Failures are forgotten after this much quiet.
pub const FORGET_MS: i64 = HOUR_MS;
/// How long a lock lasts.
pub const LOCK_MS: i64 = 15 * MINUTE_MS;

/// A session as it is stored, with whether its manager may still collect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// `active`, `displaced` or `ended`.
    pub state: String,
    /// When the token stops opening, UTC milliseconds.
    pub expires_at_ms: i64,
    /// When and by whom it was pushed out.
    pub displaced: Option<Displaced>,
    /// Whether the token is the one before the present one.
    pub is_previous: bool,
    /// Whether the manager is active.
    pub manager_active: bool,
}

/// Why a token opens nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Its time is over: it may be renewed.
    Expired,
    /// A later login pushed it out.
    Displaced(Displaced),
    /// Logged out, unbound, or the password changed.
    Ended,
    /// The manager was disabled.
    Disabled,
}

/// What a token opens at `now_ms`. A token that was replaced counts as expired: its holder lost the answer to a renewal.
pub fn judge(session: &Stored, now_ms: i64) -> Result<(), Refusal> {
    may_renew(session)?;
    if session.is_previous || session.expires_at_ms <= now_ms { Err(Refusal::Expired) } else { Ok(()) }
}

/// Whether a token may be renewed: never after a logout, a push or a disabling (PRODUCT 3.1).
pub fn may_renew(session: &Stored) -> Result<(), Refusal> {
    match &session.displaced {
        _ if !session.manager_active => Err(Refusal::Disabled),
        Some(displaced) => Err(Refusal::Displaced(displaced.clone())),
        None if session.state != "active" => Err(Refusal::Ended),
        None => Ok(()),
    }
}

/// How long a login code holds (PRODUCT 3.1, this and the next four).
pub const CODE_MS: i64 = 5 * MINUTE_MS;
/// How many tries it allows.
pub const CODE_TRIES: i64 = 5;
/// One code a minute.
pub const CODE_PAUSE_MS: i64 = MINUTE_MS;
/// Ten codes in any 24 hours: a day that began at midnight would allow twenty around it.
pub const CODES_A_DAY: usize = 10;
/// Digits of a code.
const CODE_DIGITS: usize = 6;

/// Why no code is sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CodeWait {
    /// When one may be, UTC milliseconds.
    pub retry_at_ms: i64,
    /// Whether the day's are used up, and not just a minute not over.
    pub of_the_day: bool,
}

/// Whether a code may be sent now, given when those of the last 24 hours were, newest first.
pub fn may_send_code(sent_at_ms: &[i64], now_ms: i64) -> Result<(), CodeWait> {
    if let Some(tenth) = sent_at_ms.get(CODES_A_DAY - 1).filter(|at_ms| *at_ms + DAY_MS > now_ms) {
        return Err(CodeWait { retry_at_ms: tenth + DAY_MS, of_the_day: true });
    }
    match sent_at_ms.first().map(|last| last + CODE_PAUSE_MS) {
        Some(retry_at_ms) if retry_at_ms > now_ms => Err(CodeWait { retry_at_ms, of_the_day: false }),
        _ => Ok(()),
    }
}

/// A code as it is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// Whether the identity that asks for it is the one that types it.
    pub is_mine: bool,
    /// How often it was tried.
    pub tries: i64,
    /// When it ends, UTC milliseconds.
    pub expires_at_ms: i64,
    /// Whether it has done its one service.
    pub used: bool,
}

/// Whether a code may still be tried.
pub fn code_holds(code: &Code, now_ms: i64) -> bool {
    code.is_mine && !code.used && code.tries < CODE_TRIES && now_ms < code.expires_at_ms
}

/// The six digits of a code as people type or paste it, or nothing.
pub fn code_as_typed(typed: &str) -> Option<String> {
    let half = |c: char| match c {
        '０'..='９' => char::from_u32(c as u32 - '０' as u32 + '0' as u32).unwrap_or(c),
        _ => c,
    };
    let plain: String = typed.chars().take(32).map(half).filter(|c| !c.is_whitespace()).collect();
    (plain.len() == CODE_DIGITS && plain.bytes().all(|b| b.is_ascii_digit())).then_some(plain)
}

/// Whose failures are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    /// One account: guessing its password.
    Account,
    /// One address: guessing many accounts. A company's whole staff may share one.
    Address,
}

/// How long the next attempt must wait after the `failures`-th failure in a row: first it slows down, then it locks.
pub fn wait_ms(subject: Subject, failures: i64) -> i64 {
    let (free, lock) = limits(subject);
    if failures >= lock {
        LOCK_MS
    } else if failures > free {
        (1000 << (failures - free).min(6)).min(MINUTE_MS)
    } else {
        0
    }
}

/// Whether that wait is a lock, as people are told.
pub fn is_locked(subject: Subject, failures: i64) -> bool {
    failures >= limits(subject).1
}

/// How many failures cost nothing, and how many lock.
fn limits(subject: Subject) -> (i64, i64) {
    match subject {
        Subject::Account => (3, 10),
        Subject::Address => (30, 100),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active() -> Stored {
        let state = "active".to_owned();
        Stored { state, expires_at_ms: 100, displaced: None, is_previous: false, manager_active: true }
    }

    #[test]
    fn failures_slow_down_then_lock_product_3_1() {
        let waits: Vec<i64> = (1..=11).map(|n| wait_ms(Subject::Account, n) / 1000).collect();
        assert_eq!(waits, [0, 0, 0, 2, 4, 8, 16, 32, 60, 900, 900]);
        assert!(!is_locked(Subject::Account, 9) && is_locked(Subject::Account, 10));
        assert_eq!(wait_ms(Subject::Address, 30), 0, "an office behind one address is not one guesser");
        assert_eq!(wait_ms(Subject::Address, 100), LOCK_MS);
        assert!((1..1000).all(|n| wait_ms(Subject::Address, n) <= wait_ms(Subject::Address, n + 1)));
    }

    #[test]
    fn one_code_a_minute_and_ten_a_day_product_3_1() {
        assert_eq!(may_send_code(&[], 0), Ok(()));
        let wait = |retry_at_ms, of_the_day| Err(CodeWait { retry_at_ms, of_the_day });
        assert_eq!(may_send_code(&[1_000], 60_999), wait(61_000, false));
        assert_eq!(may_send_code(&[1_000], 61_000), Ok(()));
        let ten: Vec<i64> = (0..10).rev().map(|n| n * HOUR_MS).collect();
        assert_eq!(may_send_code(&ten, 20 * HOUR_MS), wait(DAY_MS, true));
        assert_eq!(may_send_code(&ten[..9], 20 * HOUR_MS), Ok(()));
        assert_eq!(may_send_code(&ten, DAY_MS), Ok(()), "the first of the ten is a day old");
    }

    #[test]
    fn a_code_holds_five_minutes_five_tries_and_one_use_for_who_asked_product_3_1() {
        let fresh = Code { is_mine: true, tries: 4, expires_at_ms: CODE_MS, used: false };
        assert!(code_holds(&fresh, CODE_MS - 1) && !code_holds(&fresh, CODE_MS));
        for void in [Code { tries: 5, ..fresh }, Code { used: true, ..fresh }, Code { is_mine: false, ..fresh }] {
            assert!(!code_holds(&void, 0), "{void:?}");
        }
        for typed in ["042917", " 042 917 ", "０４２９１７"] {
            assert_eq!(code_as_typed(typed).as_deref(), Some("042917"), "{typed}");
        }
        for typed in ["", "42917", "0429170", "04291x", "04291\u{0}"] {
            assert_eq!(code_as_typed(typed), None, "{typed}");
        }
    }

    #[test]
    fn an_expired_session_renews_and_an_ended_one_never_does_product_3_1() {
        assert_eq!(judge(&active(), 99), Ok(()));
        assert_eq!(judge(&active(), 100), Err(Refusal::Expired));
        assert_eq!(may_renew(&active()), Ok(()));
        let ended = Stored { state: "ended".into(), ..active() };
        assert_eq!((judge(&ended, 1), may_renew(&ended)), (Err(Refusal::Ended), Err(Refusal::Ended)));
        let by = Displaced { at_ms: 5, device: "另一部手机".into(), network: "1.2.*.*".into() };
        let displaced = Stored { state: "displaced".into(), displaced: Some(by.clone()), ..active() };
        assert_eq!(may_renew(&displaced), Err(Refusal::Displaced(by)));
        let disabled = Stored { manager_active: false, ..active() };
        assert_eq!(may_renew(&disabled), Err(Refusal::Disabled));
    }

    #[test]
    fn the_token_before_a_lost_renewal_opens_nothing_but_a_renewal() {
        let previous = Stored { is_previous: true, ..active() };
        assert_eq!(judge(&previous, 1), Err(Refusal::Expired));
        assert_eq!(may_renew(&previous), Ok(()));
    }
}
