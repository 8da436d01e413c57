//! What the targets share: adapters with a key of their own, which stands for both sides of every signature.

use std::sync::{Arc, LazyLock};

use channel_alipay::{Alipay, Verification};
use channel_wechatpay::{Settings, WechatPay, fuzzing};
use rand::{SeedableRng, rngs::StdRng};
use rsa::{
    RsaPrivateKey, RsaPublicKey,
    pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding},
};

/// The time at which everything is read.
pub const NOW_MS: i64 = 1_790_000_000_123;

/// The id of the public key that callbacks of WeChat Pay are checked with.
pub const PUBLIC_KEY_ID: &str = "PUB_KEY_ID_0119000001092024110500112200000100";

/// The key: private and public, as PEM.
pub static KEY: LazyLock<(String, String)> = LazyLock::new(|| {
    let key = RsaPrivateKey::new(&mut StdRng::seed_from_u64(1), 2048).expect("a key");
    let public = RsaPublicKey::from(&key).to_public_key_pem(LineEnding::LF).expect("PEM");
    (key.to_pkcs8_pem(LineEnding::LF).expect("PEM").to_string(), public)
});

/// A provider at WeChat Pay.
pub static WECHATPAY: LazyLock<WechatPay> = LazyLock::new(|| {
    let settings = Settings {
        sp_mchid: "1900000109".to_owned(),
        sp_appid: "wx8888888888888888".to_owned(),
        base_url: "http://127.0.0.1:9".to_owned(),
        merchant_private_key_pem: KEY.0.clone(),
        merchant_serial: "408B07E79B8269FEC3D5D3E6AB8ED163A6A380DB".to_owned(),
        apiv3_key: fuzzing::APIV3_KEY.to_owned(),
        previous_apiv3_keys: Vec::new(),
        wechatpay_public_key: Some((PUBLIC_KEY_ID.to_owned(), KEY.1.clone())),
        previous_wechatpay_public_keys: Vec::new(),
        platform_certificates_pem: Vec::new(),
        timeout_ms: 1,
        user_agent: "fuzz".to_owned(),
        v2: None,
    };
    WechatPay::new(settings, Arc::new(|| NOW_MS), Arc::new(String::new)).expect("good settings")
});

/// An application at Alipay.
pub static ALIPAY: LazyLock<Alipay> = LazyLock::new(|| {
    let settings = channel_alipay::Settings {
        app_id: "2014072300007148".to_owned(),
        gateway_url: "http://127.0.0.1:9/gateway.do".to_owned(),
        oauth_url: "http://127.0.0.1:9/oauth".to_owned(),
        app_private_key: KEY.0.clone(),
        verification: Verification::PublicKeys(vec![KEY.1.clone()]),
        jsapi_product_code: None,
        op_app_id: None,
        timeout_ms: 1,
        user_agent: "fuzz".to_owned(),
    };
    Alipay::new(settings, Arc::new(|| NOW_MS)).expect("good settings")
});
