//! The mails that were sent, to be read by people and tests.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query, State as Extract};
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderName, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use mail_parser::{Message, MessageParser, MimeHeaders as _};
use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::clock::beijing;
use crate::error::Error;
use crate::smtp::REFUSED_DOMAIN;

/// How many mails a list shows.
const LISTED: i64 = 100;
/// A mail's own HTML may show its pictures and nothing else.
const MAIL_POLICY: &str = "default-src 'none'; img-src 'self' data:; style-src 'unsafe-inline'";

/// A mail as stored.
struct Stored {
    mail_id: i64,
    received_at_ms: i64,
    sender: String,
    recipients: Vec<String>,
    raw: Vec<u8>,
}

/// A mail as told to scripts.
#[derive(Debug, Serialize)]
pub(crate) struct Told {
    pub mail_id: String,
    pub received_at_ms: i64,
    pub from: String,
    pub to: Vec<String>,
    pub subject: String,
    pub text: String,
    /// With pictures pointing at their parts.
    pub html: Option<String>,
    pub parts: Vec<Part>,
}

/// A picture or file in a mail.
#[derive(Debug, Serialize)]
pub(crate) struct Part {
    pub name: String,
    pub content_type: String,
    pub content_id: Option<String>,
    pub size: usize,
    pub url: String,
}

impl Told {
    /// Time of arrival for people.
    pub fn time(&self) -> String {
        beijing(self.received_at_ms, "%Y-%m-%d %H:%M:%S")
    }

    fn new(stored: &Stored) -> Self {
        let message = MessageParser::default().parse(&stored.raw).unwrap_or_default();
        let parts: Vec<Part> = parts(stored.mail_id, &message);
        let html = message.html_bodies().next().is_some_and(|part| part.is_text_html());
        let html = html.then(|| message.body_html(0)).flatten().map(|html| with_pictures(&html, &parts));
        Self {
            mail_id: stored.mail_id.to_string(),
            received_at_ms: stored.received_at_ms,
            from: stored.sender.clone(),
            to: stored.recipients.clone(),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html,
            parts,
        }
    }
}

fn parts(mail_id: i64, message: &Message<'_>) -> Vec<Part> {
    message
        .attachments()
        .enumerate()
        .map(|(at, part)| Part {
            name: part.attachment_name().unwrap_or_default().to_owned(),
            content_type: content_type(part),
            content_id: part.content_id().map(str::to_owned),
            size: part.contents().len(),
            url: format!("/mailbox/{mail_id}/part/{at}"),
        })
        .collect()
}

fn content_type(part: &mail_parser::MessagePart<'_>) -> String {
    part.content_type().map_or_else(
        || "application/octet-stream".to_owned(),
        |kind| format!("{}/{}", kind.ctype(), kind.subtype().unwrap_or("octet-stream")),
    )
}

fn with_pictures(html: &str, parts: &[Part]) -> String {
    parts.iter().fold(html.to_owned(), |html, part| match &part.content_id {
        Some(content_id) => html.replace(&format!("cid:{content_id}"), &part.url),
        None => html,
    })
}

/// Keeps a mail as it came.
///
/// # Errors
/// When the state file fails.
pub(crate) fn store(app: &App, sender: &str, recipients: &[String], raw: &[u8]) -> Result<i64, Error> {
    let now_ms = app.now_ms();
    app.state.write(|tx| {
        tx.execute("INSERT INTO mail (received_at_ms, sender, raw) VALUES (?1, ?2, ?3)", params![now_ms, sender, raw])?;
        let mail_id = tx.last_insert_rowid();
        for recipient in recipients {
            tx.execute(
                "INSERT OR IGNORE INTO mail_recipient (recipient, mail_id) VALUES (?1, ?2)",
                params![recipient.to_lowercase(), mail_id],
            )?;
        }
        Ok(mail_id)
    })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let recipients: String = row.get(3)?;
    Ok(Stored {
        mail_id: row.get(0)?,
        received_at_ms: row.get(1)?,
        sender: row.get(2)?,
        recipients: recipients.split(' ').filter(|text| !text.is_empty()).map(str::to_owned).collect(),
        raw: row.get(4)?,
    })
}

const SELECT: &str = "SELECT mail_id, received_at_ms, sender,
    (SELECT coalesce(group_concat(recipient, ' '), '') FROM mail_recipient AS mine WHERE mine.mail_id = mail.mail_id),
    raw FROM mail";

fn newest(connection: &Connection, to: Option<&str>) -> rusqlite::Result<Vec<Stored>> {
    connection
        .prepare(&format!(
            "{SELECT} WHERE ?1 IS NULL OR mail_id IN (SELECT mail_id FROM mail_recipient WHERE recipient = ?1)
             ORDER BY mail_id DESC LIMIT ?2"
        ))?
        .query_map(params![to, LISTED], from_row)?
        .collect()
}

fn one(app: &App, mail_id: i64) -> Result<Option<Stored>, Error> {
    app.state.read(|connection| {
        Ok(connection.query_row(&format!("{SELECT} WHERE mail_id = ?1"), [mail_id], from_row).optional()?)
    })
}

/// Pages and JSON of the mailbox.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/mailbox", get(list_page))
        .route("/mailbox/messages", get(messages))
        .route("/mailbox/{mail_id}", get(mail_page))
        .route("/mailbox/{mail_id}/html", get(html))
        .route("/mailbox/{mail_id}/part/{at}", get(part))
        .route("/mailbox/{mail_id}/raw", get(raw))
}

#[derive(Debug, Deserialize)]
struct Whose {
    to: Option<String>,
}

impl Whose {
    fn address(&self) -> Option<String> {
        self.to.as_deref().map(str::trim).filter(|to| !to.is_empty()).map(str::to_lowercase)
    }
}

fn told(app: &App, whose: &Whose) -> Result<Vec<Told>, Error> {
    let to = whose.address();
    let stored = app.state.read(|connection| newest(connection, to.as_deref()))?;
    Ok(stored.iter().map(Told::new).collect())
}

async fn messages(Extract(app): Extract<Arc<App>>, Query(whose): Query<Whose>) -> Result<Json<Vec<Told>>, Error> {
    Ok(Json(told(&app, &whose)?))
}

#[derive(Template)]
#[template(path = "mailbox.html")]
struct ListPage {
    mails: Vec<Told>,
    to: String,
    refused_domain: &'static str,
    smtp: String,
}

async fn list_page(Extract(app): Extract<Arc<App>>, Query(whose): Query<Whose>) -> Result<Html<String>, Error> {
    let page = ListPage {
        mails: told(&app, &whose)?,
        to: whose.to.unwrap_or_default(),
        refused_domain: REFUSED_DOMAIN,
        smtp: app.settings.smtp.to_string(),
    };
    Ok(Html(page.render()?))
}

#[derive(Template)]
#[template(path = "mail.html")]
struct MailPage {
    mail: Told,
}

async fn mail_page(Extract(app): Extract<Arc<App>>, Path(mail_id): Path<i64>) -> Result<Response, Error> {
    let Some(stored) = one(&app, mail_id)? else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    Ok(Html(MailPage { mail: Told::new(&stored) }.render()?).into_response())
}

fn typed(content_type: &str, body: Vec<u8>) -> Response {
    let headers: [(HeaderName, &str); 3] =
        [(CONTENT_TYPE, content_type), (X_CONTENT_TYPE_OPTIONS, "nosniff"), (CONTENT_SECURITY_POLICY, MAIL_POLICY)];
    (headers, body).into_response()
}

async fn html(Extract(app): Extract<Arc<App>>, Path(mail_id): Path<i64>) -> Result<Response, Error> {
    let html = one(&app, mail_id)?.and_then(|stored| Told::new(&stored).html);
    Ok(html.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |html| typed("text/html; charset=utf-8", html.into_bytes()),
    ))
}

async fn part(Extract(app): Extract<Arc<App>>, Path((mail_id, at)): Path<(i64, usize)>) -> Result<Response, Error> {
    let Some(stored) = one(&app, mail_id)? else { return Ok(StatusCode::NOT_FOUND.into_response()) };
    let message = MessageParser::default().parse(&stored.raw).unwrap_or_default();
    let found = message.attachments().nth(at).map(|part| typed(&content_type(part), part.contents().to_vec()));
    Ok(found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response()))
}

async fn raw(Extract(app): Extract<Arc<App>>, Path(mail_id): Path<i64>) -> Result<Response, Error> {
    let stored = one(&app, mail_id)?;
    Ok(stored
        .map_or_else(|| StatusCode::NOT_FOUND.into_response(), |stored| typed("text/plain; charset=utf-8", stored.raw)))
}
