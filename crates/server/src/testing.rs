//! One node for tests: a database of either engine, a clock that the test moves, a pretended institution.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

mod institution;

pub use institution::{Institution, There, notice, refund_notice};

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use channel::Success;
use db::{Db, Key, Tx, params, testing::TestDb};
use money::Amount;
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    App,
    app::{Parts, Shared},
    clock::Clock,
    collection_code,
    config::Config,
    form::Submitted,
    merchant::{self, ChannelKind, Way},
    order::{self, Place, Placed},
    outside::{Links, Outside},
    payment::{self, Start, Started},
    random::Random,
    schema,
    session::ManagerSession,
    vault::Vault,
    web, worker,
};

/// The seeded manager's bearer token.
pub const TOKEN: &str = "m1.2222222222222222222222222222222222222222222";
const PUT_MANAGER: &str = "INSERT INTO manager (merchant_id, manager_id, org_unit_id, name, mobile, email, password_hash, \
     state, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, '张伟', '13800002176', 'zhang@example.test', '', 'active', $4, $4)";
const PUT_SESSION: &str = "INSERT INTO manager_session (merchant_id, session_id, manager_id, token_hash, identity, device, \
     network, state, created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, 'x', 'test', '127.0.*.*', 'active', $5, $6)";

const PUT_SECOND_ACCOUNT: &str = "INSERT INTO channel_account (merchant_id, account_id, account_key, channel, provider_key, \
     sub_mchid, ways, created_at_ms, updated_at_ms) VALUES ($1, $2, 'ali', 'alipay', 'demo-ali', $3, 'jsapi,h5,native', 0, 0)";
const PUT_UNIT_CHANNEL: &str =
    "INSERT INTO unit_channel (merchant_id, org_unit_id, channel, account_id) VALUES ($1, $2, $3, $4)";

/// 2026-11-23 10:00 in Shanghai.
pub const NOW_MS: i64 = 1_795_399_200_000;
/// The seeded merchant.
pub const MERCHANT: i64 = 1;
/// Its root org unit.
pub const UNIT: i64 = 11;
/// Its account at the institution.
pub const ACCOUNT: i64 = 21;
/// Its account at the other institution, where there is one.
pub const SECOND_ACCOUNT: i64 = 22;
/// Its default form.
pub const FORM: i64 = 31;
/// Its manager, with an active session.
pub const MANAGER: i64 = 41;
/// The manager's session.
pub const SESSION: i64 = 51;

/// A node with a merchant, ready to be asked.
pub struct TestApp {
    /// The node.
    pub app: Shared,
    /// Its router.
    pub router: Router,
    now_ms: Arc<AtomicI64>,
    test: TestDb,
    _folder: tempfile::TempDir,
}

impl TestApp {
    /// A node on `test`, nobody outside.
    pub async fn new(test: TestDb) -> TestApp {
        TestApp::with_links(test, Links::default()).await
    }

    /// A node on `test` with these institutions and platforms.
    pub async fn with_links(test: TestDb, links: Links) -> TestApp {
        db::migrate(&test.db, schema::STEPS).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let keyring = folder.path().join("keyring.toml");
        Vault::add_key(&keyring, &Random::system()).unwrap();
        let now_ms = Arc::new(AtomicI64::new(NOW_MS));
        let app = node(test.db.clone(), &now_ms, 1, &keyring, links);
        seed(&app.db).await;
        TestApp { router: web::router(app.clone()), app, now_ms, test, _folder: folder }
    }

    /// Another node on the same database, with the same clock and keyring.
    pub fn another_node(&self, links: Links) -> Shared {
        node(self.test.another_node(), &self.now_ms, 2, &self._folder.path().join("keyring.toml"), links)
    }

    /// A new key seals from now on.
    pub fn add_key(&self) {
        Vault::add_key(&self._folder.path().join("keyring.toml"), &Random::system()).unwrap();
        self.app.vault.reload().unwrap();
    }

    /// A node that talks to a pretended institution, with a manager whose session is active.
    pub async fn collecting(test: TestDb) -> (TestApp, Arc<Institution>) {
        let institution = Arc::new(Institution::default());
        let node = TestApp::with_links(test, institution.links()).await;
        let hash = crate::vault::token_hash(TOKEN);
        let work = async move |tx: &mut Tx<'_>| {
            tx.execute(PUT_MANAGER, params![MERCHANT, MANAGER, UNIT, NOW_MS]).await?;
            tx.execute(PUT_SESSION, params![MERCHANT, SESSION, MANAGER, &hash, NOW_MS, i64::MAX]).await
        };
        node.app.db.write(Key::of(0), work).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
        (node, institution)
    }

    /// A node whose merchant collects with two wallets: the second institution has Alipay's manners.
    pub async fn two_wallets(test: TestDb) -> (TestApp, Arc<Institution>, Arc<Institution>) {
        let (node, wechat) = TestApp::collecting(test).await;
        let alipay = Arc::new(Institution::alipay());
        let mut links = wechat.links();
        alipay.join(&mut links);
        node.app.outside.fix(links);
        let vault = node.app.vault.clone();
        let work = async move |tx: &mut Tx<'_>| {
            tx.execute(PUT_SECOND_ACCOUNT, params![MERCHANT, SECOND_ACCOUNT, institution::SELLER_ID]).await?;
            tx.execute(PUT_UNIT_CHANNEL, params![MERCHANT, UNIT, "alipay", SECOND_ACCOUNT]).await?;
            let leave = channel::Secret(institution::LEAVE.into());
            let key = (MERCHANT, "demo-ali", institution::SELLER_ID);
            merchant::authorization::put(tx, &vault, key, &leave, NOW_MS).await
        };
        node.app.db.write(Key::of(0), work).await.unwrap();
        (node, wechat, alipay)
    }

    /// The seeded manager, logged in.
    pub fn manager(&self) -> ManagerSession {
        ManagerSession { merchant_id: MERCHANT, manager_id: MANAGER, org_unit_id: UNIT, session_id: SESSION }
    }

    /// The token of the manager's default code, issued if there is none.
    pub async fn code(&self) -> String {
        let screen = collection_code::default_code(&self.app, MERCHANT, MANAGER, None).await.unwrap();
        screen.code.url.rsplit('/').next().unwrap().to_owned()
    }

    /// Places an order over `fen` through the default code.
    pub async fn place(&self, fen: i64) -> Placed {
        let submitted = Submitted {
            amount: Amount::from_fen(fen).to_string(),
            values: vec![("payer_name".into(), "李晓明".into())],
        };
        let place = Place { code_token: self.code().await, submitted, submission: None, form_version: None };
        order::place(&self.app, place).await.unwrap()
    }

    /// Presses pay, with WeChat Pay.
    pub async fn start(&self, placed: &Placed, way: Way) -> Result<Started, payment::Error> {
        self.start_with(placed, ChannelKind::Wechatpay, way).await
    }

    /// Presses pay.
    pub async fn start_with(&self, placed: &Placed, channel: ChannelKind, way: Way) -> Result<Started, payment::Error> {
        let payer_id = (way == Way::Jsapi).then(|| "sp:openid-zhou".to_owned());
        let start = Start {
            merchant_id: MERCHANT,
            order_id: placed.order_id,
            channel,
            way,
            payer_id,
            client_ip: "1.2.3.4".into(),
            return_url: format!("http://pay.test/pay/{}?back=1", placed.token),
        };
        payment::start(&self.app, start).await
    }

    /// Sends a notice of `success` to the callback's address; says the status of the answer.
    pub async fn call_back(&self, success: &Success, signature: &str) -> u16 {
        let is_alipay = success.sp_mchid == institution::APP_ID;
        let path = if is_alipay { "/callback/alipay/demo-ali" } else { "/callback/wechatpay/demo-sp" };
        let request = Request::post(path).header("wechatpay-signature", signature);
        self.send(request.body(Body::from(notice(success))).unwrap()).await.status().as_u16()
    }

    /// Sends a notice of what became of a refund; says the status of the answer.
    pub async fn call_back_refund(&self, fact: &channel::RefundFact, signature: &str) -> u16 {
        let request = Request::post("/callback/wechatpay/demo-sp").header("wechatpay-signature", signature);
        self.send(request.body(Body::from(refund_notice(fact))).unwrap()).await.status().as_u16()
    }

    /// Does every job that is due, until none is left.
    pub async fn work(&self) {
        while worker::round(&self.app).await.unwrap() > 0 {}
    }

    /// A text, where there is one.
    pub async fn text(&self, sql: &'static str) -> String {
        let read = self.app.db.read(async move |tx: &mut Tx<'_>| tx.query_one(sql, &[]).await?.get(0)).await;
        read.unwrap_or_else(|e: db::Error| panic!("{sql}: {e}"))
    }

    /// Moves the clock.
    pub fn pass_ms(&self, ms: i64) {
        self.now_ms.fetch_add(ms, Ordering::Relaxed);
    }

    /// Sends one request through the router.
    pub async fn send(&self, request: Request<Body>) -> Response<Body> {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Sends JSON and reads JSON: status and body.
    pub async fn json(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Value) -> (u16, Value) {
        let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = if body.is_null() { Body::empty() } else { Body::from(body.to_string()) };
        let response = self.send(request.body(body).unwrap()).await;
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    }

    /// Runs a statement, for seeding.
    pub async fn execute(&self, sql: &'static str, values: Vec<i64>) {
        execute(&self.app.db, sql, values).await;
    }

    /// The first column of the first row, as a number.
    pub async fn number(&self, sql: &'static str) -> i64 {
        let read = self.app.db.read(async move |tx: &mut Tx<'_>| tx.query_one(sql, &[]).await?.get(0)).await;
        read.unwrap_or_else(|e: db::Error| panic!("{sql}: {e}"))
    }
}

fn node(db: Db, now_ms: &Arc<AtomicI64>, node: i64, keyring: &std::path::Path, links: Links) -> Shared {
    let clock = now_ms.clone();
    App::new(Parts {
        db,
        clock: Clock::new(move || clock.load(Ordering::Relaxed)),
        random: Random::system(),
        node,
        vault: Vault::open(keyring, Random::system()).unwrap(),
        config: Config { public_url: "http://pay.test".into(), ..Config::default() },
        outside: Outside::fixed(links),
    })
}

async fn execute(db: &Db, sql: &'static str, values: Vec<i64>) {
    let work = async move |tx: &mut Tx<'_>| {
        let values: Vec<db::Val<'_>> = values.iter().map(|v| db::Val::from(*v)).collect();
        tx.execute(sql, &values).await
    };
    db.write(Key::of(0), work).await.unwrap_or_else(|e: db::Error| panic!("{sql}: {e}"));
}

async fn seed(db: &Db) {
    let definition = serde_json::to_string(&crate::form::default_definition()).unwrap();
    let work = async move |tx: &mut Tx<'_>| {
        tx.execute(
            "INSERT INTO merchant (merchant_id, merchant_key, full_name, short_name, plaque_name, default_form_id, \
             created_at_ms, updated_at_ms) VALUES ($1, 'yunshan', '云杉教育科技有限公司', '云杉教育', '云杉', $2, 0, 0)",
            params![MERCHANT, FORM],
        )
        .await?;
        tx.execute(
            "INSERT INTO channel_account (merchant_id, account_id, account_key, channel, provider_key, sub_mchid, ways, \
             created_at_ms, updated_at_ms) VALUES ($1, $2, 'main', 'wechatpay', 'demo-sp', '1900000110', \
             'jsapi,h5,native', 0, 0)",
            params![MERCHANT, ACCOUNT],
        )
        .await?;
        tx.execute(
            "INSERT INTO org_unit (merchant_id, org_unit_id, org_unit_key, name, created_at_ms, \
             updated_at_ms) VALUES ($1, $2, 'root', '云杉教育', 0, 0)",
            params![MERCHANT, UNIT],
        )
        .await?;
        tx.execute(PUT_UNIT_CHANNEL, params![MERCHANT, UNIT, "wechatpay", ACCOUNT]).await?;
        tx.execute(
            "INSERT INTO form (merchant_id, form_id, form_key, name, version, updated_by, created_at_ms, updated_at_ms) \
             VALUES ($1, $2, 'default', '默认', 1, '', 0, 0)",
            params![MERCHANT, FORM],
        )
        .await?;
        tx.execute(
            "INSERT INTO form_version (merchant_id, form_id, version, definition, created_at_ms) VALUES ($1, $2, 1, $3, 0)",
            params![MERCHANT, FORM, &definition],
        )
        .await
    };
    db.write(Key::of(0), work).await.unwrap_or_else(|e: db::Error| panic!("seed: {e}"));
}

/// Refreshes the seeded manager's default code.
pub async fn refresh(node: &TestApp) {
    let (status, _) =
        node.json("POST", "/api/manager/collection-code/refresh", &[("authorization", &bearer())], Value::Null).await;
    assert_eq!(status, 200);
}

/// The seeded manager's `Authorization`.
pub fn bearer() -> String {
    format!("Bearer {TOKEN}")
}
