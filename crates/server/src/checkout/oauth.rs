//! Who pays, inside WeChat: asked only when the payer presses pay, remembered in a signed cookie, so that the next
//! payment needs no detour (issue 2, item 4).

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Json, Redirect, Response},
};
use db::Tx;
use serde::Deserialize;

use super::{page::Message, respond};
use crate::{
    App,
    app::Shared,
    merchant,
    order::{self, Order},
    web::{Problem, Query, cookie},
};

/// `<appid>:<openid>`, signed.
const PAYER_COOKIE: &str = "mott_payer";
/// `<state>:<order token>`, signed; lives while the payer is away.
const STATE_COOKIE: &str = "mott_oauth";
const PAYER_PURPOSE: &str = "payer";
const STATE_PURPOSE: &str = "oauth";
const A_YEAR_S: i64 = 365 * 86_400;
const AWAY_S: i64 = 600;

/// The payer's identity for this order's account, if the cookie knows it: `sp:<openid>` or `sub:<openid>`.
pub async fn payer(app: &App, headers: &HeaderMap, merchant_id: i64, order: &Order) -> Result<Option<String>, Problem> {
    let account_id = order.account_id;
    let read = async move |tx: &mut Tx<'_>| merchant::account_of(tx, merchant_id, account_id).await;
    let account = app.db.read(read).await?.ok_or(order::Error::NoAccount)?;
    let links = app.outside.links();
    let (Some(provider), Some(official)) = (links.providers.get(&account.provider_key), &links.official_account) else {
        return Err(not_set_up());
    };
    let prefix = if official.appid == provider.sp_appid {
        "sp"
    } else if account.account.sub_appid.as_deref() == Some(official.appid.as_str()) {
        "sub"
    } else {
        return Err(not_set_up());
    };
    let signed = cookie(headers, PAYER_COOKIE).and_then(|value| app.vault.signed(PAYER_PURPOSE, value));
    let known = signed.and_then(|text| text.split_once(':')).filter(|(appid, _)| *appid == official.appid);
    Ok(known.map(|(_, openid)| format!("{prefix}:{openid}")))
}

fn not_set_up() -> Problem {
    tracing::error!("no official account identifies payers for this provider: check platform.toml");
    crate::payment::Error::WayMissing.into()
}

/// Sends the payer to WeChat's page, and remembers where to come back to.
pub fn send_away(app: &App, order_token: &str) -> Result<Response, Problem> {
    let wechat = app.outside.links().wechat.clone().ok_or_else(not_set_up)?;
    let state = app.random.text(24);
    let back = format!("{}/pay/oauth", app.config.public_url);
    let url = wechat.authorize_url(&back, &state).map_err(|error| {
        tracing::error!(%error, "the sign-in address cannot be made");
        Problem::internal()
    })?;
    let remembered = sign(app, STATE_PURPOSE, &format!("{state}:{order_token}"))?;
    let body = Json(serde_json::json!({ "way": "oauth", "url": url }));
    Ok(with_cookie(app, body.into_response(), STATE_COOKIE, &remembered, AWAY_S))
}

/// What WeChat brings back.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    state: String,
}

/// `GET /pay/oauth?code=&state=`
pub async fn come_back(State(app): State<Shared>, headers: HeaderMap, Query(back): Query<Back>) -> Response {
    let remembered = cookie(&headers, STATE_COOKIE).and_then(|value| app.vault.signed(STATE_PURPOSE, value));
    let order_token = remembered
        .and_then(|text| text.split_once(':'))
        .filter(|(state, _)| !state.is_empty() && *state == back.state)
        .map(|(_, token)| token.to_owned());
    let (Some(order_token), Some(wechat)) = (order_token, app.outside.links().wechat.clone()) else {
        return respond::message(&headers, Message::SignInFailed);
    };
    let Some(appid) = app.outside.links().official_account.as_ref().map(|account| account.appid.clone()) else {
        return respond::message(&headers, Message::SignInFailed);
    };
    let openid = match wechat.oauth_openid(&back.code).await {
        Ok(openid) => openid,
        Err(error) => {
            tracing::warn!(%error, "WeChat did not say who pays");
            return respond::message(&headers, Message::SignInFailed);
        }
    };
    let Ok(value) = sign(&app, PAYER_PURPOSE, &format!("{appid}:{openid}")) else {
        return respond::message(&headers, Message::ServerError);
    };
    let home = Redirect::to(&format!("/pay/{order_token}?pay=1")).into_response();
    let home = with_cookie(&app, home, PAYER_COOKIE, &value, A_YEAR_S);
    with_cookie(&app, home, STATE_COOKIE, "", 0)
}

fn sign(app: &App, purpose: &str, text: &str) -> Result<String, Problem> {
    app.vault.sign(purpose, text).map_err(|error| {
        tracing::error!(%error, "the keyring cannot sign");
        Problem::internal()
    })
}

fn with_cookie(app: &App, mut response: Response, name: &str, value: &str, max_age_s: i64) -> Response {
    let secure = if app.config.is_https() { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/pay; HttpOnly; SameSite=Lax; Max-Age={max_age_s}{secure}");
    if let Ok(value) = HeaderValue::from_str(&text) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
