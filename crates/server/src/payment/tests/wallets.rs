//! One order, two institutions: never two live attempts (PRODUCT 4), whatever each of them can close.

use db::{on_both_engines, testing::TestDb};

use super::books;
use crate::{
    clock::MINUTE_MS,
    merchant::{ChannelKind, Way},
    payment::{Handover, Ready, Started},
    testing::{NOW_MS, TestApp, There},
};

on_both_engines!(
    each_wallet_pays_to_its_own_account_1,
    a_changed_wallet_closes_the_live_attempt_first_4,
    what_nobody_can_close_holds_its_order_until_it_is_dead_6_5,
    what_the_payer_made_is_closed_for_another_wallet_4,
    a_code_that_is_paid_at_its_last_moment_is_booked_6_2,
    an_address_that_carries_the_merchants_leave_is_made_anew_not_kept_8,
    a_wallet_that_is_switched_off_or_not_authorised_is_refused_5,
);

const ALIPAY: ChannelKind = ChannelKind::Alipay;
const WECHAT: ChannelKind = ChannelKind::Wechatpay;

async fn each_wallet_pays_to_its_own_account_1(test: TestDb) {
    let (node, wechat, alipay) = TestApp::two_wallets(test).await;
    for (channel, there) in [(WECHAT, &wechat), (ALIPAY, &alipay)] {
        let placed = node.place(1250).await;
        assert!(matches!(node.start_with(&placed, channel, Way::Jsapi).await.unwrap(), Started::Ready(_)));
        let success = there.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
        assert_eq!(node.call_back(&success, "genuine").await, 204);
    }
    assert_eq!(books(&node).await, (2, 2, 2, 0));
    let accounts =
        node.text("SELECT CAST(MIN(account_id) AS TEXT) || CAST(MAX(account_id) AS TEXT) FROM payment").await;
    assert_eq!(accounts, "2122");
    assert_eq!(node.text("SELECT sub_mchid FROM payment WHERE account_id = 22").await, "2088000000000001");
}

async fn a_changed_wallet_closes_the_live_attempt_first_4(test: TestDb) {
    let (node, wechat, alipay) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let number = |attempt: i64| format!("M1O{}A{attempt}", placed.order_id);
    node.start_with(&placed, WECHAT, Way::Native).await.unwrap();
    let started = node.start_with(&placed, ALIPAY, Way::Jsapi).await.unwrap();
    let handover = Handover::Trade(format!("2026{}", number(2)));
    let expires_at_ms = node.number("SELECT expires_at_ms FROM orders").await;
    assert_eq!(started, Started::Ready(Ready { handover, expires_at_ms }), "Alipay keeps it as long as the order");
    assert_eq!(wechat.there(&number(1)), Some(There::Closed));
    assert_eq!(alipay.there(&number(2)), Some(There::Open));
    node.start_with(&placed, WECHAT, Way::Native).await.unwrap();
    assert_eq!(alipay.there(&number(2)), Some(There::Closed), "and back again");
    assert_eq!(node.number("SELECT COUNT(*) FROM payment WHERE status = 'pending'").await, 1);
    assert_eq!(books(&node).await, (0, 0, 0, 0));
}

async fn what_nobody_can_close_holds_its_order_until_it_is_dead_6_5(test: TestDb) {
    let (node, wechat, alipay) = TestApp::two_wallets(test).await;
    for way in [Way::Native, Way::H5] {
        let placed = node.place(1250).await;
        let Started::Ready(ready) = node.start_with(&placed, ALIPAY, way).await.unwrap() else { panic!() };
        let now_ms = node.app.clock.now_ms();
        assert_eq!(ready.expires_at_ms, now_ms + 5 * MINUTE_MS, "it lives for five minutes only");
        let held = Started::Held { channel: ALIPAY, until_ms: now_ms + 7 * MINUTE_MS };
        for _ in 0..2 {
            assert_eq!(node.start_with(&placed, WECHAT, Way::Native).await.unwrap(), held, "nothing new starts");
        }
        node.pass_ms(7 * MINUTE_MS - 1);
        assert_eq!(node.start_with(&placed, WECHAT, Way::Native).await.unwrap(), held);
        assert!(!wechat.prepays().contains(&format!("M1O{}A2", placed.order_id)));
        node.pass_ms(1);
        assert!(
            matches!(node.start_with(&placed, WECHAT, Way::Native).await.unwrap(), Started::Ready(_)),
            "it is dead"
        );
        assert!(!alipay.act(&format!("M1O{}A1", placed.order_id), node.app.clock.now_ms()));
        assert_eq!(books(&node).await, (0, 0, 0, 0));
    }
}

async fn what_the_payer_made_is_closed_for_another_wallet_4(test: TestDb) {
    let (node, wechat, alipay) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let number = |attempt: i64| format!("M1O{}A{attempt}", placed.order_id);
    node.start_with(&placed, ALIPAY, Way::Native).await.unwrap();
    assert!(alipay.act(&number(1), NOW_MS), "the payer scanned, and thinks it over");
    assert!(matches!(node.start_with(&placed, WECHAT, Way::Native).await.unwrap(), Started::Ready(_)));
    assert_eq!(alipay.there(&number(1)), Some(There::Closed));
    assert_eq!(wechat.there(&number(2)), Some(There::Open));
    assert_eq!(books(&node).await, (0, 0, 0, 0));
}

async fn a_code_that_is_paid_at_its_last_moment_is_booked_6_2(test: TestDb) {
    let (node, _, alipay) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let number = format!("M1O{}A1", placed.order_id);
    node.start_with(&placed, ALIPAY, Way::H5).await.unwrap();
    node.pass_ms(5 * MINUTE_MS - 1);
    assert!(alipay.act(&number, node.app.clock.now_ms()));
    alipay.pay(&number, node.app.clock.now_ms());
    node.pass_ms(MINUTE_MS);
    assert_eq!(node.start_with(&placed, WECHAT, Way::Native).await.unwrap(), Started::Paid, "asked before replaced");
    assert_eq!(books(&node).await, (1, 1, 1, 0));
}

async fn an_address_that_carries_the_merchants_leave_is_made_anew_not_kept_8(test: TestDb) {
    let (node, _, alipay) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    let first = node.start_with(&placed, ALIPAY, Way::H5).await.unwrap();
    assert!(matches!(&first, Started::Ready(Ready { handover: Handover::H5(_), .. })), "{first:?}");
    assert_eq!(node.text("SELECT credential FROM payment").await, "");
    assert_eq!(node.start_with(&placed, ALIPAY, Way::H5).await.unwrap(), first, "the same attempt, pressed again");
    let number = format!("M1O{}A1", placed.order_id);
    assert_eq!(alipay.prepays(), [number.clone(), number]);
    let other = node.place(1250).await;
    node.start_with(&other, WECHAT, Way::H5).await.unwrap();
    assert_eq!(node.number("SELECT COUNT(*) FROM payment WHERE credential LIKE '%h5%'").await, 1);
}

async fn a_wallet_that_is_switched_off_or_not_authorised_is_refused_5(test: TestDb) {
    let (node, ..) = TestApp::two_wallets(test).await;
    let placed = node.place(1250).await;
    node.execute("UPDATE channel_account SET checklist = '{\"product\":false}' WHERE account_id = $1", vec![22]).await;
    assert!(node.start_with(&placed, ALIPAY, Way::Native).await.is_err(), "not authorised");
    node.execute("UPDATE channel_account SET checklist = '{}' WHERE account_id = $1", vec![22]).await;
    node.execute("UPDATE unit_channel SET account_id = NULL WHERE account_id = $1", vec![22]).await;
    assert!(node.start_with(&placed, ALIPAY, Way::Native).await.is_err(), "switched off");
    assert!(matches!(node.start_with(&placed, WECHAT, Way::Native).await.unwrap(), Started::Ready(_)));
}
