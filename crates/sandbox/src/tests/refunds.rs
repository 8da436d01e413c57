//! Refunds over API v3: PROTOCOLS 1.4 and 1.8.

use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{START_MS, World, opened, told};
use crate::callbacks::deliver_due;

const REFUNDS: &str = "/v3/refund/domestic/refunds";

async fn ask(world: &World, body: &Value) -> (StatusCode, Value) {
    told(world.call(Method::POST, REFUNDS, Some(body))).await
}

async fn query(world: &World, out_refund_no: &str) -> (StatusCode, Value) {
    told(world.call(Method::GET, &format!("{REFUNDS}/{out_refund_no}?sub_mchid=1900000110"), None)).await
}

/// The kind and content of the newest callback.
fn newest(world: &World) -> (String, Value) {
    let notices = world.received.notices.lock().unwrap();
    let notice: Value = serde_json::from_slice(&notices.last().unwrap().1).unwrap();
    let object = serde_json::from_slice(&opened(&notice["resource"], &world.kit("apiv3_key.txt"))).unwrap();
    (notice["event_type"].as_str().unwrap().to_owned(), object)
}

/// 1.8: 200 means accepted; the same number is one refund, with other parameters it is refused; the order says REFUND.
#[tokio::test]
async fn a_refund_is_accepted_and_then_succeeds() {
    let world = World::start().await;
    world.paid("R100001").await;
    let body = world.refund("R100001", "RF1", 250);
    let (status, answer) = ask(&world, &body).await;
    assert_eq!(
        (status, &answer["status"], &answer["amount"]["refund"]),
        (StatusCode::OK, &json!("PROCESSING"), &json!(250))
    );
    assert_eq!(query(&world, "RF1").await.1["status"], "SUCCESS");
    let (_, again) = ask(&world, &body).await;
    assert_eq!((&again["refund_id"], &again["status"]), (&answer["refund_id"], &json!("SUCCESS")));
    assert_eq!(ask(&world, &world.refund("R100001", "RF1", 251)).await.1["code"], "INVALID_REQUEST");
    assert_eq!(world.query("R100001").await.1["trade_state"], "REFUND");
    deliver_due(&world.app).await.unwrap();
    let (event, object) = newest(&world);
    assert_eq!(
        (event.as_str(), &object["refund_status"], &object["out_refund_no"]),
        ("REFUND.SUCCESS", &json!("SUCCESS"), &json!("RF1"))
    );
    assert_eq!(object["amount"], json!({ "total": 1250, "refund": 250, "payer_total": 1250, "payer_refund": 250 }));
}

/// 1.8: the sum of refunds never exceeds the payment; a wrong total, an unpaid or strange order and a late year are refused.
#[tokio::test]
async fn a_refund_must_fit() {
    let world = World::start().await;
    world.paid("R200001").await;
    assert_eq!(ask(&world, &world.refund("R200001", "A", 1000)).await.0, StatusCode::OK);
    assert_eq!(ask(&world, &world.refund("R200001", "B", 251)).await.1["message"], "累计退款金额大于支付金额");
    assert_eq!(query(&world, "B").await.1["code"], "RESOURCE_NOT_EXISTS");
    assert_eq!(ask(&world, &world.refund("R200001", "B", 250)).await.0, StatusCode::OK);
    world.paid("R200002").await;
    let mut wrong = world.refund("R200002", "C", 1);
    wrong["amount"]["total"] = json!(1251);
    assert_eq!(ask(&world, &wrong).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(ask(&world, &world.refund("R299999", "C", 1)).await.0, StatusCode::NOT_FOUND);
    world.place("jsapi", &world.jsapi_order("R200003")).await;
    assert_eq!(ask(&world, &world.refund("R200003", "C", 1)).await.0, StatusCode::BAD_REQUEST);
    world.set_now(START_MS + 366 * 86_400_000);
    assert!(ask(&world, &world.refund("R200002", "D", 1)).await.1["message"].as_str().unwrap().contains("一年"));
}

/// 1.8: ABNORMAL and CLOSED are told; an abnormal one goes to the merchant's card, a closed one leaves room for another number.
#[tokio::test]
async fn a_refund_that_fails_has_a_way_out() {
    let world = World::start().await;
    world.paid("R300001").await;
    world.arm(json!({ "kind": "refund_abnormal" })).await;
    let (_, asked) = ask(&world, &world.refund("R300001", "A", 1250)).await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(newest(&world).0, "REFUND.ABNORMAL");
    assert_eq!(query(&world, "A").await.1["status"], "ABNORMAL");
    let target = format!("{REFUNDS}/{}/apply-abnormal-refund", asked["refund_id"].as_str().unwrap());
    let body = json!({ "sub_mchid": "1900000110", "out_refund_no": "A", "type": "MERCHANT_BANK_CARD" });
    assert_eq!(told(world.call(Method::POST, &target, Some(&body))).await.0, StatusCode::OK);
    deliver_due(&world.app).await.unwrap();
    let (event, object) = newest(&world);
    assert_eq!(
        (event.as_str(), object["user_received_account"].as_str()),
        ("REFUND.SUCCESS", Some("商户结算银行账户"))
    );
    world.paid("R300002").await;
    world.arm(json!({ "kind": "refund_closed" })).await;
    ask(&world, &world.refund("R300002", "B", 1250)).await;
    assert_eq!(query(&world, "B").await.1["status"], "CLOSED");
    assert_eq!(ask(&world, &world.refund("R300002", "C", 1250)).await.0, StatusCode::OK);
}

/// 1.8, PRODUCT 6.6: an account that was settled to the bank has not enough until money comes; the same number then works.
#[tokio::test]
async fn a_settled_account_has_not_enough() {
    let world = World::start().await;
    world.paid("R400001").await;
    let accounts = || world.client.post(format!("{}/accounts", world.url));
    let (_, settled) = told(accounts().json(&json!({ "account": "1900000110" }))).await;
    assert_eq!(settled["balance_fen"], 0);
    let body = world.refund("R400001", "A", 1250);
    let (status, refused) = ask(&world, &body).await;
    assert_eq!((status, refused["code"].as_str()), (StatusCode::FORBIDDEN, Some("NOT_ENOUGH")));
    assert_eq!(query(&world, "A").await.0, StatusCode::NOT_FOUND);
    told(accounts().json(&json!({ "account": "1900000110", "fen": 1250 }))).await;
    assert_eq!(ask(&world, &body).await.0, StatusCode::OK);
}

/// Faults: slow, told before the answer, told twice, never told; and an answer lost after it was done.
#[tokio::test]
async fn refunds_go_wrong_when_told_to() {
    let world = World::start().await;
    world.paid("R500001").await;
    deliver_due(&world.app).await.unwrap();
    world.arm(json!({ "kind": "refund_slow", "hold_ms": 60_000 })).await;
    ask(&world, &world.refund("R500001", "A", 100)).await;
    assert_eq!(query(&world, "A").await.1["status"], "PROCESSING");
    world.set_now(START_MS + 60_000);
    assert_eq!(query(&world, "A").await.1["status"], "SUCCESS");
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 2);
    world.arm(json!({ "kind": "refund_told_before_answer" })).await;
    ask(&world, &world.refund("R500001", "B", 100)).await;
    assert_eq!(newest(&world).1["out_refund_no"], "B");
    world.arm(json!({ "kind": "refund_callback_twice" })).await;
    ask(&world, &world.refund("R500001", "C", 100)).await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 5);
    world.arm(json!({ "kind": "refund_callback_lost" })).await;
    ask(&world, &world.refund("R500001", "D", 100)).await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 5);
    world.arm(json!({ "kind": "prepay_timeout_after_made", "on": "refund", "hold_ms": 0 })).await;
    let lost = world.call(Method::POST, REFUNDS, Some(&world.refund("R500001", "E", 100))).send().await;
    assert!(match lost {
        Ok(response) => response.bytes().await.is_err(),
        Err(_) => true,
    });
    assert_eq!(query(&world, "E").await.1["status"], "SUCCESS");
}

/// A magic amount calls for its fault once for each number, so that the repeat goes well.
#[tokio::test]
async fn magic_amounts_call_for_their_faults() {
    let world = World::start().await;
    let mut order = world.jsapi_order("R600001");
    order["amount"]["total"] = json!(88_005);
    assert_eq!(world.place("jsapi", &order).await.1["code"], "FREQUENCY_LIMITED");
    assert_eq!(world.place("jsapi", &order).await.0, StatusCode::OK);
    let mut order = world.jsapi_order("R600002");
    order["amount"]["total"] = json!(88_012);
    world.place("jsapi", &order).await;
    world.press(json!({ "out_trade_no": "R600002", "openid": "openid-zhou" })).await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 0);
    let mut poor = world.refund("R600002", "B", 6604);
    poor["amount"]["total"] = json!(88_012);
    assert_eq!(ask(&world, &poor).await.1["code"], "NOT_ENOUGH");
    assert_eq!(ask(&world, &poor).await.0, StatusCode::OK);
    let mut refund = world.refund("R600002", "A", 6601);
    refund["amount"]["total"] = json!(88_012);
    ask(&world, &refund).await;
    assert_eq!(query(&world, "A").await.1["status"], "ABNORMAL");
}
