//! A pretend provider of short messages that speaks both APIs: whoever knows how to sign may send, and every message can
//! be read on the phone's page. Written from the providers' documents, not from the code that talks to it.

mod aliyun;
mod phone;
mod tencent;

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{RawQuery, State as Extract};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use hmac::{Hmac, Mac as _};
use rusqlite::params;
use sha2::{Digest as _, Sha256};

use crate::app::App;
use crate::error::Error;
use crate::{files, random};

/// `AccessKeyId` and `SecretId` alike.
pub(crate) const ACCESS_KEY_ID: &str = "AKIDsandbox8888";
/// The one registered signature.
pub(crate) const SIGN_NAME: &str = "星收付";
/// Tencent's application.
pub(crate) const SDK_APP_ID: &str = "1400008888";
/// The one approved template, `SMS_…` as Aliyun numbers them and a number as Tencent does: a code and its minutes.
pub(crate) const TEMPLATES: [&str; 2] = ["SMS_400008888", "400008888"];
/// A mobile that ends so gets nothing: the provider refuses (carrier's block, balance, …).
const REFUSED_END: &str = "0404";

const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS sms (
    sms_id         INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at_ms INTEGER NOT NULL,
    provider       TEXT NOT NULL,
    mobile         TEXT NOT NULL,
    text           TEXT NOT NULL
) STRICT; CREATE INDEX IF NOT EXISTS sms_mobile ON sms (mobile, sms_id);";

/// A message as a provider's request asks for it.
struct Asked {
    provider: &'static str,
    sign_name: String,
    template: String,
    mobile: String,
    /// The template's variables in their order.
    values: Vec<String>,
}

/// Why a message is not sent.
enum No {
    Signature,
    Template,
    Variables,
    Mobile,
    Blocked,
}

/// Both providers answer at the root, told apart by their headers; the phone's pages are for people and scripts.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", post(send))
        .route("/phone", get(phone::any_page))
        .route("/phone/{mobile}", get(phone::page))
        .route("/phone/{mobile}/messages", get(phone::messages))
}

/// The access key's secret, made once.
///
/// # Errors
/// When its file cannot be read or written.
pub(crate) fn secret(state: &Path) -> Result<String, Error> {
    let path = state.join("sms_secret.txt");
    if let Some(secret) = files::read(&path)? {
        return Ok(secret);
    }
    let secret = random::alphanumeric(30);
    files::write_secret(&path, &secret)?;
    Ok(secret)
}

async fn send(
    Extract(app): Extract<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Error> {
    let secret = secret(&app.settings.state)?;
    if headers.contains_key("x-acs-action") {
        aliyun::send(&app, &secret, query.as_deref().unwrap_or_default(), &headers, &body)
    } else if headers.contains_key("x-tc-action") {
        tencent::send(&app, &secret, &headers, &body)
    } else {
        Ok(StatusCode::NOT_FOUND.into_response())
    }
}

/// Takes a message, or says why not; gives its number.
fn take(app: &App, asked: &Asked) -> Result<Result<i64, No>, Error> {
    let digits = asked.mobile.len() == 11 && asked.mobile.bytes().all(|b| b.is_ascii_digit());
    let no = if asked.sign_name != SIGN_NAME {
        Some(No::Signature)
    } else if !TEMPLATES.contains(&asked.template.as_str()) {
        Some(No::Template)
    } else if asked.values.len() != 2 || asked.values.iter().any(String::is_empty) {
        Some(No::Variables)
    } else if !digits || !asked.mobile.starts_with('1') {
        Some(No::Mobile)
    } else if asked.mobile.ends_with(REFUSED_END) {
        Some(No::Blocked)
    } else {
        None
    };
    if let Some(no) = no {
        return Ok(Err(no));
    }
    let text = format!(
        "【{}】您的登录验证码是 {}，{} 分钟内有效。如非本人操作，请勿告诉他人。",
        asked.sign_name, asked.values[0], asked.values[1]
    );
    let now_ms = app.now_ms();
    app.state.write(|tx| {
        tx.execute_batch(SCHEMA)?;
        tx.execute(
            "INSERT INTO sms (received_at_ms, provider, mobile, text) VALUES (?1, ?2, ?3, ?4)",
            params![now_ms, asked.provider, asked.mobile, text],
        )?;
        Ok(Ok(tx.last_insert_rowid()))
    })
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

fn hmac_sha256(key: &[u8], text: &str) -> Vec<u8> {
    // HMAC takes a key of any length, so this cannot fail; an empty hash fits no signature.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}
