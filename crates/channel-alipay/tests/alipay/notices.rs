//! Callbacks beyond the suite: what must never be booked, and what cannot be read.

use channel::{
    Channel, Headers, Notice, NoticeError, PrepayOutcome, Scene,
    contract::{Callback, Institution},
};
use channel_alipay::{Alipay, Verification};

use crate::peer::{
    Mode, Peer, adapter, adapter_with, borrowed, callback,
    keys::{KEYS, Who, alipay_serial},
    settings, sorted,
};

const NUMBER: &str = "notice_1";

async fn paid(mode: Mode) -> (Peer, Alipay) {
    let peer = Peer::start(mode).await;
    let channel = adapter(&peer);
    let prepay = crate::calls::prepay(NUMBER, Scene::Jsapi(peer.payer()));
    let outcome = channel.prepay(&peer.account(), &prepay).await;
    assert!(matches!(outcome, PrepayOutcome::Ready(_)), "{outcome:?}");
    peer.pay(NUMBER).await;
    (peer, channel)
}

fn read(peer: &Peer, channel: &Alipay, callback: &Callback) -> Result<Notice, NoticeError> {
    channel.read_notice(&callback.headers, &callback.body, peer.now_ms())
}

/// The genuine parameters with some of them changed; an empty value takes one away.
fn changed(peer: &Peer, changes: &[(&str, &str)]) -> Callback {
    let mut parameters = peer.paid_parameters(NUMBER);
    for (name, value) in changes {
        parameters.retain(|(known, _)| known != name);
        if !value.is_empty() {
            parameters.push(((*name).to_owned(), (*value).to_owned()));
        }
    }
    peer.signed(&borrowed(&parameters))
}

#[tokio::test]
async fn a_refund_comes_to_the_same_address_and_is_never_a_payment_protocols_2_3() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    for changes in [
        &[("refund_fee", "1.00"), ("gmt_refund", "2026-09-21 23:00:00.143"), ("out_biz_no", "r1")][..],
        &[("refund_fee", "12.50"), ("trade_status", "TRADE_CLOSED"), ("gmt_close", "2026-09-21 23:00:00")],
        &[("gmt_refund", "2026-09-21 23:00:00")],
    ] {
        let told = read(&peer, &channel, &changed(&peer, changes));
        assert!(matches!(&told, Ok(Notice::Other(kind)) if kind.starts_with("refund of notice_1")), "{told:?}");
    }
    // An empty or zero sum says that nothing was refunded.
    for sum in ["0.00", ""] {
        let told = read(&peer, &channel, &changed(&peer, &[("refund_fee", sum)]));
        assert!(matches!(told, Ok(Notice::Payment(_))), "{told:?}");
    }
}

#[tokio::test]
async fn only_a_paid_trade_is_a_payment_protocols_2_3() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    for status in ["TRADE_SUCCESS", "TRADE_FINISHED"] {
        let told = read(&peer, &channel, &changed(&peer, &[("trade_status", status)]));
        assert!(matches!(told, Ok(Notice::Payment(_))), "{told:?}");
    }
    for status in ["WAIT_BUYER_PAY", "TRADE_CLOSED", "TRADE_NEW"] {
        let told = read(&peer, &channel, &changed(&peer, &[("trade_status", status)]));
        assert_eq!(told, Ok(Notice::Other(status.to_owned())));
    }
    let told = read(&peer, &channel, &changed(&peer, &[("notify_type", "dut_user_sign")]));
    assert_eq!(told, Ok(Notice::Other("dut_user_sign".to_owned())));
}

#[tokio::test]
async fn a_signed_success_that_cannot_be_read_says_why_and_is_never_booked_product_6_3() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    for change in [
        ("total_amount", "12.5O"),
        ("total_amount", "12.505"),
        ("total_amount", "0.00"),
        ("total_amount", ""),
        ("gmt_payment", "today"),
        ("gmt_payment", ""),
        ("trade_no", ""),
        ("out_trade_no", ""),
        ("app_id", ""),
        ("seller_id", ""),
        ("trade_status", ""),
    ] {
        let told = read(&peer, &channel, &changed(&peer, &[change]));
        assert!(matches!(told, Err(NoticeError::Unreadable(_))), "{change:?}: {told:?}");
    }
}

#[tokio::test]
async fn what_the_message_says_of_application_seller_and_currency_is_what_is_told_product_6_3() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    let strange = [("app_id", "2021000000000009"), ("seller_id", "2088000000000009"), ("trans_currency", "HKD")];
    let told = read(&peer, &channel, &changed(&peer, &strange));
    let Ok(Notice::Payment(success)) = told else { panic!("{told:?}") };
    assert_eq!((success.sp_mchid.as_str(), success.sp_appid.as_str()), ("2021000000000009", "2021000000000009"));
    assert_eq!((success.sub_mchid.as_str(), success.currency.as_str()), ("2088000000000009", "HKD"));
}

#[tokio::test]
async fn empty_parameters_are_counted_in_or_out_protocols_2_3() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    let mut parameters = peer.paid_parameters(NUMBER);
    parameters.push(("body".to_owned(), String::new()));
    let with_empty = borrowed(&parameters);
    let without: Vec<(&str, &str)> = with_empty.iter().copied().filter(|(_, value)| !value.is_empty()).collect();
    for signed in [&with_empty, &without] {
        let sent = callback(&with_empty, &KEYS.sign(Who::Alipay, &sorted(signed)), Some("RSA2"));
        let told = read(&peer, &channel, &sent);
        assert!(matches!(told, Ok(Notice::Payment(_))), "{told:?}");
    }
}

#[tokio::test]
async fn a_form_that_says_a_thing_twice_or_not_in_its_charset_is_no_callback() {
    let (peer, channel) = paid(Mode::PublicKey).await;
    let genuine = changed(&peer, &[]).body;
    for extra in [
        "&total_amount=0.01",
        "&version=1.0",
        "&sign=AAAA",
        "&x=%zz",
        "&x=%f",
        "&x=%ff",
        "&total_amount",
        "&sign_type=RSA",
    ] {
        let body = [&genuine, extra.as_bytes()].concat();
        assert_eq!(channel.read_notice(&Headers::default(), &body, 0), Err(NoticeError::BadSignature), "{extra}");
    }
    let parameters = peer.paid_parameters(NUMBER);
    let parameters = borrowed(&parameters);
    let sign = KEYS.sign(Who::Alipay, &sorted(&parameters));
    for (sign_type, believed) in [(None, true), (Some("RSA"), false), (Some("rsa2"), false)] {
        let told = read(&peer, &channel, &callback(&parameters, &sign, sign_type));
        assert_eq!(told.is_ok(), believed, "{sign_type:?}: {told:?}");
    }
    for body in ["", "&&", "a", "total_amount=1.00"] {
        assert_eq!(channel.read_notice(&Headers::default(), body.as_bytes(), 0), Err(NoticeError::Missing("sign")));
    }
}

#[tokio::test]
async fn a_callback_of_certificate_mode_may_name_its_certificate_or_not() {
    let (peer, channel) = paid(Mode::Certificate).await;
    let named = |who: Who| changed(&peer, &[("alipay_cert_sn", &alipay_serial(who))]);
    assert!(matches!(read(&peer, &channel, &changed(&peer, &[])), Ok(Notice::Payment(_))));
    assert!(matches!(read(&peer, &channel, &named(Who::Alipay)), Ok(Notice::Payment(_))));
    let told = read(&peer, &channel, &named(Who::NextAlipay));
    assert_eq!(told, Err(NoticeError::UnknownKey(alipay_serial(Who::NextAlipay))));

    peer.facts().signer = Who::NextAlipay;
    assert_eq!(read(&peer, &channel, &changed(&peer, &[])), Err(NoticeError::BadSignature));
    let mut both = settings(&peer.base_url(), Mode::Certificate);
    let Verification::Certificates { alipay_certificates_pem, .. } = &mut both.verification else { unreachable!() };
    alipay_certificates_pem.push(KEYS.next_certificate());
    let both = adapter_with(&peer, both);
    assert!(matches!(read(&peer, &both, &named(Who::NextAlipay)), Ok(Notice::Payment(_))));
    // Signed by the one, claimed to be the other's.
    assert_eq!(read(&peer, &both, &named(Who::Alipay)), Err(NoticeError::BadSignature));
}

#[tokio::test]
async fn an_ended_certificate_proves_nothing() {
    let (peer, _) = paid(Mode::Certificate).await;
    let mut ended = settings(&peer.base_url(), Mode::Certificate);
    let Verification::Certificates { alipay_certificates_pem, .. } = &mut ended.verification else { unreachable!() };
    *alipay_certificates_pem = vec![KEYS.expired_certificate()];
    let channel = adapter_with(&peer, ended);
    assert_eq!(read(&peer, &channel, &changed(&peer, &[])), Err(NoticeError::BadSignature));
    let named = changed(&peer, &[("alipay_cert_sn", &alipay_serial(Who::Alipay))]);
    assert_eq!(read(&peer, &channel, &named), Err(NoticeError::UnknownKey(alipay_serial(Who::Alipay))));
}

#[tokio::test]
async fn a_callback_is_acknowledged_with_seven_characters_protocols_2_3() {
    let (_peer, channel) = paid(Mode::PublicKey).await;
    let (yes, no) = (channel.acknowledge(true), channel.acknowledge(false));
    assert_eq!((yes.status, yes.body), (200, "success"));
    assert!(no.status >= 400 && no.body != "success");
    assert_eq!(channel.refresh_keys(0).await, Ok(()), "public keys are settings");
}
