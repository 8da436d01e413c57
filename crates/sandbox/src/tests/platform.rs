//! The platform: PROTOCOLS 3.

use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{START_MS, World, told};
use crate::institution::{MINI_PROGRAM, OFFICIAL_ACCOUNT};

const MINUTE_MS: i64 = 60_000;

impl World {
    async fn get(&self, target: &str) -> Value {
        told(self.client.get(format!("{}{target}", self.url))).await.1
    }

    async fn login(&self, secret: &str, code: &str) -> Value {
        self.get(&format!(
            "/sns/jscode2session?appid={MINI_PROGRAM}&secret={secret}&js_code={code}&grant_type=authorization_code"
        ))
        .await
    }

    async fn login_code(&self, openid: &str) -> String {
        self.get(&format!("/devtools/login-code?openid={openid}")).await["code"].as_str().unwrap().to_owned()
    }

    async fn stable(&self, force: bool) -> Value {
        let body = json!({ "grant_type": "client_credential", "appid": MINI_PROGRAM,
            "secret": self.kit("mini_program_secret.txt"), "force_refresh": force });
        told(self.client.post(format!("{}/cgi-bin/stable_token", self.url)).json(&body)).await.1
    }

    async fn plain(&self, appid: &str, secret: &str) -> Value {
        self.get(&format!("/cgi-bin/token?grant_type=client_credential&appid={appid}&secret={secret}")).await
    }

    async fn picture(&self, token: &str, body: &Value) -> reqwest::Response {
        let url = format!("{}/wxa/getwxacodeunlimit?access_token={token}", self.url);
        self.client.post(url).json(body).send().await.unwrap()
    }
}

/// A login code names one user, once, for five minutes, to the owner of the mini program only.
#[tokio::test]
async fn a_login_code_is_good_once_for_five_minutes() {
    let world = World::start().await;
    let secret = world.kit("mini_program_secret.txt");
    let code = world.login_code("openid-li").await;
    assert_eq!(world.login("wrong", &code).await["errcode"], 40125);
    let session = world.login(&secret, &code).await;
    assert_eq!((&session["openid"], session["session_key"].is_string()), (&json!("openid-li"), true));
    assert_eq!(world.login(&secret, &code).await["errcode"], 40163);
    assert_eq!(world.login(&secret, "nonsense").await["errcode"], 40029);
    let late = world.login_code("openid-li").await;
    world.set_now(START_MS + 5 * MINUTE_MS);
    assert_eq!(world.login(&secret, &late).await["errcode"], 40029);
}

/// Silent authorisation goes straight back; who one is comes from `as`, the cookie, or the default; then an order may name that openid.
#[tokio::test]
async fn authorisation_returns_with_a_code_for_the_acting_user() {
    let world = World::start().await;
    let link = format!(
        "{}/connect/oauth2/authorize?appid={OFFICIAL_ACCOUNT}&redirect_uri=http%3A%2F%2Fshop.test%2Fpay%2Foauth%3Fa%3D1&response_type=code&scope=snsapi_base&state=s1",
        world.url
    );
    let secret = world.kit("official_account_secret.txt");
    for (link, cookie, expected) in [
        (link.clone(), "", "openid-zhou"),
        (link.clone(), "a=b; sandbox_user=openid-wang", "openid-wang"),
        (format!("{link}&as=openid-li"), "sandbox_user=openid-wang", "openid-li"),
    ] {
        let response = world.client.get(&link).header("cookie", cookie).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::SEE_OTHER);
        let back = url::Url::parse(response.headers()["location"].to_str().unwrap()).unwrap();
        assert_eq!(back.host_str(), Some("shop.test"));
        let pairs: Vec<(String, String)> = back.query_pairs().into_owned().collect();
        assert_eq!((pairs[0].1.as_str(), pairs[2].1.as_str()), ("1", "s1"));
        let exchange = format!(
            "/sns/oauth2/access_token?appid={OFFICIAL_ACCOUNT}&secret={secret}&code={}&grant_type=authorization_code",
            pairs[1].1
        );
        assert_eq!(world.get(&exchange).await["openid"], expected);
        assert_eq!(world.get(&exchange).await["errcode"], 40163);
    }
    let mut order = world.jsapi_order("P100001");
    order["payer"]["sp_openid"] = json!("openid-li");
    assert_eq!(world.place("jsapi", &order).await.0, StatusCode::OK);
}

/// The platform refuses a link whose parameters are in another order, of another account or with a long state.
#[tokio::test]
async fn a_wrong_authorisation_link_is_refused() {
    let world = World::start().await;
    for query in [
        format!("redirect_uri=http%3A%2F%2Fa.test&appid={OFFICIAL_ACCOUNT}&response_type=code&scope=snsapi_base"),
        format!("appid={MINI_PROGRAM}&redirect_uri=http%3A%2F%2Fa.test&response_type=code&scope=snsapi_base"),
        format!("appid={OFFICIAL_ACCOUNT}&redirect_uri=javascript%3A1&response_type=code&scope=snsapi_base"),
        format!(
            "appid={OFFICIAL_ACCOUNT}&redirect_uri=http%3A%2F%2Fa.test&response_type=code&scope=snsapi_base&state={}",
            "x".repeat(129)
        ),
    ] {
        let request = world.client.get(format!("{}/connect/oauth2/authorize?{query}", world.url));
        assert_eq!(told(request).await.0, StatusCode::BAD_REQUEST, "{query}");
    }
}

/// A plain token outlives its successor by five minutes; a stable one stays the same until five minutes before its end.
#[tokio::test]
async fn tokens_overlap() {
    let world = World::start().await;
    let secret = world.kit("mini_program_secret.txt");
    let body = json!({ "scene": "a", "page": "pages/home/index" });
    let old = world.plain(MINI_PROGRAM, &secret).await["access_token"].as_str().unwrap().to_owned();
    let new = world.plain(MINI_PROGRAM, &secret).await["access_token"].as_str().unwrap().to_owned();
    world.set_now(START_MS + 5 * MINUTE_MS - 1);
    assert_eq!(world.picture(&old, &body).await.headers()["content-type"], "image/png");
    world.set_now(START_MS + 5 * MINUTE_MS);
    assert_eq!(world.picture(&old, &body).await.json::<Value>().await.unwrap()["errcode"], 42001);
    assert_eq!(world.picture(&new, &body).await.headers()["content-type"], "image/png");
    let first = world.stable(false).await;
    assert_eq!(world.stable(false).await, first);
    world.set_now(START_MS + 5 * MINUTE_MS + 115 * MINUTE_MS);
    let second = world.stable(false).await;
    assert_ne!(second["access_token"], first["access_token"]);
    assert_eq!(world.stable(true).await["access_token"], second["access_token"], "forced within 30 s");
    world.set_now(START_MS + 5 * MINUTE_MS + 116 * MINUTE_MS);
    assert_ne!(world.stable(true).await["access_token"], second["access_token"]);
    assert_eq!(world.plain("wx0", &secret).await["errcode"], 40013);
    assert_eq!(world.plain(OFFICIAL_ACCOUNT, &secret).await["errcode"], 40125);
}

/// The mini program's code is a picture of the width asked for; a wrong scene, page or token is JSON.
#[tokio::test]
async fn the_mini_programs_code_is_a_picture_or_a_reason() {
    let world = World::start().await;
    let token = world.stable(false).await["access_token"].as_str().unwrap().to_owned();
    let good = json!({ "scene": "m=12", "page": "pages/login/index", "width": 280 });
    let response = world.picture(&token, &good).await;
    let bytes = response.bytes().await.unwrap();
    let picture = png::Decoder::new(std::io::Cursor::new(&bytes)).read_info().unwrap();
    assert_eq!((picture.info().width, picture.info().height), (280, 280));
    for (token, body, errcode) in [
        ("nonsense", good.clone(), 40001),
        (token.as_str(), json!({ "scene": "空" }), 40129),
        (token.as_str(), json!({ "scene": "x".repeat(33) }), 40129),
        (token.as_str(), json!({ "scene": "a", "page": "/pages/a" }), 41030),
        (token.as_str(), json!({ "scene": "a", "width": 100 }), 47003),
    ] {
        let answer: Value = world.picture(token, &body).await.json().await.unwrap();
        assert_eq!(answer["errcode"], errcode, "{body}");
    }
}

/// Every page opens.
#[tokio::test]
async fn the_pages_open() {
    let world = World::start().await;
    for page in ["/", "/wallet", "/mailbox", "/style.css", "/callbacks", "/faults", "/healthz"] {
        let response = world.client.request(Method::GET, format!("{}{page}", world.url)).send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{page}");
    }
}
