//! A platform of one screen, written from PROTOCOLS section 3 and not from the code under test.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard},
};

use axum::{
    Json, Router,
    extract::{Query, State},
    http::{StatusCode, header::CONTENT_TYPE},
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinSet};

/// What stands for a picture.
pub const PNG: &[u8] = b"\x89PNG pretended";

#[derive(Default)]
struct Facts {
    used_codes: HashSet<String>,
    tokens_asked: Vec<bool>,
    generation: u32,
    distrusted: bool,
    refuse_all: bool,
    errcode: i64,
}

type Shared = Arc<Mutex<Facts>>;

/// The server; it ends with the value.
pub struct Peer {
    pub base_url: String,
    facts: Shared,
    _server: JoinSet<()>,
}

impl Peer {
    pub async fn start() -> Peer {
        let facts: Shared = Arc::new(Mutex::new(Facts { errcode: 40001, ..Facts::default() }));
        let router = Router::new()
            .route("/cgi-bin/stable_token", post(stable_token))
            .route("/sns/jscode2session", get(login))
            .route("/sns/oauth2/access_token", get(oauth))
            .route("/wxa/getwxacodeunlimit", post(draw))
            .with_state(facts.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let mut server = JoinSet::new();
        server.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Peer { base_url, facts, _server: server }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.facts.lock().unwrap()
    }

    /// Each asking for a token so far; true where it was forced.
    pub fn tokens_asked(&self) -> Vec<bool> {
        self.facts().tokens_asked.clone()
    }

    /// Somebody else forced a new token: the old one is worthless.
    pub fn replace_token(&self) {
        self.facts().generation += 1;
    }

    /// The present token is refused although `stable_token` keeps giving it, until it is forced.
    pub fn distrust_token(&self) {
        self.facts().distrusted = true;
    }

    pub fn refuse_tokens_with(&self, errcode: i64) {
        self.facts().errcode = errcode;
    }

    pub fn refuse_every_token(&self) {
        self.facts().refuse_all = true;
    }
}

fn token_of(generation: u32) -> String {
    format!("token-{generation}")
}

/// JSON as the platform sends it: as plain text.
fn plain(value: &Value) -> Response {
    ([(CONTENT_TYPE, "text/plain")], value.to_string()).into_response()
}

fn refused(errcode: i64, errmsg: &str) -> Response {
    plain(&json!({"errcode": errcode, "errmsg": errmsg}))
}

async fn stable_token(State(facts): State<Shared>, Json(body): Json<Value>) -> Response {
    assert_eq!(body["grant_type"], "client_credential");
    assert_eq!((&body["appid"], &body["secret"]), (&json!("wxmini"), &json!("s3cret")));
    let mut facts = facts.lock().unwrap();
    let forced = body["force_refresh"].as_bool().unwrap();
    facts.tokens_asked.push(forced);
    if forced {
        facts.generation += 1;
        facts.distrusted = false;
    }
    plain(&json!({"access_token": token_of(facts.generation), "expires_in": 7200}))
}

async fn login(State(facts): State<Shared>, Query(query): Query<HashMap<String, String>>) -> Response {
    assert_eq!((query["appid"].as_str(), query["secret"].as_str()), ("wxmini", "s3cret"));
    assert_eq!(query["grant_type"], "authorization_code");
    let code = &query["js_code"];
    if !facts.lock().unwrap().used_codes.insert(code.clone()) {
        return refused(40163, "code been used");
    }
    plain(&json!({"openid": format!("o-{code}"), "session_key": "k", "unionid": "u-1"}))
}

async fn oauth(Query(query): Query<HashMap<String, String>>) -> Response {
    assert_eq!((query["appid"].as_str(), query["secret"].as_str()), ("wxaccount", "s3cret"));
    assert_eq!(query["grant_type"], "authorization_code");
    match query["code"].as_str() {
        "invalid" => refused(40029, "invalid code"),
        "busy" => refused(-1, "system error"),
        "html" => Html("<html>maintenance</html>").into_response(),
        "500" => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        "empty" => plain(&json!({})),
        code => plain(
            &json!({"access_token": "not the API token", "expires_in": 7200, "openid": format!("o-{code}"), "scope": "snsapi_base"}),
        ),
    }
}

async fn draw(
    State(facts): State<Shared>,
    Query(query): Query<HashMap<String, String>>,
    Json(body): Json<Value>,
) -> Response {
    let facts = facts.lock().unwrap();
    if facts.refuse_all || facts.distrusted || query["access_token"] != token_of(facts.generation) {
        return refused(facts.errcode, "invalid credential");
    }
    if body["page"] == "pages/none" {
        return refused(41030, "invalid page");
    }
    ([(CONTENT_TYPE, "image/png")], PNG).into_response()
}
