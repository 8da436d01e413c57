//! What logging in promises: PRODUCT 3.1.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use async_trait::async_trait;
use db::{Key, Tx, testing::TestDb};
use serde_json::{Value, json};
use wechat_platform::{CodeImage, CodeRequest, MiniProgramLogin, PlatformError, WechatPlatform};

use super::{Error, Identity, Login, authenticate, check, lifecycle::SESSION_MS, login};
use crate::{App, clock::DAY_MS, manager::tests::put, outside::Links, testing::TestApp};

const MOBILE: &str = "13800002176";
const PASSWORD: &str = "password-1";

/// WeChat, for two phones of one person and one of another.
struct FakeWechat;

#[async_trait]
impl WechatPlatform for FakeWechat {
    async fn login_code(&self, code: &str) -> Result<MiniProgramLogin, PlatformError> {
        match code.split_once('-') {
            Some(("down", _)) => Err(PlatformError::Unreachable("time-out".into())),
            Some((openid, _)) => Ok(MiniProgramLogin { openid: openid.into(), unionid: None }),
            None => Err(PlatformError::Refused { errcode: 40029, errmsg: "invalid code".into() }),
        }
    }

    fn authorize_url(&self, _: &str, _: &str) -> Result<String, PlatformError> {
        Err(PlatformError::NotConfigured("official account"))
    }

    async fn oauth_openid(&self, _: &str) -> Result<String, PlatformError> {
        Err(PlatformError::NotConfigured("official account"))
    }

    async fn mini_program_code(&self, _: &CodeRequest) -> Result<CodeImage, PlatformError> {
        Err(PlatformError::Busy)
    }
}

async fn stage(db: TestDb) -> TestApp {
    let mut links = Links::default();
    links.wechat = Some(Arc::new(FakeWechat));
    let app = TestApp::with_links(db, links).await;
    put(&app, MOBILE, "王小明", Some(PASSWORD)).await.unwrap();
    app
}

fn typed(password: &str, code: &str, device: &str) -> Login {
    Login {
        mobile: MOBILE.into(),
        password: password.into(),
        identity: Identity::Wechat { code: code.into() },
        device: device.into(),
        ip: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
    }
}

async fn enter(app: &App, code: &str, device: &str) -> String {
    login(app, &typed(PASSWORD, code, device)).await.unwrap().token
}

async fn me(app: &TestApp, token: &str) -> (u16, Value) {
    app.json("GET", "/api/manager/me", &[("authorization", &format!("Bearer {token}"))], Value::Null).await
}

async fn renew(app: &TestApp, token: &str, code: &str) -> (u16, Value) {
    let body = json!({ "identity": { "kind": "wechat", "code": code }, "device": "手机" });
    app.json("POST", "/api/manager/session/renew", &[("authorization", &format!("Bearer {token}"))], body).await
}

/// A later login pushes the earlier one out, which learns when, on which device and from where, and can do nothing more,
/// not even with a request already in flight.
async fn a_later_login_pushes_the_earlier_one_out(db: TestDb) {
    let app = stage(db).await;
    let first = enter(&app.app, "wang-1", "旧手机").await;
    let in_flight = authenticate(&app.app, &first).await.unwrap();
    app.pass_ms(1000);
    let second = enter(&app.app, "wang-2", "新手机").await;
    let (status, body) = me(&app, &first).await;
    assert_eq!((status, body["code"].as_str()), (401, Some("session.displaced")));
    let told = json!({ "at_ms": app.app.clock.now_ms(), "device": "新手机", "network": "203.0.*.*" });
    assert_eq!(body["displaced"], told);
    let write = async move |tx: &mut Tx<'_>| check(tx, &in_flight).await;
    let refused = app.app.db.write(Key::of(1), write).await;
    assert!(matches!(refused, Err(Error::Displaced(by)) if by.device == "新手机"));
    let living = authenticate(&app.app, &second).await.unwrap();
    let write = async move |tx: &mut Tx<'_>| check(tx, &living).await;
    assert!(app.app.db.write(Key::of(1), write).await.is_ok());
    assert_eq!(renew(&app, &first, "wang-3").await.1["code"], "session.displaced", "the silent renewal is no way back");
    assert_eq!(
        app.number("SELECT COUNT(*) FROM live_event WHERE kind = 'session'").await,
        1,
        "the open screen is told"
    );
}

/// One account, one session: of many logins at once, on two nodes, exactly one stays.
async fn of_logins_at_once_one_session_stays(db: TestDb) {
    let app = stage(db).await;
    let other = app.another_node((*app.app.outside.links()).clone());
    let nodes = [&app.app, &other];
    let logins = (0..8).map(|n| async move { login(nodes[n % 2], &typed(PASSWORD, "wang-1", "手机")).await });
    let done = futures_util::future::join_all(logins).await;
    let begun = done.iter().filter(|done| done.is_ok()).count() as i64;
    assert!(begun >= 1, "{done:?}");
    let is_throttled = |done: &&Result<_, Error>| matches!(done, Err(Error::Throttled { .. }));
    assert_eq!(begun + done.iter().filter(is_throttled).count() as i64, 8, "{done:?}");
    assert_eq!(app.number("SELECT COUNT(*) FROM manager_session WHERE state = 'active'").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM manager_session WHERE state = 'displaced'").await, begun - 1);
    let mut living = 0;
    for done in done.into_iter().flatten() {
        living += usize::from(authenticate(&app.app, &done.token).await.is_ok());
    }
    assert_eq!(living, 1);
}

/// The first login binds; another identity is refused in words, whatever it knows.
async fn another_identity_is_refused(db: TestDb) {
    let app = stage(db).await;
    enter(&app.app, "wang-1", "手机").await;
    let refused = login(&app.app, &typed(PASSWORD, "thief-1", "手机")).await;
    assert!(matches!(refused, Err(Error::OtherIdentity)));
    let body =
        json!({ "mobile": MOBILE, "password": PASSWORD, "identity": { "kind": "browser", "key": "k".repeat(32) } });
    let (status, body) = app.json("POST", "/api/manager/login", &[], body).await;
    assert_eq!((status, body["code"].as_str()), (403, Some("login.other_identity")));
    assert!(body["detail"].as_str().unwrap().contains("请联系管理员解绑"));
    enter(&app.app, "wang-2", "新手机").await;
}

/// A wrong account and a wrong password get the same answer.
async fn nobody_learns_which_accounts_exist(db: TestDb) {
    let app = stage(db).await;
    let try_with = async |mobile: &str, password: &str| {
        let identity = json!({ "kind": "wechat", "code": "wang-1" });
        let body = json!({ "mobile": mobile, "password": password, "identity": identity, "device": "" });
        app.json("POST", "/api/manager/login", &[], body).await
    };
    let (unknown, wrong) = (try_with("13900000000", "wrong-one").await, try_with(MOBILE, "wrong-one").await);
    assert_eq!((unknown.0, unknown.1["code"].as_str()), (401, Some("login.wrong")));
    assert_eq!(unknown, wrong);
    let (status, body) = try_with("1380000", "").await;
    assert_eq!((status, body["errors"].as_array().unwrap().len()), (422, 2));
    let (status, body) = try_with(MOBILE, &"x".repeat(1 << 20)).await;
    assert_eq!((status, body["code"].as_str()), (413, Some("request.too_large")));
    assert_eq!(try_with(MOBILE, &"x".repeat(60_000)).await.1["errors"][0]["code"], "password.too_long");
}

/// Failures slow down per account, then lock for a while, and say until when; guesses at once are not free.
async fn failures_slow_down_and_lock(db: TestDb) {
    let app = stage(db).await;
    let wrong = typed("wrong-one", "wang-1", "");
    let at_once = futures_util::future::join_all((0..20).map(|_| login(&app.app, &wrong))).await;
    let tried = at_once.iter().filter(|done| matches!(done, Err(Error::Wrong { .. }))).count();
    assert_eq!(tried, 4, "three free guesses, and the fourth makes everybody wait: {at_once:?}");
    let waits = login(&app.app, &typed(PASSWORD, "wang-1", "")).await;
    assert!(matches!(waits, Err(Error::Throttled { locked: false, .. })), "{waits:?}");
    let mut locked_until_ms = 0;
    for _ in 0..6 {
        app.pass_ms(60_000);
        match login(&app.app, &wrong).await {
            Err(Error::Wrong { retry_at_ms }) => locked_until_ms = retry_at_ms.unwrap(),
            other => panic!("{other:?}"),
        }
    }
    let refused = login(&app.app, &typed(PASSWORD, "wang-1", "")).await;
    assert!(
        matches!(refused, Err(Error::Throttled { retry_at_ms, locked: true }) if retry_at_ms == locked_until_ms),
        "{refused:?}"
    );
    app.pass_ms(locked_until_ms - app.app.clock.now_ms());
    enter(&app.app, "wang-1", "手机").await;
    assert!(matches!(login(&app.app, &wrong).await, Err(Error::Wrong { retry_at_ms: None })), "a right login forgets");
}

/// One address that tries many accounts is slowed down too.
async fn one_address_cannot_try_every_account(db: TestDb) {
    let app = stage(db).await;
    for n in 0..31 {
        let one = Login { mobile: format!("139000000{n:02}"), ..typed("wrong-one", "wang-1", "") };
        assert!(matches!(login(&app.app, &one).await, Err(Error::Wrong { .. })));
    }
    let refused = login(&app.app, &typed(PASSWORD, "wang-1", "")).await;
    assert!(matches!(refused, Err(Error::Throttled { locked: false, .. })), "{refused:?}");
    let elsewhere = Login { ip: IpAddr::V4(Ipv4Addr::new(198, 51, 100, 1)), ..typed(PASSWORD, "wang-1", "") };
    assert!(login(&app.app, &elsewhere).await.is_ok());
}

/// An expired token renews silently for the bound identity, however often the answer is lost, and for no other.
async fn an_expired_session_renews_silently(db: TestDb) {
    let app = stage(db).await;
    let token = enter(&app.app, "wang-1", "手机").await;
    app.pass_ms(SESSION_MS);
    assert_eq!(me(&app, &token).await.1["code"], "session.expired");
    assert_eq!(renew(&app, &token, "thief-1").await.1["code"], "login.other_identity");
    let (status, lost) = renew(&app, &token, "wang-2").await;
    assert_eq!((status, lost["expires_at_ms"].as_i64()), (200, Some(app.app.clock.now_ms() + SESSION_MS)));
    assert_eq!(me(&app, lost["token"].as_str().unwrap()).await.0, 200);
    assert_eq!(me(&app, &token).await.1["code"], "session.expired", "the replaced token opens nothing but a renewal");
    for _ in 0..2 {
        let (status, again) = renew(&app, &token, "wang-3").await;
        assert_eq!(status, 200, "{again}");
        assert_eq!(me(&app, again["token"].as_str().unwrap()).await.0, 200);
    }
    assert_eq!(me(&app, lost["token"].as_str().unwrap()).await.1["code"], "session.missing");
    assert_eq!(app.number("SELECT COUNT(*) FROM manager_session").await, 1, "a renewal is no new session");
    assert_eq!(app.number("SELECT COUNT(*) FROM live_event").await, 0, "and pushes nobody out");
}

/// No renewal after a logout.
async fn a_logout_is_final(db: TestDb) {
    let app = stage(db).await;
    let token = enter(&app.app, "wang-1", "手机").await;
    app.pass_ms(SESSION_MS + DAY_MS);
    let bearer = format!("Bearer {token}");
    for _ in 0..2 {
        let headers = [("authorization", bearer.as_str())];
        assert_eq!(app.json("POST", "/api/manager/logout", &headers, Value::Null).await.0, 204);
    }
    assert_eq!(renew(&app, &token, "wang-2").await.1["code"], "session.ended");
    assert_eq!(me(&app, &token).await.1["code"], "session.ended");
}

/// Whoever has no token of ours is nobody.
async fn a_made_up_token_opens_nothing(db: TestDb) {
    let app = stage(db).await;
    let token = enter(&app.app, "wang-1", "手机").await;
    let other_merchant = token.replacen("m1.", "m2.", 1);
    for made_up in ["", "m1.", "x", "m99999999999999999999.aaaa", &token[..token.len() - 1], &other_merchant] {
        let (status, body) = me(&app, made_up).await;
        assert_eq!((status, body["code"].as_str()), (401, Some("session.missing")), "{made_up}");
    }
    assert_eq!(app.json("GET", "/api/manager/me", &[], Value::Null).await.1["code"], "session.missing");
    assert_eq!(app.number("SELECT COUNT(*) FROM manager_session WHERE token_hash LIKE 'sha256:%'").await, 1);
}

/// WeChat's troubles are told as what they are, and cost no attempt.
async fn wechats_troubles_are_told(db: TestDb) {
    let app = stage(db).await;
    for _ in 0..12 {
        assert!(matches!(login(&app.app, &typed(PASSWORD, "used", "")).await, Err(Error::BadCode)));
        assert!(matches!(login(&app.app, &typed(PASSWORD, "down-1", "")).await, Err(Error::Platform(_))));
    }
    enter(&app.app, "wang-1", "手机").await;
}

db::on_both_engines!(
    a_later_login_pushes_the_earlier_one_out,
    of_logins_at_once_one_session_stays,
    another_identity_is_refused,
    nobody_learns_which_accounts_exist,
    failures_slow_down_and_lock,
    one_address_cannot_try_every_account,
    an_expired_session_renews_silently,
    a_logout_is_final,
    a_made_up_token_opens_nothing,
    wechats_troubles_are_told,
);
