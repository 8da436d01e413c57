//! Settings: what is wrong is named with its cure, and what is secret is not shown.

use std::sync::Arc;

use channel::{Account, Channel, Secret};
use channel_alipay::{Alipay, Settings, SetupError, Verification};

use crate::peer::{
    Mode,
    keys::{KEYS, Who, alipay_serial},
    settings,
};

const AT: &str = "https://openapi.alipay.com";

fn start(settings: Settings) -> Result<Alipay, SetupError> {
    Alipay::new(settings, Arc::new(|| 0))
}

/// Puts a value in its place.
type Change = fn(&mut Settings, String);

fn certificates(change: impl FnOnce(&mut String, &mut Vec<String>, &mut String)) -> Settings {
    let mut changed = settings(AT, Mode::Certificate);
    let Verification::Certificates { app_certificate_pem, alipay_certificates_pem, alipay_root_certificates_pem } =
        &mut changed.verification
    else {
        unreachable!()
    };
    change(app_certificate_pem, alipay_certificates_pem, alipay_root_certificates_pem);
    changed
}

#[test]
fn each_wrong_setting_is_named_with_its_cure() {
    let locked = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n".to_owned();
    let wrong: [(&str, &str, Change); 15] = [
        ("app_id", "2021x", |s, v| s.app_id = v),
        ("app_id", "", |s, v| s.app_id = v),
        ("gateway_url", "openapi.alipay.com/gateway.do", |s, v| s.gateway_url = v),
        ("gateway_url", "https://openapi.alipay.com/gateway.do?charset=utf-8", |s, v| s.gateway_url = v),
        ("oauth_url", "ftp://openauth.alipay.com/", |s, v| s.oauth_url = v),
        ("app_private_key", "", |s, v| s.app_private_key = v),
        ("app_private_key", "AAAA", |s, v| s.app_private_key = v),
        ("app_private_key", &locked, |s, v| s.app_private_key = v),
        ("app_private_key", &KEYS.alipay_pem(Who::Alipay), |s, v| s.app_private_key = v),
        ("public_keys", "AAAA", |s, v| s.verification = Verification::PublicKeys(vec![v])),
        ("public_keys", &KEYS.alipay_certificate, |s, v| s.verification = Verification::PublicKeys(vec![v])),
        ("public_keys", "", |s, _| s.verification = Verification::PublicKeys(Vec::new())),
        ("service_provider_id", "2021001161683774", |s, v| s.service_provider_id = Some(v)),
        ("timeout_ms", "", |s, _| s.timeout_ms = 0),
        ("user_agent", "星收付", |s, v| s.user_agent = v),
    ];
    for (setting, value, change) in wrong {
        let mut changed = settings(AT, Mode::PublicKey);
        change(&mut changed, value.to_owned());
        let why = start(changed).unwrap_err();
        assert_eq!(why.setting, setting, "{value}: {why}");
        assert!(why.cure.len() > 10, "{why}");
    }
    for (setting, changed) in [
        ("app_certificate_pem", certificates(|app, _, _| *app = "no pem".to_owned())),
        ("alipay_certificates_pem", certificates(|_, alipay, _| alipay.clear())),
        ("alipay_certificates_pem", certificates(|_, alipay, _| alipay.push(KEYS.alipay_pem(Who::Alipay)))),
        ("alipay_root_certificates_pem", certificates(|_, _, roots| roots.clear())),
    ] {
        assert_eq!(start(changed).unwrap_err().setting, setting);
    }
}

#[test]
fn keys_are_taken_as_pem_and_as_alipays_tool_writes_them() {
    let mut bare = settings("https://openapi.alipay.com ", Mode::PublicKey);
    bare.gateway_url = " https://openapi.alipay.com/gateway.do\n".to_owned();
    bare.app_private_key = format!("{}\n", KEYS.app_bare());
    bare.oauth_url = bare.oauth_url.replace(' ', "");
    bare.verification = Verification::PublicKeys(vec![format!(" {}\n", KEYS.alipay_bare(Who::Alipay))]);
    bare.op_app_id = Some(" ".to_owned());
    let channel = start(bare).unwrap();
    assert_eq!(channel.verification_keys().len(), 1);
}

#[test]
fn the_keys_can_be_looked_at() {
    let both = certificates(|_, alipay, _| alipay.push(KEYS.next_certificate()));
    let mut known: Vec<(String, bool)> = start(both)
        .unwrap()
        .verification_keys()
        .into_iter()
        .map(|key| (key.id, key.not_after_ms == Some(2_082_758_400_000)))
        .collect();
    let mut expected = [(alipay_serial(Who::Alipay), true), (alipay_serial(Who::NextAlipay), true)];
    known.sort();
    expected.sort();
    assert_eq!(known, expected);
}

#[test]
fn no_secret_is_shown() {
    let settings = settings(AT, Mode::PublicKey);
    let key_line = settings.app_private_key.lines().nth(1).unwrap().to_owned();
    let account = Account { authorization: Some(Secret("2026BBtoken".to_owned())), ..Account::of("2088") };
    let shown = format!("{settings:?} {:?} {account:?}", start(settings.clone()).unwrap());
    assert!(shown.contains("2021001161683774"));
    assert!(!shown.contains(&key_line) && !shown.contains("2026BBtoken"), "{shown}");
}
