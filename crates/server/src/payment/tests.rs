//! Every way in which the news of a payment can come, on both engines.

mod wallets;

use channel::{CloseOutcome, PrepayOutcome, Refusal, RefusalKind, Success};
use db::{on_both_engines, testing::TestDb};
use money::Amount;

use super::{Started, Teller};
use crate::{
    clock::MINUTE_MS,
    merchant::Way,
    payment::{Booked, News, confirm},
    testing::{NOW_MS, TestApp, There},
};

on_both_engines!(
    a_callback_books_once_with_all_that_follows_6_7,
    the_same_callback_ten_times_at_once_books_once_6_1,
    two_nodes_confirm_at_once_and_book_once_6_1,
    no_callback_and_the_janitor_finds_it_6_5,
    a_callback_before_the_create_call_returned_6_2,
    a_success_after_the_close_is_booked_late_6_2,
    a_second_payment_of_one_order_is_booked_as_duplicate_6_2,
    the_live_attempt_itself_may_be_the_duplicate_6_2,
    what_does_not_agree_is_kept_and_raised_not_booked_6_3,
    a_create_that_timed_out_is_sent_again_under_its_number_6_5,
    nothing_new_starts_while_a_close_is_unknown_6_5,
    another_way_closes_the_live_attempt_first_4,
    pressing_twice_hands_over_the_same_credential_4,
    a_refused_attempt_frees_the_order,
    an_unpaid_order_expires_after_the_institution_was_asked_6_5,
    an_order_that_was_paid_at_the_last_moment_is_not_closed_6_5,
    an_institution_that_is_down_delays_the_expiry_6_5,
    a_number_that_was_never_made_is_closed_by_the_janitor_6_5,
    money_of_an_unknown_number_is_kept_and_put_before_a_person_6_2,
    two_nodes_tell_of_a_late_success_at_once_and_book_it_once_6_2,
    an_attempt_that_a_payer_holds_is_not_given_up_for_a_not_found_6_5,
    who_looks_at_an_open_order_has_it_asked_about_now_6_5,
);

fn teller() -> Teller {
    Teller { provider_key: "demo-sp".into(), sp_mchid: "1900000109".into(), sp_appid: "wx88".into() }
}

/// Records, live events, jobs and items before a person; and every rule of `mott check` holds.
async fn books(node: &TestApp) -> (i64, i64, i64, i64) {
    let broken = crate::check::run(&node.app.db).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
    (
        node.number("SELECT COUNT(*) FROM record").await,
        node.number("SELECT COUNT(*) FROM live_event WHERE kind = 'payment'").await,
        node.number("SELECT COUNT(*) FROM job WHERE kind = 'order.after_paid'").await,
        node.number("SELECT COUNT(*) FROM inbox").await,
    )
}

/// An order of 12.50 with a code on the desktop's screen; the number of its attempt.
async fn pending(node: &TestApp) -> (crate::order::Placed, String) {
    let placed = node.place(1250).await;
    assert!(matches!(node.start(&placed, Way::Native).await.unwrap(), Started::Ready(_)));
    (placed.clone(), format!("M1O{}A1", placed.order_id))
}

async fn a_callback_books_once_with_all_that_follows_6_7(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (_, number) = pending(&node).await;
    let success = institution.pay(&number, NOW_MS + 5);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    assert_eq!(books(&node).await, (1, 1, 1, 0));
    assert_eq!(node.text("SELECT status FROM orders").await, "paid");
    assert_eq!(node.text("SELECT booked FROM payment").await, "order");
    assert_eq!(node.number("SELECT paid_at_ms FROM orders").await, NOW_MS + 5, "the day of its success time, 6.9");
    assert_eq!(node.number("SELECT COUNT(*) FROM callback").await, 1, "the bytes are kept");
    assert_eq!(node.call_back(&success, "genuine").await, 204, "an exact repeat is acknowledged");
    assert_eq!(books(&node).await, (1, 1, 1, 0));
    assert_eq!(node.number("SELECT COUNT(*) FROM callback").await, 1, "and changes nothing");
}

async fn the_same_callback_ten_times_at_once_books_once_6_1(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (_, number) = pending(&node).await;
    let success = institution.pay(&number, NOW_MS);
    let answers = futures_util::future::join_all((0..10).map(|_| node.call_back(&success, "genuine"))).await;
    assert_eq!(answers, [204; 10]);
    assert_eq!(books(&node).await, (1, 1, 1, 0));
}

async fn two_nodes_confirm_at_once_and_book_once_6_1(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let other = node.another_node(institution.links());
    for _ in 0..10 {
        let (_, number) = pending(&node).await;
        let success = institution.pay(&number, NOW_MS);
        let one = confirm(&node.app, teller(), success.clone(), News::Query);
        let two = confirm(&other, teller(), success, News::Query);
        let booked = futures_util::future::join(one, two).await;
        let booked = [booked.0.unwrap(), booked.1.unwrap()];
        assert!(booked.contains(&Booked::Order) && booked.contains(&Booked::Repeat), "{booked:?}");
    }
    assert_eq!(books(&node).await, (10, 10, 10, 0));
}

async fn no_callback_and_the_janitor_finds_it_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (_, number) = pending(&node).await;
    node.work().await;
    institution.pay(&number, NOW_MS);
    node.pass_ms(10_000);
    node.work().await;
    assert_eq!(books(&node).await, (1, 1, 1, 0));
    assert_eq!(node.number("SELECT COUNT(*) FROM job WHERE kind = 'payment.ask' AND state = 'done'").await, 1);
}

async fn a_callback_before_the_create_call_returned_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(1250).await;
    institution.lose_answers(true);
    assert_eq!(node.start(&placed, Way::Native).await.unwrap(), Started::Unknown);
    let success = institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    institution.lose_answers(false);
    assert_eq!(node.start(&placed, Way::Native).await.unwrap(), Started::Paid);
    assert_eq!(books(&node).await, (1, 1, 1, 0));
}

async fn a_success_after_the_close_is_booked_late_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (_, number) = pending(&node).await;
    node.pass_ms(31 * MINUTE_MS);
    node.work().await;
    assert_eq!(node.text("SELECT status FROM orders").await, "closed");
    let success = institution.pay(&number, NOW_MS);
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    assert_eq!(node.text("SELECT status FROM orders").await, "closed", "an order moves only forward");
    assert_eq!(node.text("SELECT booked FROM payment").await, "late");
    assert_eq!(node.text("SELECT kind FROM inbox").await, "late");
    assert_eq!(
        crate::check::waiting(&node.app.db).await.unwrap(),
        ["merchant 1: 1 late, 12.50 yuan"],
        "told by `mott check`"
    );
    assert_eq!(books(&node).await, (0, 0, 0, 1));
    assert_eq!(node.call_back(&success, "genuine").await, 204);
    assert_eq!(books(&node).await, (0, 0, 0, 1));
}

async fn a_second_payment_of_one_order_is_booked_as_duplicate_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (placed, first) = pending(&node).await;
    assert!(matches!(node.start(&placed, Way::H5).await.unwrap(), Started::Ready(_)));
    let second = format!("M1O{}A2", placed.order_id);
    let paid_first = institution.pay(&first, NOW_MS); // the institution had closed it, and took the money all the same
    let paid_second = institution.pay(&second, NOW_MS);
    assert_eq!(node.call_back(&paid_second, "genuine").await, 204);
    assert_eq!(node.call_back(&paid_first, "genuine").await, 204);
    assert_eq!(node.text("SELECT kind FROM inbox").await, "duplicate");
    assert_eq!(node.number("SELECT COUNT(*) FROM payment WHERE status = 'paid'").await, 2, "6.8: nothing is dropped");
    assert_eq!(books(&node).await, (1, 1, 1, 1));
}

async fn the_live_attempt_itself_may_be_the_duplicate_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (placed, first) = pending(&node).await;
    assert!(matches!(node.start(&placed, Way::H5).await.unwrap(), Started::Ready(_)));
    let late = institution.pay(&first, NOW_MS);
    let live = institution.pay(&format!("M1O{}A2", placed.order_id), NOW_MS);
    assert_eq!(node.call_back(&late, "genuine").await, 204, "a success of a closed attempt pays an open order");
    assert_eq!(books(&node).await, (1, 1, 1, 0));
    node.work().await; // what is left of the order is asked about, and found paid
    assert_eq!(node.text("SELECT kind FROM inbox").await, "duplicate");
    assert_eq!(node.call_back(&live, "genuine").await, 204);
    assert_eq!(books(&node).await, (1, 1, 1, 1));
}

async fn what_does_not_agree_is_kept_and_raised_not_booked_6_3(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (_, number) = pending(&node).await;
    let good = institution.pay(&number, NOW_MS);
    type Bend = fn(&mut Success);
    let bent: [(&str, Bend); 6] = [
        ("amount", |s| s.total = Amount::from_fen(1)),
        ("currency", |s| s.currency = "USD".into()),
        ("sub merchant", |s| s.sub_mchid = "1900000111".into()),
        ("service provider", |s| s.sp_mchid = "1".into()),
        ("application", |s| s.sp_appid = "wx0".into()),
        ("transaction id", |s| s.transaction_id = String::new()),
    ];
    for (what, bend) in bent {
        let mut success = good.clone();
        bend(&mut success);
        let news = News::Callback { headers: "{}".into(), body: b"x".to_vec() };
        assert_eq!(confirm(&node.app, teller(), success, news).await.unwrap(), Booked::Misfit(what));
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox WHERE kind = 'misfit'").await, 6);
    assert_eq!(node.number("SELECT COUNT(*) FROM callback").await, 6, "kept");
    assert_eq!(node.text("SELECT status FROM orders").await, "pending", "not booked");
    let mut unknown = good.clone();
    unknown.out_trade_no = "M1O77A1".into();
    assert_eq!(confirm(&node.app, teller(), unknown, News::Query).await.unwrap(), Booked::Misfit("unknown order"));
    assert_eq!(node.call_back(&good, "forged").await, 500);
    assert_eq!(node.text("SELECT status FROM orders").await, "pending", "a forged one is not believed");
    assert_eq!(node.number("SELECT COUNT(*) FROM callback_refused").await, 1, "but kept");
    assert_eq!(node.call_back(&good, "genuine").await, 204, "the genuine one still books");
    assert_eq!(books(&node).await, (1, 1, 1, 7));
}

async fn a_create_that_timed_out_is_sent_again_under_its_number_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(1250).await;
    for made in [true, false] {
        institution.lose_answers(made);
        institution.go_down(!made);
        assert_eq!(node.start(&placed, Way::Native).await.unwrap(), Started::Unknown);
    }
    institution.go_down(false);
    assert!(matches!(node.start(&placed, Way::Native).await.unwrap(), Started::Ready(_)));
    let number = format!("M1O{}A1", placed.order_id);
    assert_eq!(institution.prepays(), [number.clone(), number.clone(), number], "one number, three times");
}

async fn nothing_new_starts_while_a_close_is_unknown_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (placed, number) = pending(&node).await;
    institution.answer_close(CloseOutcome::Unknown("timeout".into()));
    assert_eq!(node.start(&placed, Way::H5).await.unwrap(), Started::Unknown);
    assert_eq!(institution.prepays(), [number]);
}

async fn another_way_closes_the_live_attempt_first_4(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (placed, first) = pending(&node).await;
    assert!(matches!(node.start(&placed, Way::Jsapi).await.unwrap(), Started::Ready(_)));
    assert_eq!(institution.there(&first), Some(There::Closed));
    assert_eq!(node.number("SELECT live_attempt FROM orders").await, 2);
    institution.answer_close(CloseOutcome::AlreadyPaid);
    institution.pay(&format!("M1O{}A2", placed.order_id), NOW_MS);
    assert_eq!(node.start(&placed, Way::H5).await.unwrap(), Started::Paid, "paid meanwhile: booked, nothing new");
    assert_eq!(books(&node).await, (1, 1, 1, 0));
}

async fn pressing_twice_hands_over_the_same_credential_4(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(1250).await;
    let presses = futures_util::future::join_all((0..5).map(|_| node.start(&placed, Way::Native))).await;
    assert!(presses.iter().all(Result::is_ok));
    let again = node.start(&placed, Way::Native).await.unwrap();
    assert!(matches!(again, Started::Ready(_)));
    let mut numbers = institution.prepays();
    numbers.dedup();
    assert_eq!(numbers.len(), 1, "one live attempt");
    assert_eq!(node.number("SELECT COUNT(*) FROM payment").await, 1);
}

async fn a_refused_attempt_frees_the_order(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(1250).await;
    let refusal = Refusal { kind: RefusalKind::NotAuthorised, code: "NO_AUTH".into(), message: "未开通".into() };
    institution.answer_prepay(PrepayOutcome::Refused(refusal.clone()));
    assert_eq!(node.start(&placed, Way::H5).await.unwrap(), Started::Refused(refusal));
    assert_eq!(node.text("SELECT note FROM payment").await, "NO_AUTH 未开通", "the institution's words are kept");
    assert!(matches!(node.start(&placed, Way::Native).await.unwrap(), Started::Ready(_)));
}

async fn an_unpaid_order_expires_after_the_institution_was_asked_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (placed, number) = pending(&node).await;
    node.pass_ms(30 * MINUTE_MS);
    node.work().await;
    assert_eq!(institution.there(&number), Some(There::Closed));
    assert_eq!(node.text("SELECT status FROM orders").await, "closed");
    assert_eq!(node.start(&placed, Way::Native).await.unwrap(), Started::Closed);
}

async fn an_order_that_was_paid_at_the_last_moment_is_not_closed_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (_, number) = pending(&node).await;
    institution.pay(&number, NOW_MS + 29 * MINUTE_MS);
    node.pass_ms(30 * MINUTE_MS);
    node.work().await;
    assert_eq!(node.text("SELECT status FROM orders").await, "paid");
    assert_eq!(books(&node).await, (1, 1, 1, 0));
}

async fn an_institution_that_is_down_delays_the_expiry_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    pending(&node).await;
    institution.go_down(true);
    node.pass_ms(31 * MINUTE_MS);
    node.work().await;
    assert_eq!(node.text("SELECT status FROM orders").await, "pending", "nothing is released while it is unknown");
    institution.go_down(false);
    node.pass_ms(31 * MINUTE_MS);
    node.work().await;
    assert_eq!(node.text("SELECT status FROM orders").await, "closed");
}

async fn a_number_that_was_never_made_is_closed_by_the_janitor_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let placed = node.place(1250).await;
    institution.go_down(true);
    assert_eq!(node.start(&placed, Way::Native).await.unwrap(), Started::Unknown);
    institution.go_down(false);
    node.pass_ms(3 * MINUTE_MS);
    node.work().await;
    assert_eq!(node.text("SELECT status FROM payment").await, "closed");
    assert!(matches!(node.start(&placed, Way::Native).await.unwrap(), Started::Ready(_)), "the order is free");
}

async fn money_of_an_unknown_number_is_kept_and_put_before_a_person_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (_, number) = pending(&node).await;
    let good = institution.pay(&number, NOW_MS);
    for (foreign, merchant_id) in [("M1O77A1", 1), ("20261123ABCDEF", 0), ("M9O1A1", 9)] {
        let success = Success { out_trade_no: foreign.into(), transaction_id: format!("42{foreign}"), ..good.clone() };
        for _ in 0..3 {
            assert_eq!(node.call_back(&success, "genuine").await, 204, "it is on disk: no need to send again");
        }
        let kept =
            format!("SELECT COUNT(*) FROM callback WHERE merchant_id = {merchant_id} AND out_trade_no = '{foreign}'");
        assert_eq!(node.number(Box::leak(kept.into_boxed_str())).await, 1, "{foreign}: once");
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox WHERE kind = 'unmatched'").await, 3);
}

async fn two_nodes_tell_of_a_late_success_at_once_and_book_it_once_6_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let other = node.another_node(institution.links());
    for round in 0..5 {
        let (_, number) = pending(&node).await;
        node.pass_ms(31 * MINUTE_MS);
        node.work().await;
        let success = institution.pay(&number, NOW_MS + round);
        let one = confirm(&node.app, teller(), success.clone(), News::Query);
        let two = confirm(&other, teller(), success, News::Query);
        let booked = futures_util::future::join(one, two).await;
        let booked = [booked.0.unwrap(), booked.1.unwrap()];
        assert!(booked.contains(&Booked::Late) && booked.contains(&Booked::Repeat), "{booked:?}");
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM inbox WHERE kind = 'late'").await, 5);
}

async fn an_attempt_that_a_payer_holds_is_not_given_up_for_a_not_found_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (placed, number) = pending(&node).await;
    institution.forget(&number); // its copy of the data lags behind
    node.pass_ms(5 * MINUTE_MS);
    node.work().await;
    assert_eq!(node.text("SELECT status FROM payment").await, "pending");
    assert_eq!(
        node.start(&placed, Way::H5).await.unwrap(),
        Started::Unknown,
        "a close of what it does not know is no end"
    );
    assert_eq!(institution.prepays(), [number]);
    node.pass_ms(40 * MINUTE_MS);
    node.work().await;
    assert_eq!(node.text("SELECT status FROM payment").await, "closed", "its time to pay is over");
}

async fn who_looks_at_an_open_order_has_it_asked_about_now_6_5(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let (placed, number) = pending(&node).await;
    node.pass_ms(10 * MINUTE_MS);
    node.work().await; // the janitor found it open, and comes back in minutes
    institution.pay(&number, NOW_MS);
    node.work().await;
    assert_eq!(node.text("SELECT status FROM orders").await, "pending");
    let accepts = [("accept", "application/json")];
    let path = format!("/pay/{}", placed.token);
    for _ in 0..3 {
        assert_eq!(node.json("GET", &path, &accepts, serde_json::Value::Null).await.0, 200);
    }
    node.work().await;
    assert_eq!(node.text("SELECT status FROM orders").await, "paid");
    assert_eq!(books(&node).await, (1, 1, 1, 0));
}
