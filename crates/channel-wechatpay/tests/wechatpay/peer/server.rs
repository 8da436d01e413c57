//! The institution's HTTP side.

use std::collections::HashMap;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    http::{Response, StatusCode, request::Parts},
    response::{Html, IntoResponse, Redirect},
};
use channel::contract::Fault;
use serde_json::{Value, json};

use super::{
    Facts, Order, Seen, Shared, beijing, counter,
    keys::{KEYS, MERCHANT_SERIAL, SP_APPID, SP_MCHID, SUB_APPID, SUB_MCHID, Who, seal},
    v2,
};

type Answer = Response<Body>;

/// Before signing.
pub struct Plain {
    pub status: u16,
    pub body: Vec<u8>,
    pub number: u64,
    /// Files carry no signature.
    pub file: bool,
}

const FIELDS: [&str; 12] = [
    "sp_appid",
    "sp_mchid",
    "sub_appid",
    "sub_mchid",
    "description",
    "out_trade_no",
    "time_expire",
    "notify_url",
    "amount",
    "payer",
    "scene_info",
    "attach",
];

pub fn router(shared: Shared) -> Router {
    Router::new().fallback(serve).with_state(shared)
}

/// A probe's signature: well-formed and wrong.
pub fn probe(signature: &str) -> String {
    let prefix = "WECHATPAY/SIGNTEST/";
    format!("{prefix}{}", &signature[prefix.len()..])
}

pub fn order_json(number: &str, order: &Order, now_ms: i64) -> Value {
    let asked = &order.asked;
    let mut json = json!({
        "sp_appid": SP_APPID, "sp_mchid": SP_MCHID, "sub_mchid": asked["sub_mchid"], "out_trade_no": number,
        "trade_state": order.state, "trade_state_desc": "说明", "a_new_field": {"of": [1, null]},
        "amount": {"total": asked["amount"]["total"], "currency": "CNY"},
    });
    if let Some(appid) = asked.get("sub_appid") {
        json["sub_appid"] = appid.clone();
    }
    if order.path == "codepay" {
        json["trade_type"] = json!("MICROPAY");
    }
    if matches!(order.state, "SUCCESS" | "REFUND") {
        json["transaction_id"] = json!(transaction_id(number));
        json["trade_type"] = json!(if order.path == "codepay" { "MICROPAY" } else { "JSAPI" });
        json["bank_type"] = json!("OTHERS");
        json["success_time"] = json!(beijing(now_ms));
        json["payer"] = json!({"sp_openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"});
        json["amount"]["payer_total"] = asked["amount"]["total"].clone();
        json["amount"]["payer_currency"] = json!("CNY");
    }
    json
}

/// Their number of an order: digits that anybody can compute again.
pub fn transaction_id(number: &str) -> String {
    let mix = |sum: u64, byte: u8| (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    format!("4200{:020}", number.bytes().fold(0xcbf2_9ce4_8422_2325, mix))
}

pub fn error(status: u16, code: &str) -> Plain {
    numbered(status, code, 0)
}

fn numbered(status: u16, code: &str, number: u64) -> Plain {
    Plain { status, body: json!({"code": code, "message": "说明"}).to_string().into_bytes(), number, file: false }
}

pub fn done(json: &Value) -> Plain {
    Plain { status: 200, body: json.to_string().into_bytes(), number: 0, file: false }
}

async fn serve(State(shared): State<Shared>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let fault = shared.lock().unwrap().fault;
    shared.lock().unwrap().seen.push(Seen {
        method: parts.method.to_string(),
        path_and_query: path_and_query(&parts),
        headers: parts.headers.clone(),
        body: body.to_vec(),
    });
    if v2::is(&parts) {
        let answer = v2::serve(&mut shared.lock().unwrap(), fault, &parts, &body);
        return match fault {
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::HangUp) => hang_up(),
            _ => answer,
        };
    }
    let plain = {
        let mut facts = shared.lock().unwrap();
        match facts.script.clone() {
            Some(script) if script.status == 204 => {
                Plain { status: 204, body: Vec::new(), number: script.number, file: false }
            }
            Some(script) => {
                let body = script.body.to_string().into_bytes();
                Plain { status: script.status, body, number: script.number, file: false }
            }
            None if !authorised(&parts, &body, facts.now_ms) => error(401, "SIGN_ERROR"),
            None => route(&mut facts, &parts, &body),
        }
    };
    match fault {
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::HangUp) => hang_up(),
        Some(Fault::Html) => Html("<html>维护中</html>").into_response(),
        Some(Fault::BadGateway) => (StatusCode::BAD_GATEWAY, Html("<html>502</html>")).into_response(),
        Some(Fault::Redirect) => Redirect::temporary("/elsewhere").into_response(),
        Some(Fault::ServerError) => signed(&shared, error(500, "SYSTEM_ERROR"), None),
        Some(Fault::Undocumented) => signed(&shared, error(400, "SOMETHING_NEW"), None),
        Some(Fault::Throttled) => signed(&shared, error(429, "FREQUENCY_LIMITED"), None),
        fault => signed(&shared, plain, fault),
    }
}

/// Headers, a byte of the body, and the line goes dead.
fn hang_up() -> Answer {
    let broken = futures_util::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("hung up"))]);
    Response::new(Body::from_stream(broken))
}

fn signed(shared: &Shared, plain: Plain, fault: Option<Fault>) -> Answer {
    let facts = shared.lock().unwrap();
    let who = if fault == Some(Fault::UnknownKey) { Who::Stranger } else { facts.answers };
    let age_s = if fault == Some(Fault::Stale) { 300 } else { 0 };
    let timestamp = (facts.now_ms / 1000 - age_s).to_string();
    let nonce = "c5ac7061fccab6bf3e254dcf98995b8c";
    let mut signature = KEYS.sign(who, &timestamp, nonce, &plain.body);
    match fault {
        Some(Fault::WrongSignature) => signature = KEYS.sign(who, &timestamp, nonce, b"something else"),
        Some(Fault::Probe) => signature = probe(&signature),
        _ => {}
    }
    let mut answer = Response::builder()
        .status(plain.status)
        .header("Content-Type", "application/json; charset=utf-8")
        .header("Request-ID", format!("08F78BA3B506106D1B2C-{}", plain.number));
    if fault != Some(Fault::Unsigned) && !plain.file {
        answer = answer
            .header("Wechatpay-Timestamp", timestamp)
            .header("Wechatpay-Nonce", nonce)
            .header("Wechatpay-Signature", signature)
            .header("Wechatpay-Serial", KEYS.serial(who));
    }
    answer.body(Body::from(plain.body)).unwrap()
}

fn path_and_query(parts: &Parts) -> String {
    parts.uri.path_and_query().unwrap().to_string()
}

/// The request's own signature and headers (PROTOCOLS 1.2).
fn authorised(parts: &Parts, body: &[u8], now_ms: i64) -> bool {
    let header = |name: &str| parts.headers.get(name).map_or("", |value| value.to_str().unwrap());
    let Some(fields) = header("authorization").strip_prefix("WECHATPAY2-SHA256-RSA2048 ") else { return false };
    let fields: HashMap<&str, &str> =
        fields.split(',').map(|f| f.split_once('=').unwrap()).map(|(k, v)| (k, v.trim_matches('"'))).collect();
    let text = format!(
        "{}\n{}\n{}\n{}\n{}\n",
        parts.method,
        path_and_query(parts),
        fields["timestamp"],
        fields["nonce_str"],
        std::str::from_utf8(body).unwrap()
    );
    fields["mchid"] == SP_MCHID
        && fields["serial_no"] == MERCHANT_SERIAL
        && fields["timestamp"].parse::<i64>().unwrap().abs_diff(now_ms / 1000) <= 300
        && header("accept") == "application/json"
        && !header("user-agent").is_empty()
        && (body.is_empty() || header("content-type") == "application/json")
        && KEYS.merchant_signed(text.as_bytes(), fields["signature"])
}

fn route(facts: &mut Facts, parts: &Parts, body: &[u8]) -> Plain {
    let path = parts.uri.path().replace("%7C", "|").replace("%2A", "*");
    let orders = "/v3/pay/partner/transactions/";
    if parts.method == "GET" && path == "/v3/certificates" {
        return certificates(&facts.listed);
    }
    if let Some(plain) = counter::route(facts, parts, &path, body) {
        return plain;
    }
    let Some(rest) = path.strip_prefix(orders) else { return error(404, "RESOURCE_NOT_EXISTS") };
    match (parts.method.as_str(), rest.strip_prefix("out-trade-no/")) {
        ("POST", None) => place(facts, rest, body),
        ("POST", Some(rest)) => close(facts, rest.strip_suffix("/close").unwrap(), body),
        ("GET", Some(number)) => {
            assert_eq!(parts.uri.query().unwrap(), format!("sp_mchid={SP_MCHID}&sub_mchid={SUB_MCHID}"));
            match facts.orders.get(number) {
                Some(order) => done(&order_json(number, order, facts.now_ms)),
                None => error(404, "ORDER_NOT_EXIST"),
            }
        }
        _ => error(404, "RESOURCE_NOT_EXISTS"),
    }
}

/// What a body must not have: `null`, or characters of four bytes.
pub fn clean(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => text.chars().all(|c| c.len_utf8() < 4),
        Value::Array(values) => values.iter().all(clean),
        Value::Object(fields) => fields.values().all(clean),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn well_formed(kind: &str, asked: &Value) -> bool {
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let ours = text("sp_appid") == SP_APPID && text("sp_mchid") == SP_MCHID && text("sub_mchid") == SUB_MCHID;
    let sizes = (1..=127).contains(&text("description").len()) && (6..=32).contains(&text("out_trade_no").len());
    let time = text("time_expire").len() == 25 && text("time_expire").ends_with("+08:00");
    let amount = asked["amount"]["total"].as_i64() >= Some(1) && asked["amount"]["currency"] == "CNY";
    let scene = match kind {
        "jsapi" if asked.get("sub_appid").is_some() => {
            text("sub_appid") == SUB_APPID && asked["payer"]["sub_openid"].is_string()
        }
        "jsapi" => asked["payer"]["sp_openid"].is_string(),
        "h5" => asked["scene_info"]["payer_client_ip"].is_string() && asked["scene_info"]["h5_info"]["type"] == "Wap",
        _ => asked.get("payer").is_none(),
    };
    let known = asked.as_object().unwrap().keys().all(|field| FIELDS.contains(&field.as_str()));
    ours && sizes && time && amount && scene && known && clean(asked) && text("notify_url").starts_with("http")
}

fn place(facts: &mut Facts, kind: &str, body: &[u8]) -> Plain {
    let asked: Value = serde_json::from_slice(body).unwrap();
    if !well_formed(kind, &asked) {
        return error(400, "PARAM_ERROR");
    }
    let number = asked["out_trade_no"].as_str().unwrap().to_owned();
    let order = facts.orders.entry(number.clone());
    let order = order.or_insert_with(|| Order { path: kind.to_owned(), asked: asked.clone(), state: "NOTPAY" });
    match order.state {
        "CLOSED" => return error(400, "ORDER_CLOSED"),
        "SUCCESS" => return error(403, "OUT_TRADE_NO_USED"),
        _ if order.asked != asked || order.path != kind => return numbered(400, "INVALID_REQUEST", 268_498_688),
        _ => {}
    }
    match kind {
        "jsapi" => done(&json!({"prepay_id": format!("wx{number}")})),
        "h5" => done(&json!({"h5_url": format!("https://wx.example.com/h5?prepay_id=wx{number}&package=1")})),
        "native" => done(&json!({"code_url": format!("weixin://wxpay/bizpayurl?pr={number}")})),
        _ => error(404, "RESOURCE_NOT_EXISTS"),
    }
}

fn close(facts: &mut Facts, number: &str, body: &[u8]) -> Plain {
    let asked: Value = serde_json::from_slice(body).unwrap();
    assert_eq!(asked, json!({"sp_mchid": SP_MCHID, "sub_mchid": SUB_MCHID}));
    let Some(order) = facts.orders.get_mut(number) else { return error(404, "ORDER_NOT_EXIST") };
    if order.state == "SUCCESS" {
        return error(400, "ORDERPAID");
    }
    order.state = "CLOSED";
    Plain { status: 204, body: Vec::new(), number: 0, file: false }
}

fn certificates(listed: &[Who]) -> Plain {
    let entries = listed.iter().map(|who| {
        let pem = if *who == Who::NextCertificate { &KEYS.next_pem } else { &KEYS.certificate_pem };
        json!({
            "serial_no": KEYS.serial(*who),
            "effective_time": "2026-01-01T00:00:00+08:00",
            "expire_time": "2031-01-01T00:00:00+08:00",
            "encrypt_certificate": {
                "algorithm": "AEAD_AES_256_GCM",
                "nonce": "61f9c719728a",
                "associated_data": "certificate",
                "ciphertext": seal("61f9c719728a", "certificate", pem.as_bytes()),
            },
        })
    });
    done(&json!({"data": entries.collect::<Vec<_>>()}))
}
