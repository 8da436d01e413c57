//! A key or setting is replaced without a restart (PRODUCT 8).

use channel::VerificationKey;
use db::{Key, Tx, on_both_engines, testing::TestDb};

use super::{Keeper, Makers, Outside, Password, SMTP, Smtp, SmtpTls, ending, put_setting, seal};
use crate::{
    clock::{DAY_MS, HOUR_MS, MINUTE_MS},
    testing::{NOW_MS, TestApp},
};

on_both_engines!(every_change_of_a_row_is_seen_whatever_its_time, certificates_are_fetched_before_they_end);

async fn put(node: &TestApp, name: &'static str, host: &str, at_ms: i64) {
    let smtp =
        Smtp { host: host.into(), port: 25, tls: SmtpTls::None, username: String::new(), from: "a@b.test".into() };
    let settings = serde_json::to_string(&smtp).unwrap();
    let sealed = seal(&node.app.vault, name, &Password { password: String::new() }).unwrap();
    let write = async move |tx: &mut Tx<'_>| put_setting(tx, name, &settings, &sealed, at_ms).await;
    node.app.db.write(Key::of(0), write).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
}

async fn every_change_of_a_row_is_seen_whatever_its_time(test: TestDb) {
    let node = TestApp::new(test).await;
    let app = &node.app;
    let makers = Makers { clock: app.clock.clone(), random: app.random.clone(), vault: app.vault.clone() };
    let outside = Outside::default();
    let host = || outside.links().smtp.as_ref().map(|(smtp, _)| smtp.host.clone()).unwrap_or_default();
    put(&node, SMTP, "one.test", NOW_MS).await;
    assert!(outside.refresh(&app.db, &makers).await.unwrap());
    assert!(!outside.refresh(&app.db, &makers).await.unwrap(), "the same rows are no change");
    put(&node, SMTP, "two.test", NOW_MS).await;
    assert!(outside.refresh(&app.db, &makers).await.unwrap());
    assert_eq!(host(), "two.test", "two changes within one millisecond");
    put(&node, SMTP, "three.test", NOW_MS - 5_000).await;
    assert!(outside.refresh(&app.db, &makers).await.unwrap());
    assert_eq!(host(), "three.test", "a change by a machine whose clock is behind");
}

/// Twice a day, sooner after a failure, and never for a provider that has a bare public key.
async fn certificates_are_fetched_before_they_end(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    let end_ms = NOW_MS + 40 * DAY_MS;
    let key = |id: &str, not_after_ms| VerificationKey { id: id.into(), not_after_ms };
    institution.has_keys(vec![key("5AB", Some(end_ms))]);
    let mut keeper = Keeper::default();
    for (pass_ms, fetches, down) in [
        (0, 1, false),
        (12 * HOUR_MS - 1, 1, false),
        (1, 2, true),
        (10 * MINUTE_MS, 3, false),
        (12 * HOUR_MS, 4, false),
    ] {
        node.pass_ms(pass_ms);
        institution.go_down(down);
        keeper.round(&node.app).await;
        assert_eq!(institution.fetches(), fetches, "after {pass_ms} ms more");
    }
    assert_eq!(institution.fetches(), 4, "at once, after twelve hours, again after the failure, twelve hours later");
    let links = node.app.outside.links();
    assert_eq!(ending(&links, end_ms - 30 * DAY_MS - 1), []);
    let soon = ending(&links, end_ms - 30 * DAY_MS);
    assert_eq!((soon[0].provider_key.as_str(), soon[0].not_after_ms), ("demo-sp", end_ms));
    institution.has_keys(vec![key("5AB", Some(end_ms)), key("6CD", Some(end_ms + 365 * DAY_MS))]);
    assert_eq!(ending(&links, end_ms), [], "a newer one has come");
    institution.has_keys(vec![key("5AB", Some(end_ms)), key("PUB_KEY_ID_1", None)]);
    assert_eq!(ending(&links, end_ms), [], "a public key has no end");
    institution.has_keys(vec![key("PUB_KEY_ID_1", None)]);
    node.pass_ms(DAY_MS);
    keeper.round(&node.app).await;
    assert_eq!(institution.fetches(), 4, "there is nothing to fetch");
}
