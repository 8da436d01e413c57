//! WeChat users, and which of them an app knows.

use axum::http::HeaderMap;
use axum::http::header::COOKIE;
use rusqlite::{Connection, Transaction};

/// Who one is when nothing else was said.
pub(crate) const DEFAULT: &str = "openid-zhou";
/// The cookie that says who one is.
pub(crate) const COOKIE_NAME: &str = "sandbox_user";

/// True when `openid` was ever told to the owner of `appid`.
///
/// # Errors
/// When the state file fails.
pub(crate) fn known(connection: &Connection, appid: &str, openid: &str) -> rusqlite::Result<bool> {
    connection
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM wechat_user WHERE appid = ?1 AND openid = ?2)")?
        .query_row([appid, openid], |row| row.get(0))
}

/// Lets the owner of `appid` know `openid`.
///
/// # Errors
/// When the state file fails.
pub(crate) fn introduce(tx: &Transaction<'_>, appid: &str, openid: &str) -> rusqlite::Result<()> {
    tx.execute("INSERT OR IGNORE INTO wechat_user (appid, openid) VALUES (?1, ?2)", [appid, openid])?;
    Ok(())
}

/// True when `openid` could be one: what WeChat's look like, and safe in a cookie.
pub(crate) fn well_formed(openid: &str) -> bool {
    (1..=64).contains(&openid.len()) && openid.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Who is asking: `as_user` when given, else the cookie, else [`DEFAULT`].
pub(crate) fn acting(headers: &HeaderMap, as_user: Option<&str>) -> String {
    let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let cookie = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == COOKIE_NAME)
        .map(|(_, value)| value);
    as_user.or(cookie).filter(|openid| well_formed(openid)).unwrap_or(DEFAULT).to_owned()
}
