//! The institution's HTTP side: one gateway and the place where bills lie.

use std::collections::HashMap;

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State as Shares},
    http::{Response, StatusCode},
    response::{Html, IntoResponse, Redirect},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use channel::contract::{BillState, Fault, Till};
use serde_json::{Value, json};

use super::{
    Facts, Mode, Open, Seen, Shared, State, archive,
    keys::{APP_ID, AUTH_TOKEN, KEYS, SELLER_ID, USER_ID, Who, alipay_serial, app_serial, root_serial},
    trade::{fen, yuan},
};

type Answer = Response<Body>;
type Parameters = HashMap<String, String>;

pub fn router(shared: Shared) -> Router {
    Router::new().fallback(serve).with_state(shared)
}

fn parsed(text: &str) -> Parameters {
    url::form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

fn failed(sub_code: &str) -> Value {
    refused("40004", sub_code)
}

fn refused(code: &str, sub_code: &str) -> Value {
    json!({"code": code, "msg": "Business Failed", "sub_code": sub_code, "sub_msg": "它的话"})
}

async fn serve(Shares(shared): Shares<Shared>, request: Request) -> Answer {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let fault = shared.lock().unwrap().fault;
    if parts.uri.path() == "/bill" {
        return file(&shared, parts.uri.query().unwrap());
    }
    assert_eq!((parts.method.as_str(), parts.uri.path()), ("POST", "/gateway.do"));
    let kind = parts.headers["content-type"].to_str().unwrap();
    assert_eq!(kind, "application/x-www-form-urlencoded;charset=utf-8");
    let (address, form) = (parsed(parts.uri.query().unwrap()), parsed(std::str::from_utf8(&body).unwrap()));
    let (method, node) = {
        let mut facts = shared.lock().unwrap();
        facts.seen.push(Seen { address: address.clone(), form: form.clone() });
        let mut all = address.clone();
        all.extend(form);
        let node = match (facts.script.clone(), welcome(&facts, &all)) {
            (Some(script), _) => script,
            (None, Err(node)) => node,
            (None, Ok(())) => route(&mut facts, &all),
        };
        (address["method"].clone(), node)
    };
    match fault {
        Some(Fault::Silence) => std::future::pending().await,
        Some(Fault::HangUp) => hang_up(),
        Some(Fault::Html) => Html("<html>维护中</html>").into_response(),
        Some(Fault::BadGateway) => (StatusCode::BAD_GATEWAY, Html("<html>502</html>")).into_response(),
        Some(Fault::Redirect) => Redirect::temporary("/elsewhere").into_response(),
        Some(Fault::ServerError) => signed(&shared, &method, &refused("20000", "isp.unknow-error"), None),
        Some(Fault::Undocumented) => signed(&shared, &method, &failed("ACQ.SOMETHING_NEW"), None),
        Some(Fault::Throttled) => signed(&shared, &method, &refused("40005", "app-call-limited"), None),
        fault => signed(&shared, &method, &node, fault),
    }
}

/// Headers, a byte of the body, and the line goes dead.
fn hang_up() -> Answer {
    let broken = futures_util::stream::iter([Ok(Bytes::from_static(b"{")), Err(std::io::Error::other("hung up"))]);
    Response::new(Body::from_stream(broken))
}

/// The answer as text: the node with spaces and slashes that no parser would write again, so that only its characters
/// as they came can be verified.
fn signed(shared: &Shared, method: &str, node: &Value, fault: Option<Fault>) -> Answer {
    let facts = shared.lock().unwrap();
    if let Some(raw) = &facts.raw {
        return text(raw.clone());
    }
    let node = node.to_string().replace("\":", "\" : ").replace('/', "\\/");
    let who = if fault == Some(Fault::UnknownKey) { Who::Stranger } else { facts.signer };
    let sign = KEYS.sign(who, if fault == Some(Fault::WrongSignature) { "{}" } else { &node });
    let mut answer = format!("{{\"{}_response\":{node}", method.replace('.', "_"));
    if facts.mode == Mode::Certificate {
        answer += &format!(",\"alipay_cert_sn\":\"{}\"", alipay_serial(who));
    }
    // Whoever asks for a certificate has nothing to verify with: that answer is not signed.
    if fault != Some(Fault::Unsigned) && method != "alipay.open.app.alipaycert.download" {
        answer += &format!(",\n\"sign\":\"{sign}\"");
    }
    text(answer + "}")
}

fn text(answer: String) -> Answer {
    ([("content-type", "text/html;charset=utf-8")], answer).into_response()
}

/// The call's own signature and what every call carries (PROTOCOLS 2.1).
fn welcome(facts: &Facts, all: &Parameters) -> Result<(), Value> {
    let mut pairs: Vec<String> =
        all.iter().filter(|(name, _)| *name != "sign").map(|(name, value)| format!("{name}={value}")).collect();
    pairs.sort();
    let of = |name: &str| all.get(name).map_or("", String::as_str);
    let at = of("timestamp").replace(' ', "T").parse::<jiff::civil::DateTime>().unwrap();
    let at_ms = jiff::tz::offset(8).to_timestamp(at).unwrap().as_millisecond();
    let ours =
        of("app_id") == APP_ID && of("charset") == "utf-8" && of("sign_type") == "RSA2" && of("version") == "1.0";
    if !ours || of("format") != "JSON" || at_ms.abs_diff(facts.now_ms) > 1000 || all.values().any(String::is_empty) {
        return Err(refused("40002", "isv.invalid-parameter"));
    }
    if facts.mode == Mode::Certificate
        && (of("app_cert_sn") != app_serial() || of("alipay_root_cert_sn") != root_serial())
    {
        return Err(refused("40002", "isv.invalid-app-cert-sn"));
    }
    if !KEYS.app_signed(&pairs.join("&"), of("sign")) {
        return Err(refused("40002", "isv.invalid-signature"));
    }
    let ours_alone = ["alipay.system.oauth.token", "alipay.open.app.alipaycert.download"].contains(&of("method"));
    if !ours_alone && of("app_auth_token") != AUTH_TOKEN {
        return Err(refused("20001", "aop.invalid-app-auth-token"));
    }
    Ok(())
}

/// The payer's browser comes with an address: signed in, it becomes a trade.
pub fn visit(facts: &mut Facts, address: &str) {
    let query = address.split_once("/gateway.do?").unwrap().1;
    let all = parsed(query);
    welcome(facts, &all).unwrap();
    assert_eq!(all["method"], "alipay.trade.wap.pay");
    let asked: Value = serde_json::from_str(&all["biz_content"]).unwrap();
    assert_eq!(
        (asked["product_code"].as_str(), &asked["quit_url"]),
        (Some("QUICK_WAP_WAY"), &json!(all["return_url"]))
    );
    assert!(well_formed(&asked));
    let number = facts.next();
    Open { asked, notify_url: all["notify_url"].clone() }.become_trade(number, &mut facts.trades);
}

fn route(facts: &mut Facts, all: &Parameters) -> Value {
    if all["method"] == "alipay.system.oauth.token" {
        return identify(all);
    }
    let asked: Value = serde_json::from_str(&all["biz_content"]).unwrap();
    match all["method"].as_str() {
        "alipay.open.app.alipaycert.download" if facts.certificate.is_empty() => failed("CERT_NOT_EXIST"),
        "alipay.open.app.alipaycert.download" => {
            json!({"code": "10000", "msg": "Success", "alipay_cert_content": STANDARD.encode(&facts.certificate)})
        }
        "alipay.trade.create" => create(facts, asked, &all["notify_url"]),
        "alipay.trade.precreate" => precreate(facts, asked, &all["notify_url"]),
        "alipay.trade.pay" => pay(facts, asked),
        "alipay.trade.query" => {
            which(facts, &asked).map_or_else(|| failed("ACQ.TRADE_NOT_EXIST"), |number| facts.trades[&number].told())
        }
        "alipay.trade.close" => close(facts, &asked),
        "alipay.trade.cancel" => cancel(facts, &asked),
        "alipay.trade.refund" => refund(facts, &asked),
        "alipay.trade.fastpay.refund.query" => refund_query(facts, &asked),
        "alipay.data.dataservice.bill.downloadurl.query" => bill(facts, &asked),
        _ => refused("40002", "isv.invalid-method"),
    }
}

fn well_formed(asked: &Value) -> bool {
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let subject = text("subject");
    let time = text("time_expire").len() == 19 && text("time_expire").as_bytes()[10] == b' ';
    (1..=256).contains(&subject.chars().count())
        && !subject.contains(['/', '=', '&'])
        && text("out_trade_no").bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text("total_amount").split_once('.').is_some_and(|(_, decimals)| decimals.len() == 2)
        && text("seller_id") == SELLER_ID
        && (time || asked.get("auth_code").is_some())
}

fn create(facts: &mut Facts, asked: Value, notify_url: &str) -> Value {
    let buyer = asked["buyer_id"].as_str() == Some(USER_ID) || asked["buyer_open_id"].is_string();
    let product = asked["product_code"] == "JSAPI_PAY" && asked["op_app_id"] == "2021000000000001";
    if !well_formed(&asked) || !buyer || !product {
        return failed("ACQ.INVALID_PARAMETER");
    }
    let number = asked["out_trade_no"].as_str().unwrap().to_owned();
    if !facts.trades.contains_key(&number) {
        let trade_no = facts.next();
        Open { asked: asked.clone(), notify_url: notify_url.to_owned() }.become_trade(trade_no, &mut facts.trades);
    }
    let trade = &facts.trades[&number];
    match trade.state {
        State::Paid => failed("ACQ.TRADE_HAS_SUCCESS"),
        State::Closed => failed("ACQ.TRADE_HAS_CLOSE"),
        State::Waiting if trade.asked != asked => failed("ACQ.CONTEXT_INCONSISTENT"),
        State::Waiting => {
            json!({"code": "10000", "msg": "Success", "out_trade_no": number, "trade_no": trade.trade_no})
        }
    }
}

fn precreate(facts: &mut Facts, asked: Value, notify_url: &str) -> Value {
    if !well_formed(&asked) {
        return failed("ACQ.INVALID_PARAMETER");
    }
    let number = asked["out_trade_no"].clone();
    let code = format!("https://qr.alipay.com/bax{}", number.as_str().unwrap());
    facts.unopened.insert(code.clone(), Open { asked, notify_url: notify_url.to_owned() });
    json!({"code": "10000", "msg": "Success", "out_trade_no": number, "qr_code": code})
}

fn pay(facts: &mut Facts, asked: Value) -> Value {
    let code = asked["auth_code"].as_str().unwrap().to_owned();
    let product = asked["product_code"] == "FACE_TO_FACE_PAYMENT" && asked["scene"] == "bar_code";
    if !well_formed(&asked) || !product || asked["store_id"].as_str().is_none_or(str::is_empty) {
        return failed("ACQ.INVALID_PARAMETER");
    }
    if facts.used_codes.contains(&code) || !facts.codes.contains_key(&code) {
        return failed("ACQ.PAYMENT_AUTH_CODE_INVALID");
    }
    facts.used_codes.push(code.clone());
    if facts.codes[&code] == Till::CannotPay {
        return failed("ACQ.BUYER_BALANCE_NOT_ENOUGH");
    }
    let number = asked["out_trade_no"].as_str().unwrap().to_owned();
    let trade_no = facts.next();
    Open { asked, notify_url: String::new() }.become_trade(trade_no, &mut facts.trades);
    let (now_ms, till) = (facts.now_ms, facts.codes[&code]);
    let trade = facts.trades.get_mut(&number).unwrap();
    if till == Till::AsksPassword {
        return json!({"code": "10003", "msg": "order success pay inprocess", "out_trade_no": number});
    }
    trade.pay(now_ms);
    let mut told = trade.told();
    told["gmt_payment"] = told["send_pay_date"].take();
    told.as_object_mut().unwrap().retain(|name, _| name != "send_pay_date" && name != "trade_status");
    told
}

fn which(facts: &Facts, asked: &Value) -> Option<String> {
    if let Some(number) = asked["out_trade_no"].as_str() {
        return facts.trades.contains_key(number).then(|| number.to_owned());
    }
    let theirs = asked["trade_no"].as_str().unwrap();
    facts.trades.iter().find(|(_, trade)| trade.trade_no == theirs).map(|(number, _)| number.clone())
}

fn close(facts: &mut Facts, asked: &Value) -> Value {
    let Some(number) = which(facts, asked) else { return failed("ACQ.TRADE_NOT_EXIST") };
    let trade = facts.trades.get_mut(&number).unwrap();
    if trade.state != State::Waiting {
        return failed("ACQ.TRADE_STATUS_ERROR");
    }
    trade.state = State::Closed;
    json!({"code": "10000", "msg": "Success", "out_trade_no": number, "trade_no": trade.trade_no})
}

fn cancel(facts: &mut Facts, asked: &Value) -> Value {
    let mut told = json!({"code": "10000", "msg": "Success", "out_trade_no": asked["out_trade_no"], "retry_flag": "N"});
    let Some(number) = which(facts, asked) else { return told };
    let trade = facts.trades.get_mut(&number).unwrap();
    told["trade_no"] = json!(trade.trade_no);
    match trade.state {
        State::Paid => {
            let left = trade.total() - trade.refunded();
            trade.refunds.push((number, left));
            told["action"] = json!("refund");
        }
        State::Waiting | State::Closed => {
            trade.state = State::Closed;
            told["action"] = json!("close");
        }
    }
    told
}

fn refund(facts: &mut Facts, asked: &Value) -> Value {
    let Some(number) = which(facts, asked) else { return failed("ACQ.TRADE_NOT_EXIST") };
    let (empty, trade) = (facts.empty, facts.trades.get_mut(&number).unwrap());
    let refund = asked["out_request_no"].as_str().unwrap().to_owned();
    let wanted = fen(&asked["refund_amount"]);
    let known = trade.refunds.iter().find(|(known, _)| *known == refund).map(|(_, fen)| *fen);
    match known {
        Some(fen) if fen != wanted => return failed("ACQ.DISCORDANT_REPEAT_REQUEST"),
        Some(_) => {}
        None if trade.state != State::Paid => return failed("ACQ.TRADE_STATUS_ERROR"),
        None if trade.refunded() + wanted > trade.total() => return failed("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"),
        None if empty => return failed("ACQ.SELLER_BALANCE_NOT_ENOUGH"),
        None => trade.refunds.push((refund, wanted)),
    }
    json!({
        "code": "10000", "msg": "Success", "out_trade_no": number, "trade_no": trade.trade_no,
        "buyer_logon_id": "159****5620", "fund_change": if known.is_some() { "N" } else { "Y" },
        "refund_fee": yuan(trade.refunded()), "send_back_fee": "0.00",
    })
}

fn refund_query(facts: &Facts, asked: &Value) -> Value {
    let Some(number) = which(facts, asked) else { return failed("TRADE_NOT_EXIST") };
    let trade = &facts.trades[&number];
    let refund = asked["out_request_no"].as_str().unwrap();
    let Some((_, fen)) = trade.refunds.iter().find(|(known, _)| known == refund) else {
        return json!({"code": "10000", "msg": "Success"});
    };
    assert_eq!(asked["query_options"], json!(["gmt_refund_pay"]));
    json!({
        "code": "10000", "msg": "Success", "out_trade_no": number, "trade_no": trade.trade_no, "out_request_no": refund,
        "total_amount": trade.asked["total_amount"], "refund_amount": yuan(*fen), "refund_status": "REFUND_SUCCESS",
        "gmt_refund_pay": super::beijing(facts.now_ms),
    })
}

fn identify(all: &Parameters) -> Value {
    assert_eq!(all["grant_type"], "authorization_code");
    match all["code"].as_str() {
        "user" => json!({"user_id": USER_ID, "access_token": "kuser", "expires_in": "3600"}),
        "open" => json!({"open_id": "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5", "access_token": "kopen"}),
        "both" => json!({"open_id": "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5", "user_id": USER_ID}),
        _ => refused("40002", "isv.code-invalid"),
    }
}

fn bill(facts: &Facts, asked: &Value) -> Value {
    let key = format!("{} {}", asked["bill_type"].as_str().unwrap(), asked["bill_date"].as_str().unwrap());
    match facts.bills.get(&key) {
        Some((BillState::Made | BillState::Damaged, _)) => {
            let key: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
            json!({"code": "10000", "msg": "Success", "bill_download_url": format!("{}/bill?{key}", facts.base_url)})
        }
        Some((BillState::NotYet | BillState::Nothing, _)) | None => failed("isp.bill_not_exist"),
    }
}

/// Bills carry no signature; their address was signed. A fault is one of the gateway, or of what lies there.
fn file(shared: &Shared, query: &str) -> Answer {
    let facts = shared.lock().unwrap();
    let key = url::form_urlencoded::parse(query.as_bytes()).next().unwrap().0.into_owned();
    let (state, files) = &facts.bills[&key];
    let mut zip = archive::stored(files);
    if *state == BillState::Damaged {
        zip[100] ^= 1;
    }
    ([("content-type", "application/octet-stream")], zip).into_response()
}
