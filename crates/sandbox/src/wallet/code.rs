//! The code that a wallet shows at the till: usable once, for a minute (PROTOCOLS 1.7, 2.2).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, State as Extract};
use axum::http::HeaderMap;
use rusqlite::{OptionalExtension as _, Transaction, params};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::error::Error;
use crate::faults::Provider;
use crate::platform::users;
use crate::random;

const LIFE_MS: i64 = 60_000;

#[derive(Debug, Deserialize)]
pub(crate) struct Who {
    openid: Option<String>,
    provider: Option<Provider>,
}

/// `GET /devtools/payment-code?openid=&provider=wechatpay|alipay`
pub(crate) async fn show(
    Extract(app): Extract<Arc<App>>,
    Query(who): Query<Who>,
    headers: HeaderMap,
) -> Result<Json<Value>, Error> {
    let person = users::acting(&headers, who.openid.as_deref());
    let provider = who.provider.unwrap_or(Provider::WechatPay);
    let code = app.state.write(|tx| issue(tx, provider, &person, app.now_ms()))?;
    Ok(Json(json!({ "payment_code": code, "openid": person, "provider": provider, "expires_in": LIFE_MS / 1000 })))
}

/// A fresh code of `person`: 18 digits, the first two by provider.
///
/// # Errors
/// When the state file fails.
pub(crate) fn issue(tx: &Transaction<'_>, provider: Provider, person: &str, now_ms: i64) -> rusqlite::Result<String> {
    let first = match provider {
        Provider::WechatPay => "13",
        Provider::Alipay => "28",
    };
    let code = format!("{first}{}", random::digits(16));
    tx.execute(
        "INSERT INTO payment_code (code, provider, person, issued_at_ms) VALUES (?1, ?2, ?3, ?4)",
        params![code, provider.name(), person, now_ms],
    )?;
    Ok(code)
}

/// Uses a code up and gives its owner; inside, why it is not good.
///
/// # Errors
/// When the state file fails.
pub(crate) fn redeem(
    tx: &Transaction<'_>,
    provider: Provider,
    code: &str,
    now_ms: i64,
) -> rusqlite::Result<Result<String, &'static str>> {
    let found: Option<(String, i64, bool)> = tx
        .query_row(
            "SELECT person, issued_at_ms, used FROM payment_code WHERE code = ?1 AND provider = ?2",
            [code, provider.name()],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )
        .optional()?;
    let Some((person, issued_at_ms, used)) = found else { return Ok(Err("AUTH_CODE_INVALID")) };
    if used {
        return Ok(Err("AUTH_CODE_ERROR"));
    }
    if now_ms >= issued_at_ms + LIFE_MS {
        return Ok(Err("AUTHCODEEXPIRE"));
    }
    tx.execute("UPDATE payment_code SET used = 1 WHERE code = ?1", [code])?;
    Ok(Ok(person))
}
