//! Forgets what is long over, so that no table grows for ever. Money, records, codes, sessions and done jobs stay: they
//! are the history, and `mott check` proves the rules on them. Every node cleans; deleting twice deletes nothing.

use std::time::Duration;

use tokio::sync::watch;

use crate::{
    App,
    app::Shared,
    callback, live, notification,
    session::{self, throttle},
};

const ROUND: Duration = Duration::from_secs(600);

/// Cleans until `stop`.
pub async fn run(app: Shared, mut stop: watch::Receiver<bool>) {
    loop {
        tokio::select! {
            () = tokio::time::sleep(ROUND) => {}
            _ = stop.changed() => return,
        }
        if let Err(error) = round(&app).await {
            tracing::warn!(%error, "what is long over could not be forgotten");
        }
    }
}

/// One round.
///
/// # Errors
/// The refusals of the database.
pub async fn round(app: &App) -> Result<(), db::Error> {
    let refused = callback::forget(app).await?;
    let throttled = throttle::sweep(app).await?;
    let events = live::forget(app).await?;
    let codes = session::forget_codes(app).await?;
    let messages = notification::forget_sms(app).await?;
    tracing::debug!(refused, throttled, events, codes, messages, "forgot what is long over");
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use axum::{body::Body, http::Request};
    use db::{Key, Tx, on_both_engines, testing::TestDb};

    use super::*;
    use crate::{
        callback::KEPT_BODY_BYTES,
        clock::DAY_MS,
        merchant::ChannelKind,
        outside,
        session::lifecycle::FORGET_MS,
        testing::{MANAGER, MERCHANT, TestApp},
    };

    on_both_engines!(what_is_long_over_is_forgotten_and_nothing_else);

    async fn leave_traces(node: &TestApp) {
        let app = &node.app;
        let event_id = app.ids.mint();
        throttle::begin(app, "manager:nobody".into(), Ipv4Addr::LOCALHOST.into()).await.unwrap();
        let write = async move |tx: &mut Tx<'_>| {
            outside::put_provider(tx, "demo-sp", ChannelKind::Wechatpay, "{}", &[], 0).await?;
            let job = jobs::NewJob { merchant_id: MERCHANT, kind: "test", key: "1", payload: "", due_at_ms: i64::MAX };
            jobs::enqueue(tx, &job, 0).await?;
            live::tell_session(tx, event_id, MERCHANT, MANAGER, 1).await
        };
        app.db.write(Key::of(0), write).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
        let forged = Request::post("/callback/wechatpay/demo-sp").body(Body::from(vec![b'x'; 60_000])).unwrap();
        assert_eq!(node.send(forged).await.status(), 500);
        let kept = node.number("SELECT MAX(LENGTH(body)) FROM callback_refused").await;
        assert_eq!(kept, KEPT_BODY_BYTES as i64, "a genuine one is much smaller");
    }

    async fn counts(node: &TestApp) -> [i64; 4] {
        [
            node.number("SELECT COUNT(*) FROM callback_refused").await,
            node.number("SELECT COUNT(*) FROM login_throttle").await,
            node.number("SELECT COUNT(*) FROM live_event").await,
            node.number("SELECT COUNT(*) FROM job").await,
        ]
    }

    async fn what_is_long_over_is_forgotten_and_nothing_else(test: TestDb) {
        let (node, _) = TestApp::collecting(test).await;
        leave_traces(&node).await;
        for (later_ms, left) in [
            (0, [1, 2, 1, 1]),
            (FORGET_MS + 1, [1, 0, 1, 1]),
            (DAY_MS, [1, 0, 0, 1]),
            (88 * DAY_MS, [1, 0, 0, 1]),
            (DAY_MS, [0, 0, 0, 1]),
        ] {
            node.pass_ms(later_ms);
            round(&node.app).await.unwrap();
            assert_eq!(counts(&node).await, left, "after {later_ms} ms more");
        }
    }
}
