//! Access tokens: the plain kind, where each call makes a new one, and the stable kind (PROTOCOLS 3).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State as Extract};
use rusqlite::{Connection, OptionalExtension as _, Transaction, params};
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Refused, own};
use crate::app::App;
use crate::institution::{MINI_PROGRAM, OFFICIAL_ACCOUNT};
use crate::random;

const LIFE_MS: i64 = 7200 * 1000;
/// The token before lives this long beside a new one, and a stable one is replaced this early.
const OVERLAP_MS: i64 = 5 * 60_000;
/// A stable token is not forced anew more often than this.
const FORCE_GAP_MS: i64 = 30_000;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Asked {
    grant_type: String,
    appid: String,
    secret: String,
    force_refresh: bool,
}

/// `GET /cgi-bin/token`.
pub(crate) async fn plain(Extract(app): Extract<Arc<App>>, Query(asked): Query<Asked>) -> Result<Json<Value>, Refused> {
    check(&app, &asked)?;
    let now_ms = app.now_ms();
    let token = app.state.write(|tx| {
        outdate(tx, &asked.appid, "plain", now_ms + OVERLAP_MS)?;
        issue(tx, &asked.appid, "plain", now_ms)
    })?;
    Ok(Json(json!({ "access_token": token, "expires_in": LIFE_MS / 1000 })))
}

/// `POST /cgi-bin/stable_token`.
pub(crate) async fn stable(Extract(app): Extract<Arc<App>>, Json(asked): Json<Asked>) -> Result<Json<Value>, Refused> {
    check(&app, &asked)?;
    let now_ms = app.now_ms();
    let (token, left_ms) = app.state.write(|tx| {
        let newest: Option<(String, i64, i64)> = tx
            .query_row(
                "SELECT token, issued_at_ms, expires_at_ms FROM access_token
                 WHERE appid = ?1 AND kind = 'stable' ORDER BY issued_at_ms DESC, rowid DESC LIMIT 1",
                [&asked.appid],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()?;
        let forced = |issued_at_ms| asked.force_refresh && now_ms - issued_at_ms >= FORCE_GAP_MS;
        match newest {
            Some((token, issued_at_ms, expires_at_ms))
                if expires_at_ms - now_ms > OVERLAP_MS && !forced(issued_at_ms) =>
            {
                Ok::<_, rusqlite::Error>((token, expires_at_ms - now_ms))
            }
            newest => {
                if newest.is_some_and(|(_, issued_at_ms, _)| forced(issued_at_ms)) {
                    outdate(tx, &asked.appid, "stable", now_ms)?;
                }
                Ok((issue(tx, &asked.appid, "stable", now_ms)?, LIFE_MS))
            }
        }
    })?;
    Ok(Json(json!({ "access_token": token, "expires_in": left_ms / 1000 })))
}

fn check(app: &App, asked: &Asked) -> Result<(), Refused> {
    if asked.grant_type != "client_credential" {
        return Err(Refused::GRANT_TYPE);
    }
    own(app, &asked.appid, &asked.secret, &[MINI_PROGRAM, OFFICIAL_ACCOUNT])
}

fn outdate(tx: &Transaction<'_>, appid: &str, kind: &str, until_ms: i64) -> rusqlite::Result<()> {
    tx.execute(
        "UPDATE access_token SET expires_at_ms = min(expires_at_ms, ?3) WHERE appid = ?1 AND kind = ?2",
        params![appid, kind, until_ms],
    )?;
    Ok(())
}

fn issue(tx: &Transaction<'_>, appid: &str, kind: &str, now_ms: i64) -> rusqlite::Result<String> {
    let token = format!("{}_{}", random::digits(2), random::alphanumeric(133));
    tx.execute(
        "INSERT INTO access_token (token, appid, kind, issued_at_ms, expires_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![token, appid, kind, now_ms, now_ms + LIFE_MS],
    )?;
    Ok(token)
}

/// Whether `token` is one of `appid` and still good.
///
/// # Errors
/// 40001 or 42001.
pub(crate) fn valid(connection: &Connection, appid: &str, token: &str, now_ms: i64) -> Result<(), Refused> {
    let expires_at_ms: i64 = connection
        .query_row("SELECT expires_at_ms FROM access_token WHERE token = ?1 AND appid = ?2", [token, appid], |row| {
            row.get(0)
        })
        .optional()?
        .ok_or(Refused::CREDENTIAL)?;
    if now_ms < expires_at_ms { Ok(()) } else { Err(Refused::EXPIRED) }
}
