//! PRODUCT 6.7: an attempt whose answer was lost is asked about on time, whatever else hangs.

use std::time::Duration;

use db::{Key, Tx, on_both_engines, testing::TestDb};
use tokio::{net::TcpListener, sync::watch, time::timeout};

use super::{LANES, run};
use crate::{
    merchant::Way,
    notification::{NewMail, queue_mail},
    outside::{Password, Smtp, SmtpTls},
    testing::{MANAGER, MERCHANT, NOW_MS, TestApp},
};

on_both_engines!(
    a_payment_is_asked_about_although_every_mail_hangs,
    a_round_tries_what_is_due_and_no_more_than_a_lane_holds,
);

/// More mails than a worker sends at once.
async fn queue_mails(node: &TestApp, count: i64) {
    let queue = async move |tx: &mut Tx<'_>| {
        for mail_id in 1..=count {
            let (merchant_id, manager_id, to) = (MERCHANT, MANAGER, "zhang@example.test");
            queue_mail(tx, &NewMail { merchant_id, mail_id, manager_id, to, sealed_password: None }, NOW_MS).await?;
        }
        Ok(())
    };
    node.app.db.write(Key::of(0), queue).await.unwrap_or_else(|e: db::Error| panic!("{e}"));
}

async fn a_payment_is_asked_about_although_every_mail_hangs(test: TestDb) {
    let (node, institution) = TestApp::collecting(test).await;
    // Takes connections and never says a word.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let smtp = Smtp {
        host: "127.0.0.1".into(),
        port: silent.local_addr().unwrap().port(),
        tls: SmtpTls::None,
        username: String::new(),
        from: "noreply@example.test".into(),
    };
    let mut links = institution.links();
    links.smtp = Some((smtp, Password { password: String::new() }));
    let other = node.another_node(links);
    queue_mails(&node, 40).await;
    let placed = node.place(100).await;
    node.start(&placed, Way::Native).await.unwrap();
    institution.pay(&format!("M1O{}A1", placed.order_id), NOW_MS);
    let (_running, stop) = watch::channel(false);
    let paid = async {
        let hanging = "SELECT COUNT(*) FROM job WHERE kind = 'mail.send' AND leased_until_ms > 0";
        while node.number(hanging).await < LANES[1].at_once as i64 {
            tokio::task::yield_now().await;
        }
        node.pass_ms(50_000);
        while node.text("SELECT status FROM orders").await != "paid" {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = run(other, stop) => panic!("nobody stopped it"),
        in_time = timeout(Duration::from_secs(10), paid) => in_time.expect("the mails hang for 20 seconds"),
    }
}

async fn a_round_tries_what_is_due_and_no_more_than_a_lane_holds(test: TestDb) {
    let (node, _) = TestApp::collecting(test).await;
    queue_mails(&node, 20).await;
    let [quick, mail] = LANES.map(|lane| lane.at_once);
    assert!(quick > mail, "what is slow has fewer places");
    let mut tried = Vec::new();
    loop {
        match super::round(&node.app).await.unwrap() {
            0 => break,
            some => tried.push(some),
        }
    }
    assert!(tried.iter().all(|tried| *tried <= mail), "{tried:?}");
    assert_eq!(tried.iter().sum::<usize>(), 20, "without a mail server each waits for its next try");
}
