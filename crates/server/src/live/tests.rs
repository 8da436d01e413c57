//! PRODUCT 3.2: a payment appears on the open screen, whichever node it happened on.

use std::time::Duration;

use db::{Key, Tx, on_both_engines, params, testing::TestDb};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use super::{
    hub::{SCREEN_BUFFER, Told},
    poll::{missed, poll_woken},
    poll_once,
};
use crate::{
    ids,
    merchant::Way,
    payment::{News, Teller, confirm},
    testing::{MANAGER, MERCHANT, NOW_MS, SESSION, TOKEN, TestApp},
};

on_both_engines!(
    a_payment_of_another_node_is_told_once,
    a_commit_that_was_slower_than_its_number_is_told,
    a_screen_that_was_away_catches_up_from_its_cursor,
    a_long_absence_is_caught_up_whole,
    only_the_woken_merchant_is_read,
    a_screen_that_does_not_read_is_dropped_and_misses_nothing,
    a_pushed_out_screen_ends_at_the_next_ping_although_its_event_was_lost,
);

async fn pay(node: &TestApp, institution: &crate::testing::Institution, on: &crate::App) -> i64 {
    let placed = node.place(100).await;
    node.start(&placed, Way::Native).await.unwrap();
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    let teller = Teller { provider_key: "demo-sp".into(), sp_mchid: "1900000109".into(), sp_appid: "wx88".into() };
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
    let caught_up = missed(&node.app, MERCHANT, MANAGER, ids::floor_of(NOW_MS + 50_000)).await.unwrap();
    assert_eq!(caught_up, [Told::Payment { event_id: second, record_id: second }]);
    let all = missed(&node.app, MERCHANT, MANAGER, first - 1).await.unwrap();
    assert_eq!(all.len(), 2);
}

/// Writes `count` payments' events of a merchant, one per millisecond from `first_ms` on.
async fn events(node: &TestApp, merchant_id: i64, first_ms: i64, count: i64) {
    let write = async move |tx: &mut Tx<'_>| {
        for n in 0..count {
            let values = params![merchant_id, ids::floor_of(first_ms + n), MANAGER, "payment", n];
            tx.execute(super::TELL, values).await?;
        }
        Ok(())
    };
    node.app.db.write(Key::of(0), write).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
}

async fn a_long_absence_is_caught_up_whole(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    events(&node, MERCHANT, NOW_MS, 450).await;
    let told = missed(&node.app, MERCHANT, MANAGER, ids::floor_of(NOW_MS)).await.unwrap();
    let records: Vec<i64> = told
        .iter()
        .map(|told| match told {
            Told::Payment { record_id, .. } => *record_id,
            Told::Session { .. } | Told::Refund { .. } | Told::Attention { .. } => -1,
        })
        .collect();
    assert_eq!(records, (0..450).collect::<Vec<_>>());
}

async fn only_the_woken_merchant_is_read(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let hub = &node.app.hub;
    let mut mine = hub.open(MERCHANT, MANAGER, ids::floor_of(NOW_MS - 1));
    let mut theirs = hub.open(MERCHANT + 1, MANAGER, ids::floor_of(NOW_MS - 1));
    for merchant_id in [MERCHANT, MERCHANT + 1] {
        events(&node, merchant_id, NOW_MS, 1).await;
    }
    hub.wake(MERCHANT);
    poll_woken(&node.app).await.unwrap();
    assert!(mine.try_recv().is_ok() && theirs.try_recv().is_err());
    poll_woken(&node.app).await.unwrap();
    assert!(mine.try_recv().is_err(), "woken once, read once");
    poll_once(&node.app).await.unwrap();
    assert!(theirs.try_recv().is_ok(), "the next round reads everybody");
}

async fn a_screen_that_does_not_read_is_dropped_and_misses_nothing(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let mut screen = node.app.hub.open(MERCHANT, MANAGER, ids::floor_of(NOW_MS - 1));
    events(&node, MERCHANT, NOW_MS, SCREEN_BUFFER as i64 + 1).await;
    poll_once(&node.app).await.unwrap();
    let mut last = 0;
    let mut told = 0;
    while let Some(event) = timeout(Duration::from_secs(5), screen.recv()).await.expect("its socket ends") {
        let Told::Payment { event_id, .. } = event else { panic!("{event:?}") };
        (last, told) = (event_id, told + 1);
    }
    assert_eq!(told, SCREEN_BUFFER);
    let caught_up = missed(&node.app, MERCHANT, MANAGER, last).await.unwrap();
    let end = ids::floor_of(NOW_MS + SCREEN_BUFFER as i64);
    assert!(matches!(caught_up.last(), Some(Told::Payment { event_id, .. }) if *event_id == end), "with its cursor");
}

/// Connects as a phone does; the screen says hello.
async fn open_screen(node: &TestApp, ping_every: Duration) -> (TcpStream, impl Future<Output = ()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = super::socket::pinging(ping_every).with_state(node.app.clone());
    let server = async move { axum::serve(listener, router).await.unwrap() };
    let mut phone = TcpStream::connect(address).await.unwrap();
    let hello = format!("{{\"token\":\"{TOKEN}\"}}");
    let upgrade = "GET /api/manager/live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    phone.write_all(upgrade.as_bytes()).await.unwrap();
    // One masked text frame; a mask of zeroes changes nothing.
    phone.write_all(&[0x81, 0x80 | hello.len() as u8, 0, 0, 0, 0]).await.unwrap();
    phone.write_all(hello.as_bytes()).await.unwrap();
    (phone, server)
}

/// Reads until `wanted` was said.
async fn hear(phone: &mut TcpStream, wanted: &str) {
    let mut heard = Vec::new();
    while !String::from_utf8_lossy(&heard).contains(wanted) {
        let mut bytes = [0; 1024];
        let read = phone.read(&mut bytes).await.unwrap();
        assert!(read > 0, "{wanted} was never said: {}", String::from_utf8_lossy(&heard));
        heard.extend_from_slice(&bytes[..read]);
    }
}

/// PRODUCT 3.1: one account, one session.
async fn a_pushed_out_screen_ends_at_the_next_ping_although_its_event_was_lost(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let (mut phone, server) = open_screen(&node, Duration::from_millis(20)).await;
    let talk = async {
        hear(&mut phone, "ping").await;
        node.execute(
            "UPDATE manager_session SET state = 'displaced', displaced_device = 'x', displaced_network = 'y', \
             ended_at_ms = 1 WHERE session_id = $1",
            vec![SESSION],
        )
        .await;
        hear(&mut phone, "\"displaced\"").await;
    };
    tokio::select! {
        () = server => panic!("the server ended"),
        talked = timeout(Duration::from_secs(10), talk) => talked.expect("the screen stayed open"),
    }
}
