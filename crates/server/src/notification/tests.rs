//! What the mail with a manager's login promises: PRODUCT 3.1.

use std::sync::Arc;

use async_trait::async_trait;
use db::testing::TestDb;
use jobs::{Claimed, Ended};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
};
use wechat_platform::{CodeImage, CodeRequest, MiniProgramLogin, PlatformError, WechatPlatform};

use super::{SEND_MAIL, send_mail};
use crate::{
    admin::tests::Console,
    outside::{Links, Password, Smtp, SmtpTls},
    testing::{MERCHANT, NOW_MS, TestApp, UNIT},
};

/// WeChat that draws, or is busy.
struct FakeWechat {
    busy: bool,
}

#[async_trait]
impl WechatPlatform for FakeWechat {
    async fn login_code(&self, _: &str) -> Result<MiniProgramLogin, PlatformError> {
        Err(PlatformError::Busy)
    }

    fn authorize_url(&self, _: &str, _: &str) -> Result<String, PlatformError> {
        Err(PlatformError::NotConfigured("official account"))
    }

    async fn oauth_openid(&self, _: &str) -> Result<String, PlatformError> {
        Err(PlatformError::NotConfigured("official account"))
    }

    async fn mini_program_code(&self, _: &CodeRequest) -> Result<CodeImage, PlatformError> {
        let picture = CodeImage { content_type: "image/png".into(), bytes: b"a picture".to_vec() };
        if self.busy { Err(PlatformError::Busy) } else { Ok(picture) }
    }
}

/// A mail server that takes one mail, or answers its recipient like this.
struct Server {
    listener: TcpListener,
    to_recipient: &'static str,
}

impl Server {
    async fn new(to_recipient: &'static str) -> Server {
        Server { listener: TcpListener::bind("127.0.0.1:0").await.unwrap(), to_recipient }
    }

    fn links(&self, busy: bool) -> Links {
        links(self.listener.local_addr().unwrap().port(), busy)
    }

    /// Serves one connection; the mail's recipient and text, if it came to that.
    async fn serve(&self) -> (String, String) {
        let (stream, _) = self.listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        let (mut to, mut text) = (String::new(), String::new());
        write.write_all(b"220 mail.test\r\n").await.unwrap();
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = match line.split([' ', ':']).next().unwrap() {
                "EHLO" => "250 mail.test",
                "MAIL" => "250 ok",
                "RCPT" => {
                    to = line;
                    self.to_recipient
                }
                "DATA" => {
                    write.write_all(b"354 go on\r\n").await.unwrap();
                    while let Some(line) = lines.next_line().await.unwrap().filter(|line| line != ".") {
                        text.push_str(&line);
                        text.push('\n');
                    }
                    write.write_all(b"250 taken\r\n").await.unwrap();
                    return (to, text);
                }
                _ => "221 bye",
            };
            write.write_all(format!("{answer}\r\n").as_bytes()).await.unwrap();
            if answer.starts_with("221") {
                break;
            }
        }
        (to, text)
    }
}

fn links(port: u16, busy: bool) -> Links {
    let smtp = Smtp {
        host: "127.0.0.1".into(),
        port,
        tls: SmtpTls::None,
        username: String::new(),
        from: "星收付 <noreply@example.test>".into(),
    };
    let mut links = Links::default();
    links.wechat = Some(Arc::new(FakeWechat { busy }));
    links.smtp = Some((smtp, Password { password: String::new() }));
    links
}

/// A registered manager: console, id, first password.
async fn registered(app: &TestApp) -> (Console, String, String) {
    let console = Console::login(app, "admin", UNIT).await;
    let manager = json!({ "name": "王小明", "mobile": "13800002176", "email": "wnag@example.test",
        "org_unit_id": UNIT.to_string(), "password": "first-password" });
    let (status, body) = console.post(app, "/api/admin/managers", manager).await;
    assert_eq!(status, 201, "{body}");
    (console, body["manager_id"].as_str().unwrap().to_owned(), "first-password".to_owned())
}

/// The newest mail's job, as a worker has it.
async fn job(app: &TestApp, attempt: i64) -> Claimed {
    let mail_id = app.number("SELECT MAX(mail_id) FROM mail").await;
    let key = mail_id.to_string();
    Claimed { merchant_id: MERCHANT, kind: SEND_MAIL.into(), key, payload: String::new(), attempt, leased_until_ms: 0 }
}

async fn mail(app: &TestApp, console: &Console, id: &str) -> Value {
    console.get(app, &format!("/api/admin/managers/{id}")).await.1["mail"].clone()
}

/// The mail has what login needs; once another server took it the password is wiped, and it is not sent twice.
async fn an_accepted_mail_is_wiped(db: TestDb) {
    let server = Server::new("250 ok").await;
    let app = TestApp::with_links(db, server.links(false)).await;
    let (console, id, _) = registered(&app).await;
    let job = job(&app, 1).await;
    let ((to, text), ended) = tokio::join!(server.serve(), send_mail(&app.app, &job));
    assert_eq!(ended, Ended::Done);
    assert!(to.contains("<wnag@example.test>"), "{to}");
    assert!(
        text.contains("Content-ID: <miniprogram>") && text.contains(&format!("Message-ID: <{}@pay.test>", job.key)),
        "{text}"
    );
    let told = mail(&app, &console, &id).await;
    assert_eq!((told["state"].as_str(), &told["reason"]), (Some("accepted"), &Value::Null));
    assert_eq!(app.number("SELECT COUNT(*) FROM mail WHERE sealed IS NOT NULL").await, 0);
    assert_eq!(send_mail(&app.app, &job).await, Ended::Done, "a second run meets no server and needs none");
}

/// A final refusal is shown with the server's own words and the address; a corrected address gets the same password.
async fn a_refused_mail_is_shown_and_sent_again(db: TestDb) {
    let server = Server::new("550 5.1.1 no such mailbox").await;
    let app = TestApp::with_links(db, server.links(false)).await;
    let (console, id, first) = registered(&app).await;
    let refused = job(&app, 1).await;
    let (_, ended) = tokio::join!(server.serve(), send_mail(&app.app, &refused));
    assert_eq!(ended, Ended::Done);
    let told = mail(&app, &console, &id).await;
    assert_eq!((told["state"].as_str(), told["to"].as_str()), (Some("refused"), Some("wnag@example.test")));
    assert!(told["reason"].as_str().unwrap().contains("no such mailbox"), "{told}");
    let again = json!({ "email": "wang@example.test" });
    let (status, body) = console.post(&app, &format!("/api/admin/managers/{id}/mail"), again).await;
    assert_eq!(
        (status, body["email"].as_str(), body["mail"]["state"].as_str()),
        (200, Some("wang@example.test"), Some("queued"))
    );
    let server = Server { to_recipient: "250 ok", ..server };
    let job = job(&app, 1).await;
    let ((to, text), ended) = tokio::join!(server.serve(), send_mail(&app.app, &job));
    assert_eq!(ended, Ended::Done);
    assert!(to.contains("<wang@example.test>") && decoded(&text).contains(&first), "{text}");
}

/// A mail still queued for a wrong address is not sent there after the correction.
async fn a_corrected_mail_does_not_go_astray(db: TestDb) {
    let app = TestApp::with_links(db, links(1, false)).await;
    let (console, id, _) = registered(&app).await;
    let first = job(&app, 1).await;
    let path = format!("/api/admin/managers/{id}/mail");
    assert_eq!(console.post(&app, &path, json!({ "email": "not an address" })).await.0, 422);
    assert_eq!(console.post(&app, &path, json!({ "email": "wang@example.test" })).await.0, 200);
    assert_eq!(send_mail(&app.app, &first).await, Ended::Done, "withdrawn: no server is asked");
    assert_eq!(app.number("SELECT COUNT(*) FROM mail WHERE state = 'refused' AND sealed IS NULL").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM mail WHERE state = 'queued' AND sealed IS NOT NULL").await, 1);
    assert_eq!(app.number("SELECT COUNT(*) FROM job WHERE kind = 'mail.send'").await, 2);
}

/// A first password that a stranger's server took is void, until somebody logged in; then it is theirs to keep.
async fn a_password_that_went_astray_is_replaced(db: TestDb) {
    let server = Server::new("250 ok").await;
    let app = TestApp::with_links(db, server.links(false)).await;
    let (console, id, first) = registered(&app).await;
    let astray = job(&app, 1).await;
    tokio::join!(server.serve(), send_mail(&app.app, &astray));
    let path = format!("/api/admin/managers/{id}/mail");
    console.post(&app, &path, json!({ "email": "wang@example.test" })).await;
    let right = job(&app, 1).await;
    let ((_, text), _) = tokio::join!(server.serve(), send_mail(&app.app, &right));
    let login = async |password: &str| {
        let identity = json!({ "kind": "browser", "key": "k".repeat(32) });
        let body = json!({ "mobile": "13800002176", "password": password, "identity": identity });
        app.json("POST", "/api/manager/login", &[], body).await.0
    };
    assert_eq!(login(&first).await, 401);
    let text = decoded(&text);
    let fresh = text.split("登录密码：").nth(1).unwrap().lines().next().unwrap().trim();
    assert_eq!(login(fresh).await, 200, "{text}");
    console.post(&app, &path, json!({ "email": "wang@example.test" })).await;
    let third = job(&app, 1).await;
    let ((_, text), _) = tokio::join!(server.serve(), send_mail(&app.app, &third));
    assert!(decoded(&text).contains("密码没有变化"));
    assert_eq!(login(fresh).await, 200);
}

/// PRODUCT 8: after `mott admin rekey` no stored secret needs the old key, a password that waits in a mail included.
async fn a_new_key_seals_what_waits(db: TestDb) {
    let server = Server::new("250 ok").await;
    let app = TestApp::with_links(db, server.links(false)).await;
    registered(&app).await;
    assert_eq!(super::rekey(&app.app.db, &app.app.vault).await.unwrap(), 0, "it is under the newest key already");
    app.add_key();
    assert_eq!(super::rekey(&app.app.db, &app.app.vault).await.unwrap(), 1);
    assert_eq!(super::rekey(&app.app.db, &app.app.vault).await.unwrap(), 0);
    let job = job(&app, 1).await;
    let ((_, text), ended) = tokio::join!(server.serve(), send_mail(&app.app, &job));
    assert_eq!(ended, Ended::Done);
    assert!(decoded(&text).contains("first-password"));
}

/// What may still succeed is tried again, ever more slowly, and its reason is shown meanwhile.
async fn what_may_still_succeed_is_tried_again(db: TestDb) {
    let server = Server::new("451 4.7.1 come back later").await;
    let app = TestApp::with_links(db, server.links(false)).await;
    let (console, id, _) = registered(&app).await;
    let first = job(&app, 1).await;
    let (_, ended) = tokio::join!(server.serve(), send_mail(&app.app, &first));
    assert!(
        matches!(&ended, Ended::Again { due_at_ms, why } if *due_at_ms == NOW_MS + 30_000 && why.contains("come back later")),
        "{ended:?}"
    );
    let told = mail(&app, &console, &id).await;
    assert_eq!(told["state"], "queued");
    assert!(told["reason"].as_str().unwrap().contains("come back later"));
    app.pass_ms(3 * crate::clock::DAY_MS);
    let last = job(&app, 8).await;
    let (_, ended) = tokio::join!(server.serve(), send_mail(&app.app, &last));
    assert!(matches!(ended, Ended::Failed { .. }));
    assert_eq!(app.number("SELECT COUNT(*) FROM mail WHERE state = 'refused' AND sealed IS NOT NULL").await, 1);
}

/// A busy WeChat delays the mail, but not for ever: without its picture it is better than none.
async fn a_missing_picture_delays_but_does_not_prevent(db: TestDb) {
    let server = Server::new("250 ok").await;
    let app = TestApp::with_links(db, server.links(true)).await;
    registered(&app).await;
    assert!(matches!(send_mail(&app.app, &job(&app, 4).await).await, Ended::Again { .. }));
    let fifth = job(&app, 5).await;
    let ((_, text), ended) = tokio::join!(server.serve(), send_mail(&app.app, &fifth));
    assert_eq!(ended, Ended::Done);
    assert!(!text.contains("miniprogram"));
}

/// The text part, decoded.
fn decoded(mail: &str) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let text = mail.split("Content-Type: text/plain").nth(1).unwrap();
    let (head, body) = text.split_once("\n\n").unwrap();
    assert!(head.contains("base64"), "{head}");
    let body: String = body.split("\n--").next().unwrap().split_whitespace().collect();
    String::from_utf8(STANDARD.decode(body).unwrap()).unwrap()
}

db::on_both_engines!(
    an_accepted_mail_is_wiped,
    a_refused_mail_is_shown_and_sent_again,
    a_corrected_mail_does_not_go_astray,
    a_password_that_went_astray_is_replaced,
    a_new_key_seals_what_waits,
    what_may_still_succeed_is_tried_again,
    a_missing_picture_delays_but_does_not_prevent,
);
