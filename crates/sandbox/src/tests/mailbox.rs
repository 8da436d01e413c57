//! The mailbox: what is sent can be read, and wrong addresses are refused.

use axum::http::StatusCode;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::support::{World, told};
use crate::{Signer, smtp};

const MAIL: &str = "From: a@example.test\r\nTo: li@example.test\r\nSubject: =?UTF-8?B?55m75b2V?=\r\n\
MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=b\r\n\r\n\
--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<p>.password</p>\r\n..dots <img src=\"cid:code1\">\r\n\
--b\r\nContent-Type: image/png\r\nContent-ID: <code1>\r\nContent-Transfer-Encoding: base64\r\n\
Content-Disposition: inline; filename=code.png\r\n\r\niVBORw0KGgo=\r\n--b--\r\n.\r\n";

/// Says each line and gives the codes of the answers, the greeting's first.
async fn conversation(world: &World, lines: &[&str]) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let mut server = JoinSet::new();
    server.spawn(smtp::serve(world.app.clone(), listener));
    let (reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
    let mut answers = BufReader::new(reader).lines();
    let mut codes = Vec::new();
    for line in std::iter::once(&"").chain(lines) {
        writer.write_all(line.as_bytes()).await.unwrap();
        loop {
            let answer = answers.next_line().await.unwrap().unwrap();
            if answer.as_bytes()[3] == b' ' {
                codes.push(answer[..3].to_owned());
                break;
            }
        }
    }
    codes
}

const ENVELOPE: [&str; 2] = ["EHLO shop.test\r\n", "MAIL FROM:<a@example.test>\r\n"];

/// A mail can be read as it was sent, with its pictures, also after a restart.
#[tokio::test]
async fn a_mail_is_kept_and_can_be_read() {
    let world = World::start().await;
    let lines = [&ENVELOPE[..], &["RCPT TO:<Li@Example.test>\r\n", "DATA\r\n", MAIL, "QUIT\r\n"]].concat();
    assert_eq!(conversation(&world, &lines).await, ["220", "250", "250", "250", "354", "250", "221"]);
    let world = world.restart(Signer::PublicKey).await;
    let get = |target: String| world.client.get(format!("{}{target}", world.url));
    let (_, mails) = told(get("/mailbox/messages?to=li@example.test".into())).await;
    let mail = &mails[0];
    assert_eq!((mail["subject"].as_str(), mail["to"][0].as_str()), (Some("登录"), Some("li@example.test")));
    let picture = mail["parts"][0]["url"].as_str().unwrap();
    let html = mail["html"].as_str().unwrap();
    assert!(html.contains(".password") && html.contains("\r\n.dots") && html.contains(picture), "{html}");
    let response = get(picture.to_owned()).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "image/png");
    assert_eq!(response.bytes().await.unwrap().as_ref(), b"\x89PNG\r\n\x1a\n");
    for page in ["", "/html", "/raw"] {
        let target = format!("/mailbox/{}{page}", mail["mail_id"].as_str().unwrap());
        assert_eq!(told(get(target)).await.0, StatusCode::OK, "{page}");
    }
    let (_, others) = told(get("/mailbox/messages?to=wang@example.test".into())).await;
    assert_eq!(others, Value::Array(Vec::new()));
}

/// A recipient at refused.test is refused with 550; the others of the same mail are not.
#[tokio::test]
async fn a_recipient_of_the_refused_domain_is_refused() {
    let world = World::start().await;
    let lines = [
        &ENVELOPE[..],
        &["RCPT TO:<li@refused.test>\r\n", "RCPT TO:<wang@example.test>\r\n", "DATA\r\n", MAIL, "QUIT\r\n"],
    ]
    .concat();
    assert_eq!(conversation(&world, &lines).await, ["220", "250", "250", "550", "250", "354", "250", "221"]);
    let (_, mails) = told(world.client.get(format!("{}/mailbox/messages", world.url))).await;
    assert_eq!((mails.as_array().unwrap().len(), &mails[0]["to"]), (1, &serde_json::json!(["wang@example.test"])));
}
