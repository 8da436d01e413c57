//! Settings: what is wrong is named with its cure, and what is secret is not shown.

use std::sync::Arc;

use channel_wechatpay::{Settings, SetupError, V2, WechatPay};

use crate::peer::{
    Mode,
    keys::{APIV2_KEY, APIV3_KEY, KEYS, PUBLIC_KEY_ID},
    settings,
};

fn start(settings: Settings) -> Result<WechatPay, SetupError> {
    WechatPay::new(settings, Arc::new(|| 0), Arc::new(|| "n".to_owned()))
}

/// Puts a value in its place.
type Change = fn(&mut Settings, String);

#[test]
fn each_wrong_setting_is_named_with_its_cure() {
    let pkcs1 = "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----\n".to_owned();
    let wrong: [(&str, &str, Change); 24] = [
        ("sp_mchid", "19000x", |s, v| s.sp_mchid = v),
        ("sp_appid", "", |s, v| s.sp_appid = v),
        ("base_url", "api.mch.weixin.qq.com", |s, v| s.base_url = v),
        ("base_url", "https://api.mch.weixin.qq.com/v3", |s, v| s.base_url = v),
        ("base_url", "ftp://api.mch.weixin.qq.com", |s, v| s.base_url = v),
        ("merchant_private_key_pem", "", |s, v| s.merchant_private_key_pem = v),
        ("merchant_private_key_pem", &pkcs1, |s, v| s.merchant_private_key_pem = v),
        ("merchant_private_key_pem", &KEYS.public_key_pem(), |s, v| s.merchant_private_key_pem = v),
        ("merchant_serial", "not hex", |s, v| s.merchant_serial = v),
        ("apiv3_key", "31-characters-are-one-too-few-.", |s, v| s.apiv3_key = v),
        ("wechatpay_public_key", "0119000001", |s, v| s.wechatpay_public_key = Some((v, KEYS.public_key_pem()))),
        ("wechatpay_public_key", "no pem", |s, v| s.wechatpay_public_key = Some((PUBLIC_KEY_ID.to_owned(), v))),
        ("wechatpay_public_key", &KEYS.certificate_pem, |s, v| {
            s.wechatpay_public_key = Some((PUBLIC_KEY_ID.to_owned(), v));
        }),
        ("previous_apiv3_keys", "short", |s, v| s.previous_apiv3_keys.push(v)),
        ("previous_wechatpay_public_keys", "no pem", |s, v| {
            s.previous_wechatpay_public_keys.push((PUBLIC_KEY_ID.to_owned(), v));
        }),
        ("previous_wechatpay_public_keys", "0119000001", |s, v| {
            s.previous_wechatpay_public_keys.push((v, KEYS.public_key_pem()));
        }),
        ("v2.key", "short", |s, v| s.v2 = Some(V2 { key: v, merchant_certificate_pem: String::new() })),
        ("v2.merchant_certificate_pem", "no pem", |s, v| {
            s.v2 = Some(V2 { key: APIV2_KEY.to_owned(), merchant_certificate_pem: v });
        }),
        ("v2.merchant_certificate_pem", &KEYS.public_key_pem(), |s, v| {
            s.v2 = Some(V2 { key: APIV2_KEY.to_owned(), merchant_certificate_pem: v });
        }),
        ("platform_certificates_pem", "no pem", |s, v| s.platform_certificates_pem.push(v)),
        ("platform_certificates_pem", &KEYS.public_key_pem(), |s, v| s.platform_certificates_pem.push(v)),
        ("timeout_ms", "", |s, _| s.timeout_ms = 0),
        ("user_agent", " ", |s, v| s.user_agent = v),
        ("user_agent", "星收付", |s, v| s.user_agent = v),
    ];
    for (setting, value, change) in wrong {
        let mut changed = settings("https://api.mch.weixin.qq.com", Mode::PublicKey);
        change(&mut changed, value.to_owned());
        let why = start(changed).unwrap_err();
        assert_eq!(why.setting, setting, "{value}: {why}");
        assert!(why.cure.len() > 10, "{why}");
    }
}

#[test]
fn what_files_bring_along_is_trimmed() {
    let mut padded = settings("https://api.mch.weixin.qq.com/", Mode::PublicKey);
    for text in [&mut padded.sp_mchid, &mut padded.sp_appid, &mut padded.merchant_serial, &mut padded.apiv3_key] {
        *text = format!("{text}\n");
    }
    assert!(start(padded).is_ok());
}

#[test]
fn no_secret_is_shown() {
    let mut settings = settings("https://api.mch.weixin.qq.com", Mode::PublicKey);
    settings.previous_apiv3_keys = vec!["another-key-of-32-characters-123".to_owned()];
    settings.v2 = Some(V2 { key: APIV2_KEY.to_owned(), merchant_certificate_pem: KEYS.merchant_certificate_pem() });
    let key_line = settings.merchant_private_key_pem.lines().nth(1).unwrap().to_owned();
    let shown = format!("{settings:?} {:?}", start(settings.clone()).unwrap());
    assert!(shown.contains(PUBLIC_KEY_ID));
    assert!(!shown.contains("another-key") && !shown.contains(APIV2_KEY), "{shown}");
    assert!(!shown.contains(APIV3_KEY) && !shown.contains(&key_line), "{shown}");
}
