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

pub use authenticate::{authenticate, check};
pub use end::end_of_manager;
pub use http_manager::router;
pub use identity::Identity;
pub use login::{LoggedIn, Login, login};
pub use renew::renew;

use crate::web::{Displaced, FieldProblem, Problem, Words};

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
            Error::Missing => Problem::new(MISSING),
            Error::Expired => Problem::new(EXPIRED),
            Error::Displaced(by) => Problem::new(DISPLACED).with_displaced(by),
            Error::Ended => Problem::new(ENDED),
            Error::Disabled => Problem::new(DISABLED),
            Error::Wrong { retry_at_ms: None } => Problem::new(WRONG),
            Error::Wrong { retry_at_ms: Some(at_ms) } => Problem::new(WRONG).with_retry_at_ms(at_ms),
            Error::Throttled { retry_at_ms, locked: false } => Problem::new(THROTTLED).with_retry_at_ms(retry_at_ms),
            Error::Throttled { retry_at_ms, locked: true } => Problem::new(LOCKED).with_retry_at_ms(retry_at_ms),
            Error::OtherIdentity => Problem::new(OTHER_IDENTITY),
            Error::BadCode => Problem::fields(vec![FieldProblem::new(
                "identity",
                "identity.code",
                "微信登录凭证已失效，请再点一次登录",
                "The WeChat login code is no longer valid: press log in again",
            )]),
            Error::Platform(why) => {
                tracing::warn!(%why, "WeChat does not say who is logging in");
                Problem::new(PLATFORM)
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

const MISSING: Words = Words {
    status: 401,
    code: "session.missing",
    title: ("请登录", "Please log in"),
    detail: ("登录后才能继续。", "Log in to go on."),
};
const EXPIRED: Words = Words {
    status: 401,
    code: "session.expired",
    title: ("登录已过期", "The session expired"),
    detail: ("请重新登录。", "Log in again."),
};
const DISPLACED: Words = Words {
    status: 401,
    code: "session.displaced",
    title: ("账号已在其它地方登录", "The account logged in elsewhere"),
    detail: (
        "如果不是您本人操作，账号可能被盗用，请立即联系管理员停用账号。",
        "If it was not you, the account may be stolen: ask your admin to disable it at once.",
    ),
};
const ENDED: Words = Words {
    status: 401,
    code: "session.ended",
    title: ("登录已结束", "The session ended"),
    detail: ("请重新登录。", "Log in again."),
};
const DISABLED: Words = Words {
    status: 403,
    code: "manager.disabled",
    title: ("账号已停用", "The account is disabled"),
    detail: ("请联系管理员。", "Contact your admin."),
};
const WRONG: Words = Words {
    status: 401,
    code: "login.wrong",
    title: ("账号或密码不正确", "Wrong account or password"),
    detail: ("请核对后重试；忘记密码请联系管理员。", "Check both and try again; ask your admin if you forgot it."),
};
const THROTTLED: Words = Words {
    status: 429,
    code: "login.throttled",
    title: ("登录失败次数较多", "Several logins failed"),
    detail: ("请稍等片刻再试。", "Wait a moment before trying again."),
};
const LOCKED: Words = Words {
    status: 429,
    code: "login.locked",
    title: ("登录失败次数过多，已暂时锁定", "Too many failed logins: locked for a while"),
    detail: (
        "请在提示的时间之后再试；忘记密码请联系管理员。",
        "Try again after the time shown; ask your admin if you forgot the password.",
    ),
};
const OTHER_IDENTITY: Words = Words {
    status: 403,
    code: "login.other_identity",
    title: ("账号已绑定其它微信或浏览器", "The account is bound to another WeChat account or browser"),
    detail: ("请联系管理员解绑后再登录。", "Ask your admin to unbind it, then log in again."),
};
const PLATFORM: Words = Words {
    status: 502,
    code: "channel.unavailable",
    title: ("暂时无法连接微信", "WeChat cannot be reached"),
    detail: ("请稍后再试。", "Try again later."),
};
