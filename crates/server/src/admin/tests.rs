//! What the back office's login promises.

use axum::{
    body::Body,
    http::{Request, Response, header},
};
use db::{Key, Tx};
use serde_json::{Value, json};

use super::{Error, PutAdmin, Role, SESSION_MS, put_admin};
use crate::{
    org::{Put, tests::unit},
    session::password,
    testing::{MERCHANT, TestApp, UNIT},
};

pub(crate) const PASSWORD: &str = "console-password";

/// A console that is logged in.
pub(crate) struct Console {
    pub cookie: String,
    pub csrf: String,
}

/// Makes an admin or brings it up to date.
pub(crate) async fn admin(
    app: &TestApp,
    login: &str,
    org_unit_id: i64,
    role: Role,
    hash: Option<String>,
) -> Result<Put, Error> {
    let (login, new_id) = (login.to_owned(), app.app.ids.mint());
    let write = async move |tx: &mut Tx<'_>| {
        let admin = PutAdmin {
            merchant_id: MERCHANT,
            new_id,
            login: &login,
            name: "李会计",
            email: "li@example.test",
            role,
            org_unit_id,
            password_hash: hash.as_deref(),
        };
        put_admin(tx, &admin, 1).await
    };
    app.app.db.write(Key::of(0), write).await
}

async fn hashed(app: &TestApp) -> Option<String> {
    Some(password::hash(&app.app.random, PASSWORD).await.unwrap())
}

async fn post_login(app: &TestApp, login: &str, password: &str) -> (Response<Body>, Value) {
    let body = json!({ "login": login, "password": password }).to_string();
    let request = Request::post("/api/admin/login").header("content-type", "application/json").body(Body::from(body));
    let (parts, body) = app.send(request.unwrap()).await.into_parts();
    let bytes = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    (Response::from_parts(parts, Body::empty()), serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

impl Console {
    /// A new admin of this unit, logged in.
    pub async fn login(app: &TestApp, login: &str, org_unit_id: i64) -> Console {
        Console::login_as(app, login, org_unit_id, Role::Admin).await
    }

    pub async fn login_as(app: &TestApp, login: &str, org_unit_id: i64, role: Role) -> Console {
        admin(app, login, org_unit_id, role, hashed(app).await).await.unwrap();
        let (response, body) = post_login(app, login, PASSWORD).await;
        assert_eq!(response.status(), 200, "{body}");
        let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Console { cookie, csrf: body["csrf_token"].as_str().unwrap().to_owned() }
    }

    pub async fn get(&self, app: &TestApp, path: &str) -> (u16, Value) {
        app.json("GET", path, &[("cookie", &self.cookie)], Value::Null).await
    }

    pub async fn post(&self, app: &TestApp, path: &str, body: Value) -> (u16, Value) {
        app.json("POST", path, &[("cookie", &self.cookie), ("x-csrf-token", &self.csrf)], body).await
    }
}

/// Issue 2.3: console cookies with CSRF protection.
async fn a_cookie_alone_changes_nothing(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "Admin", UNIT).await;
    let (response, _) = post_login(&app, " admin ", PASSWORD).await;
    let cookie = response.headers()[header::SET_COOKIE].to_str().unwrap();
    for part in ["mott_admin=a1.", "HttpOnly", "SameSite=Strict", "Path=/api/admin"] {
        assert!(cookie.contains(part), "{part} is missing: {cookie}");
    }
    let (status, body) = console.get(&app, "/api/admin/session").await;
    assert_eq!(
        (status, body["admin"]["role"].as_str(), body["csrf_token"].as_str()),
        (200, Some("admin"), Some(&*console.csrf))
    );
    assert_eq!(body["admin"]["merchant_full_name"], "云杉教育科技有限公司");
    for csrf in ["", "guess"] {
        let headers = [("cookie", console.cookie.as_str()), ("x-csrf-token", csrf)];
        let (status, body) = app.json("POST", "/api/admin/logout", &headers, Value::Null).await;
        assert_eq!((status, body["code"].as_str()), (403, Some("csrf.failed")));
    }
    let (status, body) = app.json("GET", "/api/admin/session", &[], Value::Null).await;
    assert_eq!((status, body["code"].as_str()), (401, Some("session.missing")));
}

/// A session ends by logout and by its time.
async fn a_session_ends(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    let console = Console::login(&app, "admin", UNIT).await;
    assert_eq!(console.post(&app, "/api/admin/logout", Value::Null).await.0, 204);
    assert_eq!(console.get(&app, "/api/admin/session").await.1["code"], "session.ended");
    let console = Console::login(&app, "other", UNIT).await;
    app.pass_ms(SESSION_MS - 1);
    assert_eq!(console.get(&app, "/api/admin/session").await.0, 200);
    app.pass_ms(1);
    assert_eq!(console.get(&app, "/api/admin/session").await.1["code"], "session.expired");
}

/// PRODUCT 3.1, for admins as well: an unknown login and a wrong password are told apart by nobody; failures lock.
async fn a_wrong_login_says_nothing_and_locks(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    admin(&app, "admin", UNIT, Role::Admin, hashed(&app).await).await.unwrap();
    let (_, unknown) = post_login(&app, "nobody", "wrong-password").await;
    let (_, wrong) = post_login(&app, "admin", "wrong-password").await;
    assert_eq!((unknown["code"].as_str(), &unknown), (Some("login.wrong"), &wrong));
    for _ in 0..9 {
        post_login(&app, "admin", "wrong-password").await;
        app.pass_ms(60_000);
    }
    let (response, locked) = post_login(&app, "admin", PASSWORD).await;
    assert_eq!((response.status().as_u16(), locked["code"].as_str()), (429, Some("login.locked")), "{locked}");
    let until_ms = locked["retry_at_ms"].as_i64().unwrap();
    app.pass_ms(until_ms - app.app.clock.now_ms());
    assert_eq!(post_login(&app, "admin", PASSWORD).await.0.status(), 200);
    let (response, body) = post_login(&app, "admin", &"x".repeat(129)).await;
    assert_eq!((response.status().as_u16(), body["errors"][0]["code"].as_str()), (422, Some("password.too_long")));
}

/// Issue 2.8: a set-up file applied twice changes nothing. PRODUCT 3.1: a new password ends what was logged in.
async fn an_admin_is_put_by_login_and_a_new_password_ends_sessions(db: db::testing::TestDb) {
    let app = TestApp::new(db).await;
    unit(&app, 101, UNIT).await.unwrap();
    let console = Console::login(&app, "admin", UNIT).await;
    assert!(matches!(admin(&app, "new", UNIT, Role::Admin, None).await, Err(Error::NoPassword)));
    let same = admin(&app, "ADMIN", UNIT, Role::Admin, None).await.unwrap();
    assert!(!same.is_change(), "{same:?}");
    let moved = admin(&app, "admin", 101, Role::Finance, None).await.unwrap();
    assert_eq!(moved.changed, ["role", "org_unit"]);
    assert_eq!(console.get(&app, "/api/admin/session").await.0, 200);
    admin(&app, "admin", 101, Role::Finance, hashed(&app).await).await.unwrap();
    assert_eq!(console.get(&app, "/api/admin/session").await.1["code"], "session.ended");
    assert_eq!(app.number("SELECT COUNT(*) FROM audit WHERE action = 'admin.login'").await, 1);
}

db::on_both_engines!(
    a_cookie_alone_changes_nothing,
    a_session_ends,
    a_wrong_login_says_nothing_and_locks,
    an_admin_is_put_by_login_and_a_new_password_ends_sessions,
);
