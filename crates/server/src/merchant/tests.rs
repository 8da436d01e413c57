//! Which account takes the money, and what becomes of the leave to collect for a merchant.

use channel::Secret;
use db::{Key, Tx, on_both_engines, params, testing::TestDb};

use super::{ChannelAccount, ChannelKind, Way, accounts_of_unit, authorization, way_words};
use crate::{
    org,
    schema::STEPS,
    testing::{MERCHANT, TestApp, UNIT},
};

on_both_engines!(
    each_institution_is_said_by_the_nearest_unit_1,
    what_is_not_authorised_is_offered_to_nobody_5,
    a_leave_is_sealed_kept_by_its_number_and_sealed_again,
    the_accounts_of_before_move_with_their_units,
);

async fn accounts(node: &TestApp, unit: i64) -> Vec<ChannelAccount> {
    let read = async move |tx: &mut Tx<'_>| accounts_of_unit(tx, MERCHANT, unit).await;
    node.app.db.read(read).await.unwrap()
}

async fn ids(node: &TestApp, unit: i64) -> Vec<(ChannelKind, i64)> {
    accounts(node, unit).await.into_iter().map(|account| (account.channel, account.account_id)).collect()
}

async fn say(node: &TestApp, unit: i64, channel: &'static str, account: Option<i64>) {
    let work = async move |tx: &mut Tx<'_>| {
        let put = "INSERT INTO unit_channel (merchant_id, org_unit_id, channel, account_id) VALUES ($1, $2, $3, $4)";
        tx.execute(put, params![MERCHANT, unit, channel, account]).await
    };
    node.app.db.write(Key::of(0), work).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
}

async fn each_institution_is_said_by_the_nearest_unit_1(test: TestDb) {
    let (node, ..) = TestApp::two_wallets(test).await;
    node.execute(
        "INSERT INTO channel_account (merchant_id, account_id, account_key, channel, provider_key, sub_mchid, ways, \
         created_at_ms, updated_at_ms) VALUES ($1, 23, 'south', 'wechatpay', 'demo-sp', '1900000111', 'native', 0, 0)",
        vec![MERCHANT],
    )
    .await;
    for (id, parent) in [(101, UNIT), (102, 101), (103, 102), (104, UNIT)] {
        org::tests::unit(&node, id, parent).await.unwrap();
    }
    say(&node, 101, "wechatpay", Some(23)).await;
    say(&node, 103, "alipay", None).await;
    let (wechat, alipay) = (ChannelKind::Wechatpay, ChannelKind::Alipay);
    assert_eq!(ids(&node, UNIT).await, [(wechat, 21), (alipay, 22)]);
    assert_eq!(ids(&node, 104).await, [(wechat, 21), (alipay, 22)], "what a unit does not say it inherits");
    assert_eq!(ids(&node, 102).await, [(wechat, 23), (alipay, 22)], "the nearest, institution by institution");
    assert_eq!(ids(&node, 103).await, [(wechat, 23)], "and a unit may do without one");
    assert_eq!(ids(&node, 999).await, []);
}

async fn what_is_not_authorised_is_offered_to_nobody_5(test: TestDb) {
    let (node, ..) = TestApp::two_wallets(test).await;
    let words = way_words(&accounts(&node, UNIT).await);
    assert_eq!(words, "wechatpay.jsapi wechatpay.h5 wechatpay.native alipay.jsapi alipay.h5 alipay.native");
    node.execute("UPDATE channel_account SET checklist = '{\"product\":false}' WHERE account_id = $1", vec![21]).await;
    let found = accounts(&node, UNIT).await;
    assert!(!found[0].offers(Way::Jsapi) && found[1].offers(Way::Jsapi));
    assert_eq!(way_words(&found), "alipay.jsapi alipay.h5 alipay.native");
}

async fn a_leave_is_sealed_kept_by_its_number_and_sealed_again(test: TestDb) {
    let (node, ..) = TestApp::two_wallets(test).await;
    let (vault, db) = (node.app.vault.clone(), &node.app.db);
    let sealed = async || {
        let find = async |tx: &mut Tx<'_>| authorization::find(tx, MERCHANT, "demo-ali", "2088000000000001").await;
        db.read(find).await.unwrap().unwrap()
    };
    let opened = |sealed: &[u8], number: &str| authorization::open(&vault, MERCHANT, "demo-ali", number, sealed);
    let first = sealed().await;
    assert!(!String::from_utf8_lossy(&first).contains("leave"), "PRODUCT 8");
    assert_eq!(opened(&first, "2088000000000001").unwrap(), Secret("202611BB-leave".into()));
    assert!(opened(&first, "2088000000000002").is_err(), "it opens for no other number");
    let put = async |leave: &'static str| {
        let vault = vault.clone();
        let work = async move |tx: &mut Tx<'_>| {
            let key = (MERCHANT, "demo-ali", "2088000000000001");
            authorization::put(tx, &vault, key, &Secret(leave.into()), 5).await
        };
        db.write(Key::of(0), work).await.unwrap()
    };
    assert!(!put("202611BB-leave").await, "the same leave twice changes nothing");
    assert!(put("202612BB-leave").await);
    node.add_key();
    assert_eq!(authorization::rekey(db, &vault, 6).await.unwrap(), 1);
    assert_eq!(authorization::rekey(db, &vault, 7).await.unwrap(), 0);
    assert_eq!(opened(&sealed().await, "2088000000000001").unwrap(), Secret("202612BB-leave".into()));
}

/// DESIGN 3: a schema is tested from every earlier version.
async fn the_accounts_of_before_move_with_their_units(test: TestDb) {
    let at = STEPS.iter().position(|step| step.name == "0004_wallet").unwrap();
    db::migrate(&test.db, &STEPS[..at]).await.unwrap();
    let work = async |tx: &mut Tx<'_>| {
        tx.batch(
            "INSERT INTO channel_account (merchant_id, account_id, account_key, channel, provider_key, sub_mchid, ways, \
             created_at_ms, updated_at_ms) VALUES (1, 21, 'a', 'wechatpay', 'sp', '1', 'native', 0, 0), \
             (1, 22, 'b', 'wechatpay', 'sp', '2', 'native', 0, 0), (2, 23, 'a', 'wechatpay', 'sp', '3', 'native', 0, 0); \
             INSERT INTO org_unit (merchant_id, org_unit_id, org_unit_key, parent_id, name, account_id, created_at_ms, \
             updated_at_ms) VALUES (1, 11, 'root', NULL, '', NULL, 0, 0), (1, 12, 'east', 11, '', 22, 0, 0), \
             (1, 13, 'west', 11, '', NULL, 0, 0), (2, 14, 'root', NULL, '', 23, 0, 0); \
             INSERT INTO orders (merchant_id, order_id, token, code_id, manager_id, org_unit_id, account_id, form_id, \
             form_version, form_values, title, subtitle, amount_fen, status, created_at_ms, expires_at_ms) \
             VALUES (1, 4711, 'o', 1, 1, 12, 22, 1, 1, '[]', '', '', 100, 'created', 0, 0); \
             INSERT INTO inbox (merchant_id, inbox_id, kind, item_key, order_id, attempt, amount_fen, detail, state, \
             created_at_ms, refund_id, closed_how, closed_by, closed_by_name, closed_at_ms, closed_words) \
             VALUES (1, 1, 'late', 'k', 2, 3, 4, 'd', 'closed', 5, 6, 'claimed', 'a', 'b', 7, 'c');",
        )
        .await
    };
    test.db.write(Key::of(0), work).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
    db::migrate(&test.db, STEPS).await.unwrap();
    let of = async |merchant: i64, unit: i64| {
        let read = async move |tx: &mut Tx<'_>| accounts_of_unit(tx, merchant, unit).await;
        let found = test.db.read(read).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
        found.into_iter().map(|account| account.account_id).collect::<Vec<_>>()
    };
    assert_eq!((of(1, 11).await, of(1, 13).await), (vec![21], vec![21]), "the root collected to the first account");
    assert_eq!((of(1, 12).await, of(2, 14).await), (vec![22], vec![23]));
    let read = async |tx: &mut Tx<'_>| tx.query_one("SELECT org_unit_id FROM orders", &[]).await?.get::<i64>(0);
    assert_eq!(test.db.read(read).await.unwrap_or_else(|e: db::Error| panic!("{e}")), 12);
    let item = async |tx: &mut Tx<'_>| {
        let all = "SELECT kind || item_key || detail || state || closed_how || closed_by || closed_by_name || closed_words \
             || CAST(inbox_id * 1000000 + order_id * 100000 + attempt * 10000 + amount_fen * 1000 + created_at_ms * 100 \
             + refund_id * 10 + closed_at_ms AS TEXT) FROM inbox";
        tx.query_one(all, &[]).await?.get::<String>(0)
    };
    let item = test.db.read(item).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
    assert_eq!(item, "latekdclosedclaimedabc1234567", "what needed a person stays as it was");
}
