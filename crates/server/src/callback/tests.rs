//! PRODUCT 6.3 and 6.4 at the door, on both engines.

use axum::{body::Body, http::Request};
use db::{on_both_engines, testing::TestDb};

use crate::{
    merchant::Way,
    testing::{NOW_MS, TestApp, notice},
};

on_both_engines!(the_answer_comes_after_the_commit_6_4, a_foreign_provider_or_method_is_refused,);

async fn the_answer_comes_after_the_commit_6_4(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(100).await;
    node.start(&placed, Way::Native).await.unwrap();
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    node.execute("DROP TABLE live_event", vec![]).await; // the commit fails at its last statements
    assert_eq!(node.call_back(&success, "genuine").await, 500, "not acknowledged: it will be sent again");
    assert_eq!(node.text("SELECT status FROM orders").await, "pending", "and nothing of it is half-written");
    assert_eq!(node.number("SELECT COUNT(*) FROM callback").await, 0);
}

async fn a_foreign_provider_or_method_is_refused(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(100).await;
    node.start(&placed, Way::Native).await.unwrap();
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    let send = async |method: &str, path: &str, body: Vec<u8>| {
        let request = Request::builder().method(method).uri(path).header("wechatpay-signature", "genuine");
        node.send(request.body(Body::from(body)).unwrap()).await.status().as_u16()
    };
    assert_eq!(send("POST", "/callback/wechatpay/nobody", notice(&success)).await, 404);
    assert_eq!(send("POST", "/callback/alipay/demo-sp", notice(&success)).await, 404, "another institution's");
    assert_eq!(send("GET", "/callback/wechatpay/demo-sp", vec![]).await, 405);
    assert_eq!(send("POST", "/callback/wechatpay/demo-sp", vec![b'x'; 70_000]).await, 413);
    assert_eq!(send("POST", "/callback/wechatpay/demo-sp", b"{".to_vec()).await, 500);
    assert_eq!(node.number("SELECT COUNT(*) FROM record").await, 0);
}
