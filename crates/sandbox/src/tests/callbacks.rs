//! Callbacks: PROTOCOLS 1.3 and 1.4.

use serde_json::{Value, json};

use super::support::{START_MS, World, opened, verified};
use crate::Signer;
use crate::callbacks::deliver_due;

async fn paid(world: &World, out_trade_no: &str) {
    world.place("jsapi", &world.jsapi_order(out_trade_no)).await;
    let answer = world.press(json!({ "out_trade_no": out_trade_no, "openid": "openid-zhou" })).await;
    assert_eq!(answer["err_msg"], "get_brand_wcpay_request:ok");
}

fn notice(world: &World, at: usize) -> Value {
    let notices = world.received.notices.lock().unwrap();
    let notice: Value = serde_json::from_slice(&notices[at].1).unwrap();
    serde_json::from_slice(&opened(&notice["resource"], &world.kit("apiv3_key.txt"))).unwrap()
}

/// 1.3, 1.4: signed with the public key, sealed with the APIv3 key, and the same order object a query gives.
#[tokio::test]
async fn a_callback_verifies_and_opens_with_the_kit() {
    let world = World::start().await;
    paid(&world, "C100001").await;
    deliver_due(&world.app).await.unwrap();
    let (headers, body) = world.received.notices.lock().unwrap()[0].clone();
    let serial = verified(&headers, &body, &world.kit("wechatpay_public_key.pem"));
    assert_eq!(serial, world.kit("wechatpay_public_key_id.txt"));
    let object = notice(&world, 0);
    assert_eq!(object, world.query("C100001").await.1);
    assert_eq!((&object["amount"]["total"], &object["payer"]["sp_openid"]), (&json!(1250), &json!("openid-zhou")));
}

/// 1.3: a setting lets the platform certificate sign.
#[tokio::test]
async fn callbacks_can_be_signed_with_the_platform_certificate() {
    let world = World::start().await.restart(Signer::Certificate).await;
    paid(&world, "C100002").await;
    deliver_due(&world.app).await.unwrap();
    let (headers, _) = world.received.notices.lock().unwrap()[0].clone();
    assert_eq!(headers["wechatpay-serial"].to_str().unwrap(), world.app.institution.serial(Signer::Certificate));
}

/// 1.4: the first sending, then fifteen more at the published gaps, then never again; a restart in between does not matter.
#[tokio::test]
async fn an_unacknowledged_callback_is_repeated_by_the_published_schedule() {
    let mut world = World::start().await;
    world.received.answer(500);
    paid(&world, "C100003").await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 1);
    let gaps = [15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10_800, 10_800, 10_800, 21_600, 21_600];
    let mut now_ms = START_MS;
    for (tries, gap) in gaps.into_iter().enumerate() {
        now_ms += gap * 1000;
        world.set_now(now_ms - 1);
        deliver_due(&world.app).await.unwrap();
        assert_eq!(world.received.count(), tries + 1, "not before its time");
        world = world.restart(Signer::PublicKey).await;
        world.set_now(now_ms);
        deliver_due(&world.app).await.unwrap();
        assert_eq!(world.received.count(), tries + 2, "try {tries}");
    }
    world.set_now(now_ms + 86_400_000);
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 16);
}

/// The running sandbox sends by itself: at once after a payment, and again when its clock was moved.
#[tokio::test]
async fn the_running_sandbox_sends_what_is_due() {
    let world = World::start().await;
    world.received.answer(500);
    let mut loops = tokio::task::JoinSet::new();
    loops.spawn(crate::callbacks::run(world.app.clone()));
    paid(&world, "C100009").await;
    world.received.arrived.notified().await;
    world.set_now(START_MS + 15_000);
    world.received.arrived.notified().await;
    assert_eq!(world.received.count(), 2);
}

/// 1.4: 2xx ends it.
#[tokio::test]
async fn an_acknowledged_callback_is_not_repeated() {
    let world = World::start().await;
    world.received.answer(503);
    paid(&world, "C100004").await;
    deliver_due(&world.app).await.unwrap();
    world.received.answer(200);
    world.set_now(START_MS + 15_000);
    deliver_due(&world.app).await.unwrap();
    world.set_now(START_MS + 86_400_000);
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 2);
    let told: Value = world
        .client
        .get(format!("{}/callbacks?out_trade_no=C100004", world.url))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!((&told[0]["state"], &told[0]["tries"]), (&json!("acknowledged"), &json!(2)));
}

/// Faults: lost, twice, a wrong amount, the other key, and before the order call is answered.
#[tokio::test]
async fn callbacks_go_wrong_when_told_to() {
    let world = World::start().await;
    world.arm(json!({ "kind": "callback_lost" })).await;
    paid(&world, "C100005").await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 0);
    world.arm(json!({ "kind": "callback_twice" })).await;
    paid(&world, "C100006").await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 2);
    world.arm(json!({ "kind": "wrong_amount" })).await;
    world.arm(json!({ "kind": "callback_other_key" })).await;
    paid(&world, "C100007").await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(notice(&world, 2)["amount"]["total"], 1251);
    assert_eq!(world.query("C100007").await.1["amount"]["total"], 1250);
    let serial = world.received.notices.lock().unwrap()[2].0["wechatpay-serial"].to_str().unwrap().to_owned();
    assert_eq!(serial, world.app.institution.serial(Signer::Certificate));
    world.arm(json!({ "kind": "callback_before_answer" })).await;
    world.place("native", &world.order("C100008")).await;
    assert_eq!(world.received.count(), 4);
    assert_eq!(notice(&world, 3)["out_trade_no"], "C100008");
}
