//! The job `mail.send`: one mail, by its id. Idempotent: a mail that is not queued any more is not sent.

use std::{error::Error as _, time::Duration};

use db::{Key, Tx, params};
use jobs::{Claimed, Ended};
use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::Mailbox,
    transport::smtp::{
        authentication::Credentials,
        client::{Tls, TlsParameters},
    },
};
use wechat_platform::{CodeImage, CodeRequest, PlatformError};

use super::{
    compose::{self, Letter},
    lifecycle::{self, Next},
    mail::PURPOSE,
    platform_name, sql,
};
use crate::{
    App,
    outside::{Password, Smtp, SmtpTls},
};

/// The kind of the job; its key is the mail's id.
pub const SEND_MAIL: &str = "mail.send";

/// How long the mail server may take for each answer.
const TIMEOUT: Duration = Duration::from_secs(20);
/// What WeChat is asked to draw: the first page, which knows nobody.
const SCENE: &str = "mail";
const PICTURE_PX: u32 = 430;
/// When to come back after the database did not answer.
const BUSY_MS: i64 = 30_000;

/// A row of the table, with what the letter says.
struct Queued {
    to: String,
    sealed: Option<Vec<u8>>,
    created_at_ms: i64,
    name: String,
    mobile: String,
    company: String,
}

/// How one try ended.
enum Tried {
    /// Another server took it.
    Accepted,
    /// It will never be taken, in the other side's words.
    Refused(String),
    /// Not now.
    NotNow(String),
}

/// Sends a mail: accepted wipes the password, a final refusal is shown to the admin, anything else is tried again.
pub async fn send_mail(app: &App, job: &Claimed) -> Ended {
    let done = match job.key.parse() {
        Ok(mail_id) => send(app, job, mail_id).await,
        Err(_) => return Ended::Failed { why: format!("{} is no mail", job.key) },
    };
    // A database that cannot be asked says nothing about the mail.
    done.unwrap_or_else(|error| Ended::Again { due_at_ms: app.clock.now_ms() + BUSY_MS, why: error.to_string() })
}

async fn send(app: &App, job: &Claimed, mail_id: i64) -> Result<Ended, db::Error> {
    let Some(queued) = load(app, job.merchant_id, mail_id).await? else { return Ok(Ended::Done) };
    let tried = attempt(app, &queued, mail_id, job.attempt).await;
    let now_ms = app.clock.now_ms();
    match tried {
        Tried::Accepted => {
            settle(app, sql::ACCEPTED, job.merchant_id, mail_id, None).await?;
            Ok(Ended::Done)
        }
        Tried::Refused(why) => {
            settle(app, sql::REFUSED, job.merchant_id, mail_id, Some(why)).await?;
            Ok(Ended::Done)
        }
        Tried::NotNow(why) => match lifecycle::after_failure(job.attempt, queued.created_at_ms, now_ms) {
            Next::Again(due_at_ms) => {
                keep_reason(app, job.merchant_id, mail_id, why.clone()).await?;
                Ok(Ended::Again { due_at_ms, why })
            }
            Next::GiveUp => {
                let shown = format!("多次重试仍未送达：{why}");
                settle(app, sql::REFUSED, job.merchant_id, mail_id, Some(shown)).await?;
                Ok(Ended::Failed { why })
            }
        },
    }
}

async fn load(app: &App, merchant_id: i64, mail_id: i64) -> Result<Option<Queued>, db::Error> {
    let read = async move |tx: &mut Tx<'_>| tx.query_opt(sql::LOAD, params![merchant_id, mail_id]).await;
    let Some(row) = app.db.read::<_, db::Error, _>(read).await? else { return Ok(None) };
    if row.get::<String>(0)? != "queued" {
        return Ok(None);
    }
    Ok(Some(Queued {
        to: row.get(1)?,
        sealed: row.get(2)?,
        created_at_ms: row.get(3)?,
        name: row.get(4)?,
        mobile: row.get(5)?,
        company: row.get(6)?,
    }))
}

async fn attempt(app: &App, queued: &Queued, mail_id: i64, attempt: i64) -> Tried {
    let links = app.outside.links();
    let Some((smtp, password)) = &links.smtp else { return Tried::NotNow("还没有设置发信服务器".into()) };
    let first = match queued.sealed.as_ref().map(|sealed| app.vault.open_sealed(PURPOSE, sealed)).transpose() {
        Ok(plain) => plain.map(|plain| String::from_utf8_lossy(&plain).into_owned()),
        Err(e) => return Tried::NotNow(e.to_string()),
    };
    let picture = match picture(app).await {
        Ok(picture) => picture,
        Err(why) if lifecycle::waits_for_picture(attempt) => return Tried::NotNow(why),
        Err(_) => None,
    };
    let Ok(from) = smtp.from.parse::<Mailbox>() else {
        return Tried::NotNow(format!("发信地址 {} 不正确", smtp.from));
    };
    let Ok(to) = queued.to.parse() else { return Tried::Refused(format!("{} 不是邮箱地址", queued.to)) };
    let letter = Letter {
        mail_id,
        from,
        to: Mailbox::new(Some(queued.name.clone()), to),
        host: host(&app.config.public_url),
        at_ms: queued.created_at_ms,
        platform: platform_name(app),
        official_account: links.official_account.as_ref().map(|account| account.name.clone()),
        company: queued.company.clone(),
        name: queued.name.clone(),
        mobile: queued.mobile.clone(),
        password: first,
        picture,
    };
    match compose::message(&letter) {
        Ok(message) => deliver(smtp, password, message).await,
        Err(e) => Tried::NotNow(e.to_string()),
    }
}

/// The mini program's code; nothing where no mini program is set up or WeChat will not draw it.
async fn picture(app: &App) -> Result<Option<CodeImage>, String> {
    let links = app.outside.links();
    let Some(wechat) = &links.wechat else { return Ok(None) };
    let request = CodeRequest {
        scene: SCENE.into(),
        page: None,
        check_path: false,
        env_version: "release".into(),
        width: PICTURE_PX,
    };
    match wechat.mini_program_code(&request).await {
        Ok(picture) => Ok(Some(picture)),
        Err(error @ (PlatformError::Busy | PlatformError::Unreachable(_))) => Err(error.to_string()),
        Err(error @ (PlatformError::Refused { .. } | PlatformError::NotConfigured(_) | PlatformError::Misused(_))) => {
            tracing::warn!(%error, "a mail goes without the mini program's code");
            Ok(None)
        }
    }
}

async fn deliver(smtp: &Smtp, password: &Password, message: lettre::Message) -> Tried {
    let transport = match transport(smtp, password) {
        Ok(transport) => transport,
        Err(e) => return Tried::NotNow(words(&e)),
    };
    match transport.send(message).await {
        Ok(_) => Tried::Accepted,
        Err(e) if e.status().is_some_and(|code| lifecycle::is_final(code.into())) => Tried::Refused(words(&e)),
        Err(e) => Tried::NotNow(words(&e)),
    }
}

type Transport = AsyncSmtpTransport<Tokio1Executor>;

fn transport(smtp: &Smtp, password: &Password) -> Result<Transport, lettre::transport::smtp::Error> {
    let tls = match smtp.tls {
        SmtpTls::None => Tls::None,
        SmtpTls::Starttls => Tls::Required(TlsParameters::new(smtp.host.clone())?),
        SmtpTls::Tls => Tls::Wrapper(TlsParameters::new(smtp.host.clone())?),
    };
    let builder = Transport::builder_dangerous(&smtp.host).port(smtp.port).tls(tls).timeout(Some(TIMEOUT));
    Ok(if smtp.username.is_empty() {
        builder.build()
    } else {
        builder.credentials(Credentials::new(smtp.username.clone(), password.password.clone())).build()
    })
}

/// The server's own words, with its code.
fn words(error: &lettre::transport::smtp::Error) -> String {
    let source = error.source().map(ToString::to_string);
    match (error.status(), source) {
        (Some(code), Some(text)) => format!("{code} {text}"),
        _ => error.to_string(),
    }
}

fn host(public_url: &str) -> String {
    let url = url::Url::parse(public_url).ok();
    url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| "localhost".into())
}

async fn settle(
    app: &App,
    text: &'static str,
    merchant_id: i64,
    mail_id: i64,
    why: Option<String>,
) -> Result<(), db::Error> {
    let now_ms = app.clock.now_ms();
    let write = async move |tx: &mut Tx<'_>| match &why {
        Some(why) => tx.execute(text, params![merchant_id, mail_id, now_ms, why]).await,
        None => tx.execute(text, params![merchant_id, mail_id, now_ms]).await,
    };
    app.db.write(Key::of(("mail", mail_id)), write).await.map(drop)
}

/// Shown while the mail is still queued: why it did not go yet.
async fn keep_reason(app: &App, merchant_id: i64, mail_id: i64, why: String) -> Result<(), db::Error> {
    let write = async move |tx: &mut Tx<'_>| tx.execute(sql::TRIED, params![merchant_id, mail_id, &why]).await;
    app.db.write(Key::of(("mail", mail_id)), write).await.map(drop)
}
