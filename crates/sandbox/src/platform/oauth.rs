//! Web page authorisation of the official account, silent kind (`snsapi_base`).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Query, RawQuery, State as Extract};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::answer::{Refused, own};
use super::{code, users};
use crate::app::App;
use crate::error::Error;
use crate::institution::OFFICIAL_ACCOUNT;
use crate::{pages, random};

/// The platform matches the link against this order and refuses any other (PROTOCOLS 3).
const ORDER: [&str; 5] = ["appid", "redirect_uri", "response_type", "scope", "state"];

/// Sends the person straight back with a code; a wrong link gets a page that says what is wrong.
pub(crate) async fn authorize(
    Extract(app): Extract<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let query = query.unwrap_or_default();
    let given: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut back = match checked(&given) {
        Ok(url) => url,
        Err(why) => {
            let page = pages::notice("无法授权", why)?;
            return Ok((StatusCode::BAD_REQUEST, page).into_response());
        }
    };
    let openid = users::acting(&headers, value(&given, "as"));
    let now_ms = app.now_ms();
    let code = app.state.write(|tx| code::issue(tx, OFFICIAL_ACCOUNT, &openid, now_ms))?;
    let state = value(&given, "state").unwrap_or_default();
    back.query_pairs_mut().append_pair("code", &code).append_pair("state", state);
    Ok(Redirect::to(back.as_str()).into_response())
}

fn value<'a>(given: &'a [(String, String)], name: &str) -> Option<&'a str> {
    given.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
}

fn checked(given: &[(String, String)]) -> Result<Url, &'static str> {
    let places: Vec<usize> =
        given.iter().filter_map(|(name, _)| ORDER.iter().position(|known| known == name)).collect();
    if !places.is_sorted() {
        return Err("参数顺序须为 appid、redirect_uri、response_type、scope、state");
    }
    if value(given, "appid") != Some(OFFICIAL_ACCOUNT) {
        return Err("appid 不存在，或不是公众号");
    }
    if value(given, "response_type") != Some("code") {
        return Err("response_type 须为 code");
    }
    if value(given, "scope") != Some("snsapi_base") {
        return Err("scope 只支持 snsapi_base（静默授权）");
    }
    if value(given, "state").is_some_and(|state| state.len() > 128) {
        return Err("state 不能超过 128 字节");
    }
    value(given, "redirect_uri")
        .and_then(|text| Url::parse(text).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
        .ok_or("redirect_uri 须为完整的 http 或 https 地址")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Exchange {
    appid: String,
    secret: String,
    code: String,
    grant_type: String,
}

/// `GET /sns/oauth2/access_token`; its token is not the API's token.
pub(crate) async fn access_token(
    Extract(app): Extract<Arc<App>>,
    Query(given): Query<Exchange>,
) -> Result<Json<Value>, Refused> {
    own(&app, &given.appid, &given.secret, &[OFFICIAL_ACCOUNT])?;
    if given.grant_type != "authorization_code" {
        return Err(Refused::GRANT_TYPE);
    }
    let now_ms = app.now_ms();
    let openid = app.state.write(|tx| code::redeem(tx, &given.appid, &given.code, now_ms))?;
    Ok(Json(json!({
        "access_token": random::alphanumeric(100),
        "expires_in": 7200,
        "refresh_token": random::alphanumeric(100),
        "openid": openid,
        "scope": "snsapi_base",
        "unionid": format!("union-{openid}"),
    })))
}
