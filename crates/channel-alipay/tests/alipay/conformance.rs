//! `channel::contract` in each way of verifying.

use channel::contract::{self, Broken};

use crate::peer::{Mode, Peer, adapter};

fn words(broken: Vec<Broken>) -> String {
    broken.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

async fn conforms(mode: Mode) {
    let peer = Peer::start(mode).await;
    let channel = adapter(&peer);
    let held = contract::run(&channel, &peer, "contract").await.unwrap_or_else(|broken| panic!("{}", words(broken)));
    assert_eq!(held.len(), 19);
    let held =
        contract::run_counter(&channel, &peer, "counter").await.unwrap_or_else(|broken| panic!("{}", words(broken)));
    assert_eq!(held.len(), 23);
}

#[tokio::test]
async fn it_conforms_in_public_key_mode() {
    conforms(Mode::PublicKey).await;
}

#[tokio::test]
async fn it_conforms_in_certificate_mode() {
    conforms(Mode::Certificate).await;
}
