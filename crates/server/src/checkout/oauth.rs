//! Who pays, inside a wallet: asked only when the payer presses pay, remembered in a signed cookie, so that the next
//! payment needs no detour (PRODUCT 4). In WeChat the official account says who it is, in Alipay the institution itself.

use axum::{
    extract::State,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Json, Redirect, Response},
};
use channel::PayerId;
use serde::Deserialize;

use super::{page::Message, respond};
use crate::{
    App,
    app::Shared,
    merchant::{ChannelAccount, ChannelKind},
    web::{Problem, Query, cookie},
};

/// `<appid>:<openid>`, or `<app_id>:<user or open id>` in Alipay, signed. A browser is inside one wallet only.
const PAYER_COOKIE: &str = "mott_payer";
/// `<state>:<order token>:<provider>`, signed, without a provider where the official account is asked; lives while the payer is away.
const STATE_COOKIE: &str = "mott_oauth";
const PAYER_PURPOSE: &str = "payer";
const STATE_PURPOSE: &str = "oauth";
const A_YEAR_S: i64 = 365 * 86_400;
const AWAY_S: i64 = 600;

/// The payer's identity for this account, if the cookie knows it: `sp:<id>` or `sub:<id>`.
pub fn payer(app: &App, headers: &HeaderMap, account: &ChannelAccount) -> Result<Option<String>, Problem> {
    let links = app.outside.links();
    let provider = links.providers.get(&account.provider_key).ok_or_else(not_set_up)?;
    let (prefix, appid) = match account.channel {
        ChannelKind::Alipay => ("sp", provider.sp_appid.clone()),
        ChannelKind::Wechatpay => {
            let official = links.official_account.as_ref().ok_or_else(not_set_up)?;
            if official.appid == provider.sp_appid {
                ("sp", official.appid.clone())
            } else if account.account.sub_appid.as_ref() == Some(&official.appid) {
                ("sub", official.appid.clone())
            } else {
                return Err(not_set_up());
            }
        }
    };
    let signed = cookie(headers, PAYER_COOKIE).and_then(|value| app.vault.signed(PAYER_PURPOSE, value));
    let known = signed.and_then(|text| text.split_once(':')).filter(|(of, _)| *of == appid);
    Ok(known.map(|(_, id)| format!("{prefix}:{id}")))
}

fn not_set_up() -> Problem {
    tracing::error!("nobody identifies payers for this provider: check platform.toml");
    crate::payment::Error::WayMissing.into()
}

/// Sends the payer to where the wallet says who it is, and remembers where to come back to.
pub fn send_away(app: &App, order_token: &str, account: &ChannelAccount) -> Result<Response, Problem> {
    let links = app.outside.links();
    let state = app.random.text(24);
    let back = format!("{}/pay/oauth", app.config.public_url);
    let (url, asked) = match account.channel {
        ChannelKind::Wechatpay => {
            let wechat = links.wechat.as_ref().ok_or_else(not_set_up)?;
            let url = wechat.authorize_url(&back, &state).map_err(|error| {
                tracing::error!(%error, "the sign-in address cannot be made");
                Problem::internal()
            })?;
            (url, "")
        }
        ChannelKind::Alipay => {
            let provider = links.providers.get(&account.provider_key).ok_or_else(not_set_up)?;
            let url = provider.channel.authorize_url(&back, &state).ok_or_else(not_set_up)?;
            (url, account.provider_key.as_str())
        }
    };
    let remembered = sign(app, STATE_PURPOSE, &format!("{state}:{order_token}:{asked}"))?;
    let body = Json(serde_json::json!({ "way": "oauth", "url": url }));
    Ok(with_cookie(app, body.into_response(), STATE_COOKIE, &remembered, AWAY_S))
}

/// What a wallet brings back: WeChat a `code`, Alipay an `auth_code`.
#[derive(Deserialize)]
pub struct Back {
    #[serde(default)]
    code: String,
    #[serde(default)]
    auth_code: String,
    #[serde(default)]
    state: String,
}

/// `GET /pay/oauth?code=&state=`
pub async fn come_back(State(app): State<Shared>, headers: HeaderMap, Query(back): Query<Back>) -> Response {
    let remembered = cookie(&headers, STATE_COOKIE).and_then(|value| app.vault.signed(STATE_PURPOSE, value));
    let Some((order_token, asked)) = remembered.and_then(|text| came_from(text, &back.state)) else {
        return respond::message(&headers, Message::SignInFailed);
    };
    let Some((appid, id)) = identify(&app, asked, &back).await else {
        return respond::message(&headers, Message::SignInFailed);
    };
    let Ok(value) = sign(&app, PAYER_PURPOSE, &format!("{appid}:{id}")) else {
        return respond::message(&headers, Message::ServerError);
    };
    let home = Redirect::to(&format!("/pay/{order_token}?pay=1")).into_response();
    let home = with_cookie(&app, home, PAYER_COOKIE, &value, A_YEAR_S);
    with_cookie(&app, home, STATE_COOKIE, "", 0)
}

/// The order's token and the provider that was asked, where the state is the one that left.
fn came_from<'a>(remembered: &'a str, state: &str) -> Option<(&'a str, &'a str)> {
    let (left, rest) = remembered.split_once(':')?;
    let (order_token, asked) = rest.split_once(':')?;
    (!left.is_empty() && left == state).then_some((order_token, asked))
}

/// Under which appid, and who.
async fn identify(app: &App, asked: &str, back: &Back) -> Option<(String, String)> {
    let links = app.outside.links();
    let told = if asked.is_empty() {
        let appid = links.official_account.as_ref()?.appid.clone();
        let told = links.wechat.as_ref()?.oauth_openid(&back.code).await;
        told.map(|openid| (appid, openid)).map_err(|error| error.to_string())
    } else {
        let provider = links.providers.get(asked)?;
        let told = provider.channel.identify(&back.auth_code).await;
        let id = told.map(|(PayerId::Provider(id) | PayerId::Merchant(id))| id);
        id.map(|id| (provider.sp_appid.clone(), id)).map_err(|error| error.to_string())
    };
    told.inspect_err(|error| tracing::warn!(%error, "the wallet did not say who pays")).ok()
}

/// Forgets who pays, so that the next press asks again.
pub fn forget(app: &App, headers: &HeaderMap, response: Response) -> Response {
    if cookie(headers, PAYER_COOKIE).is_none() { response } else { with_cookie(app, response, PAYER_COOKIE, "", 0) }
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
