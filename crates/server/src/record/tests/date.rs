//! 日期: PRODUCT 3.3 and 6.9.

use super::*;
use crate::clock::{DAY_MS, HOUR_MS};

on_both_engines!(a_list_begins_at_the_end_of_the_day_and_goes_back_3_3_6_9);

/// Books a payment of `fen` that succeeded `ago_ms` before now.
async fn book(node: &TestApp, institution: &crate::testing::Institution, fen: i64, ago_ms: i64) {
    let placed = node.place(fen).await;
    node.start(&placed, Way::Native).await.unwrap();
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), node.app.clock.now_ms() - ago_ms);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
}

async fn amounts(node: &TestApp, query: &str) -> Vec<i64> {
    let (status, page) = get(node, &format!("/api/manager/records?{query}")).await;
    assert_eq!(status, 200, "{query}");
    page["records"].as_array().unwrap().iter().map(|r| r["amount_fen"].as_i64().unwrap()).collect()
}

async fn a_list_begins_at_the_end_of_the_day_and_goes_back_3_3_6_9(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    book(&node, &institution, 1, 0).await; // 23 November, 10:00
    node.pass_ms(14 * HOUR_MS - 1);
    book(&node, &institution, 2, 0).await; // a millisecond before midnight
    node.pass_ms(1);
    book(&node, &institution, 3, 0).await; // midnight: the 24th
    node.pass_ms(2_000);
    book(&node, &institution, 4, 2_001).await; // paid on the 23rd, booked on the 24th
    node.pass_ms(3 * HOUR_MS);
    book(&node, &institution, 5, 0).await;
    node.pass_ms(2 * DAY_MS);
    book(&node, &institution, 6, 0).await; // the 26th
    for indexed in [false, true] {
        for q in ["", "&q=%E6%9D%8E%E6%99%93", "&q=0.01-0.06"] {
            for (day, wanted) in [
                ("2026-11-22", &[][..]),
                ("2026-11-23", &[4, 2, 1]),
                ("2026-11-24", &[5, 4, 3, 2, 1]),
                ("2026-11-25", &[5, 4, 3, 2, 1]),
                ("2026-11-26", &[6, 5, 4, 3, 2, 1]),
                ("2027-01-01", &[6, 5, 4, 3, 2, 1]),
                ("", &[6, 5, 4, 3, 2, 1]),
            ] {
                assert_eq!(amounts(&node, &format!("until={day}{q}")).await, wanted, "{day}{q}, indexed: {indexed}");
            }
        }
        node.work().await;
    }
    for day in ["2026-02-30", "23.11.2026", "%27"] {
        let (status, problem) = get(&node, &format!("/api/manager/records?until={day}")).await;
        assert_eq!((status, problem["code"].as_str()), (400, Some("records.not_a_day")), "{day}");
    }
}
