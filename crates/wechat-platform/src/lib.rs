//! The WeChat platform as the product uses it: the mini program's login and codes, the official account's OAuth.
//!
//! Rules come from PROTOCOLS section 3; each item names its source grade: **\[D\]** the provider's own document,
//! **\[C\]** community, **\[M\]** general knowledge. Base URLs are settings, so the same code talks to the real
//! platform or to anybody's emulator. Nothing here logs a secret, a token or a login code.
//!
//! ```text
//!  WechatPlatform (trait) ◄── Platform ──► http.rs   one request, one typed answer
//!                                    └──► token.rs  one stable_token per appid, renewed early or when refused
//! ```

mod client;
mod error;
mod http;
mod token;

use std::{fmt, sync::Arc};

use async_trait::async_trait;

pub use client::Platform;
pub use error::{PlatformError, SetupError};

/// The clock: UTC milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// One application at the platform: a mini program or an official account.
#[derive(Clone)]
pub struct AppSettings {
    /// The application's id, `wx…`.
    pub appid: String,
    /// Its secret.
    pub secret: String,
    /// Scheme, host and port of the API, such as `https://api.weixin.qq.com`.
    pub base_url: String,
}

/// The official account: an application with a page where WeChat asks for the payer's consent.
#[derive(Clone, Debug)]
pub struct OfficialAccountSettings {
    /// The account itself.
    pub app: AppSettings,
    /// Scheme, host and port of the OAuth page, such as `https://open.weixin.qq.com`.
    pub oauth_url: String,
}

/// Everything that [`Platform`] needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The manager's mini program, once registered.
    pub mini_program: Option<AppSettings>,
    /// The payer's official account, once registered.
    pub official_account: Option<OfficialAccountSettings>,
    /// How long one call may take, in milliseconds.
    pub timeout_ms: u64,
}

impl fmt::Debug for AppSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AppSettings")
            .field("appid", &self.appid)
            .field("secret", &"(hidden)")
            .field("base_url", &self.base_url)
            .finish()
    }
}

/// Who logged in to the mini program. The `session_key` that WeChat also tells is dropped: nothing here needs it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MiniProgramLogin {
    /// The person under the mini program's appid.
    pub openid: String,
    /// The person under the Open Platform account, where mini program and official account share one.
    pub unionid: Option<String>,
}

/// A mini program code to be asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeRequest {
    /// What the page gets: 1 to 32 characters of ``0-9A-Za-z!#$&'()*+,/:;=?@-._~``.
    pub scene: String,
    /// A page without leading `/` and without query; `None` is the first page.
    pub page: Option<String>,
    /// Whether the page must exist in the released version.
    pub check_path: bool,
    /// `release`, `trial` or `develop`.
    pub env_version: String,
    /// Pixels, 280 to 1280.
    pub width: u32,
}

/// A mini program code as a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeImage {
    /// `image/jpeg` or `image/png`, as the platform says.
    pub content_type: String,
    /// The picture's bytes.
    pub bytes: Vec<u8>,
}

/// The calls of the platform that the product makes.
#[async_trait]
pub trait WechatPlatform: Send + Sync {
    /// Exchanges the code of `wx.login` for the person behind it (`jscode2session` \[D\]). A code works once.
    ///
    /// # Errors
    /// [`PlatformError::Refused`] 40029 or 40163 means a bad or used code ([`PlatformError::is_bad_code`]).
    async fn login_code(&self, code: &str) -> Result<MiniProgramLogin, PlatformError>;

    /// The page where WeChat asks who is paying, scope `snsapi_base` (no question is shown) \[D\]. It comes back to
    /// `redirect_uri` with `code` and `state`. The parameters' order is part of the protocol.
    ///
    /// # Errors
    /// [`PlatformError::Misused`] where `state` is longer than 128 bytes.
    fn authorize_url(&self, redirect_uri: &str, state: &str) -> Result<String, PlatformError>;

    /// Exchanges the code of the OAuth page for the payer's openid under the official account \[D\]. Once, 5 minutes.
    ///
    /// # Errors
    /// As [`login_code`](WechatPlatform::login_code).
    async fn oauth_openid(&self, code: &str) -> Result<String, PlatformError>;

    /// Draws a mini program code (`getwxacodeunlimit` \[D 16\]; 5000 a minute).
    ///
    /// # Errors
    /// 41030 means that the page is not in the released version.
    async fn mini_program_code(&self, request: &CodeRequest) -> Result<CodeImage, PlatformError>;
}
