//! Refusals of the platform: status 200 with `errcode` and `errmsg` (PROTOCOLS 3).

use axum::Json;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::app::App;
use crate::error::Error;
use crate::institution::{MINI_PROGRAM, OFFICIAL_ACCOUNT};

/// A refusal by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refused(pub i32, pub &'static str);

impl Refused {
    pub const BUSY: Self = Self(-1, "system error");
    pub const CREDENTIAL: Self = Self(40001, "invalid credential, access_token is invalid or not latest");
    pub const GRANT_TYPE: Self = Self(40002, "invalid grant_type");
    pub const APPID: Self = Self(40013, "invalid appid");
    pub const CODE: Self = Self(40029, "invalid code");
    pub const SECRET: Self = Self(40125, "invalid appsecret");
    pub const SCENE: Self = Self(40129, "invalid scene");
    pub const CODE_USED: Self = Self(40163, "code been used");
    pub const PAGE: Self = Self(41030, "invalid page");
    pub const EXPIRED: Self = Self(42001, "access_token expired");
    pub const ARGUMENT: Self = Self(47003, "argument invalid");
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        Json(json!({ "errcode": self.0, "errmsg": self.1 })).into_response()
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        tracing::error!(%error, "the sandbox itself failed");
        Self::BUSY
    }
}

impl From<rusqlite::Error> for Refused {
    fn from(error: rusqlite::Error) -> Self {
        Error::from(error).into()
    }
}

/// Whether `secret` belongs to `appid`, which must be one of `allowed`.
///
/// # Errors
/// 40013 or 40125.
pub(crate) fn own(app: &App, appid: &str, secret: &str, allowed: &[&str]) -> Result<(), Refused> {
    let stored = &app.institution.stored;
    let expected = match appid {
        _ if !allowed.contains(&appid) => return Err(Refused::APPID),
        MINI_PROGRAM => &stored.mini_program_secret,
        OFFICIAL_ACCOUNT => &stored.official_account_secret,
        _ => return Err(Refused::APPID),
    };
    if secret == expected { Ok(()) } else { Err(Refused::SECRET) }
}
