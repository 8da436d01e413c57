//! 会话: one account, one session (PRODUCT 3.1).
//!
//! ```text
//!        login                    a later login
//!  (none) ────► active ─────────────────────────────► displaced
//!                │  ▲ renew: the same identity, the token replaced in place
//!                │  └┘
//!                └─ logout, disabled, unbound, new password ──► ended
//! ```
//!
//! A token is `m<merchant>.<random>`, stored hashed: any request knows its merchant before its first query.

mod authenticate;
mod code;
#[cfg(test)]
mod code_tests;
pub mod directory;
mod end;
mod http_manager;
mod identity;
pub mod lifecycle;
mod login;
pub mod password;
mod renew;
mod sql;
#[cfg(test)]
mod tests;
pub mod throttle;
mod ticket;
mod words;

pub use authenticate::{authenticate, check};
pub use code::{CodeSent, forget_codes, rebind, send_code};
pub use end::end_of_manager;
pub use http_manager::router;
pub use identity::Identity;
pub use login::{LoggedIn, Login, login};
pub use renew::renew;

use crate::web::{Displaced, FieldProblem, Problem, Verification};

/// A manager whose session is active. As an extractor it refuses everybody else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManagerSession {
    /// Whose merchant.
    pub merchant_id: i64,
    /// Who.
    pub manager_id: i64,
    /// Where the manager belongs.
    pub org_unit_id: i64,
    /// Which session.
    pub session_id: i64,
}

/// Why somebody is not, or is no longer, logged in.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// No token, or none of ours.
    #[error("no session")]
    Missing,
    /// The token's time is over: it may be renewed.
    #[error("the session expired")]
    Expired,
    /// A later login pushed the session out.
    #[error("the session was displaced")]
    Displaced(Displaced),
    /// Logged out, unbound, or the password changed.
    #[error("the session ended")]
    Ended,
    /// The manager was disabled.
    #[error("the manager is disabled")]
    Disabled,
    /// Unknown account or wrong password: nobody learns which.
    #[error("wrong account or password")]
    Wrong {
        /// Until when the next attempt must wait, if it must.
        retry_at_ms: Option<i64>,
    },
    /// Too many failures.
    #[error("too many failed logins")]
    Throttled {
        /// Until when, UTC milliseconds.
        retry_at_ms: i64,
        /// Whether it is a lock and no longer a slowing down.
        locked: bool,
    },
    /// The account is bound to another WeChat identity or browser.
    #[error("the account is bound to another identity")]
    OtherIdentity,
    /// The account is bound to another identity, and a code by SMS would prove this one.
    #[error("a login code is needed")]
    CodeNeeded(Verification),
    /// The ticket of a login that needs a code is too old, or the account changed since.
    #[error("the ticket is over")]
    TicketOver,
    /// No code is sent now.
    #[error("no code before {retry_at_ms}")]
    CodeWait {
        /// When one may be, UTC milliseconds.
        retry_at_ms: i64,
        /// Whether the day's are used up.
        of_the_day: bool,
    },
    /// What was typed is no code.
    #[error("the code is malformed")]
    CodeMalformed,
    /// It is not this code.
    #[error("a wrong code, {left} tries left")]
    CodeWrong {
        /// Tries that are left.
        left: i64,
    },
    /// The code is used, too old, tried too often, or there was none.
    #[error("the code is spent")]
    CodeSpent,
    /// The provider did not take the message with the code.
    #[error("the code was not sent")]
    CodeNotSent,
    /// Sealing failed, which is a defect or a broken keyring.
    #[error("a ticket or code could not be sealed: {0}")]
    Sealing(String),
    /// WeChat does not know the login code (any more).
    #[error("the WeChat login code is not valid")]
    BadCode,
    /// WeChat cannot be asked who this is.
    #[error("WeChat cannot be asked: {0}")]
    Platform(String),
    /// What was typed cannot be a login.
    #[error("the login is malformed")]
    Fields(Vec<FieldProblem>),
    /// Too many passwords are being checked.
    #[error("too many passwords are being checked")]
    Busy,
    /// Hashing failed, which is a defect.
    #[error("a password could not be checked: {0}")]
    Hashing(String),
}

impl From<lifecycle::Refusal> for Error {
    fn from(refusal: lifecycle::Refusal) -> Error {
        match refusal {
            lifecycle::Refusal::Expired => Error::Expired,
            lifecycle::Refusal::Displaced(by) => Error::Displaced(by),
            lifecycle::Refusal::Ended => Error::Ended,
            lifecycle::Refusal::Disabled => Error::Disabled,
        }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Db(e) => e.into(),
            Error::Missing => Problem::new(words::MISSING),
            Error::Expired => Problem::new(words::EXPIRED),
            Error::Displaced(by) => Problem::new(words::DISPLACED).with_displaced(by),
            Error::Ended => Problem::new(words::ENDED),
            Error::Disabled => Problem::new(words::DISABLED),
            Error::Wrong { retry_at_ms: None } => Problem::new(words::WRONG),
            Error::Wrong { retry_at_ms: Some(at_ms) } => Problem::new(words::WRONG).with_retry_at_ms(at_ms),
            Error::Throttled { retry_at_ms, locked: false } => {
                Problem::new(words::THROTTLED).with_retry_at_ms(retry_at_ms)
            }
            Error::Throttled { retry_at_ms, locked: true } => Problem::new(words::LOCKED).with_retry_at_ms(retry_at_ms),
            Error::OtherIdentity => Problem::new(words::OTHER_IDENTITY),
            Error::BadCode => Problem::fields(vec![FieldProblem::new(
                "identity",
                "identity.code",
                "微信登录凭证已失效，请再点一次登录",
                "The WeChat login code is no longer valid: press log in again",
            )]),
            Error::CodeNeeded(verification) => Problem::new(words::CODE_NEEDED).with_verification(verification),
            Error::TicketOver => Problem::new(words::TICKET_OVER),
            Error::CodeWait { retry_at_ms, of_the_day } => {
                let words = if of_the_day { words::CODE_TOO_MANY } else { words::CODE_TOO_SOON };
                Problem::new(words).with_retry_at_ms(retry_at_ms)
            }
            Error::CodeMalformed => words::code_field("code.malformed", "请输入 6 位数字", "Type the six digits"),
            Error::CodeWrong { left: left @ 1.. } => words::code_field(
                "code.wrong",
                &format!("验证码不正确，还可以试 {left} 次"),
                &format!("Wrong code, {left} tries left"),
            ),
            Error::CodeWrong { .. } | Error::CodeSpent => Problem::new(words::CODE_SPENT),
            Error::CodeNotSent => Problem::new(words::CODE_NOT_SENT),
            Error::Sealing(why) => {
                tracing::error!(%why, "a ticket or code could not be sealed");
                Problem::internal()
            }
            Error::Platform(why) => {
                tracing::warn!(%why, "WeChat does not say who is logging in");
                Problem::new(words::PLATFORM)
            }
            Error::Fields(errors) => Problem::fields(errors),
            Error::Busy => Problem::busy(),
            Error::Hashing(why) => {
                tracing::error!(%why, "a password could not be checked");
                Problem::internal()
            }
        }
    }
}
