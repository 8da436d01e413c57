//! The phone that the messages arrive on.

use std::sync::Arc;

use askama::Template;
use axum::Json;
use axum::extract::{Path, State as Extract};
use axum::response::Html;
use rusqlite::{Connection, params};
use serde::Serialize;

use super::SCHEMA;
use crate::app::App;
use crate::clock::beijing;
use crate::error::Error;

/// How many messages a page shows.
const LISTED: i64 = 50;

/// A message as it arrived.
#[derive(Debug, Serialize)]
pub(super) struct Told {
    pub sms_id: String,
    pub received_at_ms: i64,
    pub provider: String,
    pub mobile: String,
    pub text: String,
}

impl Told {
    /// Time of arrival for people.
    pub fn time(&self) -> String {
        beijing(self.received_at_ms, "%m-%d %H:%M:%S")
    }
}

fn newest(connection: &Connection, mobile: Option<&str>) -> rusqlite::Result<Vec<Told>> {
    connection.execute_batch(SCHEMA)?;
    connection
        .prepare(
            "SELECT sms_id, received_at_ms, provider, mobile, text FROM sms WHERE ?1 IS NULL OR mobile = ?1
             ORDER BY sms_id DESC LIMIT ?2",
        )?
        .query_map(params![mobile, LISTED], |row| {
            Ok(Told {
                sms_id: row.get::<_, i64>(0)?.to_string(),
                received_at_ms: row.get(1)?,
                provider: row.get(2)?,
                mobile: row.get(3)?,
                text: row.get(4)?,
            })
        })?
        .collect()
}

#[derive(Template)]
#[template(path = "phone.html")]
struct PhonePage {
    mobile: String,
    messages: Vec<Told>,
    refused_end: &'static str,
}

fn drawn(app: &App, mobile: Option<String>) -> Result<Html<String>, Error> {
    let messages = app.state.read(|connection| newest(connection, mobile.as_deref()))?;
    let page = PhonePage { mobile: mobile.unwrap_or_default(), messages, refused_end: super::REFUSED_END };
    Ok(Html(page.render()?))
}

pub(super) async fn any_page(Extract(app): Extract<Arc<App>>) -> Result<Html<String>, Error> {
    drawn(&app, None)
}

pub(super) async fn page(Extract(app): Extract<Arc<App>>, Path(mobile): Path<String>) -> Result<Html<String>, Error> {
    drawn(&app, Some(mobile))
}

pub(super) async fn messages(
    Extract(app): Extract<Arc<App>>,
    Path(mobile): Path<String>,
) -> Result<Json<Vec<Told>>, Error> {
    Ok(Json(app.state.read(|connection| newest(connection, Some(&mobile)))?))
}
