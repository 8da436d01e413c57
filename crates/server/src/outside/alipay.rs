//! A service provider's application at Alipay: how it is stored, and the adapter made of it.

use serde::{Deserialize, Serialize};

use super::TIMEOUT_MS;

/// The open part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlipaySettings {
    /// The application's number.
    pub app_id: String,
    /// The whole address of the gateway.
    pub gateway_url: String,
    /// The whole address of the page where a payer says who pays.
    pub oauth_url: String,
    /// `product_code` of payments inside Alipay, where the contract asks for one.
    pub jsapi_product_code: Option<String>,
    /// The application in which the payer pays, where the product asks for it.
    pub op_app_id: Option<String>,
    /// `product_code` of a code on a screen, where the contract asks for one.
    pub native_product_code: Option<String>,
    /// The service provider's own PID, where Alipay credits it.
    pub service_provider_id: Option<String>,
}

/// The sealed part.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlipaySecret {
    /// PEM, or the bare base64 of Alipay's key tool.
    pub app_private_key: String,
    /// Public-key mode: Alipay's keys, more than one while one is replaced.
    pub alipay_public_keys: Vec<String>,
    /// Certificate mode.
    pub certificates: Option<AlipayCertificates>,
}

/// The certificates of certificate mode, PEM.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlipayCertificates {
    /// The application's.
    pub app: String,
    /// Alipay's, more than one while it is replaced.
    pub alipay: Vec<String>,
    /// The roots.
    pub root: String,
}

/// The adapter.
///
/// # Errors
/// The setting that cannot be used, and the cure.
pub fn alipay(
    settings: &AlipaySettings,
    secret: &AlipaySecret,
    clock: channel_alipay::Clock,
) -> Result<channel_alipay::Alipay, channel_alipay::SetupError> {
    use channel_alipay::Verification;
    let verification = match &secret.certificates {
        Some(certificates) => Verification::Certificates {
            app_certificate_pem: certificates.app.clone(),
            alipay_certificates_pem: certificates.alipay.clone(),
            alipay_root_certificates_pem: certificates.root.clone(),
        },
        None => Verification::PublicKeys(secret.alipay_public_keys.clone()),
    };
    let settings = channel_alipay::Settings {
        app_id: settings.app_id.clone(),
        gateway_url: settings.gateway_url.clone(),
        oauth_url: settings.oauth_url.clone(),
        app_private_key: secret.app_private_key.clone(),
        verification,
        jsapi_product_code: settings.jsapi_product_code.clone(),
        op_app_id: settings.op_app_id.clone(),
        native_product_code: settings.native_product_code.clone(),
        service_provider_id: settings.service_provider_id.clone(),
        timeout_ms: TIMEOUT_MS,
        user_agent: concat!("mott/", env!("CARGO_PKG_VERSION")).into(),
    };
    channel_alipay::Alipay::new(settings, clock)
}
