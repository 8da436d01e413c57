//! A sandbox with a frozen clock, and the server of a customer.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State as Extract;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use reqwest::Method;
use rsa::pkcs1v15::{Signature, SigningKey, VerifyingKey};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::signature::{SignatureEncoding as _, Signer as _, Verifier as _};
use rsa::{RsaPrivateKey, RsaPublicKey};
use serde_json::{Value, json};
use sha2::Sha256;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;

use crate::alipay::Identity;
use crate::institution::{Institution, OFFICIAL_ACCOUNT, SP_MCHID};
use crate::state::State;
use crate::{App, Clock, Settings, Signer, router};

/// 2026-09-21T22:13:20+08:00.
pub const START_MS: i64 = 1_790_000_000_000;

/// A running sandbox; the callback loop is not started, tests call `callbacks::deliver_due`.
pub struct World {
    pub folder: TempDir,
    pub app: Arc<App>,
    pub url: String,
    pub client: reqwest::Client,
    pub received: Received,
    notify_url: String,
    servers: JoinSet<()>,
}

/// What the customer's server got, and what it answers.
#[derive(Clone, Default)]
pub struct Received {
    pub notices: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    status: Arc<AtomicU16>,
    words: Arc<Mutex<Option<&'static str>>>,
    /// Rung by each callback.
    pub arrived: Arc<Notify>,
}

impl Received {
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Says this instead of what Alipay wants to hear.
    pub fn say(&self, words: &'static str) {
        *self.words.lock().unwrap() = Some(words);
    }

    pub fn count(&self) -> usize {
        self.notices.lock().unwrap().len()
    }
}

async fn notified(Extract(received): Extract<Received>, headers: HeaderMap, body: Bytes) -> (StatusCode, &'static str) {
    received.notices.lock().unwrap().push((headers, body));
    received.arrived.notify_one();
    let words = received.words.lock().unwrap().unwrap_or("success");
    (StatusCode::from_u16(received.status.load(Ordering::SeqCst)).unwrap(), words)
}

/// Keys take a second to make; all tests of a run share theirs.
fn keys() -> &'static [(&'static str, String); 2] {
    static KEYS: OnceLock<[(&str, String); 2]> = OnceLock::new();
    KEYS.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        Institution::open(folder.path(), &Clock::default()).unwrap();
        Identity::open(folder.path(), &State::open(folder.path()).unwrap()).unwrap();
        ["institution.json", "alipay.json"]
            .map(|name| (name, std::fs::read_to_string(folder.path().join(name)).unwrap()))
    })
}

impl World {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in keys() {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        std::fs::write(folder.path().join("now"), START_MS.to_string()).unwrap();
        Self::open(folder, Signer::PublicKey).await
    }

    async fn open(folder: TempDir, callback_signer: Signer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let app = Arc::new(App::open(settings(folder.path().to_owned(), &url, callback_signer)).unwrap());
        let mut servers = JoinSet::new();
        let sandbox = router(&app);
        servers.spawn(async move { axum::serve(listener, sandbox).await.unwrap() });
        let received = Received::default();
        received.answer(204);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let notify_url = format!("http://{}/notify", listener.local_addr().unwrap());
        let customer = Router::new().route("/notify", post(notified)).with_state(received.clone());
        servers.spawn(async move { axum::serve(listener, customer).await.unwrap() });
        let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        Self { folder, app, url, client, received, notify_url, servers }
    }

    /// Stops and starts again on the same folder. The customer's server stays where it was.
    pub async fn restart(mut self, signer: Signer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        self.url = format!("http://{}", listener.local_addr().unwrap());
        self.app = Arc::new(App::open(settings(self.folder.path().to_owned(), &self.url, signer)).unwrap());
        let sandbox = router(&self.app);
        self.servers.spawn(async move { axum::serve(listener, sandbox).await.unwrap() });
        self
    }

    /// Moves the clock by a rename: a reader must never see the file half written.
    pub fn set_now(&self, now_ms: i64) {
        let (beside, file) = (self.folder.path().join("now.new"), self.folder.path().join("now"));
        std::fs::write(&beside, now_ms.to_string()).unwrap();
        std::fs::rename(beside, file).unwrap();
    }

    pub fn kit(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join("kit").join(name)).unwrap()
    }

    pub fn order(&self, out_trade_no: &str) -> Value {
        json!({
            "sp_appid": OFFICIAL_ACCOUNT, "sp_mchid": SP_MCHID, "sub_mchid": "1900000110",
            "description": "学费", "out_trade_no": out_trade_no, "notify_url": self.notify_url,
            "amount": { "total": 1250, "currency": "CNY" },
        })
    }

    pub fn jsapi_order(&self, out_trade_no: &str) -> Value {
        let mut order = self.order(out_trade_no);
        order["payer"] = json!({ "sp_openid": "openid-zhou" });
        order
    }

    /// A signed call as the kit's owner makes it.
    pub fn call(&self, method: Method, target: &str, body: Option<&Value>) -> reqwest::RequestBuilder {
        let text = body.map(Value::to_string).unwrap_or_default();
        let authorization = self.authorization(&method, target, &text, self.app.now_ms() / 1000);
        let request = self
            .client
            .request(method, format!("{}{target}", self.url))
            .header("authorization", authorization)
            .header("accept", "application/json")
            .header("user-agent", "customer/1");
        if body.is_some() { request.header("content-type", "application/json").body(text) } else { request }
    }

    pub fn authorization(&self, method: &Method, target: &str, body: &str, seconds: i64) -> String {
        let key = RsaPrivateKey::from_pkcs8_pem(&self.kit("apiclient_key.pem")).unwrap();
        let text = format!("{method}\n{target}\n{seconds}\nn0nce\n{body}\n");
        let signature = BASE64.encode(SigningKey::<Sha256>::new(key).sign(text.as_bytes()).to_bytes());
        format!(
            "WECHATPAY2-SHA256-RSA2048 mchid=\"{SP_MCHID}\",nonce_str=\"n0nce\",signature=\"{signature}\",\
             timestamp=\"{seconds}\",serial_no=\"{}\"",
            self.kit("apiclient_cert_serial.txt")
        )
    }

    pub async fn place(&self, way: &str, order: &Value) -> (StatusCode, Value) {
        told(self.call(Method::POST, &format!("/v3/pay/partner/transactions/{way}"), Some(order))).await
    }

    pub async fn query(&self, out_trade_no: &str) -> (StatusCode, Value) {
        let target = format!(
            "/v3/pay/partner/transactions/out-trade-no/{out_trade_no}?sp_mchid={SP_MCHID}&sub_mchid=1900000110"
        );
        told(self.call(Method::GET, &target, None)).await
    }

    pub async fn close(&self, out_trade_no: &str) -> (StatusCode, Value) {
        let target = format!("/v3/pay/partner/transactions/out-trade-no/{out_trade_no}/close");
        let body = json!({ "sp_mchid": SP_MCHID, "sub_mchid": "1900000110" });
        told(self.call(Method::POST, &target, Some(&body))).await
    }

    /// An order of 12.50 that openid-zhou has paid.
    pub async fn paid(&self, out_trade_no: &str) {
        self.place("jsapi", &self.jsapi_order(out_trade_no)).await;
        let answer = self.press(json!({ "out_trade_no": out_trade_no, "openid": "openid-zhou" })).await;
        assert_eq!(answer["err_msg"], "get_brand_wcpay_request:ok", "{answer}");
    }

    /// A refund call's body about an order of 12.50.
    pub fn refund(&self, out_trade_no: &str, out_refund_no: &str, fen: i64) -> Value {
        json!({
            "sub_mchid": "1900000110", "out_trade_no": out_trade_no, "out_refund_no": out_refund_no,
            "reason": "退学费", "notify_url": self.notify_url,
            "amount": { "refund": fen, "total": 1250, "currency": "CNY" },
        })
    }

    /// Where the customer's server listens.
    pub fn notify_url(&self) -> &str {
        &self.notify_url
    }

    /// Presses "pay" as `openid`.
    pub async fn press(&self, body: Value) -> Value {
        told(self.client.post(format!("{}/wallet/pay", self.url)).json(&body)).await.1
    }

    pub async fn arm(&self, fault: Value) {
        let (status, _) = told(self.client.post(format!("{}/faults", self.url)).json(&fault)).await;
        assert_eq!(status, StatusCode::OK);
    }
}

fn settings(state: PathBuf, url: &str, callback_signer: Signer) -> Settings {
    let clock = Clock::new(Some(state.join("now")));
    let smtp = "127.0.0.1:8025".parse().unwrap();
    Settings {
        state,
        public_url: url.to_owned(),
        smtp,
        callback_delay_ms: 0,
        callback_signer,
        clock,
        scenario_target: None,
    }
}

/// Status and JSON (null when empty).
pub async fn told(request: reqwest::RequestBuilder) -> (StatusCode, Value) {
    let response = request.send().await.unwrap();
    let status = response.status();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or_default())
}

/// Checks the `Wechatpay-*` headers over `body` with the public key of `pem`; gives the serial.
pub fn verified(headers: &HeaderMap, body: &[u8], pem: &str) -> String {
    assert!(signature_fits(headers, body, pem), "the signature does not fit");
    headers["wechatpay-serial"].to_str().unwrap().to_owned()
}

/// Whether the `Wechatpay-*` headers over `body` are of the key of `pem`.
pub fn signature_fits(headers: &HeaderMap, body: &[u8], pem: &str) -> bool {
    let header = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let mut text = format!("{}\n{}\n", header("wechatpay-timestamp"), header("wechatpay-nonce")).into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    let signature = BASE64.decode(header("wechatpay-signature")).unwrap();
    let key = RsaPublicKey::from_public_key_pem(pem).unwrap();
    VerifyingKey::<Sha256>::new(key).verify(&text, &Signature::try_from(signature.as_slice()).unwrap()).is_ok()
}

/// Opens a callback's or certificate's resource with AES-256-GCM.
pub fn opened(resource: &Value, key: &str) -> Vec<u8> {
    use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
    let text = |name: &str| resource[name].as_str().unwrap();
    let ciphertext = BASE64.decode(text("ciphertext")).unwrap();
    let payload = Payload { msg: &ciphertext, aad: text("associated_data").as_bytes() };
    let cipher = aes_gcm::Aes256Gcm::new_from_slice(key.as_bytes()).unwrap();
    cipher.decrypt(aes_gcm::Nonce::from_slice(text("nonce").as_bytes()), payload).unwrap()
}
