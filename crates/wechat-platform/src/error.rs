use thiserror::Error;

/// Why the platform did not do what was asked (PROTOCOLS 3 \[D 14\]).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlatformError {
    /// The platform said no, in its own words.
    #[error("WeChat refused with {errcode}: {errmsg}")]
    Refused {
        /// Its number, such as 40029.
        errcode: i64,
        /// Its message.
        errmsg: String,
    },
    /// The platform is busy (errcode −1): the same call may be made again.
    #[error("WeChat is busy")]
    Busy,
    /// No answer that can be read: a time-out, a broken connection, a page instead of JSON.
    #[error("WeChat cannot be reached: {0}")]
    Unreachable(String),
    /// The application that the call needs has not been set up.
    #[error("no {0} is configured")]
    NotConfigured(&'static str),
    /// The call breaks a rule of the protocol and was not sent.
    #[error("{0}")]
    Misused(&'static str),
}

impl PlatformError {
    /// Whether a login or OAuth code was bad, expired or used before: ask the person to begin again.
    pub fn is_bad_code(&self) -> bool {
        matches!(self, PlatformError::Refused { errcode: 40029 | 40163, .. })
    }

    /// Whether the API token was refused: it must be renewed once and the call repeated \[D 14\].
    pub(crate) fn is_bad_token(&self) -> bool {
        matches!(self, PlatformError::Refused { errcode: 40001 | 40014 | 42001, .. })
    }
}

/// Which setting is wrong, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{setting}: {cure}")]
pub struct SetupError {
    /// The setting, such as `mini_program.base_url`.
    pub setting: &'static str,
    /// What to write instead.
    pub cure: String,
}
