//! `channel::contract` in each way of verifying.

use channel::contract;

use channel_wechatpay::V2;

use crate::peer::{
    Mode, Peer, adapter, adapter_with,
    keys::{APIV2_KEY, KEYS},
    settings,
};

async fn conforms(answers: Mode, callbacks: Mode) {
    let peer = Peer::start(answers, callbacks).await;
    let channel = adapter(&peer, answers);
    assert_eq!(held(contract::run(&channel, &peer, "contract").await), 19);
    // What the counter answers is signed as all answers are; its faults cost seconds, so once for each way is enough.
    if answers == callbacks {
        assert_eq!(held(contract::run_counter(&channel, &peer, "counter").await), 23);
    }
}

fn held(outcome: Result<Vec<&'static str>, Vec<contract::Broken>>) -> usize {
    let broken = |broken: Vec<contract::Broken>| broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    outcome.unwrap_or_else(|rules| panic!("{}", broken(rules))).len()
}

#[tokio::test]
async fn it_conforms_in_public_key_mode() {
    conforms(Mode::PublicKey, Mode::PublicKey).await;
}

#[tokio::test]
async fn it_conforms_in_platform_certificate_mode() {
    conforms(Mode::Certificate, Mode::Certificate).await;
}

#[tokio::test]
async fn it_conforms_while_callbacks_still_come_with_the_certificate_protocols_1_3() {
    conforms(Mode::PublicKey, Mode::Certificate).await;
}

#[tokio::test]
async fn it_conforms_where_payment_codes_go_by_the_older_interface_protocols_1_7() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let mut older = settings(&peer.base_url, Mode::PublicKey);
    let merchant_certificate_pem = KEYS.merchant_certificate_pem();
    older.v2 = Some(V2 { key: APIV2_KEY.to_owned(), merchant_certificate_pem });
    let channel = adapter_with(&peer, older);
    assert_eq!(held(contract::run_counter(&channel, &peer, "counter").await), 23);
    assert!(peer.facts().seen.iter().any(|seen| seen.path_and_query == "/pay/micropay"));
    assert!(peer.facts().seen.iter().all(|seen| !seen.path_and_query.contains("codepay")));
}
