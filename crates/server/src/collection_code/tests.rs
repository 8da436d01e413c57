//! PRODUCT 3.2, on both engines.

use db::{on_both_engines, testing::TestDb};

use super::{CodeScreen, Error, GRACE_MS, default_code, refresh};
use crate::testing::{MANAGER, MERCHANT, NOW_MS, TestApp};

on_both_engines!(
    the_first_time_a_code_is_issued_and_then_stays_3_2,
    a_refresh_gives_the_old_code_three_hours_and_never_more_3_2,
    undo_restores_the_old_code_while_it_lives_3_2,
    a_superseded_code_can_be_ended_now_3_2,
    ten_refreshes_at_once_leave_one_live_code_3_2,
    a_pushed_out_session_refreshes_nothing_3_1,
    scans_are_counted_and_shown,
);

async fn screen(node: &TestApp) -> CodeScreen {
    default_code(&node.app, MERCHANT, MANAGER, None).await.unwrap()
}

async fn status_of(node: &TestApp, url: &str) -> u16 {
    let path = url.strip_prefix("http://pay.test").unwrap();
    let request = axum::http::Request::get(path).body(axum::body::Body::empty()).unwrap();
    node.send(request).await.status().as_u16()
}

async fn the_first_time_a_code_is_issued_and_then_stays_3_2(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let both = futures_util::future::join(screen(&node), screen(&node)).await;
    assert_eq!(both.0.code.url, both.1.code.url, "two phones at once get one code");
    node.pass_ms(400 * crate::clock::DAY_MS);
    assert_eq!(screen(&node).await.code.url, both.0.code.url);
    assert_eq!(both.0.code.short_id.len(), 7);
    assert!(both.0.superseded.is_empty());
    assert_eq!((both.0.merchant_full_name.as_str(), both.0.manager_name.as_str()), ("云杉教育科技有限公司", "张伟"));
}

async fn a_refresh_gives_the_old_code_three_hours_and_never_more_3_2(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let first = screen(&node).await.code;
    let after = refresh::refresh(&node.app, &node.manager()).await.unwrap();
    assert_ne!(after.code.url, first.url);
    assert_eq!(after.superseded[0].expires_at_ms, Some(NOW_MS + GRACE_MS));
    node.pass_ms(GRACE_MS / 2);
    let later = refresh::refresh(&node.app, &node.manager()).await.unwrap();
    let of_first = later.superseded.iter().find(|code| code.code_id == first.code_id).unwrap();
    assert_eq!(of_first.expires_at_ms, Some(NOW_MS + GRACE_MS), "whatever is refreshed afterwards");
    node.pass_ms(GRACE_MS / 2 - 1);
    assert_eq!(status_of(&node, &first.url).await, 200, "2:59:59.999");
    node.pass_ms(1);
    assert_eq!(status_of(&node, &first.url).await, 410, "3:00:00 sharp, from the kept page");
    assert_eq!(status_of(&node, &after.code.url).await, 200, "the second one has its own three hours");
    assert_eq!(status_of(&node, &later.code.url).await, 200);
}

async fn undo_restores_the_old_code_while_it_lives_3_2(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let first = screen(&node).await.code;
    let fresh = refresh::refresh(&node.app, &node.manager()).await.unwrap().code;
    let fresh_id = fresh.code_id.parse().unwrap();
    let undone = refresh::undo(&node.app, &node.manager(), fresh_id).await.unwrap();
    assert_eq!((undone.code.url.as_str(), undone.superseded.len()), (first.url.as_str(), 0));
    assert_eq!(undone.code.expires_at_ms, None, "for good again");
    assert_eq!(status_of(&node, &fresh.url).await, 410);
    let twice = refresh::undo(&node.app, &node.manager(), fresh_id).await;
    assert!(matches!(twice, Err(Error::NothingToUndo)));
    let fresh = refresh::refresh(&node.app, &node.manager()).await.unwrap().code;
    node.pass_ms(GRACE_MS);
    let late = refresh::undo(&node.app, &node.manager(), fresh.code_id.parse().unwrap()).await;
    assert!(matches!(late, Err(Error::NothingToUndo)));
    assert_eq!(screen(&node).await.code.url, fresh.url, "a refused undo ends nothing");
    refresh::refresh(&node.app, &node.manager()).await.unwrap();
    let overtaken = refresh::undo(&node.app, &node.manager(), fresh.code_id.parse().unwrap()).await;
    assert!(matches!(overtaken, Err(Error::NothingToUndo)), "another refresh came between");
}

async fn a_superseded_code_can_be_ended_now_3_2(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let first = screen(&node).await.code;
    assert_eq!(status_of(&node, &first.url).await, 200);
    refresh::refresh(&node.app, &node.manager()).await.unwrap();
    let first_id = first.code_id.parse().unwrap();
    let after = refresh::end(&node.app, &node.manager(), first_id).await.unwrap();
    assert!(after.superseded.is_empty());
    assert_eq!(status_of(&node, &first.url).await, 410);
    assert!(matches!(refresh::end(&node.app, &node.manager(), first_id).await, Err(Error::Gone)));
    let live = after.code.code_id.parse().unwrap();
    assert!(matches!(refresh::end(&node.app, &node.manager(), live).await, Err(Error::Gone)), "not the live one");
}

async fn ten_refreshes_at_once_leave_one_live_code_3_2(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    screen(&node).await;
    let other = node.another_node(institution.links());
    let who = node.manager();
    let here = (0..5).map(|_| refresh::refresh(&node.app, &who));
    let there = (0..5).map(|_| refresh::refresh(&other, &who));
    for done in futures_util::future::join_all(here.chain(there)).await {
        done.unwrap();
    }
    assert_eq!(node.number("SELECT COUNT(*) FROM collection_code WHERE state = 'live'").await, 1);
    let dies = "SELECT COUNT(*) FROM collection_code WHERE state = 'superseded' AND expires_at_ms IS NULL";
    assert_eq!(node.number(dies).await, 0);
}

async fn a_pushed_out_session_refreshes_nothing_3_1(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let first = screen(&node).await.code;
    node.execute(
        "UPDATE manager_session SET state = 'displaced', displaced_device = 'x', displaced_network = 'y', \
                  ended_at_ms = 1 WHERE session_id = $1",
        vec![crate::testing::SESSION],
    )
    .await;
    let refused = refresh::refresh(&node.app, &node.manager()).await;
    assert!(matches!(refused, Err(Error::Session(crate::session::Error::Displaced(_)))), "not even in flight");
    assert_eq!(screen(&node).await.code.url, first.url);
}

async fn scans_are_counted_and_shown(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    let code = screen(&node).await.code;
    assert_eq!(code.last_scanned_at_ms, None);
    for _ in 0..3 {
        assert_eq!(status_of(&node, &code.url).await, 200);
    }
    crate::checkout::keep_fresh_once(&node.app).await.unwrap();
    assert_eq!(screen(&node).await.code.last_scanned_at_ms, Some(NOW_MS));
    assert_eq!(node.number("SELECT scans FROM collection_code").await, 3);
}
