//! Two wallets on one page: who pays in Alipay, what is refused, what nobody wanted to pay. PRODUCT 4.

use axum::{
    body::{Body, to_bytes},
    http::{Request, header},
};
use channel::{PrepayOutcome, Refusal, RefusalKind};
use db::{on_both_engines, testing::TestDb};
use serde_json::{Value, json};

use super::{get, pay, text};
use crate::{
    admin::tests::Console,
    clock::MINUTE_MS,
    order::Placed,
    testing::{NOW_MS, TestApp, UNIT},
};

on_both_engines!(
    inside_alipay_the_institution_says_who_pays_4,
    the_page_says_how_long_another_wallet_must_wait_4,
    a_wallet_whose_channel_is_down_is_not_shown_4,
    the_receipt_names_the_wallet_that_paid_4,
    what_a_wallet_refused_is_told_in_two_sentences_4,
    another_account_than_the_one_that_ordered_is_asked_again_4,
    a_refusal_is_kept_within_bounds_4,
    not_mine_tells_admin_and_manager_once_4,
    the_merchant_slip_asks_itself_and_shows_only_what_is_proven_4,
);

async fn press(node: &TestApp, placed: &Placed, cookie: &str, wish: Value) -> (Option<String>, Value) {
    let request = Request::post(format!("/pay/{}", placed.token)).header("cookie", cookie);
    let response = node.send(request.body(Body::from(wish.to_string())).unwrap()).await;
    let cookie = response.headers().get(header::SET_COOKIE).map(|value| value.to_str().unwrap().to_owned());
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (cookie, serde_json::from_slice(&body).unwrap())
}

fn in_alipay() -> Value {
    json!({ "channel": "alipay", "way": "jsapi" })
}

/// Signs in with Alipay; the payer's cookie.
async fn sign_in(node: &TestApp, placed: &Placed) -> String {
    let (left, answer) = press(node, placed, "", in_alipay()).await;
    let url = answer["url"].as_str().unwrap();
    assert!(answer["way"] == "oauth" && url.starts_with("https://openauth.test/"), "{answer}");
    let state = url.split("state=").nth(1).unwrap();
    let left = left.unwrap();
    let back = format!("/pay/oauth?auth_code=good&state={state}");
    let request = Request::get(back).header("cookie", left.split(';').next().unwrap());
    let response = node.send(request.body(Body::empty()).unwrap()).await;
    assert_eq!(response.headers()[header::LOCATION], format!("/pay/{}?pay=1", placed.token));
    let cookies = response.headers().get_all(header::SET_COOKIE).iter().map(|c| c.to_str().unwrap().to_owned());
    cookies.into_iter().find(|c| c.starts_with("mott_payer=")).unwrap().split(';').next().unwrap().to_owned()
}

async fn inside_alipay_the_institution_says_who_pays_4(test: TestDb) {
    let (node, ..) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let cookie = sign_in(&node, &placed).await;
    let (_, answer) = press(&node, &placed, &cookie, in_alipay()).await;
    assert_eq!(answer, json!({ "way": "trade", "trade_no": format!("2026M1O{}A1", placed.order_id) }));
    assert_eq!(node.text("SELECT payer_id FROM payment").await, "sp:2088102175794899");
    let next = node.place(100).await;
    let (_, answer) = press(&node, &next, &cookie, in_alipay()).await;
    assert_eq!(answer["way"], "trade", "remembered: no second detour");
    let (_, answer) = press(&node, &next, "mott_payer=forged", in_alipay()).await;
    assert_eq!(answer["way"], "oauth", "a forged cookie names nobody");
    let lost = get(&node, "/pay/oauth?auth_code=good&state=x", "text/html").await;
    assert_eq!(lost.status(), 400, "nobody left with that state");
}

async fn the_page_says_how_long_another_wallet_must_wait_4(test: TestDb) {
    let (node, ..) = TestApp::two_wallets(test).await;
    let token = node.place(1250).await.token;
    let path = format!("/pay/{token}");
    let (_, answer) = node.json("POST", &path, &[], json!({ "channel": "alipay", "way": "native" })).await;
    assert_eq!((answer["way"].as_str(), answer["left_ms"].as_i64()), (Some("native"), Some(5 * MINUTE_MS)));
    node.pass_ms(MINUTE_MS);
    let (status, answer) = pay(&node, &token, "native").await;
    assert_eq!((status, answer), (200, json!({ "way": "held", "channel": "alipay", "left_ms": 6 * MINUTE_MS })));
    node.pass_ms(6 * MINUTE_MS);
    assert_eq!(pay(&node, &token, "native").await.1["way"], "native");
}

async fn a_wallet_whose_channel_is_down_is_not_shown_4(test: TestDb) {
    let (node, _, alipay) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let path = format!("/pay/{}", placed.token);
    let ways = async || {
        let page = text(get(&node, &path, "text/html").await).await;
        page.split("data-ways=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert!(ways().await.contains("wechatpay.jsapi") && ways().await.contains("alipay.native"));
    alipay.go_down(true);
    let wish = json!({ "channel": "alipay", "way": "native" });
    for _ in 0..3 {
        assert_eq!(node.json("POST", &path, &[], wish.clone()).await.0, 503, "a time-out is unknown");
    }
    assert!(ways().await.contains("wechatpay.jsapi") && !ways().await.contains("alipay"), "not shown");
    alipay.go_down(false);
    node.pass_ms(MINUTE_MS);
    assert!(ways().await.contains("alipay.native"), "after a minute somebody may try again");
}

async fn the_receipt_names_the_wallet_that_paid_4(test: TestDb) {
    let (node, _, alipay) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let cookie = sign_in(&node, &placed).await;
    press(&node, &placed, &cookie, in_alipay()).await;
    let success = alipay.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    let path = format!("/pay/{}", placed.token);
    let told: Value = serde_json::from_str(&text(get(&node, &path, "application/json").await).await).unwrap();
    assert_eq!((told["status"].as_str(), told["wallet"].as_str()), (Some("paid"), Some("支付宝")));
    assert!(text(get(&node, &path, "text/html").await).await.contains("<dd id=\"paid-by\">支付宝</dd>"));
}

async fn what_a_wallet_refused_is_told_in_two_sentences_4(test: TestDb) {
    let (node, wechat, _) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let refusal =
        Refusal { kind: RefusalKind::NotAuthorised, code: "NO_AUTH".into(), message: "商户未授权".into() };
    wechat.answer_prepay(PrepayOutcome::Refused(refusal));
    let (status, problem) = pay(&node, &placed.token, "native").await;
    assert_eq!((status, problem["code"].as_str()), (502, Some("channel.not_authorised")));
    assert!(problem["detail"].as_str().unwrap().ends_with("（代码 NO_AUTH）") && problem["title_en"].is_string());
    pay(&node, &placed.token, "native").await;
    let said = json!({ "channel": "wechatpay", "way": "jsapi", "code": "fail", "message": "零钱余额不足" });
    let (status, told) = node.json("POST", &format!("/pay/{}/failed", placed.token), &[], said).await;
    assert_eq!((status, told["code"].as_str(), told["again"].as_bool()), (200, Some("wallet.balance"), Some(false)));
    assert_eq!(told["title"], "余额不足");
    assert_eq!(node.text("SELECT note FROM payment WHERE attempt = 2").await, "fail 零钱余额不足");
    assert_eq!(node.text("SELECT status FROM payment WHERE attempt = 2").await, "pending", "it is not believed");
    let console = Console::login(&node, "desk", UNIT).await;
    let (_, detail) = console.get(&node, &format!("/api/admin/orders/{}", placed.order_id)).await;
    let told: Vec<&str> = detail["timeline"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|entry| entry["kind"] == "refusal")
        .map(|entry| entry["text"].as_str().unwrap())
        .collect();
    assert_eq!(told.len(), 2, "{detail}");
    assert!(told[0].contains("管理员在商户平台授权") && told[0].contains("NO_AUTH 商户未授权"), "{told:?}");
    assert!(told[1].starts_with("微信支付：") && told[1].contains("零钱余额不足"), "{told:?}");
}

async fn another_account_than_the_one_that_ordered_is_asked_again_4(test: TestDb) {
    let (node, _, alipay) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let cookie = sign_in(&node, &placed).await;
    press(&node, &placed, &cookie, in_alipay()).await;
    let said = json!({ "channel": "alipay", "way": "jsapi", "code": "ACQ.TRADE_BUYER_NOT_MATCH", "message": "" });
    let request = Request::post(format!("/pay/{}/failed", placed.token)).header("cookie", &cookie);
    let response = node.send(request.body(Body::from(said.to_string())).unwrap()).await;
    let dropped = response.headers()[header::SET_COOKIE].to_str().unwrap().to_owned();
    assert!(dropped.starts_with("mott_payer=;") && dropped.contains("Max-Age=0"), "{dropped}");
    let told: Value = serde_json::from_str(&text(response).await).unwrap();
    assert_eq!((told["again"].as_bool(), told["code"].as_str()), (Some(true), Some("wallet.wrong_account")));
    let first = format!("M1O{}A1", placed.order_id);
    assert_eq!(alipay.there(&first), Some(crate::testing::There::Closed), "the other account cannot pay it any more");
    let cookie = sign_in(&node, &placed).await;
    let (_, answer) = press(&node, &placed, &cookie, in_alipay()).await;
    assert_eq!(answer["trade_no"], format!("2026M1O{}A2", placed.order_id), "a new attempt of the same order");
}

async fn a_refusal_is_kept_within_bounds_4(test: TestDb) {
    let (node, ..) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let path = format!("/pay/{}/failed", placed.token);
    for _ in 0..30 {
        let said = json!({ "channel": "alipay", "way": "jsapi", "code": "x".repeat(500), "message": "\n" });
        assert_eq!(node.json("POST", &path, &[], said).await.0, 200);
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM refusal").await, 20);
    assert_eq!(node.number("SELECT MAX(LENGTH(said)) FROM refusal").await, 200);
    let said = json!({ "channel": "alipay", "way": "jsapi" });
    assert_eq!(node.json("POST", "/pay/o1-0000000000000abc/failed", &[], said).await.0, 404);
    assert_eq!(node.json("POST", &path, &[], json!({ "channel": "cash", "way": "jsapi" })).await.0, 400);
}

async fn not_mine_tells_admin_and_manager_once_4(test: TestDb) {
    let (node, ..) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let path = format!("/pay/{}", placed.token);
    assert!(text(get(&node, &path, "text/html").await).await.contains("data-testid=\"dispute-tell\""));
    for _ in 0..3 {
        let request = Request::post(format!("{path}/dispute")).body(Body::empty()).unwrap();
        let response = node.send(request).await;
        assert_eq!((response.status().as_u16(), &response.headers()[header::LOCATION]), (303, &path.parse().unwrap()));
    }
    assert_eq!(node.text("SELECT kind FROM inbox").await, "disputed");
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox").await, 1, "one of an order");
    assert_eq!(node.number("SELECT COUNT(*) FROM audit WHERE action = 'order.dispute'").await, 1);
    assert_eq!(
        node.number("SELECT COUNT(*) FROM live_event WHERE kind = 'attention'").await,
        1,
        "the manager's screen"
    );
    let page = text(get(&node, &path, "text/html").await).await;
    assert!(page.contains("已告诉收款企业") && !page.contains("dispute-tell"));
    assert_eq!(pay(&node, &placed.token, "native").await.1["way"], "native", "it moves nothing");
    assert!(crate::check::run(&node.app.db).await.unwrap().is_empty());
}

async fn the_merchant_slip_asks_itself_and_shows_only_what_is_proven_4(test: TestDb) {
    let (node, wechat, _) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    pay(&node, &placed.token, "native").await;
    let number = format!("M1O{}A1", placed.order_id);
    let code = crate::checkout::slip::check_code_for_tests("1900000110", &number, &format!("42{number}"));
    let slip = async |sub: &str, number: &str, code: &str| {
        let path = format!("/pay/slip?sub_mch_id={sub}&out_trade_no={number}&check_code={code}");
        let response = get(&node, &path, "text/html").await;
        assert_eq!(response.status(), 200);
        let csp = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
        assert!(csp.ends_with("frame-ancestors https://payapp.weixin.qq.com"), "{csp}");
        text(response).await
    };
    assert!(slip("1900000110", &number, &code).await.contains("data-state=\"waiting\""), "nobody knows yet");
    wechat.pay(&number, NOW_MS);
    let page = slip("1900000110", &number, &code).await; // before any callback
    assert_eq!(node.text("SELECT status FROM orders").await, "paid", "it asked the institution itself");
    for said in ["付款凭证（非发票）", "云杉教育科技有限公司", "12.50", &placed.order_id.to_string(), &placed.token]
    {
        assert!(page.contains(said), "{said}");
    }
    assert!(page.contains("data-state=\"paid\""));
    for (sub, number, code) in [
        ("1900000110", number.as_str(), "0123456789abcdef0123456789abcdef"),
        ("1900000110", number.as_str(), ""),
        ("1900000111", number.as_str(), code.as_str()),
        ("1900000110", "M1O4711A1", code.as_str()),
        ("1900000110", "nothing", code.as_str()),
    ] {
        let page = slip(sub, number, code).await;
        assert!(page.contains("data-state=\"foreign\""), "{sub} {number} {code}");
        assert!(
            !page.contains("12.50") && !page.contains("云杉") && !page.contains(&placed.token),
            "nothing of the order"
        );
    }
    let framed = get(&node, &format!("/pay/{}", placed.token), "text/html").await;
    let csp = framed.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(csp.contains("frame-ancestors 'none'"), "no other page may be framed");
}
