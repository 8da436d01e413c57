//! Alipay's certificates change without notice: a new one is fetched, and believed for its chain and its names.

use channel::{
    Channel, Headers, Notice, NoticeError, PrepayOutcome, QueryOutcome, RefreshError, Scene, contract::Institution,
};
use channel_alipay::{Alipay, Verification};

use crate::{
    calls::prepay,
    peer::{
        Mode, Peer, adapter, adapter_with, borrowed,
        keys::{KEYS, Who, alipay_serial},
        settings,
    },
};

const NUMBER: &str = "rotate_1";

fn fetched(peer: &Peer) -> usize {
    peer.facts().seen.iter().filter(|seen| seen.method() == "alipay.open.app.alipaycert.download").count()
}

async fn replaced() -> (Peer, Alipay) {
    let peer = Peer::start(Mode::Certificate).await;
    let channel = adapter(&peer);
    let outcome = channel.prepay(&peer.account(), &prepay(NUMBER, Scene::Jsapi(peer.payer()))).await;
    assert!(matches!(outcome, PrepayOutcome::Ready(_)), "{outcome:?}");
    peer.facts().signer = Who::NextAlipay;
    (peer, channel)
}

/// A callback that names the certificate it is signed with.
fn notice(peer: &Peer) -> Vec<u8> {
    let mut parameters = peer.paid_parameters(NUMBER);
    parameters.push(("alipay_cert_sn".to_owned(), alipay_serial(Who::NextAlipay)));
    peer.signed(&borrowed(&parameters)).body
}

#[tokio::test]
async fn an_answer_of_a_replaced_certificate_is_believed_once_it_is_fetched() {
    let (peer, channel) = replaced().await;
    peer.facts().certificate = KEYS.next_certificate();
    for _ in 0..3 {
        assert_eq!(channel.query(&peer.account(), NUMBER).await, QueryOutcome::Pending);
    }
    assert_eq!(fetched(&peer), 1);
    let asked = peer.facts().seen.iter().find(|seen| seen.form["biz_content"].contains("cert_sn")).unwrap().biz();
    assert_eq!(asked, serde_json::json!({"alipay_cert_sn": alipay_serial(Who::NextAlipay)}));
    // The old one stays good.
    peer.facts().signer = Who::Alipay;
    assert_eq!(channel.query(&peer.account(), NUMBER).await, QueryOutcome::Pending);
    assert_eq!(channel.verification_keys().len(), 2);
}

#[tokio::test]
async fn what_is_not_alipays_next_certificate_is_not_believed() {
    let (peer, channel) = replaced().await;
    for certificate in KEYS.not_the_next_certificate() {
        peer.facts().certificate = certificate.clone();
        peer.facts().now_ms += 30_000;
        let outcome = channel.query(&peer.account(), NUMBER).await;
        let unknown = matches!(&outcome, QueryOutcome::Unknown(why) if why.contains("unknown key"));
        assert!(unknown, "{outcome:?}\n{certificate}");
    }
    assert_eq!(fetched(&peer), 9);
    assert_eq!(channel.verification_keys().len(), 1);
    // One that could not be had is not asked for again at once.
    channel.query(&peer.account(), NUMBER).await;
    assert_eq!(fetched(&peer), 9);
}

#[tokio::test]
async fn a_certificate_that_a_callback_names_is_fetched_however_many_are_forged() {
    let (peer, channel) = replaced().await;
    peer.pay(NUMBER).await;
    let genuine = notice(&peer);
    let read = |body: &[u8]| channel.read_notice(&Headers::default(), body, peer.now_ms());
    assert_eq!(read(&genuine), Err(NoticeError::UnknownKey(alipay_serial(Who::NextAlipay))));
    // None yet, so it stays as it was; another question within thirty seconds asks nobody.
    let now_ms = peer.now_ms();
    assert!(channel.refresh_keys(now_ms).await.is_err());
    let forged = [b"alipay_cert_sn=0123456789abcdef0123456789abcdef&sign=AAAA&a=b".as_slice(), b"&c=d"].concat();
    assert!(matches!(read(&forged), Err(NoticeError::UnknownKey(_))));
    assert_eq!(
        channel.refresh_keys(now_ms + 29_999).await,
        Err(RefreshError("a certificate was asked for a moment ago".to_owned()))
    );
    assert_eq!(fetched(&peer), 1);
    peer.facts().certificate = KEYS.next_certificate();
    assert!(matches!(read(&genuine), Err(NoticeError::UnknownKey(_))));
    peer.facts().now_ms += 30_000;
    assert_eq!(channel.refresh_keys(peer.now_ms()).await, Ok(()));
    assert!(matches!(read(&genuine), Ok(Notice::Payment(_))));
    // What is no number is not asked for.
    assert!(matches!(read(b"alipay_cert_sn=..%2F..&sign=AAAA"), Err(NoticeError::UnknownKey(_))));
    peer.facts().now_ms += 30_000;
    assert!(channel.refresh_keys(peer.now_ms()).await.is_err());
    assert_eq!(fetched(&peer), 2);
}

#[tokio::test]
async fn a_new_certificate_can_be_configured_beside_the_old_one() {
    let (peer, _) = replaced().await;
    let mut both = settings(&peer.base_url(), Mode::Certificate);
    let Verification::Certificates { alipay_certificates_pem, .. } = &mut both.verification else { unreachable!() };
    alipay_certificates_pem.push(KEYS.next_certificate());
    assert_eq!(adapter_with(&peer, both).query(&peer.account(), NUMBER).await, QueryOutcome::Pending);
    assert_eq!(fetched(&peer), 0);
}
