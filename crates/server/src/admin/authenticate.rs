//! Who is asking: the cookie, and the CSRF token on whatever is not a plain read.

use axum::{
    extract::FromRequestParts,
    http::{Method, request::Parts},
};
use db::{Error as DbError, Tx, params};

use super::{AdminSession, COOKIE, Error, Role, sql};
use crate::{
    App,
    app::Shared,
    session,
    vault::token_hash,
    web::{Problem, cookie},
};

/// Random characters of a token.
pub(super) const TOKEN_CHARS: usize = 43;

/// The admin behind a token.
pub(super) async fn authenticate(app: &App, token: &str) -> Result<AdminSession, Error> {
    let merchant_id = merchant_of_token(token).ok_or(session::Error::Missing)?;
    let hash = token_hash(token);
    let read = async move |tx: &mut Tx<'_>| tx.query_opt(sql::BY_TOKEN, params![merchant_id, &hash]).await;
    let row = app.db.read::<_, DbError, _>(read).await?.ok_or(session::Error::Missing)?;
    if row.get::<Option<i64>>(4)?.is_some() || row.get::<String>(8)? != "active" {
        return Err(session::Error::Ended.into());
    }
    if row.get::<i64>(3)? <= app.clock.now_ms() {
        return Err(session::Error::Expired.into());
    }
    Ok(AdminSession {
        merchant_id,
        admin_id: row.get(1)?,
        name: row.get(5)?,
        org_unit_id: row.get(6)?,
        role: Role::of_word(&row.get::<String>(7)?).ok_or(Error::Denied)?,
        session_id: row.get(0)?,
        csrf_token: row.get(2)?,
    })
}

fn merchant_of_token(token: &str) -> Option<i64> {
    let (merchant, secret) = token.strip_prefix('a')?.split_once('.')?;
    let sound = secret.len() == TOKEN_CHARS && merchant.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| merchant.parse().ok()).flatten()
}

impl FromRequestParts<Shared> for AdminSession {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Shared) -> Result<Self, Problem> {
        let token = cookie(&parts.headers, COOKIE).ok_or(Error::Session(session::Error::Missing))?;
        let admin = authenticate(app, token).await?;
        let told = parts.headers.get("x-csrf-token").map(|value| value.as_bytes());
        // Hashes are compared, so that the time of the comparison tells nothing of the token.
        let fits =
            |told: &[u8]| std::str::from_utf8(told).is_ok_and(|t| token_hash(t) == token_hash(&admin.csrf_token));
        if matches!(parts.method, Method::GET | Method::HEAD) || told.is_some_and(fits) {
            Ok(admin)
        } else {
            Err(Error::Csrf.into())
        }
    }
}
