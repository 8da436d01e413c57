//! One node for tests: a database of either engine, a clock that the test moves, a pretended institution.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
};
use db::{Db, Key, Tx, params, testing::TestDb};
use serde_json::Value;
use tower::ServiceExt;

use crate::{
    App,
    app::{Parts, Shared},
    clock::Clock,
    config::Config,
    outside::{Links, Outside},
    random::Random,
    schema,
    vault::Vault,
    web,
};

/// 2026-11-23 10:00 in Shanghai.
pub const NOW_MS: i64 = 1_795_399_200_000;
/// The seeded merchant.
pub const MERCHANT: i64 = 1;
/// Its root org unit.
pub const UNIT: i64 = 11;
/// Its account at the institution.
pub const ACCOUNT: i64 = 21;
/// Its default form.
pub const FORM: i64 = 31;

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
            "INSERT INTO org_unit (merchant_id, org_unit_id, org_unit_key, name, account_id, created_at_ms, \
             updated_at_ms) VALUES ($1, $2, 'root', '云杉教育', $3, 0, 0)",
            params![MERCHANT, UNIT, ACCOUNT],
        )
        .await?;
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
