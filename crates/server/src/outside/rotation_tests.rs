//! Keys of a provider are replaced by `mott apply` while orders are open, without a restart (PRODUCT 6.2: a verified
//! success is never dropped).

use std::sync::{Arc, Mutex};

use axum::{Router, body::Body, extract::State, http::HeaderMap, http::Request, routing::any};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use db::{on_both_engines, testing::TestDb};
use ring::{
    aead, rand,
    signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use rsa::pkcs8::{EncodePrivateKey, EncodePublicKey, LineEnding};
use serde_json::json;
use tokio::{net::TcpListener, task::JoinSet};

use super::{Makers, RETIRED_MS};
use crate::{apply::apply, merchant::Way, testing::TestApp};

on_both_engines!(
    a_callback_sealed_and_signed_with_keys_of_before_is_booked,
    the_new_merchant_key_signs_from_now_on,
    keys_of_before_are_not_believed_for_ever,
);

/// A key pair: PKCS#8, SPKI, and ready to sign.
struct Pair {
    private: String,
    public: String,
    signer: RsaKeyPair,
}

/// Three pairs, made once: primes take their time in debug builds. The merchant's, and two of the institution.
fn pairs() -> &'static [Pair; 4] {
    static PAIRS: std::sync::OnceLock<[Pair; 4]> = std::sync::OnceLock::new();
    PAIRS.get_or_init(|| {
        [0; 4].map(|_| {
            let key = rsa::RsaPrivateKey::new(&mut ::rand::thread_rng(), 2048).unwrap();
            let der = key.to_pkcs8_der().unwrap();
            Pair {
                private: key.to_pkcs8_pem(LineEnding::LF).unwrap().to_string(),
                public: key.to_public_key().to_public_key_pem(LineEnding::LF).unwrap(),
                signer: RsaKeyPair::from_pkcs8(der.as_bytes()).unwrap(),
            }
        })
    })
}

fn signed(pair: &Pair, text: &[u8]) -> String {
    let mut signature = vec![0; pair.signer.public().modulus_len()];
    pair.signer.sign(&RSA_PKCS1_SHA256, &rand::SystemRandom::new(), text, &mut signature).unwrap();
    STANDARD.encode(signature)
}

/// One generation of a provider's keys: the letter names its APIv3 key and the institution's public key.
struct Keys {
    merchant: usize,
    institution: usize,
    letter: char,
}

const OLD: Keys = Keys { merchant: 0, institution: 1, letter: 'a' };
const NEW: Keys = Keys { merchant: 2, institution: 3, letter: 'b' };

/// Applies a platform file with these keys, as an operator does, and lets the node notice.
async fn put(node: &TestApp, keys: &Keys, base_url: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("merchant.pem", &pairs()[keys.merchant].private);
    write("apiv3.txt", &keys.letter.to_string().repeat(32));
    write("public.pem", &pairs()[keys.institution].public);
    write(
        "platform.toml",
        &format!(
            "[[service_provider]]\nkey = \"demo-sp\"\nsp_mchid = \"1900000109\"\nsp_appid = \"wx88\"\nbase_url = \"{base_url}\"\n\
             merchant_private_key_file = \"merchant.pem\"\nmerchant_serial = \"{}\"\napiv3_key_file = \"apiv3.txt\"\n\
             wechatpay_public_key_id = \"PUB_KEY_ID_{}\"\nwechatpay_public_key_file = \"public.pem\"\n",
            keys.letter.to_string().repeat(4),
            keys.letter
        ),
    );
    let report = apply(&node.app, &[folder.path().join("platform.toml")]).await.unwrap();
    notice(node).await;
    report.lines().to_vec()
}

/// What each node does every two seconds.
async fn notice(node: &TestApp) -> bool {
    let app = &node.app;
    let makers = Makers { clock: app.clock.clone(), random: app.random.clone(), vault: app.vault.clone() };
    app.outside.refresh(&app.db, &makers).await.unwrap()
}

/// A payment's callback as the institution sends it, sealed and signed with these keys.
async fn call_back(node: &TestApp, keys: &Keys, out_trade_no: &str, fen: i64) -> u16 {
    let now_ms = node.app.clock.now_ms();
    let at = jiff::Timestamp::from_millisecond(now_ms).unwrap().to_string();
    let order = json!({
        "sp_appid": "wx88", "sp_mchid": "1900000109", "sub_mchid": "1900000110", "out_trade_no": out_trade_no,
        "transaction_id": format!("42{out_trade_no}"), "trade_type": "NATIVE", "trade_state": "SUCCESS",
        "success_time": at, "payer": { "sp_openid": "openid-zhou" },
        "amount": { "total": fen, "payer_total": fen, "currency": "CNY" },
    });
    let mut sealed = order.to_string().into_bytes();
    let key = aead::UnboundKey::new(&aead::AES_256_GCM, keys.letter.to_string().repeat(32).as_bytes()).unwrap();
    let once = aead::Nonce::assume_unique_for_key(*b"abcdefghijkl");
    aead::LessSafeKey::new(key).seal_in_place_append_tag(once, aead::Aad::from(b"transaction"), &mut sealed).unwrap();
    let body = json!({
        "id": "1", "create_time": at, "resource_type": "encrypt-resource", "event_type": "TRANSACTION.SUCCESS",
        "resource": { "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": STANDARD.encode(sealed), "associated_data": "transaction", "nonce": "abcdefghijkl" },
    })
    .to_string();
    let seconds = now_ms / 1000;
    let signature = signed(&pairs()[keys.institution], format!("{seconds}\nn\n{body}\n").as_bytes());
    let request = Request::post("/callback/wechatpay/demo-sp")
        .header("wechatpay-timestamp", seconds.to_string())
        .header("wechatpay-nonce", "n")
        .header("wechatpay-serial", format!("PUB_KEY_ID_{}", keys.letter))
        .header("wechatpay-signature", signature);
    node.send(request.body(Body::from(body)).unwrap()).await.status().as_u16()
}

/// Two orders that wait to be paid, their numbers at the institution.
async fn waiting(node: &TestApp, institution: &crate::testing::Institution) -> Vec<String> {
    for fen in [1250, 990] {
        let placed = node.place(fen).await;
        node.start(&placed, Way::Native).await.unwrap();
    }
    institution.prepays()
}

async fn a_callback_sealed_and_signed_with_keys_of_before_is_booked(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let numbers = waiting(&node, &institution).await;
    assert_eq!(put(&node, &OLD, "http://127.0.0.1:9").await, ["+ service_provider demo-sp"]);
    assert_eq!(put(&node, &OLD, "http://127.0.0.1:9").await, [""; 0], "the same file changes nothing");
    assert_eq!(put(&node, &NEW, "http://127.0.0.1:9").await, ["~ service_provider demo-sp settings, secret"]);
    assert_eq!(put(&node, &NEW, "http://127.0.0.1:9").await, [""; 0], "what is kept from before is no difference");
    assert_eq!(call_back(&node, &OLD, &numbers[0], 1250).await, 204, "sealed and signed before the change");
    assert_eq!(call_back(&node, &NEW, &numbers[1], 990).await, 204);
    assert_eq!(node.number("SELECT COUNT(*) FROM orders WHERE status = 'paid'").await, 2);
    let mixed = Keys { letter: OLD.letter, ..NEW };
    assert_eq!(call_back(&node, &mixed, &numbers[0], 1250).await, 500, "a key id and another key do not go together");
}

/// What the institution saw of requests.
type Seen = Arc<Mutex<Vec<(String, String)>>>;

async fn the_new_merchant_key_signs_from_now_on(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let seen = Seen::default();
    let keep = async |State(seen): State<Seen>, uri: axum::http::Uri, headers: HeaderMap| {
        seen.lock().unwrap().push((uri.to_string(), headers["authorization"].to_str().unwrap().to_owned()));
        axum::http::StatusCode::INTERNAL_SERVER_ERROR
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let mut server = JoinSet::new();
    let router = Router::new().fallback(any(keep)).with_state(seen.clone());
    server.spawn(async move { axum::serve(listener, router).await.unwrap() });
    for keys in [OLD, NEW] {
        put(&node, &keys, &base_url).await;
        let channel = node.app.outside.links().providers["demo-sp"].channel.clone();
        channel.query(&channel::Account::of("1900000110"), "M1O1A1").await;
        let (path, told) = seen.lock().unwrap().last().unwrap().clone();
        let part = |name: &str| told.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap().to_owned();
        assert_eq!(part("serial_no"), keys.letter.to_string().repeat(4));
        let text = format!("GET\n{path}\n{}\n{}\n\n", part("timestamp"), part("nonce_str"));
        let public = pairs()[keys.merchant].signer.public_key().as_ref().to_vec();
        let signature = STANDARD.decode(part("signature")).unwrap();
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, public).verify(text.as_bytes(), &signature).unwrap();
    }
}

async fn keys_of_before_are_not_believed_for_ever(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let numbers = waiting(&node, &institution).await;
    put(&node, &OLD, "http://127.0.0.1:9").await;
    put(&node, &NEW, "http://127.0.0.1:9").await;
    node.pass_ms(RETIRED_MS - 1);
    assert!(!notice(&node).await);
    assert_eq!(call_back(&node, &OLD, &numbers[0], 1250).await, 204, "thirty days less a moment");
    node.pass_ms(1);
    assert!(notice(&node).await, "the end of a key is a change, though no row changed");
    assert_eq!(call_back(&node, &OLD, &numbers[1], 990).await, 500);
    assert_eq!(call_back(&node, &NEW, &numbers[1], 990).await, 204);
    assert!(!notice(&node).await);
}
