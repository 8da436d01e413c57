//! Every way in which a refund can go, on both engines: PRODUCT 6.1, 6.2, 6.3, 6.5, 6.6, 6.7.

use channel::{RefundOutcome, RefundStatus, Refusal, RefusalKind};
use db::{Key, Tx, on_both_engines, params, testing::TestDb};
use serde_json::{Value, json};

use super::{Error, Request, Status, lifecycle::Move, request, request::Asker, request::Sees, sql};
use crate::{
    admin::{Role, tests::Console},
    clock::{DAY_MS, HOUR_MS, MINUTE_MS},
    merchant::Way,
    payment::Number,
    testing::{Institution, MERCHANT, NOW_MS, TestApp, UNIT},
};

mod people;

on_both_engines!(
    a_refund_reserves_before_it_asks_and_goes_through_6_6,
    ten_at_once_never_exceed_the_payment_6_6,
    two_nodes_at_once_never_exceed_the_payment_6_6,
    parts_then_all_move_the_order_forward_6_1,
    pressing_twice_makes_one_refund_6_6,
    a_time_out_is_asked_again_under_the_same_number_6_5,
    a_refusal_after_a_time_out_is_asked_about_before_it_is_believed_6_5,
    a_refusal_releases_what_was_reserved_6_6,
    a_callback_before_the_answer_and_ten_times_books_once_6_1,
    what_is_older_changes_nothing_6_1,
    not_enough_money_waits_and_is_tried_again_under_its_number_6_6,
    an_institution_that_is_down_for_an_hour_releases_nothing_6_5,
    a_closed_refund_releases_and_the_next_has_a_new_number_6_6,
    a_refund_that_was_given_up_and_made_after_all_is_booked_6_2,
    what_does_not_agree_is_kept_and_raised_6_3,
    a_refund_made_without_us_is_kept_booked_and_raised_6_2,
    a_late_and_a_duplicate_payment_go_back_and_their_orders_stay_6_2,
    the_database_moves_a_refund_only_as_the_lifecycle_says_6_1,
);

pub(super) struct Paid {
    pub order_id: i64,
    pub number: String,
}

/// A paid order over `fen`.
pub(super) async fn paid(node: &TestApp, institution: &Institution, fen: i64) -> Paid {
    let placed = node.place(fen).await;
    node.start(&placed, Way::Native).await.unwrap();
    let number = format!("M1O{}A1", placed.order_id);
    let success = institution.pay(&number, NOW_MS);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    node.work().await;
    Paid { order_id: placed.order_id, number }
}

pub(super) fn asker(admin_id: i64) -> Asker {
    Asker {
        merchant_id: MERCHANT,
        who: format!("admin:{admin_id}"),
        name: format!("会计{admin_id}"),
        network: "127.0.*.*".into(),
        sees: Sees::Unit(UNIT),
    }
}

pub(super) fn wanted(paid: &Paid, fen: i64) -> Request {
    Request {
        payment: paid.number.parse::<Number>().unwrap(),
        amount_fen: fen,
        reason: "课程取消".into(),
        submission: None,
        outside: false,
        item: None,
    }
}

/// Below this an admin needs nobody.
pub(super) async fn limit(node: &TestApp, fen: i64) {
    node.execute("UPDATE merchant SET refund_limit_fen = $1", vec![fen]).await;
}

pub(super) async fn status(node: &TestApp) -> String {
    node.text("SELECT status FROM refund ORDER BY refund_id DESC LIMIT 1").await
}

/// Reserved, given back, and where the order stands; and every rule of `mott check` holds.
pub(super) async fn books(node: &TestApp) -> (i64, i64, String) {
    let broken = crate::check::run(&node.app.db).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
    (
        node.number("SELECT CAST(SUM(refund_reserved_fen) AS BIGINT) FROM payment").await,
        node.number("SELECT CAST(SUM(refunded_fen) AS BIGINT) FROM payment").await,
        node.text("SELECT status FROM orders ORDER BY order_id LIMIT 1").await,
    )
}

fn refusal(code: &str) -> Refusal {
    Refusal { kind: RefusalKind::Other, code: code.into(), message: "机构的话".into() }
}

async fn a_refund_reserves_before_it_asks_and_goes_through_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 10_000).await;
    let paid = paid(&node, &institution, 1250).await;
    let refund = request(&node.app, asker(1), wanted(&paid, 1250)).await.unwrap();
    assert_eq!((refund.status, refund.out_refund_no.clone()), (Status::Approved, format!("M1O{}R1", paid.order_id)));
    assert!(institution.refund_calls().is_empty(), "reserved, and nobody asked yet");
    assert_eq!(books(&node).await, (1250, 0, "paid".into()));
    node.work().await;
    assert_eq!(status(&node).await, "processing", "200 means accepted only");
    assert_eq!(books(&node).await, (1250, 0, "paid".into()));
    let fact = institution.move_refund(&refund.out_refund_no, RefundStatus::Succeeded, NOW_MS + 7);
    assert_eq!(node.call_back_refund(&fact, "forged").await, 500);
    assert_eq!(status(&node).await, "processing", "a forged one is not believed");
    assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
    assert_eq!(status(&node).await, "succeeded");
    assert_eq!(books(&node).await, (0, 1250, "refunded".into()));
    assert_eq!(node.number("SELECT success_at_ms FROM refund").await, NOW_MS + 7);
    assert_eq!(node.text("SELECT received_account FROM refund").await, "招商银行信用卡0403");
    assert_eq!(node.number("SELECT COUNT(*) FROM callback WHERE out_refund_no IS NOT NULL").await, 1, "kept");
    let told = node.number("SELECT COUNT(*) FROM live_event WHERE kind = 'refund'").await;
    assert_eq!(told, 3, "asked for, on its way, there (6.7)");
    assert_eq!(institution.refund_calls().len(), 1);
    node.pass_ms(DAY_MS);
    node.work().await;
    assert_eq!(node.text("SELECT state FROM job WHERE kind = 'refund.ask'").await, "done");
}

async fn ten_at_once_never_exceed_the_payment_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    let asked = (0..10).map(|n| request(&node.app, asker(n), wanted(&paid, 300)));
    let answers = futures_util::future::join_all(asked).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 3);
    for answer in answers {
        assert!(matches!(answer, Ok(_) | Err(Error::TooMuch { left_fen: 100 | 400 | 700 })), "{answer:?}");
    }
    assert_eq!(books(&node).await, (900, 0, "paid".into()));
    node.work().await;
    let numbers = institution.refund_calls();
    assert_eq!(numbers.len(), 3, "each has a number of its own: {numbers:?}");
}

async fn two_nodes_at_once_never_exceed_the_payment_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let other = node.another_node(institution.links());
    for _ in 0..5 {
        let paid = paid(&node, &institution, 1000).await;
        let (one, two) = futures_util::future::join(
            request(&node.app, asker(1), wanted(&paid, 600)),
            request(&other, asker(2), wanted(&paid, 600)),
        )
        .await;
        assert_eq!([one.is_ok(), two.is_ok()].into_iter().filter(|ok| *ok).count(), 1, "{one:?} {two:?}");
    }
    assert_eq!(books(&node).await.0, 3000);
}

async fn parts_then_all_move_the_order_forward_6_1(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    for (part, left, order) in [(300, 700, "partly_refunded"), (200, 500, "partly_refunded"), (500, 0, "refunded")] {
        let refund = request(&node.app, asker(1), wanted(&paid, part)).await.unwrap();
        node.work().await;
        let fact = institution.move_refund(&refund.out_refund_no, RefundStatus::Succeeded, NOW_MS);
        assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
        assert_eq!(books(&node).await, (0, 1000 - left, order.into()));
        assert_eq!(node.number("SELECT refunded_fen FROM orders").await, 1000 - left);
    }
    let over = request(&node.app, asker(1), wanted(&paid, 1)).await;
    assert!(matches!(over, Err(Error::TooMuch { left_fen: 0 })));
    assert_eq!(node.number("SELECT COUNT(*) FROM record").await, 1, "what was collected stays on record");
}

async fn pressing_twice_makes_one_refund_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let paid = paid(&node, &institution, 1000).await;
    let press = || {
        let wanted = Request { submission: Some("page-1".into()), ..wanted(&paid, 100) };
        request(&node.app, asker(1), wanted)
    };
    let presses = futures_util::future::join_all((0..5).map(|_| press())).await;
    let ids: Vec<i64> = presses.into_iter().map(|refund| refund.unwrap().refund_id).collect();
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(books(&node).await.0, 100);
}

async fn a_time_out_is_asked_again_under_the_same_number_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    institution.lose_answers(true);
    let refund = request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    node.work().await;
    assert_eq!(status(&node).await, "unknown");
    assert_eq!(books(&node).await, (1000, 0, "paid".into()), "nothing is released");
    let again = request(&node.app, asker(2), wanted(&paid, 1)).await;
    assert!(matches!(again, Err(Error::TooMuch { left_fen: 0 })), "and nothing else may have it");
    institution.lose_answers(false);
    node.pass_ms(10_000);
    node.work().await;
    assert_eq!(status(&node).await, "processing");
    assert_eq!(institution.refund_calls(), [refund.out_refund_no.clone(), refund.out_refund_no], "one number, twice");
}

async fn a_refusal_after_a_time_out_is_asked_about_before_it_is_believed_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    institution.lose_answers(true);
    let refund = request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    node.work().await;
    institution.lose_answers(false);
    institution.answer_refund(RefundOutcome::Refused(refusal("INVALID_REQUEST")));
    node.pass_ms(10_000);
    node.work().await;
    assert_eq!(status(&node).await, "processing", "the first sending had made it");
    assert_eq!(books(&node).await, (1000, 0, "paid".into()));
    assert!(institution.refund_there(&refund.out_refund_no).is_some());
}

async fn a_refusal_releases_what_was_reserved_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    institution.answer_refund(RefundOutcome::Refused(refusal("NO_AUTH")));
    request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    node.work().await;
    assert_eq!(status(&node).await, "refused");
    assert_eq!(node.text("SELECT note FROM refund").await, "NO_AUTH 机构的话", "their words are kept");
    assert_eq!(books(&node).await, (0, 0, "paid".into()));
    let next = request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    assert_eq!(next.out_refund_no, format!("M1O{}R2", paid.order_id), "a new refund, a new number");
}

async fn a_callback_before_the_answer_and_ten_times_books_once_6_1(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    institution.lose_answers(true);
    let refund = request(&node.app, asker(1), wanted(&paid, 400)).await.unwrap();
    node.work().await;
    let fact = institution.move_refund(&refund.out_refund_no, RefundStatus::Succeeded, NOW_MS);
    let answers = futures_util::future::join_all((0..10).map(|_| node.call_back_refund(&fact, "genuine"))).await;
    assert_eq!(answers, [204; 10]);
    assert_eq!(books(&node).await, (0, 400, "partly_refunded".into()));
    assert_eq!(node.number("SELECT COUNT(*) FROM callback WHERE out_refund_no IS NOT NULL").await, 1);
    institution.lose_answers(false);
    node.pass_ms(DAY_MS);
    node.work().await;
    assert_eq!(institution.refund_calls().len(), 1, "what is over is not asked for again");
    assert_eq!(books(&node).await, (0, 400, "partly_refunded".into()));
}

async fn what_is_older_changes_nothing_6_1(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    let refund = request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    node.work().await;
    let early = institution.move_refund(&refund.out_refund_no, RefundStatus::Processing, NOW_MS);
    let end = institution.move_refund(&refund.out_refund_no, RefundStatus::Succeeded, NOW_MS);
    for fact in [&end, &early, &end] {
        assert_eq!(node.call_back_refund(fact, "genuine").await, 204);
        assert_eq!(books(&node).await, (0, 1000, "refunded".into()));
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox").await, 0);
}

async fn not_enough_money_waits_and_is_tried_again_under_its_number_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    for _ in 0..2 {
        institution.answer_refund(RefundOutcome::NotEnough(refusal("NOT_ENOUGH")));
    }
    request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    node.work().await;
    assert_eq!(status(&node).await, "not_enough");
    assert_eq!(books(&node).await, (1000, 0, "paid".into()), "reserved");
    assert_eq!(node.text("SELECT kind || state FROM inbox").await, "refund_waitingopen", "finance is told");
    node.pass_ms(11 * MINUTE_MS);
    node.work().await;
    assert_eq!(status(&node).await, "not_enough");
    node.pass_ms(11 * MINUTE_MS);
    node.work().await;
    assert_eq!(status(&node).await, "processing");
    assert_eq!(node.text("SELECT kind || state || closed_how FROM inbox").await, "refund_waitingclosedsettled");
    let mut numbers = institution.refund_calls();
    assert_eq!(numbers.len(), 3);
    numbers.dedup();
    assert_eq!(numbers.len(), 1, "always the same number");
    books(&node).await;
}

async fn an_institution_that_is_down_for_an_hour_releases_nothing_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    institution.go_down(true);
    request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    for _ in 0..12 {
        node.work().await;
        assert_eq!(books(&node).await, (1000, 0, "paid".into()));
        node.pass_ms(5 * MINUTE_MS);
    }
    institution.go_down(false);
    node.pass_ms(HOUR_MS);
    node.work().await;
    assert_eq!(status(&node).await, "processing");
    let mut numbers = institution.refund_calls();
    numbers.dedup();
    assert_eq!(numbers.len(), 1);
}

async fn a_closed_refund_releases_and_the_next_has_a_new_number_6_6(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    let refund = request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    node.work().await;
    institution.move_refund(&refund.out_refund_no, RefundStatus::Closed, NOW_MS);
    node.pass_ms(MINUTE_MS);
    node.work().await;
    assert_eq!(status(&node).await, "closed", "found by the query, without any callback");
    assert_eq!(books(&node).await, (0, 0, "paid".into()));
    let next = request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    node.work().await;
    assert_eq!(institution.refund_calls(), [refund.out_refund_no, next.out_refund_no]);
}

async fn a_refund_that_was_given_up_and_made_after_all_is_booked_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    let refund = request(&node.app, asker(1), wanted(&paid, 600)).await.unwrap();
    node.work().await;
    institution.move_refund(&refund.out_refund_no, RefundStatus::Closed, NOW_MS);
    node.pass_ms(MINUTE_MS);
    node.work().await;
    let fact = institution.move_refund(&refund.out_refund_no, RefundStatus::Succeeded, NOW_MS);
    let other = request(&node.app, asker(1), wanted(&paid, 500)).await.unwrap();
    assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
    assert_eq!(node.text("SELECT kind FROM inbox").await, "refund_misfit", "no room for it: before a person");
    assert_eq!(books(&node).await, (500, 0, "paid".into()), "and never above the payment");
    super::decide::approve(&node.app, asker(2), other.refund_id, "").await.unwrap_err();
    institution.answer_refund(RefundOutcome::Refused(refusal("INVALID_REQUEST")));
    node.work().await;
    assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
    assert_eq!(books(&node).await, (0, 600, "partly_refunded".into()), "now there is");
}

async fn what_does_not_agree_is_kept_and_raised_6_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let paid = paid(&node, &institution, 1000).await;
    let refund = request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    node.work().await;
    let good = institution.move_refund(&refund.out_refund_no, RefundStatus::Succeeded, NOW_MS);
    type Bend = fn(&mut channel::RefundFact);
    let bent: [Bend; 5] = [
        |f| f.amount = money::Amount::from_fen(999),
        |f| f.sub_mchid = Some("1900000111".into()),
        |f| f.sp_mchid = Some("1".into()),
        |f| f.transaction_id = "4200".into(),
        |f| f.out_trade_no = "M1O1A1".into(),
    ];
    for bend in bent {
        let mut fact = good.clone();
        bend(&mut fact);
        for _ in 0..2 {
            assert_eq!(node.call_back_refund(&fact, "genuine").await, 204, "on disk: no need to send it again");
        }
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox WHERE kind = 'refund_misfit'").await, 5, "each once");
    assert_eq!(node.number("SELECT COUNT(*) FROM callback WHERE out_refund_no IS NOT NULL").await, 5, "kept");
    assert_eq!(books(&node).await, (1000, 0, "paid".into()), "not booked");
    assert_eq!(node.call_back_refund(&good, "genuine").await, 204);
    assert_eq!(books(&node).await, (0, 1000, "refunded".into()), "the genuine one still is");
}

async fn a_refund_made_without_us_is_kept_booked_and_raised_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let paid = paid(&node, &institution, 1000).await;
    let found = |number: &str, of: &str, fen: i64, status| channel::RefundFact {
        sp_mchid: Some("1900000109".into()),
        sub_mchid: Some("1900000110".into()),
        out_refund_no: number.into(),
        out_trade_no: of.into(),
        transaction_id: format!("42{of}"),
        refund_id: Some("50".into()),
        status,
        amount: money::Amount::from_fen(fen),
        total: None,
        success_at_ms: Some(NOW_MS),
        received_account: String::new(),
    };
    let theirs = found("50300000001", &paid.number, 400, RefundStatus::Succeeded);
    for _ in 0..2 {
        assert_eq!(node.call_back_refund(&theirs, "genuine").await, 204);
        assert_eq!(books(&node).await, (0, 400, "partly_refunded".into()));
    }
    assert_eq!(node.text("SELECT kind || status FROM refund").await, "foundsucceeded");
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox WHERE kind = 'refund_found'").await, 1);
    let too_much = found("50300000002", &paid.number, 700, RefundStatus::Succeeded);
    assert_eq!(node.call_back_refund(&too_much, "genuine").await, 204);
    assert_eq!(books(&node).await, (0, 400, "partly_refunded".into()), "more than is left is raised, not booked");
    let abnormal = found("50300000003", &paid.number, 100, RefundStatus::Abnormal);
    assert_eq!(node.call_back_refund(&abnormal, "genuine").await, 204);
    assert_eq!(books(&node).await.0, 100, "and one that came back is set aside until a person decides");
    for nobodys in ["M1O77A1", "20261123ABCDEF", "M9O1A1"] {
        let fact = found("R-1", nobodys, 1, RefundStatus::Succeeded);
        for _ in 0..2 {
            assert_eq!(node.call_back_refund(&fact, "genuine").await, 204, "{nobodys}");
        }
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox WHERE kind = 'unmatched'").await, 3);
    assert_eq!(node.number("SELECT COUNT(*) FROM callback WHERE out_refund_no IS NOT NULL").await, 6);
    books(&node).await;
}

async fn a_late_and_a_duplicate_payment_go_back_and_their_orders_stay_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    limit(&node, 1_000_000).await;
    let placed = node.place(700).await;
    node.start(&placed, Way::Native).await.unwrap();
    node.start(&placed, Way::H5).await.unwrap();
    let [first, second] = [1, 2].map(|n| format!("M1O{}A{n}", placed.order_id));
    for number in [&second, &first] {
        let success = institution.pay(number, NOW_MS);
        assert_eq!(node.call_back(&success, "genuine").await, 204);
    }
    let late = node.place(500).await;
    node.start(&late, Way::Native).await.unwrap();
    node.pass_ms(31 * MINUTE_MS);
    node.work().await;
    let late_number = format!("M1O{}A1", late.order_id);
    let success = institution.pay(&late_number, NOW_MS);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox WHERE state = 'open'").await, 2);
    assert_eq!(node.number("SELECT COUNT(*) FROM live_event WHERE kind = 'attention'").await, 2, "the manager is told");
    for (order_id, number, fen) in [(placed.order_id, first, 700), (late.order_id, late_number, 500)] {
        let back = Paid { order_id, number };
        let refund = request(&node.app, asker(1), wanted(&back, fen)).await.unwrap();
        node.work().await;
        let fact = institution.move_refund(&refund.out_refund_no, RefundStatus::Succeeded, NOW_MS);
        assert_eq!(node.call_back_refund(&fact, "genuine").await, 204);
    }
    assert_eq!(books(&node).await, (0, 1200, "paid".into()), "the order that was paid once stays paid");
    assert_eq!(node.text("SELECT status FROM orders ORDER BY order_id DESC LIMIT 1").await, "closed");
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox WHERE closed_how = 'refunded'").await, 2);
}

/// Every conditional update, tried from every status, moves exactly where the lifecycle lets it.
async fn the_database_moves_a_refund_only_as_the_lifecycle_says_6_1(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let paid = paid(&node, &institution, 1000).await;
    let refund = request(&node.app, asker(1), wanted(&paid, 1000)).await.unwrap();
    let id = refund.refund_id;
    let moves = [
        (sql::PROCESSING, RefundStatus::Processing),
        (sql::SUCCEEDED, RefundStatus::Succeeded),
        (sql::CLOSED, RefundStatus::Closed),
        (sql::ABNORMAL, RefundStatus::Abnormal),
    ];
    for from in Status::ALL {
        for (text, told) in moves {
            let work = async move |tx: &mut Tx<'_>| {
                let back = params![MERCHANT, id, from.word()];
                tx.execute("UPDATE refund SET status = $3 WHERE merchant_id = $1 AND refund_id = $2", back).await?;
                let values = params![MERCHANT, id, None::<&str>, None::<&str>, NOW_MS, NOW_MS];
                tx.execute(text, &values[..if told == RefundStatus::Succeeded { 6 } else { 5 }]).await
            };
            let moved = node.app.db.write(Key::of(id), work).await.unwrap_or_else(|e: db::Error| panic!("{e}")) == 1;
            assert_eq!(moved, matches!(from.after(told, true), Move::To(_)), "{from:?}, told {told:?}");
        }
    }
}

/// What a console may do, by path.
pub(super) async fn post(node: &TestApp, console: &Console, path: &str, body: Value) -> (u16, Value) {
    node.json("POST", path, &[("cookie", &console.cookie), ("x-csrf-token", &console.csrf)], body).await
}

pub(super) async fn role(node: &TestApp, login: &str, role: Role) -> Console {
    Console::login_as(node, login, UNIT, role).await
}

pub(super) fn said(words: &str) -> Value {
    json!({ "words": words })
}
