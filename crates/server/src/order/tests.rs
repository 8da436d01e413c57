//! Placing orders, on both engines: PRODUCT 4 and 6.1.

use db::{Key, Tx, on_both_engines, params, testing::TestDb};

use super::{
    Error, Place, Status,
    detail::{OrderPayment, told},
    place, sql,
};
use crate::{
    collection_code::GRACE_MS,
    form::Submitted,
    merchant::Way,
    testing::{MERCHANT, NOW_MS, TestApp},
};

on_both_engines!(
    pressing_twice_makes_one_order_4,
    an_order_is_refused_field_by_field_4,
    a_code_takes_orders_until_its_last_moment_3_2,
    a_disabled_managers_codes_refuse_new_orders_3_2,
    a_page_that_is_open_across_a_change_still_submits_4,
    orders_belong_where_their_manager_belongs_now_1,
    the_database_moves_an_order_only_as_the_lifecycle_says_6_1,
    unknown_and_malformed_codes_are_told_apart_from_dead_ones,
);

fn filled(code_token: &str, submission: Option<&str>) -> Place {
    Place {
        code_token: code_token.into(),
        submitted: Submitted { amount: "12.50".into(), values: vec![("payer_name".into(), "李晓明".into())] },
        submission: submission.map(Into::into),
        form_version: Some(1),
    }
}

async fn pressing_twice_makes_one_order_4(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let code = node.code().await;
    let presses = (0..5).map(|_| place(&node.app, filled(&code, Some("page-1"))));
    let placed: Vec<_> = futures_util::future::join_all(presses).await.into_iter().map(Result::unwrap).collect();
    assert!(placed.iter().all(|p| *p == placed[0]));
    let other = place(&node.app, filled(&code, Some("page-2"))).await.unwrap();
    assert_ne!(other, placed[0]);
    let unkeyed =
        [place(&node.app, filled(&code, None)).await.unwrap(), place(&node.app, filled(&code, None)).await.unwrap()];
    assert_ne!(unkeyed[0], unkeyed[1], "without a key every submission is its own");
    assert_eq!(node.number("SELECT COUNT(*) FROM orders").await, 4);
    assert_eq!(node.number("SELECT COUNT(*) FROM job WHERE kind = 'order.expire'").await, 4, "one job each");
}

async fn an_order_is_refused_field_by_field_4(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let code = node.code().await;
    for amount in ["0", "-1", "1.234", "99999999999", "abc", ""] {
        let mut wrong = filled(&code, None);
        wrong.submitted.amount = amount.into();
        wrong.submitted.values.clear();
        let Err(Error::Form(errors)) = place(&node.app, wrong).await else { panic!("{amount} was taken") };
        let fields: Vec<_> = errors.iter().map(|e| e.field.as_str()).collect();
        assert_eq!(
            fields,
            ["amount", "f_payer_name"],
            "{amount}: every field is named, nothing is hidden behind another"
        );
    }
    let mut wide = filled(&code, None);
    wide.submitted.amount = "１２．５０".into();
    let placed = place(&node.app, wide).await.unwrap();
    assert_eq!(node.number("SELECT amount_fen FROM orders").await, 1250, "full-width digits are normalised");
    assert!(placed.token.starts_with("o1-"));
}

async fn a_code_takes_orders_until_its_last_moment_3_2(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let code = node.code().await;
    let opened = node.place(100).await;
    crate::testing::refresh(&node).await;
    node.pass_ms(GRACE_MS - 1);
    place(&node.app, filled(&code, None)).await.unwrap();
    node.pass_ms(1);
    assert!(matches!(place(&node.app, filled(&code, None)).await, Err(Error::CodeOver)), "only had the page open");
    let _ = opened;
}

async fn a_disabled_managers_codes_refuse_new_orders_3_2(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let code = node.code().await;
    node.execute("UPDATE manager SET state = 'disabled' WHERE merchant_id = $1", vec![MERCHANT]).await;
    assert!(matches!(place(&node.app, filled(&code, None)).await, Err(Error::ManagerDisabled)));
}

async fn a_page_that_is_open_across_a_change_still_submits_4(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let code = node.code().await;
    let work = async |tx: &mut Tx<'_>| {
        let mut changed = crate::form::default_definition();
        changed.fields.clear();
        let json = serde_json::to_string(&changed).unwrap();
        tx.execute("UPDATE form SET version = 2 WHERE merchant_id = $1", params![MERCHANT]).await?;
        tx.execute(
            "INSERT INTO form_version (merchant_id, form_id, version, definition, created_at_ms) VALUES ($1, 31, 2, $2, $3)",
            params![MERCHANT, &json, NOW_MS],
        )
        .await
    };
    node.app.db.write(Key::of(0), work).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
    node.pass_ms(crate::form::OPEN_PAGE_MS - 1);
    place(&node.app, filled(&code, None)).await.unwrap();
    assert_eq!(node.number("SELECT form_version FROM orders").await, 1, "the version it was filled with is kept");
    assert_eq!(node.text("SELECT title FROM orders").await, "李晓明");
    node.pass_ms(1);
    place(&node.app, filled(&code, None)).await.unwrap();
    assert_eq!(node.number("SELECT MAX(form_version) FROM orders").await, 2, "nobody pays with last year's form");
}

async fn orders_belong_where_their_manager_belongs_now_1(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let code = node.code().await;
    node.execute(
        "INSERT INTO channel_account (merchant_id, account_id, account_key, channel, provider_key, sub_mchid, ways, \
         created_at_ms, updated_at_ms) VALUES ($1, 22, 'south', 'wechatpay', 'demo-sp', '1900000111', 'native', 0, 0)",
        vec![MERCHANT],
    )
    .await;
    node.execute(
        "INSERT INTO org_unit (merchant_id, org_unit_id, org_unit_key, parent_id, name, created_at_ms, \
         updated_at_ms) VALUES ($1, 12, 'south', 11, '南校区', 0, 0)",
        vec![MERCHANT],
    )
    .await;
    node.execute(
        "INSERT INTO unit_channel (merchant_id, org_unit_id, channel, account_id) VALUES ($1, 12, 'wechatpay', 22)",
        vec![MERCHANT],
    )
    .await;
    node.execute("UPDATE manager SET org_unit_id = 12 WHERE merchant_id = $1", vec![MERCHANT]).await;
    let placed = place(&node.app, filled(&code, None)).await.unwrap();
    assert_eq!(node.number("SELECT org_unit_id FROM orders").await, 12);
    node.start(&placed, Way::Native).await.unwrap();
    assert_eq!(node.number("SELECT account_id FROM payment").await, 22, "not to the old branch's account");
}

/// Every move that a statement makes from every status is one that the lifecycle allows, and the other way round.
async fn the_database_moves_an_order_only_as_the_lifecycle_says_6_1(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let placed = node.place(100).await;
    let id = placed.order_id;
    for from in Status::ALL {
        let moves = [
            (sql::MARK_PENDING, &[][..], Status::Pending),
            (sql::CLOSE, &[NOW_MS][..], Status::Closed),
            (sql::GIVE_BACK, &[1, 100][..], Status::Refunded),
            (sql::GIVE_BACK, &[1, 40][..], Status::PartlyRefunded),
        ];
        for (text, more, next) in moves {
            let work = async move |tx: &mut Tx<'_>| {
                tx.execute(
                    "UPDATE orders SET status = $2, live_attempt = NULL, paid_attempt = 1, refunded_fen = 0 WHERE order_id = $1",
                    params![id, from.word()],
                )
                .await?;
                let values: Vec<_> = [MERCHANT, id].iter().chain(more).map(|v| db::Val::from(*v)).collect();
                tx.execute(text, &values).await
            };
            let moved = node.app.db.write(Key::of(id), work).await.unwrap_or_else(|e: db::Error| panic!("{e}")) == 1;
            // A further part that goes back leaves the order partly refunded.
            let stays = from == Status::PartlyRefunded && next == from;
            assert_eq!(moved, from.may_become(next) || stays, "{from:?} → {next:?}");
        }
    }
}

async fn unknown_and_malformed_codes_are_told_apart_from_dead_ones(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    for (path, status) in [
        ("/pay/c1-nosuchcode", 404),
        ("/pay/c999-22222222222222", 404),
        ("/pay/c", 404),
        ("/pay/c1", 404),
        ("/pay/%00", 404),
        ("/pay/c1-%F0%9F%98%80", 404),
        ("/pay/o1-2222", 404),
        ("/pay/oauth?code=x&state=y", 400),
        ("/pay/zzz", 404),
    ] {
        let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
        let response = node.send(request).await;
        assert_eq!(response.status().as_u16(), status, "{path}");
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8", "{path}: a page, not a blank");
    }
}

#[test]
fn a_success_is_told_after_its_attempt_though_the_institution_tells_whole_seconds() {
    let attempt = OrderPayment {
        payment_id: "M1".into(),
        out_trade_no: "M1".into(),
        channel: "wechatpay".into(),
        trade_type: "jsapi".into(),
        status: "paid".into(),
        booked: Some("order".into()),
        transaction_id: Some("42".into()),
        amount_fen: 1250,
        payer_total_fen: None,
        created_at_ms: 16_400,
        success_at_ms: Some(16_000),
        note: None,
        refunded_fen: 0,
        refund_reserved_fen: 0,
    };
    let told: Vec<(i64, String)> = told(&attempt, 17_000).into_iter().map(|entry| (entry.at_ms, entry.kind)).collect();
    assert_eq!(told, [(16_400, "attempt".into()), (16_400, "paid".into())]);
}
