//! An institution of one provider and one merchant, written from PROTOCOLS section 1 and not from the adapter.

mod counter;
mod desk;
pub mod keys;
mod server;
mod v2;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use axum::http::HeaderMap;
use channel::{
    Account, Headers, PayerId,
    contract::{Attempt, BillState, Callback, CallbackKind, Fault, Institution, Till},
};
use channel_wechatpay::{Settings, WechatPay};
use jiff::{Timestamp, tz};
use keys::{APIV3_KEY, KEYS, MERCHANT_SERIAL, PUBLIC_KEY_ID, SP_APPID, SP_MCHID, SUB_APPID, SUB_MCHID, Who, seal};
use money::Amount;
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

/// How the institution signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    PublicKey,
    Certificate,
}

impl From<Mode> for Who {
    fn from(mode: Mode) -> Who {
        match mode {
            Mode::PublicKey => Who::PublicKey,
            Mode::Certificate => Who::Certificate,
        }
    }
}

/// An answer that a test wants instead of the peer's own.
#[derive(Clone, Debug)]
pub struct Script {
    pub status: u16,
    pub body: Value,
    pub number: u64,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub method: String,
    pub path_and_query: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// One refund.
#[derive(Clone, Debug)]
pub struct Refunded {
    pub number: String,
    pub refund_id: String,
    pub out_trade_no: String,
    pub transaction_id: String,
    pub fen: i64,
    pub total: i64,
    pub status: &'static str,
}

/// One order.
#[derive(Clone, Debug)]
pub struct Order {
    pub path: String,
    pub asked: Value,
    pub state: &'static str,
}

pub struct Facts {
    pub now_ms: i64,
    pub answers: Who,
    pub fault: Option<Fault>,
    pub script: Option<Script>,
    pub orders: BTreeMap<String, Order>,
    pub seen: Vec<Seen>,
    /// Which certificates `GET /v3/certificates` lists.
    pub listed: Vec<Who>,
    /// Payment codes that wallets show, until they are charged.
    pub codes: BTreeMap<String, Till>,
    pub refunds: Vec<Refunded>,
    /// No money to refund from.
    pub poor: bool,
    /// By `trade 2026-09-20`: the state and the unpacked file.
    pub bills: BTreeMap<String, (BillState, Vec<u8>)>,
}

pub type Shared = Arc<Mutex<Facts>>;

/// The institution; its server ends with the value.
pub struct Peer {
    pub base_url: String,
    shared: Shared,
    callbacks: Mode,
    _server: JoinSet<()>,
}

impl Peer {
    pub async fn start(answers: Mode, callbacks: Mode) -> Peer {
        let shared = Arc::new(Mutex::new(Facts {
            now_ms: 1_790_000_000_123,
            answers: answers.into(),
            fault: None,
            script: None,
            orders: BTreeMap::new(),
            seen: Vec::new(),
            listed: vec![Who::Certificate],
            codes: BTreeMap::new(),
            refunds: Vec::new(),
            poor: false,
            bills: BTreeMap::new(),
        }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let router = server::router(shared.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Peer { base_url, shared, callbacks, _server: server }
    }

    pub fn facts(&self) -> MutexGuard<'_, Facts> {
        self.shared.lock().unwrap()
    }

    pub fn shared(&self) -> Shared {
        self.shared.clone()
    }

    /// The next answers, whatever is asked.
    pub fn script(&self, status: u16, body: Value, number: u64) {
        self.facts().script = Some(Script { status, body, number });
    }

    /// The last request.
    pub fn last(&self) -> Seen {
        self.facts().seen.last().unwrap().clone()
    }

    /// A callback over `body`, signed by `who`.
    pub fn signed(&self, who: Who, body: Vec<u8>) -> Callback {
        let timestamp = (self.facts().now_ms / 1000).to_string();
        let nonce = "fdasflkja484w";
        let signature = KEYS.sign(who, &timestamp, nonce, &body);
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers = Headers(vec![
            header("Content-Type", "application/json"),
            header("Wechatpay-Timestamp", &timestamp),
            header("Wechatpay-Nonce", nonce),
            header("Wechatpay-Signature", &signature),
            header("Wechatpay-Signature-Type", "WECHATPAY2-SHA256-RSA2048"),
            header("Wechatpay-Serial", KEYS.serial(who)),
        ]);
        Callback { headers, body }
    }

    /// The order of a number as queries and callbacks carry it.
    pub fn order(&self, number: &str) -> Value {
        let facts = self.facts();
        server::order_json(number, &facts.orders[number], facts.now_ms)
    }
}

/// The body of a callback.
pub fn envelope(event_type: &str, associated: Option<&str>, resource: &Value) -> Vec<u8> {
    let nonce = "fdasfjihihih";
    let mut sealed = json!({
        "original_type": "transaction",
        "algorithm": "AEAD_AES_256_GCM",
        "ciphertext": seal(nonce, associated.unwrap_or_default(), resource.to_string().as_bytes()),
        "nonce": nonce,
    });
    if let Some(associated) = associated {
        sealed["associated_data"] = json!(associated);
    }
    json!({
        "id": "EV-2018022511223320873",
        "create_time": "2026-09-21T22:13:20+08:00",
        "resource_type": "encrypt-resource",
        "event_type": event_type,
        "summary": "支付成功",
        "resource": sealed,
    })
    .to_string()
    .into_bytes()
}

/// What a provider with this peer would write into its settings.
pub fn settings(base_url: &str, mode: Mode) -> Settings {
    let public_key = (mode == Mode::PublicKey).then(|| (PUBLIC_KEY_ID.to_owned(), KEYS.public_key_pem()));
    Settings {
        sp_mchid: SP_MCHID.to_owned(),
        sp_appid: SP_APPID.to_owned(),
        base_url: base_url.to_owned(),
        merchant_private_key_pem: KEYS.merchant_pem(),
        merchant_serial: MERCHANT_SERIAL.to_owned(),
        apiv3_key: APIV3_KEY.to_owned(),
        previous_apiv3_keys: Vec::new(),
        wechatpay_public_key: public_key,
        previous_wechatpay_public_keys: Vec::new(),
        platform_certificates_pem: vec![KEYS.certificate_pem.clone()],
        // Long for a busy machine, short for the silent peer.
        timeout_ms: 1_000,
        user_agent: "mott-test".to_owned(),
        v2: None,
    }
}

/// The adapter under test, on the peer's clock and with countable nonces.
pub fn adapter(peer: &Peer, mode: Mode) -> WechatPay {
    adapter_with(peer, settings(&peer.base_url, mode))
}

pub fn adapter_with(peer: &Peer, settings: Settings) -> WechatPay {
    let shared = peer.shared();
    let count = AtomicU64::new(0);
    let nonce = move || format!("nonce{:027}", count.fetch_add(1, Ordering::SeqCst));
    WechatPay::new(settings, Arc::new(move || shared.lock().unwrap().now_ms), Arc::new(nonce)).unwrap()
}

pub fn beijing(at_ms: i64) -> String {
    Timestamp::from_second(at_ms / 1000).unwrap().display_with_offset(tz::offset(8)).to_string()
}

#[async_trait]
impl Institution for Peer {
    fn account(&self) -> Account {
        Account { sub_mchid: SUB_MCHID.to_owned(), sub_appid: Some(SUB_APPID.to_owned()), authorization: None }
    }

    fn payer(&self) -> PayerId {
        PayerId::Provider("oUpF8uMuAJO_M2pxb1Q9zNjWeS6o".to_owned())
    }

    fn now_ms(&self) -> i64 {
        self.facts().now_ms
    }

    async fn attempts(&self) -> Vec<Attempt> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let orders = &self.facts().orders;
        let attempts = orders.iter().map(|(number, order)| Attempt {
            out_trade_no: number.clone(),
            sub_mchid: text(&order.asked["sub_mchid"]),
            amount: Amount::from_fen(order.asked["amount"]["total"].as_i64().unwrap()),
            description: text(&order.asked["description"]),
            notify_url: text(&order.asked["notify_url"]),
            expires_at_ms: text(&order.asked["time_expire"]).parse::<Timestamp>().unwrap().as_millisecond(),
        });
        attempts.collect()
    }

    async fn pay(&self, out_trade_no: &str) {
        self.facts().orders.get_mut(out_trade_no).unwrap().state = "SUCCESS";
    }

    async fn fault(&self, fault: Option<Fault>) {
        self.facts().fault = fault;
    }

    async fn callback(&self, out_trade_no: &str, kind: CallbackKind) -> Callback {
        let event = if kind == CallbackKind::OtherKind { "PAYSCORE.USER_PAID" } else { "TRANSACTION.SUCCESS" };
        let body = envelope(event, Some("transaction"), &self.order(out_trade_no));
        let who = if kind == CallbackKind::UnknownKey { Who::Stranger } else { self.callbacks.into() };
        let mut callback = self.signed(who, body.clone());
        let signature = callback.headers.0.iter_mut().find(|(name, _)| name == "Wechatpay-Signature").unwrap();
        match kind {
            CallbackKind::WrongSignature => signature.1 = KEYS.sign(who, "1", "other", &body),
            CallbackKind::Probe => signature.1 = server::probe(&signature.1),
            CallbackKind::Unproven => callback.headers = Headers::default(),
            CallbackKind::Paid | CallbackKind::OtherKind | CallbackKind::UnknownKey => {}
        }
        callback
    }
}
