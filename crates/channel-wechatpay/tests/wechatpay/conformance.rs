//! `channel::contract` in each way of verifying.

use channel::contract;

use crate::peer::{Mode, Peer, adapter};

async fn conforms(answers: Mode, callbacks: Mode) {
    let peer = Peer::start(answers, callbacks).await;
    let channel = adapter(&peer, answers);
    let outcome = contract::run(&channel, &peer, "contract").await;
    let held = outcome
        .unwrap_or_else(|broken| panic!("{}", broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")));
    assert_eq!(held.len(), 18);
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
