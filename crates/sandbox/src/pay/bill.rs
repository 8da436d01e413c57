//! Bills (PROTOCOLS 1.9): asked for by day, fetched as a file. They are drawn up anew each time, always the same.

use std::io::Write as _;
use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State as Extract};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::{OptionalExtension as _, params};
use serde::Deserialize;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};

use super::answer::ApiError;
use super::sheet::{self, Day, Sheet};
use crate::app::App;
use crate::clock::beijing;
use crate::error::Error;
use crate::faults::{Call, Kind, Provider, Subject, take_now};
use crate::random;

/// Bills are there from nine in the morning of the next day.
const READY_HOUR_MS: i64 = 9 * 3_600_000;
/// A download link's life, ms.
const LINK_MS: i64 = 5 * 60_000;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wanted {
    bill_date: String,
    sub_mchid: Option<String>,
    bill_type: Option<String>,
    account_type: Option<String>,
    /// How a merchant's fund bill may be sealed; here it lies open.
    #[expect(dead_code, reason = "accepted for form only")]
    algorithm: Option<String>,
    tar_type: Option<String>,
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
}

/// `GET /v3/bill/tradebill`
pub(crate) async fn trade(
    Extract(app): Extract<Arc<App>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(wanted) = wanted.map_err(|error| ApiError::parameter("query", error.body_text()))?;
    let sheet = match wanted.bill_type.as_deref().unwrap_or("ALL") {
        "ALL" => Sheet::All,
        "SUCCESS" => Sheet::Success,
        "REFUND" => Sheet::Refund,
        other => return Err(ApiError::parameter("bill_type", format!("bill_type 不支持 {other}"))),
    };
    link(&app, sheet, &wanted)
}

/// `GET /v3/bill/fundflowbill` and `…/sub-merchant-fundflowbill`
pub(crate) async fn fund(
    Extract(app): Extract<Arc<App>>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, ApiError> {
    let Query(wanted) = wanted.map_err(|error| ApiError::parameter("query", error.body_text()))?;
    match wanted.account_type.as_deref().unwrap_or("BASIC") {
        "BASIC" => link(&app, Sheet::Fund, &wanted),
        "OPERATION" | "FEES" => Err(ApiError::new(StatusCode::BAD_REQUEST, "NO_STATEMENT_EXIST", "账单文件不存在")),
        other => Err(ApiError::parameter("account_type", format!("account_type 不支持 {other}"))),
    }
}

fn link(app: &App, sheet: Sheet, wanted: &Wanted) -> Result<Json<Value>, ApiError> {
    let day =
        Day::read(&wanted.bill_date).ok_or_else(|| ApiError::parameter("bill_date", "bill_date 须为 yyyy-MM-dd"))?;
    let now_ms = app.now_ms();
    let packed = match wanted.tar_type.as_deref() {
        None => false,
        Some("GZIP") => true,
        Some(_) => return Err(ApiError::parameter("tar_type", "tar_type 只支持 GZIP")),
    };
    if now_ms < day.until_ms {
        return Err(invalid("账单日期须早于今天"));
    }
    if now_ms < day.until_ms + READY_HOUR_MS {
        return Err(ApiError::new(StatusCode::BAD_REQUEST, "STATEMENT_CREATING", "账单文件生成中，请十点后再试"));
    }
    let number = format!("{} {sheet:?}", wanted.bill_date);
    let of = Subject { provider: Provider::WechatPay, number, fen: 0, now_ms };
    let wrong = take_now(app, Kind::BillDisagrees, Call::Bill, &of)?.is_some();
    let text = drawn(app, sheet, day, wanted.sub_mchid.as_deref(), wrong)?;
    let text = text.ok_or_else(|| ApiError::new(StatusCode::BAD_REQUEST, "NO_STATEMENT_EXIST", "账单文件不存在"))?;
    let token = random::hex(24);
    app.state.write(|tx| {
        tx.execute("DELETE FROM bill_link WHERE expires_at_ms < ?1", [now_ms])?;
        tx.execute(
            "INSERT INTO bill_link (token, content, packed, expires_at_ms) VALUES (?1, ?2, ?3, ?4)",
            params![token, text, packed, now_ms + LINK_MS],
        )
    })?;
    let url = format!("{}/v3/billdownload/file?token={token}", app.settings.public_url);
    let hash = hex::encode(Sha1::digest(text.as_bytes()));
    Ok(Json(json!({ "hash_type": "SHA1", "hash_value": hash, "download_url": url })))
}

fn drawn(app: &App, sheet: Sheet, day: Day, sub_mchid: Option<&str>, wrong: bool) -> Result<Option<String>, Error> {
    Ok(app.state.read(|connection| match sheet {
        Sheet::Fund => sheet::fund(connection, day, sub_mchid, wrong),
        Sheet::All | Sheet::Success | Sheet::Refund => sheet::trade(connection, sheet, day, sub_mchid, wrong),
    })?)
}

#[derive(Debug, Deserialize)]
pub(crate) struct Ticket {
    token: String,
}

/// The file itself, packed when that was asked for.
pub(crate) async fn file(Extract(app): Extract<Arc<App>>, Query(ticket): Query<Ticket>) -> Result<Response, ApiError> {
    let found: Option<(String, bool, i64)> = app.state.read(|connection| {
        connection
            .query_row(
                "SELECT content, packed, expires_at_ms FROM bill_link WHERE token = ?1",
                [&ticket.token],
                |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
            )
            .optional()
    })?;
    let now_ms = app.now_ms();
    let Some((text, packed, _)) = found.filter(|(_, _, expires_at_ms)| now_ms < *expires_at_ms) else {
        return Err(invalid(format!("下载链接已失效（{}）", beijing(now_ms, "%H:%M:%S"))));
    };
    if !packed {
        return Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response());
    }
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(text.as_bytes()).map_err(Error::from)?;
    let bytes = gzip.finish().map_err(Error::from)?;
    Ok(([(CONTENT_TYPE, "application/x-gzip")], bytes).into_response())
}
