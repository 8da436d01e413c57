//! Payments by code: PROTOCOLS 1.7.

use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{START_MS, World, told};
use crate::callbacks::deliver_due;

async fn code(world: &World) -> String {
    let (_, shown) = told(world.client.get(format!("{}/devtools/payment-code?openid=openid-li", world.url))).await;
    shown["payment_code"].as_str().unwrap().to_owned()
}

async fn pay(world: &World, out_trade_no: &str, fen: i64, code: &str) -> (StatusCode, Value) {
    let mut order = world.order(out_trade_no);
    order.as_object_mut().unwrap().remove("notify_url");
    order["amount"]["total"] = json!(fen);
    order["payer"] = json!({ "auth_code": code });
    order["scene_info"] = json!({ "store_info": { "out_id": "east" } });
    world.place("codepay", &order).await
}

async fn reverse(world: &World, out_trade_no: &str) -> (StatusCode, Value) {
    let target = format!("/v3/pay/partner/transactions/out-trade-no/{out_trade_no}/reverse");
    let body = json!({ "sp_mchid": "1900000109", "sub_mchid": "1900000110" });
    told(world.call(Method::POST, &target, Some(&body))).await
}

/// 1.7: a code pays once within its minute, without a callback; its number is spent however it ended.
#[tokio::test]
async fn a_code_pays_once() {
    let world = World::start().await;
    let shown = code(&world).await;
    let (status, paid) = pay(&world, "K100001", 1250, &shown).await;
    assert_eq!(
        (status, &paid["trade_state"], &paid["trade_type"]),
        (StatusCode::OK, &json!("SUCCESS"), &json!("MICROPAY"))
    );
    assert_eq!(paid["payer"]["sp_openid"], "openid-li");
    assert_eq!(pay(&world, "K100002", 1250, &shown).await.1["code"], "AUTH_CODE_ERROR");
    assert_eq!(pay(&world, "K100001", 1250, &code(&world).await).await.1["code"], "ORDERPAID");
    assert_eq!(pay(&world, "K100003", 1250, "130000000000000000").await.1["code"], "AUTH_CODE_INVALID");
    let late = code(&world).await;
    world.set_now(START_MS + 60_000);
    assert_eq!(pay(&world, "K100004", 1250, &late).await.1["code"], "AUTHCODEEXPIRE");
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 0);
}

/// 1.7: above 1000 yuan the password is asked for, in either shape; the owner of the code then pays.
#[tokio::test]
async fn a_large_sum_asks_for_the_password() {
    let world = World::start().await;
    let (_, waiting) = pay(&world, "K200001", 100_001, &code(&world).await).await;
    assert_eq!(waiting["trade_state"], "USERPAYING");
    world.arm(json!({ "kind": "password_as_error", "on": "codepay" })).await;
    assert_eq!(pay(&world, "K200002", 100_001, &code(&world).await).await.1["code"], "USERPAYING");
    assert_eq!(world.query("K200002").await.1["trade_state"], "USERPAYING");
    let other = world.press(json!({ "out_trade_no": "K200001", "openid": "openid-zhou" })).await;
    assert_eq!(other["err_desc"], "下单账号与支付账号不一致");
    world.press(json!({ "out_trade_no": "K200001", "openid": "openid-li" })).await;
    assert_eq!(world.query("K200001").await.1["trade_state"], "SUCCESS");
}

/// 1.7: reverse closes an unpaid one, gives a paid one back, and can be repeated; close is refused.
#[tokio::test]
async fn reverse_takes_a_payment_back() {
    let world = World::start().await;
    pay(&world, "K300001", 1250, &code(&world).await).await;
    pay(&world, "K300002", 100_001, &code(&world).await).await;
    for number in ["K300001", "K300002"] {
        assert_eq!(world.close(number).await.0, StatusCode::BAD_REQUEST);
        assert_eq!(reverse(&world, number).await.0, StatusCode::OK);
        assert_eq!(reverse(&world, number).await.0, StatusCode::OK);
        assert_eq!(world.query(number).await.1["trade_state"], "REVOKED");
    }
    let pressed = world.press(json!({ "out_trade_no": "K300002", "openid": "openid-li" })).await;
    assert_eq!(pressed["err_desc"], "订单已关闭");
    world.place("native", &world.order("K300003")).await;
    assert_eq!(reverse(&world, "K300003").await.0, StatusCode::BAD_REQUEST);
}
