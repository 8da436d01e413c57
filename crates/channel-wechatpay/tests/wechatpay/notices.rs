//! Callbacks beyond the suite: what cannot be read, and keys that change.

use channel::{
    Channel, Credential, Notice, NoticeError, Prepay, PrepayOutcome, Scene,
    contract::{Callback, CallbackKind, Institution},
};
use channel_wechatpay::WechatPay;
use money::Amount;
use serde_json::{Value, json};

use crate::peer::{
    Mode, Peer, adapter, adapter_with, envelope,
    keys::{APIV3_KEY, CERTIFICATE_SERIAL, KEYS, NEXT_SERIAL, Who, expired_pem},
    settings,
};

const NUMBER: &str = "notice-1";

async fn paid(mode: Mode) -> (Peer, WechatPay) {
    let peer = Peer::start(mode, mode).await;
    let channel = adapter(&peer, mode);
    let prepay = Prepay {
        out_trade_no: NUMBER.to_owned(),
        amount: Amount::from_fen(1250),
        description: "学费".to_owned(),
        notify_url: "https://pay.example.com/callback/wechatpay/demo".to_owned(),
        expires_at_ms: 1_790_001_800_000,
        scene: Scene::Native,
        return_url: None,
    };
    let outcome = channel.prepay(&peer.account(), &prepay).await;
    assert!(matches!(outcome, PrepayOutcome::Ready(Credential::Native { .. })), "{outcome:?}");
    peer.pay(NUMBER).await;
    (peer, channel)
}

fn read(peer: &Peer, channel: &WechatPay, callback: &Callback) -> Result<Notice, NoticeError> {
    channel.read_notice(&callback.headers, &callback.body, peer.now_ms())
}

#[tokio::test]
async fn associated_data_may_be_empty_or_absent_protocols_1_4() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    for associated in [Some("transaction"), Some(""), None] {
        let body = envelope("TRANSACTION.SUCCESS", associated, &peer.order(NUMBER));
        let told = read(&peer, &channel, &peer.signed(Who::PublicKey, body));
        assert!(matches!(told, Ok(Notice::Payment(_))), "{associated:?}: {told:?}");
    }
}

#[tokio::test]
async fn a_signed_success_that_cannot_be_read_says_why_and_is_never_booked_product_6_3() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    let changed = |field: &str, value: Value| {
        let mut order = peer.order(NUMBER);
        order[field] = value;
        envelope("TRANSACTION.SUCCESS", Some("transaction"), &order)
    };
    let mut other_algorithm: Value = serde_json::from_slice(&changed("attach", json!(""))).unwrap();
    other_algorithm["resource"]["algorithm"] = json!("AEAD_SM4_GCM");
    let mut other_nonce = other_algorithm.clone();
    other_nonce["resource"]["algorithm"] = json!("AEAD_AES_256_GCM");
    other_nonce["resource"]["nonce"] = json!("short");
    for body in [
        changed("trade_state", json!("REFUND")),
        changed("trade_state", json!("NOTPAY")),
        changed("amount", json!({"total": 0, "currency": "CNY"})),
        changed("amount", json!({"total": "1250", "currency": "CNY"})),
        changed("transaction_id", Value::Null),
        changed("success_time", json!("2026-09-21")),
        changed("out_trade_no", Value::Null),
        other_algorithm.to_string().into_bytes(),
        other_nonce.to_string().into_bytes(),
        b"{}".to_vec(),
        b"not json".to_vec(),
    ] {
        let told = read(&peer, &channel, &peer.signed(Who::PublicKey, body.clone()));
        assert!(matches!(told, Err(NoticeError::Unreadable(_))), "{}: {told:?}", String::from_utf8_lossy(&body));
    }
    let mut other_key = settings(&peer.base_url, Mode::PublicKey);
    other_key.apiv3_key = "another-key-of-32-characters-123".to_owned();
    let told = read(&peer, &adapter_with(&peer, other_key), &peer.callback(NUMBER, CallbackKind::Paid).await);
    assert_eq!(told, Err(NoticeError::Unreadable("the APIv3 key does not open it".to_owned())));
}

#[tokio::test]
async fn a_callback_from_before_a_change_of_keys_still_reads_protocols_1_3() {
    let (peer, _) = paid(Mode::PublicKey).await;
    let callback = peer.callback(NUMBER, CallbackKind::Paid).await;
    let mut changed = settings(&peer.base_url, Mode::PublicKey);
    changed.apiv3_key = "another-key-of-32-characters-123".to_owned();
    let newer = "PUB_KEY_ID_0119000001092026110500112200000200".to_owned();
    let (id, pem) = changed.wechatpay_public_key.replace((newer.clone(), KEYS.next_public_key_pem())).unwrap();
    let told = read(&peer, &adapter_with(&peer, changed.clone()), &callback);
    assert_eq!(told, Err(NoticeError::UnknownKey(id.clone())));
    changed.previous_wechatpay_public_keys = vec![(id.clone(), pem)];
    let told = read(&peer, &adapter_with(&peer, changed.clone()), &callback);
    assert!(matches!(told, Err(NoticeError::Unreadable(_))), "{told:?}");
    changed.previous_apiv3_keys = vec!["a-third-key-of-32-characters-123".to_owned(), APIV3_KEY.to_owned()];
    let channel = adapter_with(&peer, changed);
    assert!(matches!(read(&peer, &channel, &callback), Ok(Notice::Payment(_))));
    let known: Vec<_> = channel.verification_keys().into_iter().map(|key| (key.id, key.not_after_ms)).collect();
    let certificate_end = Some(2_082_758_400_000);
    assert_eq!(known, [(CERTIFICATE_SERIAL.to_owned(), certificate_end), (id, None), (newer, None)]);
}

#[tokio::test]
async fn each_missing_header_is_named() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    let genuine = peer.callback(NUMBER, CallbackKind::Paid).await;
    for name in ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"] {
        let mut callback = genuine.clone();
        callback.headers.0.retain(|(header, _)| header != name);
        assert_eq!(read(&peer, &channel, &callback), Err(NoticeError::Missing(name)));
    }
    for time in ["", "soon", "1e9", "99999999999999999999"] {
        let mut callback = genuine.clone();
        callback.headers.0.iter_mut().find(|(header, _)| header == "Wechatpay-Timestamp").unwrap().1 = time.to_owned();
        assert_eq!(read(&peer, &channel, &callback), Err(NoticeError::Missing("Wechatpay-Timestamp")), "{time}");
    }
}

#[tokio::test]
async fn a_new_certificate_is_fetched_and_configured_ones_stay_protocols_1_3() {
    let (peer, channel) = paid(Mode::Certificate).await;
    let body = envelope("TRANSACTION.SUCCESS", Some("transaction"), &peer.order(NUMBER));
    let next = peer.signed(Who::NextCertificate, body);
    assert_eq!(read(&peer, &channel, &next), Err(NoticeError::UnknownKey(NEXT_SERIAL.to_owned())));
    peer.facts().listed = vec![Who::NextCertificate];
    assert_eq!(channel.refresh_keys(peer.now_ms()).await, Ok(()));
    assert!(matches!(read(&peer, &channel, &next), Ok(Notice::Payment(_))));
    let configured = peer.callback(NUMBER, CallbackKind::Paid).await;
    assert!(matches!(read(&peer, &channel, &configured), Ok(Notice::Payment(_))));
    // What is no longer listed is no longer believed.
    peer.facts().now_ms += 30_000;
    peer.facts().listed = vec![Who::Certificate];
    assert_eq!(channel.refresh_keys(peer.now_ms()).await, Ok(()));
    assert_eq!(read(&peer, &channel, &next), Err(NoticeError::UnknownKey(NEXT_SERIAL.to_owned())));
}

#[tokio::test]
async fn a_flood_of_unknown_keys_fetches_once_in_thirty_seconds() {
    let (peer, channel) = paid(Mode::Certificate).await;
    let asked = || peer.facts().seen.iter().filter(|seen| seen.path_and_query == "/v3/certificates").count();
    let now_ms = peer.now_ms();
    let (one, two, three) =
        tokio::join!(channel.refresh_keys(now_ms), channel.refresh_keys(now_ms), channel.refresh_keys(now_ms + 29_999));
    assert_eq!(([one, two, three], asked()), ([Ok(()), Ok(()), Ok(())], 1));
    peer.facts().listed.clear();
    peer.facts().now_ms += 30_000;
    for _ in 0..2 {
        let why = channel.refresh_keys(peer.now_ms()).await.unwrap_err();
        assert!(why.to_string().contains("no certificate came"), "{why}");
    }
    assert_eq!(asked(), 2);
    let callback = peer.callback(NUMBER, CallbackKind::Paid).await;
    assert!(matches!(read(&peer, &channel, &callback), Ok(Notice::Payment(_))), "the keys stay as they were");
}

#[tokio::test]
async fn a_serial_is_found_whatever_its_case_and_an_ended_certificate_is_not() {
    let (peer, channel) = paid(Mode::Certificate).await;
    let mut lower = peer.callback(NUMBER, CallbackKind::Paid).await;
    for (_, value) in lower.headers.0.iter_mut().filter(|(name, _)| name == "Wechatpay-Serial") {
        *value = value.to_ascii_lowercase();
    }
    assert!(matches!(read(&peer, &channel, &lower), Ok(Notice::Payment(_))));
    let mut ended = settings(&peer.base_url, Mode::Certificate);
    ended.platform_certificates_pem = vec![expired_pem()];
    let callback = peer.callback(NUMBER, CallbackKind::Paid).await;
    let told = read(&peer, &adapter_with(&peer, ended), &callback);
    assert_eq!(told, Err(NoticeError::UnknownKey(CERTIFICATE_SERIAL.to_owned())));
}

#[tokio::test]
async fn a_callback_is_acknowledged_in_the_institutions_words_protocols_1_4() {
    let (_peer, channel) = paid(Mode::PublicKey).await;
    let (yes, no) = (channel.acknowledge(true), channel.acknowledge(false));
    assert_eq!((yes.status, yes.body), (204, ""));
    assert_eq!((no.status, no.content_type), (500, "application/json"));
    assert_eq!(serde_json::from_str::<Value>(no.body).unwrap(), json!({"code": "FAIL", "message": "失败"}));
}
