use std::fmt;

use thiserror::Error;
use url::Url;

use crate::wire::is_user_id;

/// What an application at Alipay has, and where it is spoken to (PROTOCOLS 2.1 \[D 12, S node\]). The application is the
/// service provider's; merchants let it act for them by `app_auth_token`, which comes with each
/// [`Account`](channel::Account).
#[derive(Clone)]
pub struct Settings {
    /// The application's number (`app_id`).
    pub app_id: String,
    /// The gateway, such as `https://openapi.alipay.com/gateway.do`.
    pub gateway_url: String,
    /// The page where a payer says who pays, such as `https://openauth.alipay.com/oauth2/publicAppAuthorize.htm`.
    pub oauth_url: String,
    /// The application's private key: PEM (PKCS#8 or PKCS#1), or the bare base64 that Alipay's key tool writes.
    pub app_private_key: String,
    /// How Alipay's own signatures are checked.
    pub verification: Verification,
    /// `product_code` of `alipay.trade.create`, such as `JSAPI_PAY`; absent where the contract asks for none.
    pub jsapi_product_code: Option<String>,
    /// `op_app_id` of `alipay.trade.create`: the application in which the payer pays, where the product asks for it.
    pub op_app_id: Option<String>,
    /// `product_code` of `alipay.trade.precreate`, such as `QR_CODE_OFFLINE`; absent for 当面付.
    pub native_product_code: Option<String>,
    /// The service provider's own PID (2088…), by which Alipay credits it for its merchants' trades
    /// (`sys_service_provider_id`); absent where nothing is credited.
    pub service_provider_id: Option<String>,
    /// How long one call may take, in milliseconds. What takes longer is unknown, not failed (PRODUCT 6.5).
    pub timeout_ms: u64,
    /// `User-Agent`.
    pub user_agent: String,
}

/// How Alipay's signatures are checked. Which of the two an application uses is decided at Alipay.
#[derive(Clone)]
pub enum Verification {
    /// Public-key mode: Alipay's public keys of this application, PEM or bare base64. More than one while a key is
    /// replaced: an old callback still comes with the old one.
    PublicKeys(Vec<String>),
    /// Certificate mode.
    Certificates {
        /// `appCertPublicKey_….crt`: the application's certificate.
        app_certificate_pem: String,
        /// `alipayCertPublicKey_RSA2.crt`: Alipay's certificate. More than one while it is replaced.
        alipay_certificates_pem: Vec<String>,
        /// `alipayRootCert.crt`: the roots, several certificates in one file.
        alipay_root_certificates_pem: String,
    },
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("app_id", &self.app_id)
            .field("gateway_url", &self.gateway_url)
            .field("oauth_url", &self.oauth_url)
            .field("app_private_key", &"(hidden)")
            .field("verification", &self.verification)
            .field("jsapi_product_code", &self.jsapi_product_code)
            .field("op_app_id", &self.op_app_id)
            .field("native_product_code", &self.native_product_code)
            .field("service_provider_id", &self.service_provider_id)
            .field("timeout_ms", &self.timeout_ms)
            .field("user_agent", &self.user_agent)
            .finish()
    }
}

impl fmt::Debug for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verification::PublicKeys(keys) => write!(f, "PublicKeys({})", keys.len()),
            Verification::Certificates { alipay_certificates_pem, .. } => {
                write!(f, "Certificates({})", alipay_certificates_pem.len())
            }
        }
    }
}

/// Which setting is wrong, and the cure.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{setting}: {cure}")]
pub struct SetupError {
    /// The field of [`Settings`] or [`Verification`].
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
        for text in [&mut self.app_id, &mut self.gateway_url, &mut self.oauth_url, &mut self.user_agent] {
            *text = text.trim().to_owned();
        }
        for text in [
            &mut self.jsapi_product_code,
            &mut self.op_app_id,
            &mut self.native_product_code,
            &mut self.service_provider_id,
        ] {
            *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        }
        if self.app_id.is_empty() || !self.app_id.bytes().all(|b| b.is_ascii_digit()) {
            return Err(SetupError::new("app_id", "write the application's number, digits only, such as 2021…"));
        }
        address("gateway_url", &self.gateway_url, "https://openapi.alipay.com/gateway.do")?;
        address("oauth_url", &self.oauth_url, "https://openauth.alipay.com/oauth2/publicAppAuthorize.htm")?;
        if self.service_provider_id.as_deref().is_some_and(|id| !is_user_id(id)) {
            return Err(SetupError::new(
                "service_provider_id",
                "write the provider's PID: 16 digits that begin with 2088",
            ));
        }
        if self.timeout_ms == 0 {
            return Err(SetupError::new("timeout_ms", "write how many milliseconds a call may take, such as 10000"));
        }
        if self.user_agent.is_empty() || !self.user_agent.is_ascii() {
            return Err(SetupError::new("user_agent", "write a name in ASCII, as HTTP headers want it"));
        }
        Ok(self)
    }
}

/// Parameters are added to the address, so it must not bring any.
fn address(setting: &'static str, text: &str, example: &str) -> Result<Url, SetupError> {
    let wrong = |why: &str| SetupError::new(setting, format!("{why}; write the whole address: {example}"));
    let url = Url::parse(text).map_err(|why| wrong(&why.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(wrong("only http and https are spoken"));
    }
    if url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
        return Err(wrong("it holds more than host and path"));
    }
    Ok(url)
}
