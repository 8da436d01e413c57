//! What a login from another identity promises: PRODUCT 3.1, number by number.

use std::{
    collections::VecDeque,
    net::{IpAddr, Ipv4Addr},
    sync::{Arc, Mutex},
};

use async_trait::async_trait;
use db::{Tx, testing::TestDb};
use serde_json::{Value, json};
use sms::{Message, Outcome, Sms};

use super::{Error, Identity, Login, lifecycle::CODES_A_DAY, login};
use crate::{
    clock::{DAY_MS, HOUR_MS},
    manager::tests::put,
    outside::{Links, ShortMessages, SmsTemplate},
    testing::TestApp,
};

const MOBILE: &str = "13800002176";
const PASSWORD: &str = "password-1";

/// A provider that keeps what it is given, and answers what a test queued before it answers "sent".
#[derive(Default)]
struct FakeSms {
    got: Mutex<Vec<Message>>,
    answers: Mutex<VecDeque<Outcome>>,
}

#[async_trait]
impl Sms for FakeSms {
    async fn send(&self, message: &Message) -> Outcome {
        self.got.lock().unwrap().push(message.clone());
        self.answers.lock().unwrap().pop_front().unwrap_or(Outcome::Sent { id: "7".into() })
    }
}

impl FakeSms {
    fn answer(&self, outcome: Outcome) {
        self.answers.lock().unwrap().push_back(outcome);
    }

    fn count(&self) -> usize {
        self.got.lock().unwrap().len()
    }

    /// The code in the newest message.
    fn code(&self) -> String {
        let got = self.got.lock().unwrap();
        let newest = got.last().expect("a message");
        assert_eq!((newest.mobile.as_str(), newest.template.as_str()), (MOBILE, "SMS_1"));
        let [(name, code), (minutes, five)] = &newest.values[..] else { panic!("{newest:?}") };
        assert_eq!((name.as_str(), minutes.as_str(), five.as_str()), ("code", "minutes", "5"));
        code.clone()
    }
}

async fn stage(db: TestDb) -> (TestApp, Arc<FakeSms>) {
    let sms = Arc::new(FakeSms::default());
    let login_code = SmsTemplate { template: "SMS_1".into(), values: vec!["code".into(), "minutes".into()] };
    let mut links = Links::default();
    links.short_messages = Some(ShortMessages { sms: sms.clone(), login_code });
    let app = TestApp::with_links(db, links).await;
    put(&app, MOBILE, "王小明", Some(PASSWORD)).await.unwrap();
    (app, sms)
}

fn typed(browser: &str) -> Login {
    Login {
        mobile: MOBILE.into(),
        password: PASSWORD.into(),
        identity: Identity::Browser { key: browser.repeat(32) },
        device: "手机".into(),
        ip: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9)),
    }
}

/// Logs browser `a` in, then tries from `b`: the session of `a`, the ticket of `b`.
async fn two_browsers(app: &TestApp) -> (String, String) {
    let first = login(&app.app, &typed("a")).await.unwrap().token;
    (first, ticket(app, "b").await)
}

async fn ticket(app: &TestApp, browser: &str) -> String {
    let identity = json!({ "kind": "browser", "key": browser.repeat(32) });
    let body = json!({ "mobile": MOBILE, "password": PASSWORD, "identity": identity, "device": "新手机" });
    let (status, body) = app.json("POST", "/api/manager/login", &[], body).await;
    assert_eq!((status, body["code"].as_str()), (403, Some("login.code_needed")), "{body}");
    assert_eq!(body["verification"]["mobile"], "138****2176");
    body["verification"]["ticket"].as_str().unwrap().to_owned()
}

async fn ask(app: &TestApp, ticket: &str) -> (u16, Value) {
    app.json("POST", "/api/manager/session/code", &[], json!({ "ticket": ticket })).await
}

/// Asks for a code and lets the worker send it.
async fn send(app: &TestApp, ticket: &str) {
    let (status, body) = ask(app, ticket).await;
    assert_eq!((status, body["mobile"].as_str()), (202, Some("138****2176")), "{body}");
    app.work().await;
}

async fn bring(app: &TestApp, ticket: &str, code: &str) -> (u16, Value) {
    let body = json!({ "ticket": ticket, "code": code, "device": "新手机" });
    app.json("POST", "/api/manager/session/rebind", &[], body).await
}

async fn me(app: &TestApp, token: &str) -> (u16, Value) {
    app.json("GET", "/api/manager/me", &[("authorization", &format!("Bearer {token}"))], Value::Null).await
}

/// Another code of six digits.
fn other(code: &str) -> String {
    format!("{:06}", (code.parse::<u32>().unwrap() + 1) % 1_000_000)
}

fn of_field(body: &Value) -> Option<&str> {
    body["errors"][0]["code"].as_str()
}

/// A right code rebinds: the new identity is in, the old one is told who pushed it out and can come back only by a code
/// of its own, and the audit log says so.
async fn a_right_code_rebinds(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (first, ticket) = two_browsers(&app).await;
    send(&app, &ticket).await;
    let (status, body) = bring(&app, &ticket, &sms.code()).await;
    assert_eq!(status, 200, "{body}");
    assert_eq!(me(&app, body["token"].as_str().unwrap()).await.0, 200);
    let (status, told) = me(&app, &first).await;
    assert_eq!((status, told["displaced"]["device"].as_str()), (401, Some("新手机")));
    assert_eq!(app.number("SELECT COUNT(*) FROM live_event WHERE kind = 'session'").await, 1, "the old screen is told");
    assert_eq!(
        app.number("SELECT COUNT(*) FROM audit WHERE action = 'manager.rebind' AND network = '0.0.*.*'").await,
        1
    );
    assert_eq!(
        app.number("SELECT COUNT(*) FROM login_directory WHERE kind = 'identity'").await,
        1,
        "one identity is known"
    );
    assert!(login(&app.app, &typed("b")).await.is_ok(), "the new identity logs in without a code from now on");
    assert!(matches!(login(&app.app, &typed("a")).await, Err(Error::CodeNeeded(_))));
}

/// Only a keyed hash of the code is stored, the message waits sealed and is wiped once sent.
async fn nobody_reads_a_code_in_the_database(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (_, ticket) = two_browsers(&app).await;
    ask(&app, &ticket).await;
    let rows = app
        .app
        .db
        .read(async |tx: &mut Tx<'_>| {
            let sql = "SELECT c.code_mac, s.sealed FROM login_code c JOIN sms s ON s.sms_id = c.code_id";
            let row = tx.query_one(sql, &[]).await?;
            Ok::<(String, Vec<u8>), db::Error>((row.get(0)?, row.get(1)?))
        })
        .await
        .unwrap();
    app.work().await;
    let code = sms.code();
    assert!(rows.0.starts_with("h1.k0001.") && !rows.0.contains(&code), "{}", rows.0);
    assert!(rows.1.starts_with(b"a1.k0001.") && !rows.1.windows(6).any(|part| part == code.as_bytes()));
    let wiped = "SELECT COUNT(*) FROM sms WHERE state = 'sent' AND sealed IS NULL AND provider_id = '7'";
    assert_eq!(app.number(wiped).await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM job WHERE kind = 'sms.send' AND state = 'done'").await, 1);
}

/// Five tries: the fifth wrong one ends the code, and the right one comes too late.
async fn a_code_allows_five_tries(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (_, ticket) = two_browsers(&app).await;
    send(&app, &ticket).await;
    let (code, wrong) = (sms.code(), other(&sms.code()));
    let (status, body) = bring(&app, &ticket, "12345").await;
    assert_eq!((status, of_field(&body)), (422, Some("code.malformed")), "what is no code costs no try");
    for left in [4, 3, 2, 1] {
        let (status, body) = bring(&app, &ticket, &wrong).await;
        assert_eq!((status, of_field(&body)), (422, Some("code.wrong")));
        assert!(body["errors"][0]["message"].as_str().unwrap().contains(&format!("还可以试 {left} 次")), "{body}");
    }
    assert_eq!(bring(&app, &ticket, &wrong).await.1["code"], "code.spent");
    assert_eq!(bring(&app, &ticket, &code).await.1["code"], "code.spent");
    app.pass_ms(60_000);
    send(&app, &ticket).await;
    assert_eq!(bring(&app, &ticket, &sms.code()).await.0, 200);
}

/// Guesses at once are not more than five.
async fn guesses_at_once_are_counted(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (_, ticket) = two_browsers(&app).await;
    send(&app, &ticket).await;
    let wrong = other(&sms.code());
    let tries = futures_util::future::join_all((0..12).map(|_| bring(&app, &ticket, &wrong))).await;
    let counted = tries.iter().filter(|(_, body)| of_field(body) == Some("code.wrong")).count();
    assert_eq!(counted, 4, "the fifth says that the code is spent: {tries:?}");
    assert_eq!(app.number("SELECT MAX(tries) FROM login_code").await, 5);
    assert_eq!(bring(&app, &ticket, &sms.code()).await.1["code"], "code.spent");
}

/// Five minutes, and one use.
async fn a_code_holds_five_minutes_and_once(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (_, ticket) = two_browsers(&app).await;
    send(&app, &ticket).await;
    app.pass_ms(5 * 60_000);
    assert_eq!(bring(&app, &ticket, &sms.code()).await.1["code"], "code.spent");
    send(&app, &ticket).await;
    app.pass_ms(5 * 60_000 - 1);
    assert_eq!(bring(&app, &ticket, &sms.code()).await.0, 200);
    assert_eq!(bring(&app, &ticket, &sms.code()).await.1["code"], "code.spent", "it has done its one service");
}

/// One a minute, whoever asks; each takes the place of the one before.
async fn one_code_a_minute_and_only_the_newest_holds(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (_, ticket) = two_browsers(&app).await;
    let now_ms = app.app.clock.now_ms();
    let at_once = futures_util::future::join_all((0..6).map(|_| ask(&app, &ticket))).await;
    assert_eq!(at_once.iter().filter(|(status, _)| *status == 202).count(), 1, "{at_once:?}");
    let (_, refused) = at_once.iter().find(|(status, _)| *status == 429).unwrap();
    assert_eq!(
        (refused["code"].as_str(), refused["retry_at_ms"].as_i64()),
        (Some("code.too_soon"), Some(now_ms + 60_000))
    );
    app.work().await;
    let first = sms.code();
    app.pass_ms(60_000);
    send(&app, &ticket).await;
    assert_eq!(sms.count(), 2);
    if first != sms.code() {
        assert_eq!(of_field(&bring(&app, &ticket, &first).await.1), Some("code.wrong"));
    }
    assert_eq!(bring(&app, &ticket, &sms.code()).await.0, 200);
}

/// Ten in 24 hours, across tickets; sweeping what is old does not give more.
async fn ten_codes_a_day(db: TestDb) {
    let (app, sms) = stage(db).await;
    login(&app.app, &typed("a")).await.unwrap();
    let start_ms = app.app.clock.now_ms();
    for _ in 0..CODES_A_DAY {
        send(&app, &ticket(&app, "b").await).await;
        app.pass_ms(HOUR_MS);
    }
    crate::cleaning::round(&app.app).await.unwrap();
    let (status, body) = ask(&app, &ticket(&app, "b").await).await;
    assert_eq!((status, body["code"].as_str()), (429, Some("code.too_many")), "{body}");
    assert_eq!(body["retry_at_ms"].as_i64(), Some(start_ms + DAY_MS));
    app.pass_ms(start_ms + DAY_MS - app.app.clock.now_ms());
    send(&app, &ticket(&app, "b").await).await;
    assert_eq!(sms.count(), CODES_A_DAY + 1);
    app.pass_ms(2 * DAY_MS);
    crate::cleaning::round(&app.app).await.unwrap();
    assert_eq!(app.number("SELECT COUNT(*) FROM login_code").await, 0);
}

/// A code is for the identity that asked for it: whoever reads it over a shoulder cannot use it elsewhere.
async fn a_code_is_worth_nothing_to_another_identity(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (first, mine) = two_browsers(&app).await;
    let thiefs = ticket(&app, "t").await;
    send(&app, &mine).await;
    assert_eq!(bring(&app, &thiefs, &sms.code()).await.1["code"], "code.spent");
    assert_eq!(me(&app, &first).await.0, 200);
    assert_eq!(bring(&app, &mine, &sms.code()).await.0, 200);
}

/// A ticket lasts fifteen minutes, for one password of an active account, and cannot be made up.
async fn a_ticket_ends(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (_, ticket) = two_browsers(&app).await;
    for made_up in ["", "x", "YTEuazAwMDEu", &ticket[..ticket.len() - 2]] {
        assert_eq!(ask(&app, made_up).await.1["code"], "login.ticket_over", "{made_up}");
    }
    send(&app, &ticket).await;
    app.execute("UPDATE manager SET password_hash = 'another'", vec![]).await;
    assert_eq!(bring(&app, &ticket, &sms.code()).await.1["code"], "login.ticket_over");
    app.execute("UPDATE manager SET state = 'disabled'", vec![]).await;
    assert_eq!(bring(&app, &ticket, &sms.code()).await.1["code"], "manager.disabled");
    app.pass_ms(15 * 60_000);
    assert_eq!(ask(&app, &ticket).await.1["code"], "login.ticket_over");
}

/// A message that the provider refuses is told as what it is; silence is asked again while the code is worth something.
async fn a_refused_message_is_told_and_silence_asked_again(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (_, ticket) = two_browsers(&app).await;
    sms.answer(Outcome::Refused { code: "isv.AMOUNT_NOT_ENOUGH".into(), message: "账户余额不足".into() });
    send(&app, &ticket).await;
    let (status, body) = bring(&app, &ticket, "000000").await;
    assert!(status == 200 || (status, body["code"].as_str()) == (502, Some("code.not_sent")), "{body}");
    let refused = "SELECT COUNT(*) FROM sms WHERE state = 'refused' AND sealed IS NULL AND reason LIKE 'isv.AMOUNT%'";
    assert_eq!(app.number(refused).await, 1);
    app.pass_ms(60_000);
    sms.answer(Outcome::Unknown("timed out".into()));
    send(&app, &ticket).await;
    assert_eq!(app.number("SELECT COUNT(*) FROM sms WHERE state = 'queued'").await, 1);
    app.pass_ms(5_000);
    app.work().await;
    assert_eq!((sms.count(), app.number("SELECT COUNT(*) FROM sms WHERE state = 'sent'").await), (3, 1));
    for _ in 0..3 {
        sms.answer(Outcome::Unknown("timed out".into()));
    }
    app.pass_ms(60_000);
    send(&app, &ticket).await;
    for wait_ms in [5_000, 20_000, 60_000] {
        app.pass_ms(wait_ms);
        app.work().await;
    }
    assert_eq!(
        (sms.count(), app.number("SELECT COUNT(*) FROM sms WHERE state = 'given_up' AND sealed IS NULL").await),
        (6, 1)
    );
}

/// PRODUCT 8: a new key seals what waits.
async fn a_new_key_seals_waiting_messages(db: TestDb) {
    let (app, sms) = stage(db).await;
    let (_, ticket) = two_browsers(&app).await;
    ask(&app, &ticket).await;
    let mails = app.number("SELECT COUNT(*) FROM mail WHERE sealed IS NOT NULL").await;
    app.add_key();
    assert_eq!(crate::notification::rekey(&app.app.db, &app.app.vault).await.unwrap() as i64, mails + 1);
    assert_eq!(crate::notification::rekey(&app.app.db, &app.app.vault).await.unwrap(), 0);
    app.work().await;
    assert_eq!(bring(&app, &ticket, &sms.code()).await.0, 200);
}

/// Where no SMS is set up it stays as it was: refused in words.
async fn without_sms_another_identity_is_refused(db: TestDb) {
    let app = TestApp::new(db).await;
    put(&app, MOBILE, "王小明", Some(PASSWORD)).await.unwrap();
    login(&app.app, &typed("a")).await.unwrap();
    assert!(matches!(login(&app.app, &typed("b")).await, Err(Error::OtherIdentity)));
}

db::on_both_engines!(
    a_right_code_rebinds,
    nobody_reads_a_code_in_the_database,
    a_code_allows_five_tries,
    guesses_at_once_are_counted,
    a_code_holds_five_minutes_and_once,
    one_code_a_minute_and_only_the_newest_holds,
    ten_codes_a_day,
    a_code_is_worth_nothing_to_another_identity,
    a_ticket_ends,
    a_refused_message_is_told_and_silence_asked_again,
    a_new_key_seals_waiting_messages,
    without_sms_another_identity_is_refused,
);
