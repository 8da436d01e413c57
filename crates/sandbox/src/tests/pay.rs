//! Orders over API v3: PROTOCOLS 1.2, 1.3, 1.5, 1.6 and 1.10.

use axum::http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};

use super::support::{START_MS, World, opened, told, verified};

const JSAPI: &str = "/v3/pay/partner/transactions/jsapi";

/// 1.3: an answer is signed with the public key when the request asks for it, and over the exact bytes.
#[tokio::test]
async fn an_answer_is_signed_with_the_key_that_was_asked_for() {
    let world = World::start().await;
    let id = world.kit("wechatpay_public_key_id.txt");
    let order = world.jsapi_order("T100001");
    let request = world.call(Method::POST, JSAPI, Some(&order)).header("wechatpay-serial", &id);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    let headers = response.headers().clone();
    let body = response.bytes().await.unwrap();
    assert_eq!(verified(&headers, &body, &world.kit("wechatpay_public_key.pem")), id);
    let answer: Value = serde_json::from_slice(&body).unwrap();
    assert!(answer["prepay_id"].as_str().unwrap().starts_with("wx"));
}

/// 1.3: without being asked the platform certificate signs; `/v3/certificates` hands it out sealed.
#[tokio::test]
async fn the_platform_certificate_is_handed_out_and_signs_by_default() {
    let world = World::start().await;
    let response = world.call(Method::GET, "/v3/certificates", None).send().await.unwrap();
    let serial = response.headers()["wechatpay-serial"].to_str().unwrap().to_owned();
    let answer: Value = response.json().await.unwrap();
    let data = &answer["data"][0];
    assert_eq!(data["serial_no"], serial);
    let pem = opened(&data["encrypt_certificate"], &world.kit("apiv3_key.txt"));
    assert_eq!(String::from_utf8(pem).unwrap(), world.kit("wechatpay_platform_cert.pem"));
}

/// 1.2: any part of the signed text that differs, a stranger's serial and a clock 5 minutes away are refused.
#[tokio::test]
async fn only_the_merchants_own_signature_within_five_minutes_is_accepted() {
    let world = World::start().await;
    let order = world.jsapi_order("T100002").to_string();
    let now = START_MS / 1000;
    let good = world.authorization(&Method::POST, JSAPI, &order, now);
    let cases = [
        (good.clone(), order.clone(), StatusCode::OK),
        (good.clone(), order.replace("1250", "1251"), StatusCode::UNAUTHORIZED),
        (world.authorization(&Method::GET, JSAPI, &order, now), order.clone(), StatusCode::UNAUTHORIZED),
        (world.authorization(&Method::POST, JSAPI, &order, now - 300), order.clone(), StatusCode::OK),
        (world.authorization(&Method::POST, JSAPI, &order, now - 301), order.clone(), StatusCode::UNAUTHORIZED),
        (world.authorization(&Method::POST, JSAPI, &order, now + 301), order.clone(), StatusCode::UNAUTHORIZED),
        (good.replace("serial_no=\"5", "serial_no=\"4"), order.clone(), StatusCode::UNAUTHORIZED),
        (good.replace("1900000109", "1900000110"), order.clone(), StatusCode::UNAUTHORIZED),
        ("Bearer x".to_owned(), order.clone(), StatusCode::UNAUTHORIZED),
    ];
    for (authorization, body, expected) in cases {
        let request = world.client.post(format!("{}{JSAPI}", world.url)).body(body);
        let request = request.header("authorization", &authorization).header("content-type", "application/json");
        let request = request.header("accept", "application/json").header("user-agent", "customer/1");
        assert_eq!(told(request).await.0, expected, "{authorization}");
    }
}

/// 1.2: Accept and User-Agent are required.
#[tokio::test]
async fn a_call_without_user_agent_is_refused() {
    let world = World::start().await;
    let authorization = world.authorization(&Method::GET, "/v3/certificates", "", START_MS / 1000);
    let request = world.client.get(format!("{}/v3/certificates", world.url)).header("authorization", authorization);
    let (status, answer) = told(request.header("accept", "*/*")).await;
    assert_eq!((status, answer["code"].as_str()), (StatusCode::BAD_REQUEST, Some("INVALID_REQUEST")));
}

/// 1.2, 1.6: what an order must and must not hold.
#[tokio::test]
async fn a_wrong_order_is_refused_by_field() {
    let world = World::start().await;
    let changes: [(&str, &str, Value, StatusCode, &str); 16] = [
        ("jsapi", "/surprise", json!(1), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/attach", Value::Null, StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/description", json!("学费😀"), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/description", json!("字".repeat(128)), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/out_trade_no", json!("T1234"), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/out_trade_no", json!("T12345 6"), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/amount", json!({ "total": 0 }), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/amount", json!({ "total": 1.5 }), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/notify_url", json!("http://a.test/x?y=1"), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/time_expire", json!("2026-09-21 22:00"), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/payer", json!({ "sp_openid": "stranger" }), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("jsapi", "/sub_mchid", json!("1900009999"), StatusCode::BAD_REQUEST, "MCH_NOT_EXISTS"),
        ("jsapi", "/sp_appid", json!("wx0"), StatusCode::BAD_REQUEST, "APPID_MCHID_NOT_MATCH"),
        ("jsapi", "/sub_appid", json!("wx0"), StatusCode::BAD_REQUEST, "APPID_MCHID_NOT_MATCH"),
        ("native", "/attach", json!("x"), StatusCode::BAD_REQUEST, "PARAM_ERROR"),
        ("h5", "/sub_mchid", json!("1900000112"), StatusCode::FORBIDDEN, "NO_AUTH"),
    ];
    for (way, field, value, status, code) in changes {
        let mut order = if way == "h5" { h5_order(&world, "T100003") } else { world.jsapi_order("T100003") };
        order[&field[1..]] = value.clone();
        let (got, answer) = world.place(way, &order).await;
        assert_eq!((got, answer["code"].as_str()), (status, Some(code)), "{field} {value} {answer}");
    }
}

fn h5_order(world: &World, out_trade_no: &str) -> Value {
    let mut order = world.order(out_trade_no);
    order["scene_info"] = json!({ "payer_client_ip": "10.1.1.1", "h5_info": { "type": "Wap" } });
    order
}

/// 1.5: each way of paying gets its own credential; H5 must say where the payer is.
#[tokio::test]
async fn every_way_of_paying_gets_its_credential() {
    let world = World::start().await;
    let (_, native) = world.place("native", &world.order("T100004")).await;
    assert!(native["code_url"].as_str().unwrap().starts_with("weixin://wxpay/bizpayurl?pr="), "{native}");
    let (_, h5) = world.place("h5", &h5_order(&world, "T100005")).await;
    assert!(h5["h5_url"].as_str().unwrap().contains("/wallet/h5?prepay_id="), "{h5}");
    let (status, _) = world.place("h5", &world.order("T100006")).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

/// 1.6: same number and parameters give a fresh credential, other parameters are refused with 268498688.
#[tokio::test]
async fn an_order_number_is_bound_to_its_parameters() {
    let world = World::start().await;
    let order = world.jsapi_order("T100007");
    let (_, first) = world.place("jsapi", &order).await;
    let (status, again) = world.place("jsapi", &order).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(first["prepay_id"], again["prepay_id"]);
    let mut other = order.clone();
    other["amount"]["total"] = json!(1251);
    let response = world.call(Method::POST, JSAPI, Some(&other)).send().await.unwrap();
    assert_eq!(response.status(), StatusCode::BAD_REQUEST);
    assert!(response.headers()["request-id"].to_str().unwrap().ends_with("-268498688"));
    assert_eq!(response.json::<Value>().await.unwrap()["code"], "INVALID_REQUEST");
}

/// 1.6: after payment or close the number is spent; close is repeatable, but not on a paid order.
#[tokio::test]
async fn a_spent_number_stays_spent() {
    let world = World::start().await;
    world.place("jsapi", &world.jsapi_order("T100008")).await;
    assert_eq!(world.close("T100008").await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.close("T100008").await.0, StatusCode::NO_CONTENT);
    assert_eq!(world.query("T100008").await.1["trade_state"], "CLOSED");
    assert_eq!(world.place("jsapi", &world.jsapi_order("T100008")).await.1["code"], "ORDER_CLOSED");
    world.place("jsapi", &world.jsapi_order("T100009")).await;
    world.press(json!({ "out_trade_no": "T100009" })).await;
    assert_eq!(world.close("T100009").await.1["code"], "ORDERPAID");
    assert_eq!(world.place("jsapi", &world.jsapi_order("T100009")).await.1["code"], "ORDERPAID");
    assert_eq!(world.close("T100000").await.0, StatusCode::NOT_FOUND);
}

/// 1.6: an unpaid order has no transaction id and shows no attach; both come with payment, and it is found by either number.
#[tokio::test]
async fn a_query_tells_what_is_known() {
    let world = World::start().await;
    let mut order = world.jsapi_order("T10001a|b*c");
    order["attach"] = json!("A3");
    world.place("jsapi", &order).await;
    let (_, unpaid) = world.query("T10001a%7Cb*c").await;
    assert_eq!(
        (&unpaid["trade_state"], &unpaid["transaction_id"], &unpaid["attach"]),
        (&json!("NOTPAY"), &Value::Null, &Value::Null)
    );
    world.press(json!({ "out_trade_no": "T10001a|b*c" })).await;
    let (_, paid) = world.query("T10001a%7Cb*c").await;
    assert_eq!((&paid["trade_state"], &paid["attach"]), (&json!("SUCCESS"), &json!("A3")));
    let id = paid["transaction_id"].as_str().unwrap();
    let target = format!("/v3/pay/partner/transactions/id/{id}?sp_mchid=1900000109&sub_mchid=1900000110");
    assert_eq!(told(world.call(Method::GET, &target, None)).await.1, paid);
    let target = target.replace("1900000110", "1900000111");
    assert_eq!(told(world.call(Method::GET, &target, None)).await.1["code"], "ORDER_NOT_EXIST");
}

/// 1.6: unpaid orders close by themselves after 7 days; time_expire is the last moment to pay.
#[tokio::test]
async fn time_ends_unpaid_orders() {
    let world = World::start().await;
    let mut order = world.jsapi_order("T100011");
    order["time_expire"] = json!("2026-09-21T22:23:20+08:00");
    world.place("jsapi", &order).await;
    world.set_now(START_MS + 599_999);
    assert_eq!(world.place("jsapi", &order).await.0, StatusCode::OK);
    world.set_now(START_MS + 600_000);
    assert_eq!(world.press(json!({ "out_trade_no": "T100011" })).await["err_desc"], "订单已过支付时限");
    assert_eq!(world.query("T100011").await.1["trade_state"], "NOTPAY");
    world.set_now(START_MS + 7 * 86_400_000);
    assert_eq!(world.query("T100011").await.1["trade_state"], "CLOSED");
}

/// Faults: what was done and what was not is told by a query afterwards.
#[tokio::test]
async fn armed_faults_come_once_each() {
    let world = World::start().await;
    for (fault, made) in [
        (json!({ "kind": "http_500" }), false),
        (json!({ "kind": "html" }), false),
        (json!({ "kind": "unsigned" }), true),
        (json!({ "kind": "prepay_timeout_not_made", "hold_ms": 0 }), false),
        (json!({ "kind": "prepay_timeout_after_made", "hold_ms": 0 }), true),
    ] {
        let number = format!("FAULT{}", fault["kind"].as_str().unwrap());
        world.arm(fault.clone()).await;
        let answer = world.call(Method::POST, JSAPI, Some(&world.jsapi_order(&number))).send().await;
        let clean = match answer {
            Ok(response) => {
                let signed = response.headers().contains_key("wechatpay-signature");
                response.status() == StatusCode::OK && signed && response.bytes().await.is_ok()
            }
            Err(_) => false,
        };
        assert!(!clean, "{fault}");
        assert_eq!(world.query(&number).await.0 == StatusCode::OK, made, "{fault}");
        assert_eq!(world.place("jsapi", &world.jsapi_order(&number)).await.0, StatusCode::OK, "{fault}");
    }
}
