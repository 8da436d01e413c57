//! The front page, the style, and a page that just says something.

use std::sync::Arc;

use askama::Template;
use axum::extract::State as Extract;
use axum::http::header::{CONTENT_TYPE, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use rusqlite::Connection;
use serde::Deserialize;

use crate::app::App;
use crate::callbacks::{self, Told};
use crate::clock::beijing;
use crate::error::Error;
use crate::faults::{self, About, Armed};
use crate::institution::{MINI_PROGRAM, OFFICIAL_ACCOUNT, SP_MCHID};
use crate::platform::users;

/// Fen as yuan with two decimals.
pub(crate) fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

#[derive(Template)]
#[template(path = "notice.html")]
struct Notice<'a> {
    title: &'a str,
    text: &'a str,
}

/// A page with a title and a sentence.
///
/// # Errors
/// When it cannot be drawn.
pub(crate) fn notice(title: &str, text: &str) -> Result<Html<String>, Error> {
    Ok(Html(Notice { title, text }.render()?))
}

struct SubMerchant {
    sub_mchid: String,
    full_name: String,
    products: String,
}

#[derive(Template)]
#[template(path = "front.html")]
struct Front {
    openid: String,
    smtp: String,
    kit: String,
    now: String,
    sp_mchid: &'static str,
    official_account: &'static str,
    mini_program: &'static str,
    merchants: Vec<SubMerchant>,
    armed: Vec<Armed>,
    kinds: &'static [About],
    callbacks: Vec<Told>,
}

/// The front page and what it needs.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(front))
        .route("/style.css", get(style))
        .route("/healthz", get(|| async { "ok" }))
        .route("/devtools/act-as", post(act_as))
}

async fn style() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("../templates/style.css")).into_response()
}

fn merchants(connection: &Connection) -> rusqlite::Result<Vec<SubMerchant>> {
    connection
        .prepare(
            "SELECT sub_mchid, full_name, products FROM sub_merchant
             UNION ALL SELECT seller_id, full_name, products FROM alipay_seller ORDER BY 1",
        )?
        .query_map([], |row| {
            let products: String = row.get(2)?;
            let products = products
                .replace("MWEB", "H5")
                .replace("NATIVE", "Native")
                .replace("MICROPAY", "付款码")
                .replace(' ', " · ");
            Ok(SubMerchant { sub_mchid: row.get(0)?, full_name: row.get(1)?, products })
        })?
        .collect()
}

async fn front(Extract(app): Extract<Arc<App>>, headers: HeaderMap) -> Result<Html<String>, Error> {
    let page = Front {
        openid: users::acting(&headers, None),
        smtp: app.settings.smtp.to_string(),
        kit: app.settings.state.join("kit").display().to_string(),
        now: beijing(app.now_ms(), "%Y-%m-%d %H:%M:%S"),
        sp_mchid: SP_MCHID,
        official_account: OFFICIAL_ACCOUNT,
        mini_program: MINI_PROGRAM,
        merchants: app.state.read(merchants)?,
        armed: app.state.read(|connection| faults::armed(connection, app.now_ms()))?,
        kinds: &faults::KINDS,
        callbacks: app.state.read(|connection| callbacks::newest(connection, None))?.into_iter().take(10).collect(),
    };
    Ok(Html(page.render()?))
}

#[derive(Debug, Deserialize)]
struct ActAs {
    openid: String,
}

/// Becomes another WeChat user in this browser.
async fn act_as(Form(given): Form<ActAs>) -> Result<Response, Error> {
    let openid = given.openid.trim();
    if !users::well_formed(openid) {
        let page = notice("不能使用这个名字", "openid 须为 1 至 64 个字母、数字、连字符或下划线")?;
        return Ok((StatusCode::BAD_REQUEST, page).into_response());
    }
    let cookie = format!("{}={openid}; Path=/; SameSite=Lax; Max-Age=31536000", users::COOKIE_NAME);
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}
