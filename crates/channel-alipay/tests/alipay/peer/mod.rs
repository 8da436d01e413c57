//! An institution of one application and one merchant, written from PROTOCOLS section 2 and not from the adapter.

mod archive;
pub mod keys;
mod server;
mod trade;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard},
};

use async_trait::async_trait;
use channel::{
    Account, BillKind, Credential, Headers, PayerId, RefundStatus, Scene, Secret,
    contract::{Attempt, BillState, Callback, CallbackKind, Counter, Fault, Institution, MadeRefund, Till},
};
use channel_alipay::{Alipay, Settings, Verification};
use jiff::{Timestamp, tz};
use keys::{APP_ID, AUTH_TOKEN, KEYS, SELLER_ID, USER_ID, Who, alipay_serial};
use serde_json::Value;
use tokio::{net::TcpListener, task::JoinSet};

pub use trade::{Open, State, Trade};

/// How the institution signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    PublicKey,
    Certificate,
}

/// A request as it came: what stood in the address and what in the form.
#[derive(Clone, Debug)]
pub struct Seen {
    pub address: HashMap<String, String>,
    pub form: HashMap<String, String>,
}

impl Seen {
    pub fn biz(&self) -> Value {
        serde_json::from_str(&self.form["biz_content"]).unwrap()
    }

    pub fn method(&self) -> &str {
        &self.address["method"]
    }
}

/// Names and bytes.
pub type Files = Vec<(String, Vec<u8>)>;

pub struct Facts {
    pub base_url: String,
    pub mode: Mode,
    pub signer: Who,
    pub now_ms: i64,
    pub fault: Option<Fault>,
    /// The node that the next answers hold, whatever is asked.
    pub script: Option<Value>,
    /// The whole text of the next answers.
    pub raw: Option<String>,
    pub trades: BTreeMap<String, Trade>,
    /// Codes and addresses that nobody has opened yet, by what the payer holds.
    pub unopened: BTreeMap<String, Open>,
    pub codes: BTreeMap<String, Till>,
    pub used_codes: Vec<String>,
    pub empty: bool,
    pub bills: HashMap<String, (BillState, Files)>,
    /// The certificate that is handed out, whichever is asked for.
    pub certificate: String,
    pub seen: Vec<Seen>,
    pub count: u64,
}

pub type Shared = Arc<Mutex<Facts>>;

/// The institution; its server ends with the value.
pub struct Peer {
    shared: Shared,
    _server: JoinSet<()>,
}

pub const NOW_MS: i64 = 1_790_000_000_123;

impl Peer {
    pub async fn start(mode: Mode) -> Peer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let shared = Arc::new(Mutex::new(Facts {
            base_url: format!("http://{}", listener.local_addr().unwrap()),
            mode,
            signer: Who::Alipay,
            now_ms: NOW_MS,
            fault: None,
            script: None,
            raw: None,
            trades: BTreeMap::new(),
            unopened: BTreeMap::new(),
            codes: BTreeMap::new(),
            used_codes: Vec::new(),
            empty: false,
            bills: HashMap::new(),
            certificate: String::new(),
            seen: Vec::new(),
            count: 0,
        }));
        let router = server::router(shared.clone());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Peer { shared, _server: server }
    }

    pub fn facts(&self) -> MutexGuard<'_, Facts> {
        self.shared.lock().unwrap()
    }

    pub fn base_url(&self) -> String {
        self.facts().base_url.clone()
    }

    /// The next answers hold this node.
    pub fn script(&self, node: Value) {
        self.facts().script = Some(node);
    }

    /// The last request.
    pub fn last(&self) -> Seen {
        self.facts().seen.last().unwrap().clone()
    }

    /// A callback with these parameters, signed as trades' are: without `sign_type`.
    pub fn signed(&self, parameters: &[(&str, &str)]) -> Callback {
        let text = sorted(parameters);
        let who = self.facts().signer;
        callback(parameters, &KEYS.sign(who, &text), Some("RSA2"))
    }

    /// The parameters of the callback about a paid trade.
    pub fn paid_parameters(&self, number: &str) -> Vec<(String, String)> {
        let facts = self.facts();
        trade::notice(&facts.trades[number], None, &facts)
    }
}

/// A form with its signature.
pub fn callback(parameters: &[(&str, &str)], sign: &str, sign_type: Option<&str>) -> Callback {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(parameters);
    if let Some(sign_type) = sign_type {
        form.append_pair("sign_type", sign_type);
    }
    if !sign.is_empty() {
        form.append_pair("sign", sign);
    }
    let content_type = ("Content-Type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned());
    Callback { headers: Headers(vec![content_type]), body: form.finish().into_bytes() }
}

pub fn sorted(parameters: &[(&str, &str)]) -> String {
    let mut lines: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    lines.sort();
    lines.join("&")
}

pub fn borrowed(parameters: &[(String, String)]) -> Vec<(&str, &str)> {
    parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// What an operator with this peer would write into the settings.
pub fn settings(base_url: &str, mode: Mode) -> Settings {
    Settings {
        app_id: APP_ID.to_owned(),
        gateway_url: format!("{base_url}/gateway.do"),
        oauth_url: format!("{base_url}/oauth2/publicAppAuthorize.htm"),
        app_private_key: KEYS.app_pem(),
        verification: match mode {
            Mode::PublicKey => Verification::PublicKeys(vec![KEYS.alipay_pem(Who::Alipay)]),
            Mode::Certificate => Verification::Certificates {
                app_certificate_pem: KEYS.app_certificate.clone(),
                alipay_certificates_pem: vec![KEYS.alipay_certificate.clone()],
                alipay_root_certificates_pem: KEYS.roots.clone(),
            },
        },
        jsapi_product_code: Some("JSAPI_PAY".to_owned()),
        op_app_id: Some("2021000000000001".to_owned()),
        native_product_code: None,
        service_provider_id: None,
        // Long for a busy machine, short for the silent peer.
        timeout_ms: 1_000,
        user_agent: "mott-test".to_owned(),
    }
}

/// The adapter under test, on the peer's clock.
pub fn adapter(peer: &Peer) -> Alipay {
    let mode = peer.facts().mode;
    adapter_with(peer, settings(&peer.base_url(), mode))
}

pub fn adapter_with(peer: &Peer, settings: Settings) -> Alipay {
    let shared = peer.shared.clone();
    Alipay::new(settings, Arc::new(move || shared.lock().unwrap().now_ms)).unwrap()
}

/// Beijing's time of an instant.
pub fn beijing(at_ms: i64) -> String {
    let shown = Timestamp::from_second(at_ms / 1000).unwrap().display_with_offset(tz::offset(8)).to_string();
    shown.replace('T', " ").replace("+08:00", "")
}

#[async_trait]
impl Institution for Peer {
    fn account(&self) -> Account {
        Account { sub_mchid: SELLER_ID.to_owned(), sub_appid: None, authorization: Some(Secret(AUTH_TOKEN.to_owned())) }
    }

    fn payer(&self) -> PayerId {
        PayerId::Provider(USER_ID.to_owned())
    }

    fn now_ms(&self) -> i64 {
        self.facts().now_ms
    }

    async fn attempts(&self) -> Vec<Attempt> {
        self.facts().trades.iter().map(|(number, trade)| trade::attempt(number, trade)).collect()
    }

    async fn pay(&self, out_trade_no: &str) {
        let mut facts = self.facts();
        let now_ms = facts.now_ms;
        facts.trades.get_mut(out_trade_no).unwrap().pay(now_ms);
    }

    async fn fault(&self, fault: Option<Fault>) {
        self.facts().fault = fault;
    }

    async fn callback(&self, out_trade_no: &str, kind: CallbackKind) -> Callback {
        let facts = self.facts();
        let refund = (kind == CallbackKind::OtherKind).then_some(("r1", 100));
        let mut parameters = trade::notice(&facts.trades[out_trade_no], refund, &facts);
        let who = if kind == CallbackKind::UnknownKey { Who::Stranger } else { facts.signer };
        if facts.mode == Mode::Certificate {
            parameters.push(("alipay_cert_sn".to_owned(), alipay_serial(who)));
        }
        let text = if kind == CallbackKind::WrongSignature { "a=b".to_owned() } else { sorted(&borrowed(&parameters)) };
        let sign = if kind == CallbackKind::Unproven { String::new() } else { KEYS.sign(who, &text) };
        callback(&borrowed(&parameters), &sign, Some("RSA2"))
    }

    fn has(&self, fault: Fault) -> bool {
        !matches!(fault, Fault::Probe | Fault::Stale)
    }

    fn has_callback(&self, kind: CallbackKind) -> bool {
        kind != CallbackKind::Probe
    }

    fn names_its_key(&self) -> bool {
        self.facts().mode == Mode::Certificate
    }

    fn stamps_time(&self) -> bool {
        false
    }

    fn proof_in_body(&self) -> bool {
        true
    }

    fn scene(&self) -> Scene {
        Scene::Jsapi(self.payer())
    }

    fn later_scenes(&self) -> Vec<Scene> {
        vec![Scene::Native, Scene::H5 { client_ip: "203.0.113.9".to_owned() }]
    }

    async fn open(&self, credential: &Credential) {
        match credential {
            Credential::Native { code_url } => {
                let mut facts = self.facts();
                let open = facts.unopened[code_url].clone();
                let number = facts.next();
                open.become_trade(number, &mut facts.trades);
            }
            Credential::H5 { url } => server::visit(&mut self.facts(), url),
            other => panic!("nothing to open: {other:?}"),
        }
    }
}

impl Facts {
    /// The next of their own numbers.
    pub fn next(&mut self) -> String {
        self.count += 1;
        format!("20261123220014{:014}", self.count)
    }
}

#[async_trait]
impl Counter for Peer {
    async fn payment_code(&self, payer: Till) -> Secret {
        let mut facts = self.facts();
        facts.count += 1;
        let code = format!("28{:016}", facts.count);
        facts.codes.insert(code.clone(), payer);
        Secret(code)
    }

    async fn walk_away(&self, out_trade_no: &str) {
        self.facts().trades.get_mut(out_trade_no).unwrap().state = State::Closed;
    }

    async fn refunds(&self) -> Vec<MadeRefund> {
        let facts = self.facts();
        facts.trades.iter().flat_map(|(number, trade)| trade::refunds(number, trade)).collect()
    }

    fn refunds_can_be(&self, status: RefundStatus) -> bool {
        status == RefundStatus::Succeeded
    }

    async fn settle_refund(&self, _: &str, status: RefundStatus) {
        assert_eq!(status, RefundStatus::Succeeded, "a refund is done when it is answered");
    }

    async fn empty_account(&self, empty: bool) {
        self.facts().empty = empty;
    }

    async fn refund_callback(&self, out_refund_no: &str) -> Option<Callback> {
        let parameters = {
            let facts = self.facts();
            let of = |trade: &&Trade| trade.refunds.iter().any(|(number, _)| number == out_refund_no);
            let trade = facts.trades.values().find(of)?;
            trade::notice(trade, Some((out_refund_no, trade.refunded())), &facts)
        };
        Some(self.signed(&borrowed(&parameters)))
    }

    async fn bill(&self, kind: BillKind, day: &str, state: BillState) -> Vec<(String, Vec<u8>)> {
        let mut facts = self.facts();
        // The adapter tells "not yet" from "nothing" by the time of day alone, as Alipay says the same of both.
        facts.now_ms = if state == BillState::NotYet { NOW_MS - 13 * 60 * 60 * 1000 } else { NOW_MS };
        let files = archive::bill(day);
        let word = if kind == BillKind::Trade { "trade" } else { "signcustomer" };
        facts.bills.insert(format!("{word} {day}"), (state, files.clone()));
        if state == BillState::Made { files } else { Vec::new() }
    }

    fn has_bill(&self, _: BillKind, _: BillState) -> bool {
        true
    }
}
