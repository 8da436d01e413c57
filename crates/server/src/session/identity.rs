//! Who a device is: a WeChat person, or a browser that keeps a random key.

use serde::Deserialize;
use utoipa::ToSchema;

use super::Error;
use crate::{App, vault, web::FieldProblem};

/// What a device says of itself.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Identity {
    /// The mini program: the code of `wx.login`, good once.
    Wechat {
        /// The code.
        code: String,
    },
    /// The browser twin: 32 or more random characters that the browser keeps.
    Browser {
        /// The key.
        key: String,
    },
}

/// A proven identity, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// `wechat` or `browser`.
    pub kind: &'static str,
    /// The openid, or the hash of the key.
    pub value: String,
}

impl Known {
    /// Kind and value in one word.
    pub fn text(&self) -> String {
        format!("{}:{}", self.kind, self.value)
    }
}

impl Identity {
    /// What is wrong with its shape.
    pub(super) fn check(&self) -> Result<(), FieldProblem> {
        let (sound, zh, en) = match self {
            Identity::Wechat { code } => {
                ((1..=128).contains(&code.len()), "缺少微信登录凭证", "The WeChat login code is missing")
            }
            Identity::Browser { key } => (
                (32..=128).contains(&key.len()),
                "浏览器标识须为 32 至 128 个字符",
                "The browser key has 32 to 128 characters",
            ),
        };
        if sound { Ok(()) } else { Err(FieldProblem::new("identity", "identity.malformed", zh, en)) }
    }

    /// Asks WeChat who it is; a browser's key speaks for itself.
    pub(super) async fn prove(&self, app: &App) -> Result<Known, Error> {
        match self {
            Identity::Browser { key } => Ok(Known { kind: "browser", value: vault::token_hash(key) }),
            Identity::Wechat { code } => {
                let links = app.outside.links();
                let wechat =
                    links.wechat.as_ref().ok_or_else(|| Error::Platform("no mini program is set up".into()))?;
                match wechat.login_code(code).await {
                    Ok(person) => Ok(Known { kind: "wechat", value: person.openid }),
                    Err(e) if e.is_bad_code() => Err(Error::BadCode),
                    Err(e) => Err(Error::Platform(e.to_string())),
                }
            }
        }
    }
}
