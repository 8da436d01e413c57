//! Codes that are exchanged for an openid once, within five minutes: of `wx.login` and of OAuth.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State as Extract};
use axum::http::HeaderMap;
use axum::http::header::ACCESS_CONTROL_ALLOW_ORIGIN;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Refused, own};
use super::users;
use crate::app::App;
use crate::institution::MINI_PROGRAM;
use crate::random;

const LIFE_MS: i64 = 5 * 60_000;

/// Makes a code by which the owner of `appid` may learn `openid`.
///
/// # Errors
/// When the state file fails.
pub(crate) fn issue(tx: &Transaction<'_>, appid: &str, openid: &str, now_ms: i64) -> rusqlite::Result<String> {
    let code = random::alphanumeric(32);
    tx.execute(
        "INSERT INTO login_code (code, appid, openid, issued_at_ms) VALUES (?1, ?2, ?3, ?4)",
        params![code, appid, openid, now_ms],
    )?;
    Ok(code)
}

/// Uses a code up; from now on the owner of `appid` knows the openid.
///
/// # Errors
/// 40029 when it is not one of this app's or too old, 40163 when it was used.
pub(crate) fn redeem(tx: &Transaction<'_>, appid: &str, code: &str, now_ms: i64) -> Result<String, Refused> {
    let (openid, issued_at_ms, used): (String, i64, bool) = tx
        .query_row(
            "SELECT openid, issued_at_ms, used FROM login_code WHERE code = ?1 AND appid = ?2",
            [code, appid],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?
        .ok_or(Refused::CODE)?;
    if used {
        return Err(Refused::CODE_USED);
    }
    if now_ms >= issued_at_ms + LIFE_MS {
        return Err(Refused::CODE);
    }
    tx.execute("UPDATE login_code SET used = 1 WHERE code = ?1", [code])?;
    users::introduce(tx, appid, &openid)?;
    Ok(openid)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Who {
    openid: Option<String>,
}

/// What `wx.login` would give the mini program on the phone of `openid`; any page may ask.
pub(crate) async fn login_code(
    Extract(app): Extract<Arc<App>>,
    Query(who): Query<Who>,
    headers: HeaderMap,
) -> Result<Response, Refused> {
    if who.openid.as_deref().is_some_and(|openid| !users::well_formed(openid)) {
        return Err(Refused(40003, "invalid openid"));
    }
    let openid = users::acting(&headers, who.openid.as_deref());
    let now_ms = app.now_ms();
    let code = app.state.write(|tx| issue(tx, MINI_PROGRAM, &openid, now_ms))?;
    let answer = json!({ "code": code, "openid": openid, "expires_in": LIFE_MS / 1000 });
    Ok(([(ACCESS_CONTROL_ALLOW_ORIGIN, "*")], Json(answer)).into_response())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Exchange {
    appid: String,
    secret: String,
    js_code: String,
    grant_type: String,
}

/// `GET /sns/jscode2session`.
pub(crate) async fn jscode2session(
    Extract(app): Extract<Arc<App>>,
    Query(given): Query<Exchange>,
) -> Result<Json<Value>, Refused> {
    own(&app, &given.appid, &given.secret, &[MINI_PROGRAM])?;
    if given.grant_type != "authorization_code" {
        return Err(Refused::GRANT_TYPE);
    }
    let now_ms = app.now_ms();
    let openid = app.state.write(|tx| redeem(tx, &given.appid, &given.js_code, now_ms))?;
    let session_key = BASE64.encode(random::alphanumeric(16));
    Ok(Json(json!({ "openid": openid, "session_key": session_key, "unionid": format!("union-{openid}") })))
}
