//! PRODUCT 3.2: a payment appears on the open screen, whichever node it happened on.

use db::{on_both_engines, testing::TestDb};

use super::{hub::Told, poll_once};
use crate::{
    ids,
    merchant::Way,
    payment::{News, Teller, confirm},
    testing::{MANAGER, MERCHANT, NOW_MS, TestApp},
};

on_both_engines!(
    a_payment_of_another_node_is_told_once,
    a_commit_that_was_slower_than_its_number_is_told,
    a_screen_that_was_away_catches_up_from_its_cursor,
);

async fn pay(node: &TestApp, institution: &crate::testing::Institution, on: &crate::App) -> i64 {
    let placed = node.place(100).await;
    node.start(&placed, Way::Native).await.unwrap();
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    let teller = Teller { provider_key: "demo-sp".into(), sp_mchid: "1900000109".into() };
    confirm(on, teller, success, News::Query).await.unwrap();
    node.number("SELECT MAX(record_id) FROM record").await
}

async fn a_payment_of_another_node_is_told_once(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let other = node.another_node(institution.links());
    let mut mine = other.hub.open(MERCHANT, MANAGER, ids::floor_of(NOW_MS));
    let mut neighbour = other.hub.open(MERCHANT, MANAGER + 1, ids::floor_of(NOW_MS));
    let record_id = pay(&node, &institution, &node.app).await;
    for _ in 0..3 {
        poll_once(&other).await.unwrap();
    }
    assert_eq!(mine.try_recv().unwrap(), Told::Payment { event_id: record_id, record_id });
    assert!(mine.try_recv().is_err(), "once");
    assert!(neighbour.try_recv().is_err(), "to nobody else");
}

async fn a_commit_that_was_slower_than_its_number_is_told(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let mut screen = node.app.hub.open(MERCHANT, MANAGER, ids::floor_of(NOW_MS));
    node.pass_ms(5_000);
    pay(&node, &institution, &node.app).await;
    poll_once(&node.app).await.unwrap();
    assert!(screen.try_recv().is_ok());
    let slower = ids::floor_of(NOW_MS + 2_000); // minted before, committed after
    node.execute(
        "INSERT INTO live_event (merchant_id, event_id, manager_id, kind, subject_id) VALUES ($1, $2, $3, 'session', 7)",
        vec![MERCHANT, slower, MANAGER],
    )
    .await;
    poll_once(&node.app).await.unwrap();
    assert_eq!(screen.try_recv().unwrap(), Told::Session { session_id: 7 });
    node.pass_ms(60_000);
    poll_once(&node.app).await.unwrap();
    assert!(screen.try_recv().is_err());
}

async fn a_screen_that_was_away_catches_up_from_its_cursor(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let first = pay(&node, &institution, &node.app).await;
    node.pass_ms(60_000);
    let second = pay(&node, &institution, &node.app).await;
    let missed = super::poll::missed(&node.app, MERCHANT, MANAGER, ids::floor_of(NOW_MS + 50_000)).await.unwrap();
    assert_eq!(missed, [Told::Payment { event_id: second, record_id: second }]);
    let all = super::poll::missed(&node.app, MERCHANT, MANAGER, first - 1).await.unwrap();
    assert_eq!(all.len(), 2);
}
