use std::fmt;

use reqwest::Url;
use thiserror::Error;

/// What a service provider gets from WeChat Pay, and where it is spoken to (PROTOCOLS 1.1 \[D 1,2\]).
#[derive(Clone)]
pub struct Settings {
    /// The provider's number.
    pub sp_mchid: String,
    /// The provider's official account.
    pub sp_appid: String,
    /// Scheme, host and port, such as `https://api.mch.weixin.qq.com`.
    pub base_url: String,
    /// `apiclient_key.pem`: the merchant API private key as PKCS#8.
    pub merchant_private_key_pem: String,
    /// The serial number of the merchant API certificate, hexadecimal.
    pub merchant_serial: String,
    /// The APIv3 key: 32 ASCII characters.
    pub apiv3_key: String,
    /// APIv3 keys of before: what was sealed with one (a callback sent again) still opens. Newest first.
    pub previous_apiv3_keys: Vec<String>,
    /// The WeChat Pay public key: its id (`PUB_KEY_ID_…`) and its PEM (`-----BEGIN PUBLIC KEY-----`).
    pub wechatpay_public_key: Option<(String, String)>,
    /// Public keys of before, whose signatures still hold.
    pub previous_wechatpay_public_keys: Vec<(String, String)>,
    /// Platform certificates known from the start. May be empty: [`refresh_keys`](channel::Channel::refresh_keys)
    /// fetches them, sealed with the APIv3 key.
    pub platform_certificates_pem: Vec<String>,
    /// How long one call may take, in milliseconds. What takes longer is unknown, not failed (PRODUCT 6.5).
    pub timeout_ms: u64,
    /// `User-Agent`; without one the institution refuses \[C\].
    pub user_agent: String,
    /// Charge payment codes by the older interface, for a provider to whom the new one is not opened. `None`: API v3.
    pub v2: Option<V2>,
}

/// What the older interface (XML, `/pay/micropay`) asks for besides (PROTOCOLS 1.7 \[D 8\]).
#[derive(Clone)]
pub struct V2 {
    /// The API key (APIv2 密钥): 32 characters. It is not the APIv3 key.
    pub key: String,
    /// `apiclient_cert.pem`, which a reversal shows when it connects.
    pub merchant_certificate_pem: String,
}

impl fmt::Debug for V2 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("V2(hidden)")
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("sp_mchid", &self.sp_mchid)
            .field("sp_appid", &self.sp_appid)
            .field("base_url", &self.base_url)
            .field("merchant_private_key_pem", &"(hidden)")
            .field("merchant_serial", &self.merchant_serial)
            .field("apiv3_key", &"(hidden)")
            .field("previous_apiv3_keys", &self.previous_apiv3_keys.len())
            .field("wechatpay_public_key", &self.wechatpay_public_key.as_ref().map(|(id, _)| id))
            .field("previous_wechatpay_public_keys", &ids(&self.previous_wechatpay_public_keys))
            .field("platform_certificates_pem", &self.platform_certificates_pem.len())
            .field("timeout_ms", &self.timeout_ms)
            .field("user_agent", &self.user_agent)
            .field("v2", &self.v2)
            .finish()
    }
}

fn ids(keys: &[(String, String)]) -> Vec<&str> {
    keys.iter().map(|(id, _)| id.as_str()).collect()
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
    pub(crate) fn new(setting: &'static str, cure: impl Into<String>) -> Self {
        SetupError { setting, cure: cure.into() }
    }
}

impl Settings {
    /// The settings trimmed of what files bring with them, or the first that cannot be right. Keys are parsed later.
    pub(crate) fn checked(mut self) -> Result<Settings, SetupError> {
        for text in [&mut self.sp_mchid, &mut self.sp_appid, &mut self.merchant_serial, &mut self.apiv3_key] {
            *text = text.trim().to_owned();
        }
        let others = self.previous_apiv3_keys.iter_mut().chain(self.v2.as_mut().map(|v2| &mut v2.key));
        others.for_each(|text| *text = text.trim().to_owned());
        if self.sp_mchid.is_empty() || !self.sp_mchid.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SetupError::new("sp_mchid", "write the service provider's number, digits only"));
        }
        if self.sp_appid.is_empty() || !self.sp_appid.bytes().all(|b| b.is_ascii_alphanumeric()) {
            return Err(SetupError::new("sp_appid", "write the provider's appid, which begins with wx"));
        }
        if self.merchant_serial.is_empty() || !self.merchant_serial.bytes().all(|b| b.is_ascii_hexdigit()) {
            let cure = "write the merchant API certificate's serial number in hexadecimal: \
                        openssl x509 -in apiclient_cert.pem -noout -serial";
            return Err(SetupError::new("merchant_serial", cure));
        }
        if self.timeout_ms == 0 {
            return Err(SetupError::new("timeout_ms", "write how many milliseconds a call may take, such as 10000"));
        }
        if self.user_agent.trim().is_empty() {
            return Err(SetupError::new("user_agent", "write a name: without one WeChat Pay refuses every call"));
        }
        if !self.user_agent.is_ascii() {
            return Err(SetupError::new("user_agent", "write it in ASCII, as HTTP headers want it"));
        }
        if self.v2.as_ref().is_some_and(|v2| v2.key.len() != 32 || !v2.key.is_ascii()) {
            return Err(SetupError::new("v2.key", "the APIv2 key has exactly 32 characters; it is not the APIv3 key"));
        }
        self.base_url = origin(&self.base_url)?;
        Ok(self)
    }
}

/// Scheme, host and port. A path is refused: the institution verifies the signature over the path that it sees, which
/// would not be the path that we signed.
fn origin(text: &str) -> Result<String, SetupError> {
    let wrong = |why: &str| {
        SetupError::new("base_url", format!("{why}; write scheme and host only: https://api.mch.weixin.qq.com"))
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
