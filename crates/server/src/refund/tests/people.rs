//! Who may ask, who decides, and what people can do about a refund that does not go on: PRODUCT 5, 6.6.

use channel::{RefundOutcome, RefundStatus};
use db::{on_both_engines, testing::TestDb};
use serde_json::{Value, json};

use super::{books, limit, paid, post, refusal, role, said, status};
use crate::{
    admin::{Role, tests::Console},
    clock::{DAY_MS, HOUR_MS},
    org::tests::unit,
    testing::{NOW_MS, TestApp, UNIT, bearer},
};

on_both_engines!(
    another_person_approves_above_the_limit_and_nobody_decides_on_his_own_6_6,
    parts_do_not_slip_below_the_limit_6_6,
    what_a_role_does_not_allow_is_refused_in_words_5,
    another_units_refunds_do_not_exist_for_an_admin_1,
    a_manager_asks_for_an_own_record_and_finance_approves_5,
    a_refund_that_came_back_goes_to_the_merchants_account_6_6,
    a_refund_that_came_back_is_settled_outside_by_two_persons_6_6,
    past_the_refund_year_two_persons_record_an_outside_refund_6_6,
    a_waiting_refund_is_hastened_by_hand_under_its_number_6_6,
    the_list_pages_and_filters_5,
);

async fn two(node: &TestApp) -> (Console, Console) {
    (role(node, "zhang", Role::Admin).await, role(node, "li", Role::Finance).await)
}

fn wanted(number: &str, fen: i64) -> Value {
    json!({ "payment_id": number, "amount_fen": fen, "reason": "课程取消" })
}

async fn ask(node: &TestApp, who: &Console, paid: &super::Paid, fen: i64) -> (u16, Value) {
    post(node, who, &format!("/api/admin/orders/{}/refunds", paid.order_id), wanted(&paid.number, fen)).await
}

fn path(refund: &Value, verb: &str) -> String {
    format!("/api/admin/refunds/{}/{verb}", refund["refund_id"].as_str().unwrap())
}

fn may(refund: &Value) -> Vec<&str> {
    refund["may"].as_array().unwrap().iter().map(|action| action.as_str().unwrap()).collect()
}

async fn another_person_approves_above_the_limit_and_nobody_decides_on_his_own_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 500).await;
    let (zhang, li) = two(&node).await;
    let paid = paid(&node, &institution, 1250).await;
    let (code, small) = ask(&node, &zhang, &paid, 500).await;
    assert_eq!((code, small["status"].as_str()), (201, Some("approved")), "{small}");
    let (code, large) = ask(&node, &zhang, &paid, 750).await;
    assert_eq!((code, large["status"].as_str()), (201, Some("requested")), "{large}");
    assert_eq!(may(&large), ["withdraw"]);
    node.work().await;
    assert_eq!(institution.refund_calls().len(), 1, "nobody asks for what nobody approved");
    let (code, refused) = post(&node, &zhang, &path(&large, "approve"), said("")).await;
    assert_eq!((code, refused["code"].as_str()), (403, Some("refund.own_request")));
    let (_, seen) = li.get(&node, &format!("/api/admin/refunds/{}", large["refund_id"].as_str().unwrap())).await;
    assert_eq!(may(&seen), ["approve", "decline"]);
    let (code, approved) = post(&node, &li, &path(&large, "approve"), said("已核对")).await;
    assert_eq!((code, approved["status"].as_str()), (200, Some("approved")), "{approved}");
    assert_eq!(approved["decided"]["words"], "已核对");
    assert_eq!(post(&node, &li, &path(&large, "approve"), said("")).await.0, 409, "once");
    assert_eq!(post(&node, &li, &path(&large, "decline"), said("太晚")).await.0, 409);
    node.work().await;
    assert_eq!(institution.refund_calls().len(), 2);
    assert_eq!(books(&node).await, (1250, 0, "paid".into()));
    let acts = node.number("SELECT COUNT(*) FROM audit WHERE action LIKE 'refund.%'").await;
    assert_eq!(acts, 3, "asked twice, approved once");
}

async fn parts_do_not_slip_below_the_limit_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 500).await;
    let zhang = role(&node, "zhang", Role::Admin).await;
    let paid = paid(&node, &institution, 2000).await;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(ask(&node, &zhang, &paid, 200).await.1["status"].as_str().unwrap().to_owned());
    }
    assert_eq!(statuses, ["approved", "approved", "requested"]);
    let declined = ask(&node, &zhang, &paid, 1000).await.1;
    let li = role(&node, "li", Role::Finance).await;
    assert_eq!(post(&node, &li, &path(&declined, "decline"), said("")).await.0, 422, "a reason is needed");
    let (code, declined) = post(&node, &li, &path(&declined, "decline"), said("付款人撤回")).await;
    assert_eq!((code, declined["status"].as_str()), (200, Some("declined")));
    assert_eq!(books(&node).await.0, 600, "what was set aside is free again");
    let own = ask(&node, &zhang, &paid, 1000).await.1;
    assert_eq!(post(&node, &zhang, &path(&own, "decline"), said("填错了")).await.0, 200, "taken back");
    assert_eq!(books(&node).await.0, 600);
}

async fn what_a_role_does_not_allow_is_refused_in_words_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let paid = paid(&node, &institution, 1250).await;
    let viewer = role(&node, "audit", Role::Viewer).await;
    let zhang = role(&node, "zhang", Role::Admin).await;
    let (code, refused) = ask(&node, &viewer, &paid, 100).await;
    assert_eq!(
        (code, refused["code"].as_str(), refused["title"].as_str()),
        (403, Some("permission.denied"), Some("没有权限"))
    );
    let asked = ask(&node, &zhang, &paid, 100).await.1;
    for verb in ["approve", "decline", "retry", "redirect", "outside"] {
        assert_eq!(post(&node, &viewer, &path(&asked, verb), said("x")).await.0, 403, "{verb}");
    }
    let (code, seen) = viewer.get(&node, "/api/admin/refunds").await;
    assert_eq!((code, seen["items"].as_array().unwrap().len()), (200, 1), "looking is free");
    assert!(may(&seen["items"][0]).is_empty());
    let (_, session) = viewer.get(&node, "/api/admin/session").await;
    assert_eq!(session["admin"]["permissions"], json!([]));
    for (wrong, code) in [
        (json!({ "payment_id": paid.number, "amount_fen": 0, "reason": "x" }), 422),
        (json!({ "payment_id": paid.number, "amount_fen": -5, "reason": "x" }), 422),
        (json!({ "payment_id": paid.number, "amount_fen": 9999, "reason": "x" }), 422),
        (json!({ "payment_id": paid.number, "amount_fen": 1, "reason": " " }), 422),
        (json!({ "payment_id": paid.number, "amount_fen": 1, "reason": "长".repeat(81) }), 422),
        (json!({ "payment_id": paid.number, "amount_fen": 1, "reason": "x", "outside": true }), 409),
        (json!({ "payment_id": "M1O1A1", "amount_fen": 1, "reason": "x" }), 404),
        (json!({ "payment_id": paid.number, "amount_fen": 1.5, "reason": "x" }), 400),
    ] {
        let answer = post(&node, &zhang, &format!("/api/admin/orders/{}/refunds", paid.order_id), wrong.clone()).await;
        assert_eq!(answer.0, code, "{wrong} {}", answer.1);
    }
    assert_eq!(books(&node).await.0, 100);
}

async fn another_units_refunds_do_not_exist_for_an_admin_1(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let paid = paid(&node, &institution, 1250).await;
    let zhang = role(&node, "zhang", Role::Admin).await;
    let asked = ask(&node, &zhang, &paid, 100).await.1;
    unit(&node, 12, UNIT).await.unwrap();
    let branch = Console::login_as(&node, "branch", 12, Role::Finance).await;
    assert_eq!(ask(&node, &branch, &paid, 100).await.0, 404);
    for verb in ["approve", "decline", "retry"] {
        assert_eq!(post(&node, &branch, &path(&asked, verb), said("x")).await.0, 404, "{verb}");
    }
    let (_, page) = branch.get(&node, "/api/admin/refunds").await;
    assert!(page["items"].as_array().unwrap().is_empty());
    let (code, _) = branch.get(&node, &format!("/api/admin/orders/{}/refunds", paid.order_id)).await;
    assert_eq!(code, 404);
}

async fn a_manager_asks_for_an_own_record_and_finance_approves_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    paid(&node, &institution, 1250).await;
    let token = [("authorization", bearer())];
    let token: Vec<(&str, &str)> = token.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let record_id = node.number("SELECT record_id FROM record").await;
    let path_of = |id: i64| format!("/api/manager/records/{id}/refund");
    let body = json!({ "amount_fen": 250, "reason": "少上两节课", "submission": "s-1" });
    let (code, asked) = node.json("POST", &path_of(record_id), &token, body.clone()).await;
    assert_eq!((code, asked["status"].as_str()), (201, Some("requested")), "however small: {asked}");
    assert_eq!(asked["asked_by"], "张伟");
    let again = node.json("POST", &path_of(record_id), &token, body.clone()).await.1;
    assert_eq!(again["refund_id"], asked["refund_id"], "pressing twice is one");
    assert_eq!(node.json("POST", &path_of(record_id + 1), &token, body.clone()).await.0, 404);
    assert_eq!(node.json("POST", &path_of(record_id), &[], body).await.0, 401);
    let li = role(&node, "li", Role::Finance).await;
    assert_eq!(post(&node, &li, &path(&asked, "approve"), said("")).await.0, 200);
    node.work().await;
    assert_eq!(status(&node).await, "processing");
    let (code, detail) = node.json("GET", &format!("/api/manager/records/{record_id}"), &token, Value::Null).await;
    assert_eq!((code, detail["refunds"][0]["amount_fen"].as_i64()), (200, Some(250)), "the record shows it: {detail}");
}

async fn abnormal(node: &TestApp, institution: &crate::testing::Institution) -> Value {
    limit(node, 1_000_000).await;
    let zhang = role(node, "zhang", Role::Admin).await;
    let paid = paid(node, institution, 1000).await;
    let asked = ask(node, &zhang, &paid, 1000).await.1;
    node.work().await;
    let fact = institution.move_refund(asked["out_refund_no"].as_str().unwrap(), RefundStatus::Abnormal, NOW_MS);
    assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
    assert_eq!(status(node).await, "abnormal");
    assert_eq!(books(node).await, (1000, 0, "paid".into()), "reserved until a person decides");
    assert_eq!(node.text("SELECT kind || state FROM inbox").await, "refund_abnormalopen", "finance is told");
    asked
}

async fn a_refund_that_came_back_goes_to_the_merchants_account_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let asked = abnormal(&node, &institution).await;
    let li = role(&node, "li", Role::Finance).await;
    institution.answer_redirect(RefundOutcome::Refused(refusal("INVALID_REQUEST")));
    let (code, redirected) = post(&node, &li, &path(&asked, "redirect"), said("付款人的卡已销")).await;
    assert_eq!((code, redirected["status"].as_str()), (200, Some("redirecting")), "{redirected}");
    node.work().await;
    assert_eq!(status(&node).await, "abnormal", "not taken: a person decides again");
    institution.answer_redirect(RefundOutcome::Unknown("timeout".into()));
    assert_eq!(post(&node, &li, &path(&asked, "redirect"), said("再试")).await.0, 200);
    node.work().await;
    assert_eq!(status(&node).await, "redirecting", "a time-out is no refusal");
    let old = institution.refund_there(asked["out_refund_no"].as_str().unwrap()).unwrap();
    assert_eq!(node.call_back_refund(&old, "genuine").await, 204);
    assert_eq!(status(&node).await, "redirecting", "the news that it came back is older");
    node.pass_ms(HOUR_MS);
    node.work().await;
    assert_eq!(books(&node).await, (1000, 0, "paid".into()));
    let fact = institution.move_refund(asked["out_refund_no"].as_str().unwrap(), RefundStatus::Succeeded, NOW_MS);
    assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
    assert_eq!(books(&node).await, (0, 1000, "refunded".into()));
    assert_eq!(node.text("SELECT closed_how FROM inbox").await, "settled");
}

async fn a_refund_that_came_back_is_settled_outside_by_two_persons_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let asked = abnormal(&node, &institution).await;
    let (li, wu) = (role(&node, "li", Role::Finance).await, role(&node, "wu", Role::Finance).await);
    let (code, said_so) = post(&node, &li, &path(&asked, "outside"), said("银行转账，回单 0042")).await;
    assert_eq!((code, said_so["status"].as_str()), (200, Some("outside")), "{said_so}");
    assert_eq!(books(&node).await, (1000, 0, "paid".into()));
    let (code, refused) = post(&node, &li, &path(&asked, "approve"), said("")).await;
    assert_eq!((code, refused["code"].as_str()), (403, Some("refund.own_request")));
    assert_eq!(post(&node, &wu, &path(&asked, "decline"), said("回单不符")).await.1["status"], "abnormal");
    assert_eq!(post(&node, &li, &path(&asked, "outside"), said("回单 0043")).await.0, 200);
    let (code, done) = post(&node, &wu, &path(&asked, "approve"), said("已核对回单")).await;
    assert_eq!((code, done["status"].as_str(), done["kind"].as_str()), (200, Some("succeeded"), Some("outside")));
    assert_eq!(books(&node).await, (0, 1000, "refunded".into()));
    let fact = institution.move_refund(asked["out_refund_no"].as_str().unwrap(), RefundStatus::Succeeded, NOW_MS);
    assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
    assert_eq!(books(&node).await, (0, 1000, "refunded".into()));
    let raised = node.number("SELECT COUNT(*) FROM inbox WHERE kind = 'refund_misfit' AND state = 'open'").await;
    assert_eq!(raised, 1, "given back twice: before a person");
}

async fn past_the_refund_year_two_persons_record_an_outside_refund_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    node.pass_ms(365 * DAY_MS + 1);
    let (li, wu) = (role(&node, "li", Role::Finance).await, role(&node, "wu", Role::Finance).await);
    let (code, refused) = ask(&node, &li, &paid, 400).await;
    assert_eq!((code, refused["code"].as_str()), (409, Some("refund.year_over")));
    let mut outside = wanted(&paid.number, 400);
    outside["outside"] = true.into();
    let orders = format!("/api/admin/orders/{}/refunds", paid.order_id);
    let (code, recorded) = post(&node, &li, &orders, outside).await;
    assert_eq!((code, recorded["status"].as_str()), (201, Some("outside")), "however small");
    assert_eq!(post(&node, &li, &path(&recorded, "approve"), said("")).await.0, 403);
    assert_eq!(post(&node, &wu, &path(&recorded, "approve"), said("")).await.1["status"], "succeeded");
    assert_eq!(books(&node).await, (0, 400, "partly_refunded".into()));
    node.work().await;
    assert!(institution.refund_calls().is_empty(), "the institution is not asked");
}

async fn a_waiting_refund_is_hastened_by_hand_under_its_number_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let zhang = role(&node, "zhang", Role::Admin).await;
    let paid = paid(&node, &institution, 1000).await;
    institution.answer_refund(RefundOutcome::NotEnough(refusal("NOT_ENOUGH")));
    let asked = ask(&node, &zhang, &paid, 1000).await.1;
    node.work().await;
    assert_eq!(status(&node).await, "not_enough");
    assert_eq!(post(&node, &zhang, &path(&asked, "retry"), Value::Null).await.0, 200);
    node.work().await;
    assert_eq!(status(&node).await, "processing", "without waiting");
    let mut numbers = institution.refund_calls();
    numbers.dedup();
    assert_eq!(numbers.len(), 1);
    assert_eq!(post(&node, &zhang, &path(&asked, "redirect"), said("x")).await.0, 409, "it did not come back");
}

async fn the_list_pages_and_filters_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let zhang = role(&node, "zhang", Role::Admin).await;
    let paid = paid(&node, &institution, 1000).await;
    for _ in 0..5 {
        assert_eq!(ask(&node, &zhang, &paid, 100).await.0, 201);
    }
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let (_, page) = zhang.get(&node, &format!("/api/admin/refunds?limit=2&cursor={cursor}")).await;
        let items = page["items"].as_array().unwrap();
        seen.extend(items.iter().map(|item| item["refund_id"].as_str().unwrap().parse::<i64>().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen.len(), 5);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first, nothing twice");
    let (_, none) = zhang.get(&node, "/api/admin/refunds?status=succeeded").await;
    assert!(none["items"].as_array().unwrap().is_empty());
    let (_, all) = zhang.get(&node, "/api/admin/refunds?status=requested").await;
    assert_eq!(all["items"].as_array().unwrap().len(), 5);
    assert_eq!(zhang.get(&node, "/api/admin/refunds?status=lost").await.0, 400);
    let (_, of_order) = zhang.get(&node, &format!("/api/admin/orders/{}/refunds", paid.order_id)).await;
    assert_eq!(of_order.as_array().unwrap().len(), 5);
}
