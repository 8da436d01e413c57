//! What people can do about money that needs one, on both engines: PRODUCT 6.2, 6.3, 6.8.

use channel::{RefundStatus, Success};
use db::{on_both_engines, testing::TestDb};
use serde_json::{Value, json};

use crate::{
    admin::{Role, tests::Console},
    clock::MINUTE_MS,
    merchant::Way,
    org::tests::unit,
    testing::{Institution, NOW_MS, TestApp, UNIT, bearer},
};

on_both_engines!(
    late_money_is_claimed_and_its_order_stays_closed_6_2,
    late_money_goes_back_and_its_item_closes_by_itself_6_2,
    a_duplicate_is_claimed_or_goes_back_once_6_2,
    what_does_not_agree_is_explained_in_words_6_3,
    a_stuck_refund_is_not_explained_away_6_6,
    who_may_look_and_who_may_act_5,
    what_names_no_order_is_for_who_sees_the_whole_merchant_6_2,
);

async fn post(node: &TestApp, who: &Console, path: &str, body: Value) -> (u16, Value) {
    node.json("POST", path, &[("cookie", &who.cookie), ("x-csrf-token", &who.csrf)], body).await
}

async fn finance(node: &TestApp) -> Console {
    Console::login_as(node, "li", UNIT, Role::Finance).await
}

fn words(text: &str) -> Value {
    json!({ "words": text })
}

/// Money that came after its order was closed.
async fn late(node: &TestApp, institution: &Institution) -> Success {
    let placed = node.place(1250).await;
    node.start(&placed, Way::Native).await.unwrap();
    node.pass_ms(31 * MINUTE_MS);
    node.work().await;
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS + MINUTE_MS);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    success
}

async fn only(node: &TestApp, who: &Console) -> Value {
    let (code, page) = who.get(node, "/api/admin/inbox").await;
    let items = page["items"].as_array().unwrap();
    assert_eq!((code, items.len()), (200, 1), "{page}");
    items[0].clone()
}

fn path(item: &Value, verb: &str) -> String {
    format!("/api/admin/inbox/{}{verb}", item["inbox_id"].as_str().unwrap())
}

async fn books(node: &TestApp) {
    let broken = crate::check::run(&node.app.db).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
}

async fn as_manager(node: &TestApp, path: &str) -> Value {
    let bearer = bearer();
    let (code, body) = node.json("GET", path, &[("authorization", &bearer)], Value::Null).await;
    assert_eq!(code, 200, "{body}");
    body
}

async fn late_money_is_claimed_and_its_order_stays_closed_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let success = late(&node, &institution).await;
    let li = finance(&node).await;
    let item = only(&node, &li).await;
    assert_eq!((item["kind"].as_str(), item["may"].clone()), (Some("late"), json!(["claim", "refund", "explain"])));
    let told = as_manager(&node, "/api/manager/attention").await;
    assert_eq!(
        (told[0]["kind"].as_str(), told[0]["amount_fen"].as_i64()),
        (Some("late"), Some(1250)),
        "the manager is told"
    );
    let (_, detail) = li.get(&node, &path(&item, "")).await;
    assert_eq!(detail["news"][0]["transaction_id"], success.transaction_id.as_str(), "with its evidence: {detail}");
    assert_eq!(post(&node, &li, &path(&item, "/claim"), words(" ")).await.0, 422, "in words");
    let (code, claimed) = post(&node, &li, &path(&item, "/claim"), words("付款人确认要报名")).await;
    assert_eq!((code, claimed["closed"]["how"].as_str()), (200, Some("claimed")), "{claimed}");
    assert_eq!(post(&node, &li, &path(&item, "/claim"), words("再一次")).await.0, 409, "once");
    assert_eq!(node.text("SELECT status FROM orders").await, "closed", "an order moves only forward");
    books(&node).await;
    let records = as_manager(&node, "/api/manager/records").await;
    let record = &records["records"][0];
    assert_eq!((record["amount_fen"].as_i64(), record["booked"].as_str()), (Some(1250), Some("late")), "{record}");
    assert_eq!(record["paid_at_ms"], NOW_MS + MINUTE_MS, "on the day it was paid (6.9)");
    node.work().await;
    assert_eq!(node.number("SELECT COUNT(*) FROM record_search").await, 1, "and it can be searched (3.3)");
    assert_eq!(as_manager(&node, "/api/manager/today").await["sum_fen"], 1250);
    assert_eq!(as_manager(&node, "/api/manager/attention").await, json!([]));
    let order = node.number("SELECT order_id FROM orders").await;
    let (_, order) = li.get(&node, &format!("/api/admin/orders/{order}")).await;
    let told: Vec<&str> = order["timeline"].as_array().unwrap().iter().map(|e| e["kind"].as_str().unwrap()).collect();
    assert!(told.contains(&"claimed"), "{told:?}");
    assert_eq!(node.number("SELECT COUNT(*) FROM audit WHERE action = 'inbox.claim'").await, 1);
}

async fn late_money_goes_back_and_its_item_closes_by_itself_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    late(&node, &institution).await;
    let li = finance(&node).await;
    let wu = Console::login_as(&node, "wu", UNIT, Role::Finance).await;
    let item = only(&node, &li).await;
    let (code, detail) = post(&node, &li, &path(&item, "/refund"), words("订单已关闭")).await;
    assert_eq!(
        (code, detail["refund_reserved_fen"].as_i64(), detail["may"].clone()),
        (200, Some(1250), json!([])),
        "{detail}"
    );
    for verb in ["/claim", "/refund", "/explain"] {
        assert_eq!(post(&node, &li, &path(&item, verb), words("x")).await.0, 409, "{verb}: a refund is on its way");
    }
    let (_, todo) = wu.get(&node, "/api/admin/todo").await;
    assert_eq!(todo, json!({ "refunds": 1, "inbox": 1 }));
    let (_, refunds) = wu.get(&node, "/api/admin/refunds").await;
    let refund = refunds["items"][0].clone();
    let approve = format!("/api/admin/refunds/{}/approve", refund["refund_id"].as_str().unwrap());
    assert_eq!(post(&node, &wu, &approve, words("")).await.0, 200);
    node.work().await;
    let fact = institution.move_refund(refund["out_refund_no"].as_str().unwrap(), RefundStatus::Succeeded, NOW_MS);
    assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
    let item = only(&node, &li).await;
    assert_eq!((item["state"].as_str(), item["closed"]["how"].as_str()), (Some("closed"), Some("refunded")), "{item}");
    books(&node).await;
    assert_eq!(wu.get(&node, "/api/admin/todo").await.1, json!({ "refunds": 0, "inbox": 0 }));
}

async fn a_duplicate_is_claimed_or_goes_back_once_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(700).await;
    node.start(&placed, Way::Native).await.unwrap();
    node.start(&placed, Way::H5).await.unwrap();
    for n in [2, 1] {
        let success = institution.pay(&format!("M1O{}A{n}", placed.order_id), NOW_MS);
        assert_eq!(node.call_back(&success, "genuine").await, 204);
    }
    let (li, wu) = (finance(&node).await, Console::login_as(&node, "wu", UNIT, Role::Finance).await);
    let item = only(&node, &li).await;
    assert_eq!(item["kind"], "duplicate");
    let (claim, back) = (path(&item, "/claim"), path(&item, "/refund"));
    let (one, two) = futures_util::future::join(
        post(&node, &li, &claim, words("算第二期学费")),
        post(&node, &wu, &back, words("重复付款")),
    )
    .await;
    let mut codes = [one.0, two.0];
    codes.sort_unstable();
    assert_ne!(codes, [200, 200], "one of the two: {} {}", one.1, two.1);
    books(&node).await;
    assert_eq!(node.text("SELECT status FROM orders").await, "paid");
}

async fn what_does_not_agree_is_explained_in_words_6_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(1250).await;
    node.start(&placed, Way::Native).await.unwrap();
    let mut success = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    success.total = money::Amount::from_fen(1);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    let li = finance(&node).await;
    let item = only(&node, &li).await;
    assert_eq!((item["kind"].as_str(), item["may"].clone()), (Some("misfit"), json!(["explain"])));
    for verb in ["/claim", "/refund"] {
        assert_eq!(post(&node, &li, &path(&item, verb), words("x")).await.0, 409, "{verb}: it is not in the books");
    }
    assert_eq!(
        post(&node, &li, &path(&item, "/explain"), words("已在商户平台核实")).await.1["closed"]["how"],
        "explained"
    );
    let (_, open) = li.get(&node, "/api/admin/inbox?state=open").await;
    assert!(open["items"].as_array().unwrap().is_empty());
    let (_, closed) = li.get(&node, "/api/admin/inbox?state=closed&kind=misfit").await;
    assert_eq!(closed["items"][0]["closed"]["words"], "已在商户平台核实");
    assert_eq!(li.get(&node, "/api/admin/inbox?kind=lost").await.0, 400);
    books(&node).await;
}

async fn a_stuck_refund_is_not_explained_away_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    node.execute("UPDATE merchant SET refund_limit_fen = $1", vec![10_000]).await;
    let placed = node.place(1250).await;
    node.start(&placed, Way::Native).await.unwrap();
    let number = format!("M1O{}A1", placed.order_id);
    let success = institution.pay(&number, NOW_MS);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    let li = finance(&node).await;
    let refusal =
        channel::Refusal {
            kind: channel::RefusalKind::Other, code: "NOT_ENOUGH".into(), message: "余额不足".into()
        };
    institution.answer_refund(channel::RefundOutcome::NotEnough(refusal));
    let new = json!({ "payment_id": number, "amount_fen": 1250, "reason": "x" });
    let orders = format!("/api/admin/orders/{}/refunds", placed.order_id);
    assert_eq!(post(&node, &li, &orders, new).await.0, 201);
    node.work().await;
    let item = only(&node, &li).await;
    assert_eq!((item["kind"].as_str(), item["may"].clone()), (Some("refund_waiting"), json!([])));
    assert!(item["refund_id"].is_string(), "it leads to the refund");
    assert_eq!(post(&node, &li, &path(&item, "/explain"), words("x")).await.0, 409);
    books(&node).await;
}

async fn who_may_look_and_who_may_act_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    late(&node, &institution).await;
    let viewer = Console::login_as(&node, "audit", UNIT, Role::Viewer).await;
    let item = only(&node, &viewer).await;
    assert_eq!(item["may"], json!([]), "looking is free");
    for verb in ["/claim", "/refund", "/explain"] {
        let (code, refused) = post(&node, &viewer, &path(&item, verb), words("x")).await;
        assert_eq!((code, refused["code"].as_str()), (403, Some("permission.denied")), "{verb}");
    }
    unit(&node, 12, UNIT).await.unwrap();
    let branch = Console::login_as(&node, "branch", 12, Role::Finance).await;
    let (_, page) = branch.get(&node, "/api/admin/inbox").await;
    assert!(page["items"].as_array().unwrap().is_empty(), "another unit's money does not exist");
    assert_eq!(post(&node, &branch, &path(&item, "/claim"), words("x")).await.0, 404);
    assert_eq!(branch.get(&node, "/api/admin/todo").await.1, json!({ "refunds": 0, "inbox": 0 }));
}

async fn what_names_no_order_is_for_who_sees_the_whole_merchant_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(1250).await;
    node.start(&placed, Way::Native).await.unwrap();
    let good = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    let success = Success { out_trade_no: "M1O77A1".into(), transaction_id: "4277".into(), ..good };
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    let li = finance(&node).await;
    let item = only(&node, &li).await;
    assert_eq!((item["kind"].as_str(), item["order_id"].clone()), (Some("unmatched"), Value::Null));
    unit(&node, 12, UNIT).await.unwrap();
    let branch = Console::login_as(&node, "branch", 12, Role::Finance).await;
    assert_eq!(branch.get(&node, &path(&item, "")).await.0, 404);
    assert_eq!(branch.get(&node, "/api/admin/todo").await.1["inbox"], 0);
    assert_eq!(post(&node, &li, &path(&item, "/explain"), words("测试数据")).await.0, 200);
    books(&node).await;
}
