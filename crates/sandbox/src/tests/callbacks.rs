//! Callbacks: PROTOCOLS 1.3 and 1.4.

use serde_json::{Value, json};

use super::support::{START_MS, World, opened, signature_fits, verified};
use crate::Signer;
use crate::callbacks::deliver_due;

async fn paid(world: &World, out_trade_no: &str) {
    world.paid(out_trade_no).await;
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
    assert_eq!(headers["wechatpay-serial"].to_str().unwrap(), world.app.institution.pen(Signer::Certificate).serial);
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

/// 1.3: the first sending of a forged one does not verify; what follows by the schedule does.
#[tokio::test]
async fn a_forged_callback_is_followed_by_a_genuine_one() {
    let world = World::start().await;
    world.received.answer(401);
    let pem = world.kit("wechatpay_public_key.pem");
    for (at, kind) in ["bad_signature", "stale_timestamp", "unknown_certificate"].into_iter().enumerate() {
        let number = format!("C20000{at}");
        world.arm(json!({ "kind": kind })).await;
        paid(&world, &number).await;
        deliver_due(&world.app).await.unwrap();
        let (headers, body) = world.received.notices.lock().unwrap().last().unwrap().clone();
        let seconds: i64 = headers["wechatpay-timestamp"].to_str().unwrap().parse().unwrap();
        let serial = headers["wechatpay-serial"].to_str().unwrap().to_owned();
        let fits = signature_fits(&headers, &body, &pem);
        assert_eq!(fits, kind == "stale_timestamp", "{kind}");
        assert_eq!(world.app.now_ms() / 1000 - seconds, if kind == "stale_timestamp" { 600 } else { 0 }, "{kind}");
        assert_eq!(world.app.institution.pen_named(&serial).is_none(), kind == "unknown_certificate", "{kind}");
    }
    world.set_now(START_MS + 15_000);
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 6);
    for (headers, body) in &world.received.notices.lock().unwrap()[3..] {
        verified(headers, body, &pem);
    }
}

/// What a callback says can be bent in every part that must agree, while a query tells the truth.
#[tokio::test]
async fn what_a_callback_says_can_be_bent() {
    let world = World::start().await;
    for (at, (kind, field, told)) in [
        ("wrong_amount", "/amount/total", json!(1251)),
        ("wrong_currency", "/amount/currency", json!("HKD")),
        ("wrong_sub_merchant", "/sub_mchid", json!("1900000111")),
        ("wrong_app", "/sp_appid", json!("wx9999999999999999")),
    ]
    .into_iter()
    .enumerate()
    {
        let number = format!("C30000{at}");
        world.arm(json!({ "kind": kind })).await;
        paid(&world, &number).await;
        deliver_due(&world.app).await.unwrap();
        assert_eq!(notice(&world, at).pointer(field), Some(&told), "{kind}");
        assert_ne!(world.query(&number).await.1.pointer(field), Some(&told), "{kind}");
    }
    world.arm(json!({ "kind": "unknown_order" })).await;
    paid(&world, "C300009").await;
    deliver_due(&world.app).await.unwrap();
    let number = notice(&world, 4)["out_trade_no"].as_str().unwrap().to_owned();
    assert!(number.starts_with("NOBODY"), "{number}");
    assert_eq!(world.query(&number).await.1["code"], "ORDER_NOT_EXIST");
}

/// Ten at once, and one that comes after its successor.
#[tokio::test]
async fn callbacks_come_ten_at_once_and_out_of_order() {
    let world = World::start().await;
    world.arm(json!({ "kind": "callback_ten" })).await;
    paid(&world, "C400001").await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 10);
    world.arm(json!({ "kind": "callback_delayed", "hold_ms": 5000 })).await;
    paid(&world, "C400002").await;
    paid(&world, "C400003").await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(notice(&world, 10)["out_trade_no"], "C400003");
    world.set_now(START_MS + 5000);
    deliver_due(&world.app).await.unwrap();
    assert_eq!(notice(&world, 11)["out_trade_no"], "C400002");
}

/// A payment may stay unseen for a while: unpaid in queries, closed by a close, and only then told.
#[tokio::test]
async fn a_payment_can_stay_unseen() {
    let world = World::start().await;
    world.arm(json!({ "kind": "paid_unseen", "hold_ms": 60_000 })).await;
    paid(&world, "C500001").await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.count(), 0);
    assert_eq!(world.query("C500001").await.1["trade_state"], "NOTPAY");
    let again = world.press(json!({ "out_trade_no": "C500001" })).await;
    assert_eq!(again["err_desc"], "订单已支付，请勿重复支付");
    assert_eq!(world.close("C500001").await.0, 204);
    assert_eq!(world.query("C500001").await.1["trade_state"], "CLOSED");
    world.set_now(START_MS + 60_000);
    deliver_due(&world.app).await.unwrap();
    assert_eq!(notice(&world, 0)["trade_state"], "SUCCESS");
    assert_eq!(world.query("C500001").await.1["trade_state"], "SUCCESS");
}

/// 1.3: a new platform certificate signs at once, is handed out beside the old one, and survives a restart.
#[tokio::test]
async fn a_rotated_certificate_signs_and_is_handed_out() {
    let world = World::start().await.restart(Signer::Certificate).await;
    let old = world.app.institution.pen(Signer::Certificate).serial;
    let rotated = world.client.post(format!("{}/devtools/rotate-certificate", world.url)).send().await.unwrap();
    let new = rotated.json::<Value>().await.unwrap()["serial_no"].as_str().unwrap().to_owned();
    let world = world.restart(Signer::Certificate).await;
    paid(&world, "C600001").await;
    deliver_due(&world.app).await.unwrap();
    assert_eq!(world.received.notices.lock().unwrap()[0].0["wechatpay-serial"].to_str().unwrap(), new);
    let response = world.call(reqwest::Method::GET, "/v3/certificates", None).send().await.unwrap();
    let listed: Value = response.json().await.unwrap();
    let serials: Vec<&str> =
        listed["data"].as_array().unwrap().iter().map(|c| c["serial_no"].as_str().unwrap()).collect();
    assert_eq!(serials, [old.as_str(), new.as_str()]);
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
    assert_eq!(serial, world.app.institution.pen(Signer::Certificate).serial);
    world.arm(json!({ "kind": "callback_before_answer" })).await;
    world.place("native", &world.order("C100008")).await;
    assert_eq!(world.received.count(), 4);
    assert_eq!(notice(&world, 3)["out_trade_no"], "C100008");
}
