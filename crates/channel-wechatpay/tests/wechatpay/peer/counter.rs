//! Payment codes, refunds and bills, as the institution serves them (PROTOCOLS 1.7 to 1.9).

use std::io::Write;

use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes256,
};
use axum::http::request::Parts;
use channel::contract::{BillState, Till};
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::{
    Facts, Order, Refunded, beijing,
    keys::{KEYS, SP_APPID, SP_MCHID, SUB_APPID, SUB_MCHID},
    server::{Plain, clean, done, error, order_json, transaction_id},
};

/// What a sealed bill is sealed with.
const BILL_KEY: &[u8] = b"bill-key-of-32-characters-0123!?";
const BILL_NONCE: &str = "a8607ef79034c49c";

pub fn route(facts: &mut Facts, parts: &Parts, path: &str, body: &[u8]) -> Option<Plain> {
    let orders = path.strip_prefix("/v3/pay/partner/transactions/");
    let refunds = path.strip_prefix("/v3/refund/domestic/refunds");
    let asked = || serde_json::from_slice::<Value>(body).unwrap();
    Some(match (parts.method.as_str(), orders, refunds) {
        ("POST", Some("codepay"), _) => codepay(facts, &asked()),
        ("POST", Some(rest), _) if rest.ends_with("/reverse") => {
            reverse(facts, rest.strip_prefix("out-trade-no/")?.strip_suffix("/reverse")?, &asked())
        }
        ("GET", Some(rest), _) if rest.starts_with("id/") => by_transaction(facts, parts, rest.strip_prefix("id/")?),
        ("POST", _, Some("")) => refund(facts, &asked()),
        ("POST", _, Some(rest)) => {
            redirect(facts, rest.strip_prefix('/')?.strip_suffix("/apply-abnormal-refund")?, &asked())
        }
        ("GET", _, Some(rest)) => refund_query(facts, parts, rest.strip_prefix('/')?),
        ("GET", _, _) if path.starts_with("/v3/bill/") => bill(facts, parts, path),
        ("GET", _, _) if path == "/v3/billdownload/file" => file(facts, parts),
        _ => return None,
    })
}

fn merchants(parts: &Parts) -> bool {
    parts.uri.query().unwrap() == format!("sp_mchid={SP_MCHID}&sub_mchid={SUB_MCHID}")
}

/// Takes the money by a code; the order's end, or the error.
pub fn charge(facts: &mut Facts, number: &str, code: &str, asked: Value) -> Result<(), &'static str> {
    if facts.orders.contains_key(number) {
        return Err("OUT_TRADE_NO_USED");
    }
    let state = match facts.codes.remove(code) {
        Some(Till::Pays) => "SUCCESS",
        Some(Till::AsksPassword) => "USERPAYING",
        Some(Till::CannotPay) => "PAYERROR",
        None => return Err("AUTH_CODE_INVALID"),
    };
    facts.orders.insert(number.to_owned(), Order { path: "codepay".to_owned(), asked, state });
    if state == "PAYERROR" { Err("NOT_ENOUGH") } else { Ok(()) }
}

/// Undoes a charge.
pub fn undo(facts: &mut Facts, number: &str) -> bool {
    let Some(order) = facts.orders.get_mut(number) else { return false };
    order.state = "REVOKED";
    true
}

fn codepay(facts: &mut Facts, asked: &Value) -> Plain {
    let text = |name: &str| asked[name].as_str().unwrap_or_default();
    let known = [
        "sp_appid",
        "sp_mchid",
        "sub_appid",
        "sub_mchid",
        "description",
        "out_trade_no",
        "payer",
        "amount",
        "scene_info",
    ];
    let fields = asked.as_object().unwrap().keys().all(|field| known.contains(&field.as_str()));
    let ours = text("sp_appid") == SP_APPID && text("sp_mchid") == SP_MCHID && text("sub_mchid") == SUB_MCHID;
    let code = asked["payer"]["auth_code"].as_str().unwrap_or_default();
    let shop = asked["scene_info"]["store_info"]["out_id"].is_string() && asked["scene_info"]["device_ip"].is_string();
    let amount = asked["amount"]["total"].as_i64() >= Some(1) && asked["amount"]["currency"] == "CNY";
    if !(fields && ours && shop && amount && clean(asked) && text("sub_appid") == SUB_APPID && code.len() == 18) {
        return error(400, "PARAM_ERROR");
    }
    let number = text("out_trade_no").to_owned();
    match charge(facts, &number, code, asked.clone()) {
        Ok(()) => done(&order_json(&number, &facts.orders[&number], facts.now_ms)),
        Err(code) => error(if code == "AUTH_CODE_INVALID" { 400 } else { 403 }, code),
    }
}

fn reverse(facts: &mut Facts, number: &str, asked: &Value) -> Plain {
    let ours = json!({"sp_appid": SP_APPID, "sp_mchid": SP_MCHID, "sub_appid": SUB_APPID, "sub_mchid": SUB_MCHID});
    assert_eq!(*asked, ours);
    if !undo(facts, number) {
        return error(404, "ORDER_NOT_EXIST");
    }
    let mut answer = ours;
    answer["out_trade_no"] = json!(number);
    done(&answer)
}

fn by_transaction(facts: &Facts, parts: &Parts, number: &str) -> Plain {
    assert!(merchants(parts));
    let paid = |order: &Order| matches!(order.state, "SUCCESS" | "REFUND");
    match facts.orders.iter().find(|(ours, order)| paid(order) && transaction_id(ours) == number) {
        Some((ours, order)) => done(&order_json(ours, order, facts.now_ms)),
        None => error(404, "ORDER_NOT_EXIST"),
    }
}

fn refund(facts: &mut Facts, asked: &Value) -> Plain {
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let known = ["sub_mchid", "transaction_id", "out_refund_no", "reason", "notify_url", "amount"];
    assert!(asked.as_object().unwrap().keys().all(|field| known.contains(&field.as_str())), "{asked}");
    assert!(clean(asked) && text("sub_mchid") == SUB_MCHID && text("reason").len() <= 80, "{asked}");
    let (fen, total) = (asked["amount"]["refund"].as_i64().unwrap(), asked["amount"]["total"].as_i64().unwrap());
    let theirs = text("transaction_id");
    let Some((ours, order)) = facts.orders.iter_mut().find(|(ours, _)| transaction_id(ours) == theirs) else {
        return error(404, "RESOURCE_NOT_EXISTS");
    };
    if let Some(made) = facts.refunds.iter().find(|made| made.number == text("out_refund_no")) {
        let same = made.fen == fen && made.transaction_id == theirs;
        return if same { done(&refund_json(made, facts.now_ms)) } else { error(400, "INVALID_REQUEST") };
    }
    let before: i64 = facts.refunds.iter().filter(|made| made.transaction_id == theirs).map(|made| made.fen).sum();
    if order.asked["amount"]["total"].as_i64() != Some(total) || before + fen > total {
        return error(400, "INVALID_REQUEST");
    }
    if facts.poor {
        return error(403, "NOT_ENOUGH");
    }
    order.state = "REFUND";
    let made = Refunded {
        number: text("out_refund_no"),
        refund_id: format!("5030{:012}", facts.refunds.len()),
        out_trade_no: ours.clone(),
        transaction_id: theirs,
        fen,
        total,
        status: "PROCESSING",
    };
    let answer = done(&refund_json(&made, facts.now_ms));
    facts.refunds.push(made);
    answer
}

/// A refund as answers carry it.
pub fn refund_json(made: &Refunded, now_ms: i64) -> Value {
    let mut json = json!({
        "refund_id": made.refund_id, "out_refund_no": made.number, "transaction_id": made.transaction_id,
        "out_trade_no": made.out_trade_no, "channel": "ORIGINAL", "user_received_account": "招商银行信用卡0403",
        "create_time": beijing(now_ms), "status": made.status, "funds_account": "UNSETTLED",
        "amount": {
            "total": made.total, "refund": made.fen, "payer_total": made.total, "payer_refund": made.fen,
            "settlement_refund": made.fen, "settlement_total": made.total, "discount_refund": 0, "currency": "CNY",
        },
    });
    if made.status == "SUCCESS" {
        json["success_time"] = json!(beijing(now_ms));
    }
    json
}

fn refund_query(facts: &Facts, parts: &Parts, number: &str) -> Plain {
    assert_eq!(parts.uri.query().unwrap(), format!("sub_mchid={SUB_MCHID}"));
    match facts.refunds.iter().find(|made| made.number == number) {
        Some(made) => done(&refund_json(made, facts.now_ms)),
        None => error(404, "RESOURCE_NOT_EXISTS"),
    }
}

fn redirect(facts: &mut Facts, refund_id: &str, asked: &Value) -> Plain {
    let now_ms = facts.now_ms;
    let made = facts.refunds.iter_mut().find(|made| made.refund_id == refund_id).unwrap();
    assert_eq!(*asked, json!({"sub_mchid": SUB_MCHID, "out_refund_no": made.number, "type": "MERCHANT_BANK_CARD"}));
    if made.status != "ABNORMAL" {
        return error(400, "INVALID_REQUEST");
    }
    made.status = "PROCESSING";
    done(&refund_json(made, now_ms))
}

fn parameter(parts: &Parts, name: &str) -> Option<String> {
    let query = parts.uri.query()?;
    query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, v)| v.to_owned())
}

fn bill(facts: &Facts, parts: &Parts, path: &str) -> Plain {
    let kind = match path {
        "/v3/bill/tradebill" if parameter(parts, "bill_type").as_deref() == Some("ALL") => "trade",
        "/v3/bill/sub-merchant-fundflowbill" if parameter(parts, "algorithm").is_some() => "fund",
        _ => return error(400, "PARAM_ERROR"),
    };
    assert_eq!(parameter(parts, "sub_mchid").as_deref(), Some(SUB_MCHID));
    let key = format!("{kind}-{}", parameter(parts, "bill_date").unwrap());
    match facts.bills.get(&key) {
        Some((BillState::Made | BillState::Damaged, bytes)) if kind == "fund" => done(&json!({
            "download_bill_count": 1,
            "download_bill_list": [{
                "bill_sequence": 1,
                "hash_type": "SHA1",
                "hash_value": hex::encode(Sha1::digest(bytes)),
                "download_url": format!("https://institution.example.com/v3/billdownload/file?token={key}%7C1"),
                "encrypt_key": KEYS.for_merchant(BILL_KEY),
                "nonce": BILL_NONCE,
            }],
        })),
        Some((BillState::Made | BillState::Damaged, bytes)) => done(&json!({
            "hash_type": "SHA1",
            "hash_value": hex::encode(Sha1::digest(bytes)),
            "download_url": format!("https://institution.example.com/v3/billdownload/file?token={key}%7C1"),
        })),
        Some((BillState::NotYet, _)) => error(400, "STATEMENT_CREATING"),
        Some((BillState::Nothing, _)) | None => error(400, "NO_STATEMENT_EXIST"),
    }
}

fn file(facts: &Facts, parts: &Parts) -> Plain {
    let token = parameter(parts, "token").unwrap();
    let (state, bytes) = &facts.bills[token.strip_suffix("%7C1").unwrap()];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let damaged: &[u8] = if *state == BillState::Damaged { b"one row more" } else { b"" };
    encoder.write_all(&[bytes, damaged].concat()).unwrap();
    let mut body = encoder.finish().unwrap();
    if token.starts_with("fund") {
        let cipher = AesGcm::<Aes256, U16>::new_from_slice(BILL_KEY).unwrap();
        body = cipher.encrypt(BILL_NONCE.as_bytes().into(), body.as_slice()).unwrap();
    }
    Plain { status: 200, body, number: 0, file: true }
}
