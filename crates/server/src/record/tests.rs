//! PRODUCT 3.3 and 6.9, on both engines.

use std::collections::HashSet;

use db::{on_both_engines, testing::TestDb};
use serde_json::Value;

use crate::{
    merchant::Way,
    testing::{MANAGER, MERCHANT, NOW_MS, TestApp, bearer},
};

mod date;
mod many;
mod search;

on_both_engines!(
    fifteen_at_a_time_newest_first_none_skipped_or_doubled_while_payments_arrive_3_3,
    a_record_opens_to_all_of_its_details_3_3,
    another_managers_records_do_not_exist_for_you,
    today_counts_by_the_success_time_6_9,
);

async fn collect(node: &TestApp, institution: &crate::testing::Institution, fen: i64) -> i64 {
    let placed = node.place(fen).await;
    node.start(&placed, Way::Native).await.unwrap();
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), node.app.clock.now_ms());
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    placed.order_id
}

async fn get(node: &TestApp, path: &str) -> (u16, Value) {
    node.json("GET", path, &[("authorization", &bearer())], Value::Null).await
}

async fn fifteen_at_a_time_newest_first_none_skipped_or_doubled_while_payments_arrive_3_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    for fen in 1..=33 {
        collect(&node, &institution, fen).await;
        node.pass_ms(1);
    }
    let (mut seen, mut sizes, mut cursor) = (Vec::new(), Vec::new(), String::new());
    loop {
        let (status, page) = get(&node, &format!("/api/manager/records?cursor={cursor}")).await;
        assert_eq!(status, 200);
        let records = page["records"].as_array().unwrap();
        sizes.push(records.len());
        seen.extend(records.iter().map(|r| r["amount_fen"].as_i64().unwrap()));
        collect(&node, &institution, 1000).await; // a payment arrives while one scrolls
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(sizes, [15, 15, 3]);
    assert_eq!(seen, (1..=33).rev().collect::<Vec<_>>());
    assert_eq!(seen.iter().collect::<HashSet<_>>().len(), 33);
    for wrong in ["cursor=abc", "cursor=1.5", "until=abc", "until=2026-02-30"] {
        assert_eq!(get(&node, &format!("/api/manager/records?{wrong}")).await.0, 400, "{wrong}");
    }
}

async fn a_record_opens_to_all_of_its_details_3_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let order_id = collect(&node, &institution, 1250).await;
    let (_, page) = get(&node, "/api/manager/records").await;
    let line = &page["records"][0];
    assert_eq!((line["title"].as_str(), line["amount_fen"].as_i64()), (Some("李晓明"), Some(1250)));
    let (status, detail) = get(&node, &format!("/api/manager/records/{}", line["record_id"].as_str().unwrap())).await;
    assert_eq!(status, 200);
    assert_eq!(detail["fields"][0]["value"], "李晓明");
    assert_eq!(detail["order_no"], order_id.to_string());
    assert_eq!(detail["transaction_id"], format!("42M1O{order_id}A1"));
    assert_eq!(detail["paid_at_ms"], NOW_MS);
    assert_eq!(detail["code_short_id"].as_str().unwrap().len(), 7);
    assert_eq!(get(&node, "/api/manager/records/12").await.0, 404);
    assert_eq!(get(&node, "/api/manager/records/abc").await.0, 404);
}

async fn another_managers_records_do_not_exist_for_you(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    collect(&node, &institution, 100).await;
    let record = node.number("SELECT record_id FROM record").await;
    node.execute(
        "UPDATE record SET manager_id = 42 WHERE merchant_id = $1 AND manager_id = $2",
        vec![MERCHANT, MANAGER],
    )
    .await;
    assert_eq!(get(&node, &format!("/api/manager/records/{record}")).await.0, 404);
    assert_eq!(get(&node, "/api/manager/records").await.1["records"].as_array().unwrap().len(), 0);
}

async fn today_counts_by_the_success_time_6_9(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    collect(&node, &institution, 1250).await;
    collect(&node, &institution, 50).await;
    let (_, today) = get(&node, "/api/manager/today").await;
    assert_eq!(
        (today["day"].as_str(), today["count"].as_i64(), today["sum_fen"].as_i64()),
        (Some("2026-11-23"), Some(2), Some(1300))
    );
    node.pass_ms(14 * crate::clock::HOUR_MS); // midnight in Shanghai
    let (_, today) = get(&node, "/api/manager/today").await;
    assert_eq!(
        (today["day"].as_str(), today["count"].as_i64(), today["sum_fen"].as_i64()),
        (Some("2026-11-24"), Some(0), Some(0))
    );
}
