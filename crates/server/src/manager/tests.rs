//! What registering and managing managers promises.

use db::{Key, Tx};
use serde_json::{Value, json};

use super::{Error, PutManager, PutPassword, put_manager};
use crate::{
    admin::{Actor, Role, tests::Console},
    notification,
    org::{Put, tests::unit},
    session::password,
    testing::{MERCHANT, TestApp, UNIT},
};

/// What a set-up file says, with or without a password.
pub(crate) async fn put(app: &TestApp, mobile: &str, name: &str, first: Option<&str>) -> Result<Put, Error> {
    let (mobile, name, app) = (mobile.to_owned(), name.to_owned(), &app.app);
    let [new_id, mail_id, event_id] = [(); 3].map(|()| app.ids.mint());
    let prepared = match first {
        Some(first) => {
            Some((password::hash(&app.random, first).await?, notification::seal_password(&app.vault, first)?))
        }
        None => None,
    };
    let now_ms = app.clock.now_ms();
    let write = async move |tx: &mut Tx<'_>| {
        let password = prepared.as_ref().map(|(hash, sealed)| PutPassword { hash, sealed });
        let email = "wang@example.test";
        let (merchant_id, org_unit_id) = (MERCHANT, UNIT);
        let manager = PutManager {
            merchant_id,
            new_id,
            mobile: &mobile,
            name: &name,
            email,
            org_unit_id,
            password,
            mail_id,
            event_id,
        };
        put_manager(tx, &manager, now_ms).await
    };
    app.db.write(Key::of(0), write).await
}

fn wang(mobile: &str) -> Value {
    json!({ "name": "王小明", "mobile": mobile, "email": "wang@example.test", "org_unit_id": UNIT.to_string(), "password": null })
}

async fn register(app: &TestApp, console: &Console, mobile: &str) -> String {
    let (status, body) = console.post(app, "/api/admin/managers", wang(mobile)).await;
    assert_eq!(status, 201, "{body}");
    body["manager_id"].as_str().unwrap().to_owned()
}

async fn login(app: &TestApp, mobile: &str, password: &str, key: &str) -> (u16, Value) {
    let body = json!({ "mobile": mobile, "password": password, "device": "测试机", "identity": { "kind": "browser", "key": key.repeat(32) } });
    app.json("POST", "/api/manager/login", &[], body).await
}

/// PRODUCT 3.1: changing the password ends the session at once; the mail brings the new one, the old one opens nothing.
async fn a_reset_password_ends_the_session(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let id = register(&app, &console, "13800002176").await;
    put(&app, "13800002176", "王小明", Some("first-password")).await.unwrap();
    let (_, body) = login(&app, "13800002176", "first-password", "k").await;
    let bearer = format!("Bearer {}", body["token"].as_str().unwrap());
    let path = format!("/api/admin/managers/{id}/password");
    assert_eq!(console.post(&app, &path, json!({ "password": "short" })).await.0, 422);
    let (status, body) = console.post(&app, &path, json!({ "password": null })).await;
    assert_eq!(status, 200, "{body}");
    let fresh = body["generated_password"].as_str().unwrap().to_owned();
    let (status, problem) = app.json("GET", "/api/manager/today", &[("authorization", &bearer)], Value::Null).await;
    assert_eq!((status, problem["code"].as_str()), (401, Some("session.ended")));
    assert_eq!(login(&app, "13800002176", "first-password", "k").await.0, 401);
    assert_eq!(login(&app, "13800002176", &fresh, "k").await.0, 200);
    assert_eq!(app.number("SELECT COUNT(*) FROM mail WHERE state = 'queued'").await, 1, "only the newest mail waits");
    assert_eq!(app.number("SELECT COUNT(*) FROM audit WHERE action = 'manager.reset_password'").await, 1);
}

/// PRODUCT 3.1: registration makes the account, queues the mail and its job, and leaves an audit row, all at once.
async fn registering_queues_the_mail(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let (status, body) = console.post(&app, "/api/admin/managers", wang("138 0000 2176")).await;
    assert_eq!(status, 201, "{body}");
    let generated = body["generated_password"].as_str().unwrap();
    assert_eq!(generated.chars().count(), 12);
    assert_eq!((body["mobile"].as_str(), body["status"].as_str()), (Some("13800002176"), Some("active")));
    assert_eq!(
        (body["mail"]["state"].as_str(), body["mail"]["to"].as_str()),
        (Some("queued"), Some("wang@example.test"))
    );
    assert_eq!(app.number("SELECT COUNT(*) FROM job WHERE kind = 'mail.send' AND state = 'waiting'").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM audit WHERE action = 'manager.register'").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM manager WHERE password_hash LIKE '_argon2id_%'").await, 1);
    let (status, body) = login(&app, "13800002176", generated, "k").await;
    assert_eq!((status, body["manager"]["mobile"].as_str()), (200, Some("138****2176")), "{body}");
    assert_eq!(body["manager"]["merchant_full_name"], "云杉教育科技有限公司");
}

/// Issue 2, bad input: every wrong field is named at once, and nothing is half registered.
async fn a_malformed_manager_is_answered_field_by_field(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let bad = json!({ "name": " ", "mobile": "123", "email": "wang@", "org_unit_id": "x", "password": "short" });
    let (status, body) = console.post(&app, "/api/admin/managers", bad).await;
    let fields: Vec<&str> = body["errors"].as_array().unwrap().iter().map(|e| e["field"].as_str().unwrap()).collect();
    assert_eq!((status, fields), (422, vec!["name", "mobile", "email", "org_unit_id", "password"]));
    let mut long = wang("13800002176");
    long["name"] = json!("长".repeat(41));
    assert_eq!(console.post(&app, "/api/admin/managers", long.clone()).await.0, 422);
    long["name"] = json!("长".repeat(40));
    assert_eq!(
        console.post(&app, "/api/admin/managers", long).await.0,
        201,
        "PRODUCT 1: a 40-character name is a test"
    );
}

/// DESIGN 3: a mobile is unique among active managers; a disabled one gives it up, and cannot take it back.
async fn a_mobile_belongs_to_one_active_manager(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let first = register(&app, &console, "13800002176").await;
    let (status, body) = console.post(&app, "/api/admin/managers", wang("13800002176")).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("manager.mobile_taken")));
    assert_eq!(console.post(&app, &format!("/api/admin/managers/{first}/disable"), Value::Null).await.0, 200);
    let second = register(&app, &console, "13800002176").await;
    let (status, body) = console.post(&app, &format!("/api/admin/managers/{first}/enable"), Value::Null).await;
    assert_eq!((status, body["code"].as_str()), (409, Some("manager.mobile_taken")));
    console.post(&app, &format!("/api/admin/managers/{second}/disable"), Value::Null).await;
    let (status, body) = console.post(&app, &format!("/api/admin/managers/{first}/enable"), Value::Null).await;
    assert_eq!((status, body["status"].as_str()), (200, Some("active")));
    assert!(matches!(put(&app, "13800002176", "别人", None).await, Ok(put) if put.id.to_string() == first));
}

/// The same, of two who are enabled in the same moment: on PostgreSQL they may share one transaction.
async fn of_two_enabled_at_once_one_gets_the_mobile(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let mut enables = Vec::new();
    for _ in 0..8 {
        let id = register(&app, &console, "13800002176").await;
        assert_eq!(console.post(&app, &format!("/api/admin/managers/{id}/disable"), Value::Null).await.0, 200);
        enables.push(id.parse().unwrap());
    }
    // Something keeps the writing connections busy, so that what is asked meanwhile is written together.
    let busy = (0..16).map(async |n| {
        let write = async |tx: &mut Tx<'_>| {
            for _ in 0..50 {
                tx.execute("UPDATE merchant SET full_name = full_name WHERE merchant_id = 0", &[]).await?;
            }
            Ok(())
        };
        app.app.db.write(Key::of(("busy", n)), write).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
    });
    let enables = enables.into_iter().map(async |id: i64| {
        let name = "admin:1".to_owned();
        let who = Actor { merchant_id: MERCHANT, org_unit_id: UNIT, name, network: "10.0.*.*".into() };
        super::disable::enable(&app.app, who, id).await
    });
    let busy = futures_util::future::join_all(busy);
    let (_, told) = futures_util::future::join(busy, futures_util::future::join_all(enables)).await;
    let taken = told.iter().filter(|told| matches!(told, Err(Error::MobileTaken))).count();
    assert_eq!((told.iter().filter(|told| told.is_ok()).count(), taken), (1, 7), "{told:?}");
    assert_eq!(app.number("SELECT COUNT(*) FROM manager WHERE state = 'active'").await, 1);
}

/// PRODUCT 1 and 5: an admin sees and touches its own scope; finance only looks.
async fn an_admin_stays_in_its_scope(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    unit(&app, 101, UNIT).await.unwrap();
    let (head, branch) = (Console::login(&app, "head", UNIT).await, Console::login(&app, "branch", 101).await);
    let id = register(&app, &head, "13800002176").await;
    assert_eq!(branch.get(&app, &format!("/api/admin/managers/{id}")).await.0, 404);
    assert_eq!(branch.post(&app, &format!("/api/admin/managers/{id}/disable"), Value::Null).await.0, 404);
    assert!(branch.get(&app, "/api/admin/managers").await.1["items"].as_array().unwrap().is_empty());
    let (status, body) = branch.post(&app, "/api/admin/managers", wang("13800002177")).await;
    assert_eq!((status, body["errors"][0]["field"].as_str()), (422, Some("org_unit_id")));
    let finance = Console::login_as(&app, "finance", UNIT, Role::Finance).await;
    assert_eq!(finance.get(&app, &format!("/api/admin/managers/{id}")).await.0, 200);
    let (status, body) = finance.post(&app, &format!("/api/admin/managers/{id}/disable"), Value::Null).await;
    assert_eq!((status, body["code"].as_str()), (403, Some("permission.denied")));
    assert_eq!(head.get(&app, "/api/admin/managers/not-an-id").await.0, 404);
}

/// Lists: newest first, page by page without gap or repeat, found by any part of name, mobile and e-mail.
async fn a_list_is_paged_and_searched(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let mut ids = Vec::new();
    for n in 0..5 {
        put(&app, &format!("1380000217{n}"), &format!("经理{n}_%"), Some("password-1")).await.unwrap();
        ids.push(n.to_string());
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (status, page) = console.get(&app, &format!("/api/admin/managers?limit=2&cursor={cursor}")).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["items"].as_array().unwrap().iter().map(|m| m["mobile"].as_str().unwrap()[10..].to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    ids.reverse();
    assert_eq!(seen, ids);
    for (q, found) in [("02173", 1), ("WANG@", 5), ("%E7%90%863", 1), ("3_%25", 1), ("x_", 0), ("", 5)] {
        let (_, page) = console.get(&app, &format!("/api/admin/managers?q={q}")).await;
        assert_eq!(page["items"].as_array().unwrap().len(), found, "{q}");
    }
    let (_, page) = console.get(&app, "/api/admin/managers?status=disabled").await;
    assert!(page["items"].as_array().unwrap().is_empty());
    assert_eq!(console.get(&app, "/api/admin/managers?status=gone").await.0, 400);
    assert_eq!(console.get(&app, "/api/admin/managers?cursor=x").await.0, 400);
    for list in ["managers", "orders"] {
        let asked = async |q: &str| console.get(&app, &format!("/api/admin/{list}?q={q}")).await.0;
        assert_eq!((asked(&"x".repeat(100)).await, asked(&"x".repeat(101)).await), (200, 400), "{list}");
        assert_eq!(asked(&"_".repeat(60_000)).await, 400, "{list}: never a defect");
    }
}

/// PRODUCT 3.1: disabling ends the session at once, and the pages of the codes are drawn again.
async fn disabling_ends_the_session(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let id = put(&app, "13800002176", "王小明", Some("password-1")).await.unwrap().id;
    let (_, body) = login(&app, "13800002176", "password-1", "k").await;
    let bearer = format!("Bearer {}", body["token"].as_str().unwrap());
    let me = async || app.json("GET", "/api/manager/me", &[("authorization", &bearer)], Value::Null).await;
    assert_eq!(me().await.0, 200);
    let epoch = app.number("SELECT pages_epoch FROM merchant").await;
    for _ in 0..2 {
        let (status, body) = console.post(&app, &format!("/api/admin/managers/{id}/disable"), Value::Null).await;
        assert_eq!((status, body["status"].as_str()), (200, Some("disabled")));
    }
    assert_eq!(me().await.1["code"], "manager.disabled");
    assert_eq!(login(&app, "13800002176", "password-1", "k").await.1["code"], "manager.disabled");
    assert_eq!(login(&app, "13800002176", "password-2", "k").await.1["code"], "login.wrong");
    assert_eq!(app.number("SELECT pages_epoch FROM merchant").await, epoch + 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM live_event WHERE kind = 'session'").await, 1);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM audit WHERE action = 'manager.disable'").await,
        1,
        "once, as it happened once"
    );
    console.post(&app, &format!("/api/admin/managers/{id}/enable"), Value::Null).await;
    assert_eq!(me().await.1["code"], "session.ended", "enabling brings no session back");
    assert_eq!(login(&app, "13800002176", "password-1", "k").await.0, 200);
}

/// PRODUCT 3.1: until there is SMS, an admin unbinds, and the next login binds the new identity.
async fn unbinding_lets_another_identity_in(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    let id = put(&app, "13800002176", "王小明", Some("password-1")).await.unwrap().id;
    let (_, body) = login(&app, "13800002176", "password-1", "a").await;
    let bearer = format!("Bearer {}", body["token"].as_str().unwrap());
    assert_eq!(login(&app, "13800002176", "password-1", "b").await.1["code"], "login.other_identity");
    let (_, body) = console.get(&app, &format!("/api/admin/managers/{id}")).await;
    assert_eq!(body["bound"]["kind"], "browser");
    let (status, body) = console.post(&app, &format!("/api/admin/managers/{id}/unbind"), Value::Null).await;
    assert_eq!((status, &body["bound"]), (200, &Value::Null));
    let (_, body) = app.json("GET", "/api/manager/me", &[("authorization", &bearer)], Value::Null).await;
    assert_eq!(body["code"], "session.ended");
    assert_eq!(login(&app, "13800002176", "password-1", "b").await.0, 200);
    assert_eq!(login(&app, "13800002176", "password-1", "a").await.1["code"], "login.other_identity");
    assert_eq!(app.number("SELECT COUNT(*) FROM login_directory WHERE kind = 'identity'").await, 1);
}

/// Issue 2.8: a set-up file applied twice changes nothing. PRODUCT 3.1: a new password ends the session.
async fn a_manager_is_put_by_mobile(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    assert!(matches!(put(&app, "13800002176", "王小明", None).await, Err(Error::NoPassword)));
    assert!(matches!(put(&app, "1380000217", "", None).await, Err(Error::Fields(fields)) if fields.len() == 2));
    assert!(put(&app, "13800002176", "王小明", Some("password-1")).await.unwrap().created);
    assert!(!put(&app, "138-0000-2176", "王小明", None).await.unwrap().is_change());
    assert_eq!(put(&app, "13800002176", "王大明", None).await.unwrap().changed, ["name"]);
    let (_, body) = login(&app, "13800002176", "password-1", "k").await;
    let bearer = format!("Bearer {}", body["token"].as_str().unwrap());
    assert_eq!(put(&app, "13800002176", "王大明", Some("password-2")).await.unwrap().changed, ["password"]);
    let (_, body) = app.json("GET", "/api/manager/me", &[("authorization", &bearer)], Value::Null).await;
    assert_eq!(body["code"], "session.ended");
    assert_eq!(login(&app, "13800002176", "password-2", "k").await.0, 200);
    assert_eq!(
        app.number("SELECT COUNT(*) FROM mail WHERE state = 'queued'").await,
        1,
        "the new password waits instead"
    );
}

db::on_both_engines!(
    a_reset_password_ends_the_session,
    registering_queues_the_mail,
    a_malformed_manager_is_answered_field_by_field,
    a_mobile_belongs_to_one_active_manager,
    of_two_enabled_at_once_one_gets_the_mobile,
    an_admin_stays_in_its_scope,
    a_list_is_paged_and_searched,
    disabling_ends_the_session,
    unbinding_lets_another_identity_in,
    a_manager_is_put_by_mobile,
);
