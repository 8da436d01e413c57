//! The mail server: takes every mail, keeps it, delivers nothing.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use mailin::response::{INTERNAL_ERROR, NO_STORAGE, OK};
use mailin::{Action, Handler, Response, Session, SessionBuilder};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::app::App;
use crate::error::Error;
use crate::mailbox;

/// Recipients at this domain do not exist.
pub(crate) const REFUSED_DOMAIN: &str = "refused.test";

const IDLE: Duration = Duration::from_secs(300);
const LINE_LIMIT: u64 = 64 * 1024;
const MAIL_LIMIT: usize = 10 * 1024 * 1024;

/// One connection's mail under way.
struct Inbox {
    app: Arc<App>,
    sender: String,
    recipients: Vec<String>,
    data: Vec<u8>,
}

impl Handler for Inbox {
    fn rcpt(&mut self, to: &str) -> Response {
        match to.rsplit_once('@') {
            Some((_, domain)) if domain.eq_ignore_ascii_case(REFUSED_DOMAIN) => {
                Response::custom(550, format!("5.1.1 <{to}>: no such mailbox"))
            }
            Some(_) => OK,
            None => Response::custom(553, "5.1.3 an address needs a domain".into()),
        }
    }

    fn data_start(&mut self, _domain: &str, from: &str, _is8bit: bool, to: &[String]) -> Response {
        self.sender = from.to_owned();
        self.recipients = to.to_vec();
        self.data.clear();
        OK
    }

    fn data(&mut self, line: &[u8]) -> std::io::Result<()> {
        // One byte over the limit is kept, so that the end knows.
        let room = (MAIL_LIMIT + 1).saturating_sub(self.data.len());
        self.data.extend_from_slice(&line[..line.len().min(room)]);
        Ok(())
    }

    fn data_end(&mut self) -> Response {
        if self.data.len() > MAIL_LIMIT {
            return NO_STORAGE;
        }
        match mailbox::store(&self.app, &self.sender, &self.recipients, &self.data) {
            Ok(mail_id) => Response::custom(250, format!("2.0.0 kept as {mail_id}")),
            Err(error) => {
                tracing::error!(%error, "a mail could not be kept");
                INTERNAL_ERROR
            }
        }
    }
}

/// Takes mail, for ever.
///
/// # Errors
/// When the listener breaks.
pub(crate) async fn serve(app: Arc<App>, listener: TcpListener) -> Result<(), Error> {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let (stream, from) = accepted?;
                connections.spawn(connection(app.clone(), stream, from.ip()));
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn connection(app: Arc<App>, stream: TcpStream, from: IpAddr) {
    if let Err(error) = talk(app, stream, from).await {
        tracing::debug!(%error, "a mail connection ended early");
    }
}

async fn talk(app: Arc<App>, stream: TcpStream, from: IpAddr) -> std::io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let inbox = Inbox { app, sender: String::new(), recipients: Vec::new(), data: Vec::new() };
    let mut session: Session<Inbox> = SessionBuilder::new("mail.example.test").build(from, inbox);
    writer.write_all(&spelled(&session.greeting())?).await?;
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut limited = (&mut reader).take(LINE_LIMIT);
        if timeout(IDLE, limited.read_until(b'\n', &mut line)).await?? == 0 {
            return Ok(());
        }
        let response = session.process(&line);
        match response.action {
            Action::NoReply => {}
            Action::Reply => writer.write_all(&spelled(&response)?).await?,
            Action::Close | Action::UpgradeTls => return writer.write_all(&spelled(&response)?).await,
        }
    }
}

fn spelled(response: &Response) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    response.write_to(&mut text)?;
    Ok(text)
}
