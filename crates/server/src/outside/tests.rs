//! A key or setting is replaced without a restart (PRODUCT 8).

use db::{Key, Tx, on_both_engines, testing::TestDb};

use super::{Makers, Outside, Password, SMTP, Smtp, SmtpTls, put_setting, seal};
use crate::testing::{NOW_MS, TestApp};

on_both_engines!(every_change_of_a_row_is_seen_whatever_its_time);

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
