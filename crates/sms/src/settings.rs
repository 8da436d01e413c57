use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;
use url::Url;

/// Who sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// 阿里云短信服务.
    Aliyun,
    /// 腾讯云短信.
    Tencent,
}

/// What a provider gives to its customer, and where it is spoken to.
#[derive(Clone)]
pub struct Settings {
    /// Which provider.
    pub provider: Provider,
    /// `AccessKeyId` (Aliyun) or `SecretId` (Tencent).
    pub access_key_id: String,
    /// `AccessKeySecret` or `SecretKey`.
    pub access_key_secret: String,
    /// The signature that was registered with the carriers, without brackets.
    pub sign_name: String,
    /// Tencent only: `SdkAppId`.
    pub sdk_app_id: Option<String>,
    /// Tencent only: such as `ap-guangzhou`.
    pub region: Option<String>,
    /// Scheme, host and port: `https://dysmsapi.aliyuncs.com` or `https://sms.tencentcloudapi.com`.
    pub base_url: String,
    /// How long one call may take, in milliseconds. What takes longer is unknown, not failed.
    pub timeout_ms: u64,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("provider", &self.provider)
            .field("access_key_id", &self.access_key_id)
            .field("access_key_secret", &"(hidden)")
            .field("sign_name", &self.sign_name)
            .field("sdk_app_id", &self.sdk_app_id)
            .field("region", &self.region)
            .field("base_url", &self.base_url)
            .field("timeout_ms", &self.timeout_ms)
            .finish()
    }
}

/// Which setting is wrong, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{setting}: {cure}")]
pub struct SetupError {
    /// The field of [`Settings`].
    pub setting: &'static str,
    /// What to write instead.
    pub cure: String,
}

impl SetupError {
    pub(crate) fn new(setting: &'static str, cure: impl Into<String>) -> SetupError {
        SetupError { setting, cure: cure.into() }
    }
}

impl Settings {
    /// The settings trimmed of what files bring with them, or the first that cannot be right.
    pub(crate) fn checked(mut self) -> Result<Settings, SetupError> {
        for text in [&mut self.access_key_id, &mut self.access_key_secret, &mut self.sign_name] {
            *text = text.trim().to_owned();
        }
        let plain =
            |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b",;=/".contains(&b));
        if !plain(&self.access_key_id) {
            return Err(SetupError::new(
                "access_key_id",
                "copy the AccessKey id (SecretId) from the provider's console",
            ));
        }
        if self.access_key_secret.is_empty() {
            return Err(SetupError::new("access_key_secret", "put the AccessKey secret (SecretKey) into its file"));
        }
        if self.sign_name.is_empty() || self.sign_name.contains(['【', '】']) {
            return Err(SetupError::new("sign_name", "write the registered signature without its brackets【】"));
        }
        if self.provider == Provider::Tencent {
            let wanted = |text: &Option<String>| text.as_deref().is_some_and(plain);
            if !wanted(&self.sdk_app_id) {
                return Err(SetupError::new("sdk_app_id", "Tencent wants the SdkAppId of the SMS application"));
            }
            if !wanted(&self.region) {
                return Err(SetupError::new("region", "Tencent wants a region, such as \"ap-guangzhou\""));
            }
        }
        self.base_url = origin(&self.base_url)?;
        Ok(self)
    }
}

/// Scheme, host and port. What is signed is the root path, so nothing may follow.
fn origin(text: &str) -> Result<String, SetupError> {
    let wrong = |why: &str| {
        SetupError::new(
            "base_url",
            format!("{why}; write scheme and host only, such as \"https://dysmsapi.aliyuncs.com\""),
        )
    };
    let url = Url::parse(text.trim()).map_err(|why| wrong(&why.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("only http and https are spoken"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return Err(wrong("it holds more than a host"));
    }
    Ok(url.origin().ascii_serialization())
}
