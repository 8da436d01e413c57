//! The payer's pages through HTTP, on both engines: PRODUCT 4 and the page budget.

mod wallets;

use axum::{
    body::{Body, to_bytes},
    http::{Request, Response, header},
};
use db::{on_both_engines, testing::TestDb};
use serde_json::{Value, json};

use tower::ServiceExt;

use crate::{
    admin::tests::Console,
    testing::{MANAGER, MERCHANT, NOW_MS, TestApp, UNIT},
};

on_both_engines!(
    the_first_answer_fits_the_budget_design_6,
    a_page_is_served_without_a_read_and_dropped_when_its_merchant_changes_design_3,
    a_page_kept_by_another_node_goes_with_its_manager,
    without_script_errors_come_back_with_everything_typed,
    the_pages_script_gets_problems_field_by_field,
    a_desktop_gets_a_code_and_a_phone_an_address,
    inside_wechat_the_payer_is_asked_for_only_on_pay,
    the_receipt_says_what_it_is_and_is_found_again,
);

async fn get(node: &TestApp, path: &str, accept: &str) -> Response<Body> {
    node.send(Request::get(path).header("accept", accept).body(Body::empty()).unwrap()).await
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(to_bytes(response.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

async fn post_form(node: &TestApp, path: &str, accept: &str, body: &'static str) -> Response<Body> {
    let request = Request::post(path)
        .header("accept", accept)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap();
    node.send(request).await
}

async fn pay(node: &TestApp, token: &str, way: &str) -> (u16, Value) {
    node.json("POST", &format!("/pay/{token}"), &[], json!({ "way": way })).await
}

async fn the_first_answer_fits_the_budget_design_6(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let path = format!("/pay/{}", node.code().await);
    let response =
        node.send(Request::get(&path).header("accept-encoding", "gzip, br").body(Body::empty()).unwrap()).await;
    let headers: usize = response.headers().iter().map(|(n, v)| n.as_str().len() + v.len() + 4).sum();
    assert_eq!(response.headers()[header::CONTENT_ENCODING], "br");
    assert!(!response.headers().contains_key(header::SET_COOKIE), "no cookie: the bytes are everybody's");
    assert_ne!(response.headers()[header::REFERRER_POLICY], "no-referrer");
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap().len();
    assert!(headers + body + 100 < 14_000, "{headers} + {body}");
}

async fn a_page_is_served_without_a_read_and_dropped_when_its_merchant_changes_design_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let path = format!("/pay/{}", node.code().await);
    assert!(text(get(&node, &path, "text/html").await).await.contains("云杉教育科技有限公司"));
    let other = node.another_node(institution.links());
    let rename = async |tx: &mut db::Tx<'_>| {
        tx.execute("UPDATE merchant SET full_name = '新名称有限公司' WHERE merchant_id = $1", db::params![MERCHANT])
            .await?;
        crate::merchant::touch_pages(tx, MERCHANT, NOW_MS).await
    };
    other.db.write(db::Key::of(0), rename).await.unwrap();
    assert!(text(get(&node, &path, "text/html").await).await.contains("云杉教育科技有限公司"), "kept: no read");
    super::keep_fresh_once(&node.app).await.unwrap();
    assert!(text(get(&node, &path, "text/html").await).await.contains("新名称有限公司"), "dropped by the next round");
}

/// PRODUCT 3.2: the codes of a disabled manager refuse new orders, whichever node the payer reaches.
async fn a_page_kept_by_another_node_goes_with_its_manager(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let path = format!("/pay/{}", node.code().await);
    let other = node.another_node(institution.links());
    let router = crate::web::router(other.clone());
    let ask = async || {
        let request = Request::get(&path).body(Body::empty()).unwrap();
        router.clone().oneshot(request).await.unwrap().status().as_u16()
    };
    assert_eq!(ask().await, 200);
    super::keep_fresh_once(&other).await.unwrap();
    assert_eq!(ask().await, 200, "what did not change stays");
    let console = Console::login(&node, "admin", UNIT).await;
    assert_eq!(console.post(&node, &format!("/api/admin/managers/{MANAGER}/disable"), Value::Null).await.0, 200);
    assert_eq!(get(&node, &path, "text/html").await.status().as_u16(), 403, "here at once");
    assert_eq!(ask().await, 200, "there it is still kept");
    super::keep_fresh_once(&other).await.unwrap();
    assert_eq!(ask().await, 403, "and gone with the next look");
    assert_eq!(console.post(&node, &format!("/api/admin/managers/{MANAGER}/enable"), Value::Null).await.0, 200);
    assert_eq!(ask().await, 200);
}

async fn without_script_errors_come_back_with_everything_typed(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let path = format!("/pay/{}", node.code().await);
    let refused = post_form(&node, &path, "text/html", "amount=1.234&f_payer_name=&f_remark=hello&version=1").await;
    assert_eq!(refused.status(), 422);
    let page = text(refused).await;
    assert!(page.contains("1.234") && page.contains("hello"), "nothing typed is lost");
    assert!(page.contains("error-amount") && page.contains("error-f_payer_name"));
    let placed = post_form(&node, &path, "text/html", "amount=12.5&f_payer_name=%E6%9D%8E&version=1").await;
    assert_eq!(placed.status(), 303);
    assert!(placed.headers()[header::LOCATION].to_str().unwrap().starts_with("/pay/o1-"));
}

async fn the_pages_script_gets_problems_field_by_field(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let path = format!("/pay/{}", node.code().await);
    let refused = post_form(&node, &path, "application/json", "amount=0&f_payer_name=x").await;
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["content-type"]),
        (422, &"application/problem+json".parse().unwrap())
    );
    let problem: Value = serde_json::from_str(&text(refused).await).unwrap();
    assert_eq!(
        (problem["code"].as_str(), problem["errors"][0]["field"].as_str()),
        (Some("form.invalid"), Some("amount"))
    );
    let gone = post_form(&node, "/pay/c1-nothing", "application/json", "amount=1").await;
    assert_eq!(gone.status(), 404);
}

async fn a_desktop_gets_a_code_and_a_phone_an_address(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let token = node.place(100).await.token;
    let (status, answer) = pay(&node, &token, "native").await;
    assert_eq!((status, answer["way"].as_str()), (200, Some("native")));
    assert!(answer["qr_svg"].as_str().unwrap().starts_with("<svg"));
    let (status, answer) = pay(&node, &token, "h5").await;
    assert_eq!((status, answer["way"].as_str()), (200, Some("h5")));
    let back = answer["url"].as_str().unwrap().split("?back=").nth(1).unwrap();
    assert!(back.ends_with(&format!("/pay/{token}")), "{back}");
    assert_eq!(pay(&node, &token, "cash").await.0, 400);
    assert_eq!(pay(&node, "o1-0000000000000abc", "native").await.0, 404);
}

async fn inside_wechat_the_payer_is_asked_for_only_on_pay(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let placed = node.place(100).await;
    let page = get(&node, &format!("/pay/{}", placed.token), "text/html").await;
    assert_eq!(page.status(), 200, "no detour before the first paint");
    let (status, problem) = pay(&node, &placed.token, "jsapi").await;
    assert_eq!(
        (status, problem["code"].as_str()),
        (502, Some("channel.unavailable")),
        "without an official account: in words"
    );
}

async fn the_receipt_says_what_it_is_and_is_found_again(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(1250).await;
    let path = format!("/pay/{}", placed.token);
    pay(&node, &placed.token, "native").await;
    let waiting: Value = serde_json::from_str(&text(get(&node, &path, "application/json").await).await).unwrap();
    assert_eq!(waiting["status"], "pending");
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    node.call_back(&success, "genuine").await;
    let paid: Value = serde_json::from_str(&text(get(&node, &path, "application/json").await).await).unwrap();
    assert_eq!((paid["status"].as_str(), paid["paid_at_ms"].as_i64()), (Some("paid"), Some(NOW_MS)));
    let receipt = text(get(&node, &path, "text/html").await).await;
    assert!(receipt.contains("付款凭证") && receipt.contains("非发票") && receipt.contains("12.50"));
    assert_eq!(pay(&node, &placed.token, "native").await.1["way"], "paid");
}
