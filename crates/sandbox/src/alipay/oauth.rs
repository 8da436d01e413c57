//! Who pays: the silent authorisation page and the exchange of its code.

use std::sync::Arc;

use axum::extract::{Query, State as Extract};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::gateway::Asked;
use super::identity::{APP_ID, USER_ID_APP_ID};
use super::person;
use super::refusal::Refusal;
use crate::app::App;
use crate::error::Error;
use crate::platform::{code, users};
use crate::{pages, random};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    app_id: String,
    scope: String,
    redirect_uri: String,
    state: String,
    #[serde(rename = "as")]
    as_user: Option<String>,
}

/// Sends the person straight back with a code; a wrong link gets a page that says what is wrong.
pub(crate) async fn authorize(
    Extract(app): Extract<Arc<App>>,
    Query(wanted): Query<Wanted>,
    headers: HeaderMap,
) -> Result<Response, Error> {
    let back = Url::parse(&wanted.redirect_uri).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
    let refused = |why| Ok((StatusCode::BAD_REQUEST, pages::notice("支付宝：无法授权", why)?).into_response());
    if ![APP_ID, USER_ID_APP_ID].contains(&wanted.app_id.as_str()) {
        return refused("app_id 不存在");
    }
    if wanted.scope != "auth_base" {
        return refused("scope 只支持 auth_base（静默授权）");
    }
    let Some(mut back) = back else { return refused("redirect_uri 须为完整的 http 或 https 地址") };
    let name = users::acting(&headers, wanted.as_user.as_deref());
    let code = app.state.write(|tx| code::issue(tx, &wanted.app_id, &name, app.now_ms()))?;
    back.query_pairs_mut()
        .append_pair("auth_code", &code)
        .append_pair("app_id", &wanted.app_id)
        .append_pair("scope", &wanted.scope)
        .append_pair("source", "alipay_wallet")
        .append_pair("state", &wanted.state);
    Ok(Redirect::to(back.as_str()).into_response())
}

/// `alipay.system.oauth.token`: its parameters stand beside `biz_content`, and its good answer has no code.
pub(super) fn token(asked: &Asked<'_>) -> Result<Value, Refusal> {
    if asked.param("grant_type") != "authorization_code" {
        return Err(Refusal::new("40002", "isv.grant-type-invalid", "授权类型无效"));
    }
    asked.app.state.write(|tx| {
        let name = code::redeem(tx, &asked.app_id, asked.param("code"), asked.now_ms)
            .map_err(|_| Refusal::new("40002", "isv.code-invalid", "授权码code无效"))?;
        let person = person::called(tx, &name)?;
        let mut answer = json!({
            "access_token": random::alphanumeric(40),
            "refresh_token": random::alphanumeric(40),
            "expires_in": "1296000",
            "re_expires_in": "2592000",
            "auth_start": crate::clock::beijing(asked.now_ms, "%Y-%m-%d %H:%M:%S"),
        });
        if asked.app_id == USER_ID_APP_ID {
            answer["user_id"] = json!(person.user_id);
            answer["alipay_user_id"] = json!(random::digits(32));
        } else {
            answer["open_id"] = json!(person.open_id);
        }
        Ok(answer)
    })
}
