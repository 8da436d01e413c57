//! Who is asking: by token outside a transaction, and once more inside each one that writes.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use db::{Row, Tx, params};

use super::{
    Error, ManagerSession,
    lifecycle::{self, Stored},
    sql,
};
use crate::{
    App,
    app::Shared,
    vault::token_hash,
    web::{Displaced, Problem},
};

/// The manager behind a token.
///
/// # Errors
/// Why it opens nothing.
pub async fn authenticate(app: &App, token: &str) -> Result<ManagerSession, Error> {
    let (session, stored) = find(app, token).await?.ok_or(Error::Missing)?;
    lifecycle::judge(&stored, app.clock.now_ms())?;
    Ok(session)
}

/// Inside a write: the session is still active, and stays so until the transaction ends. A session that was pushed out
/// can do nothing more, not even with a request already in flight (PRODUCT 3.1).
///
/// # Errors
/// Why it is no longer active.
pub async fn check(tx: &mut Tx<'_>, who: &ManagerSession) -> Result<(), Error> {
    if tx.execute(sql::HOLD, params![who.merchant_id, who.session_id]).await? == 1 {
        return Ok(());
    }
    let row = tx.query_opt(sql::BY_ID, params![who.merchant_id, who.session_id]).await?.ok_or(Error::Missing)?;
    lifecycle::may_renew(&stored(&row)?)?;
    Err(Error::Ended)
}

/// The session that a token names, whatever it is worth.
pub(super) async fn find(app: &App, token: &str) -> Result<Option<(ManagerSession, Stored)>, Error> {
    let Some(merchant_id) = merchant_of_token(token) else { return Ok(None) };
    let hash = token_hash(token);
    let read = async move |tx: &mut Tx<'_>| tx.query_opt(sql::BY_TOKEN, params![merchant_id, &hash]).await;
    let Some(row) = app.db.read::<_, db::Error, _>(read).await? else { return Ok(None) };
    let session =
        ManagerSession { merchant_id, manager_id: row.get(1)?, org_unit_id: row.get(9)?, session_id: row.get(0)? };
    Ok(Some((session, stored(&row)?)))
}

/// `m<merchant>.<random>`.
pub(super) fn merchant_of_token(token: &str) -> Option<i64> {
    let (merchant, secret) = token.strip_prefix('m')?.split_once('.')?;
    let sound = secret.len() == super::login::TOKEN_CHARS && merchant.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| merchant.parse().ok()).flatten()
}

fn stored(row: &Row) -> Result<Stored, db::Error> {
    let (device, network): (Option<String>, Option<String>) = (row.get(5)?, row.get(6)?);
    let at_ms = row.get::<Option<i64>>(4)?.unwrap_or(0);
    Ok(Stored {
        state: row.get(2)?,
        expires_at_ms: row.get(3)?,
        displaced: device.zip(network).map(|(device, network)| Displaced { at_ms, device, network }),
        is_previous: row.get(7)?,
        manager_active: row.get::<String>(8)? == "active",
    })
}

/// The token of `Authorization: Bearer …`.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

impl FromRequestParts<Shared> for ManagerSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let token = bearer(&parts.headers).ok_or(Error::Missing)?;
        Ok(authenticate(app, token).await?)
    }
}
