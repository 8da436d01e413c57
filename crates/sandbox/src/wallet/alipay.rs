//! Alipay's wallet: the same people, another company's page and colour.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use rusqlite::{Connection, Transaction};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::pay::Refusal;
use crate::alipay::notice;
use crate::alipay::offer;
use crate::alipay::person;
use crate::alipay::trade::{self, Standing, Trade};
use crate::app::App;
use crate::error::Error;
use crate::faults::{Call, Kind, take};
use crate::pages::{self, yuan};
use crate::platform::users;

/// What is held up to the wallet: a trade's number, a scanned code, a page's offer, or the customer's number.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Held {
    trade_no: Option<String>,
    /// The text of a code, `https://qr.alipay.com/…`.
    qr_code: Option<String>,
    token: Option<String>,
    /// The address of a page for browsers, for scripts that have none.
    url: Option<String>,
    out_trade_no: Option<String>,
    openid: Option<String>,
    #[serde(rename = "as")]
    as_user: Option<String>,
    action: Option<String>,
    cancel: bool,
    /// Only check, and say where a person may press the button.
    ask: bool,
}

impl Held {
    /// The offer's token, scanned or from a page.
    fn offer(&self) -> Option<String> {
        let scanned = self.qr_code.as_deref().and_then(|text| text.trim().strip_prefix("https://qr.alipay.com/"));
        scanned.map(str::to_owned).or_else(|| self.token.clone())
    }

    /// As a query that leads to the same.
    fn query(&self) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in
            [("trade_no", &self.trade_no), ("token", &self.offer()), ("out_trade_no", &self.out_trade_no)]
        {
            if let Some(value) = value {
                query.append_pair(name, value);
            }
        }
        query.finish()
    }
}

/// Pages below `/wallet/alipay`.
pub(crate) fn pages() -> Router<Arc<App>> {
    Router::new().route("/wallet/alipay", get(ask)).route("/wallet/alipay/press", post(press))
}

/// What a bridge in another origin's page calls; the caller opens it to any origin.
pub(crate) fn scripts() -> Router<Arc<App>> {
    Router::new().route("/wallet/alipay/pay", post(by_script).options(|| async { StatusCode::NO_CONTENT }))
}

/// The trade that is held up, which an offer becomes when it is opened, and where its payer returns to.
fn opened(tx: &Transaction<'_>, held: &Held, name: &str, now_ms: i64) -> Result<(Trade, Option<String>), Refusal> {
    if let Some(number) = &held.trade_no {
        return Ok((trade::by_trade_no(tx, number)?.ok_or(Refusal::UnknownOrder)?, None));
    }
    let offer = match (held.offer(), &held.out_trade_no) {
        (Some(token), _) => offer::by_token(tx, &token)?,
        (None, Some(number)) => {
            if let Some(known) = trade::by_number(tx, number)? {
                return Ok((known, None));
            }
            offer::by_number(tx, number)?
        }
        (None, None) => None,
    };
    let offer = offer.ok_or(Refusal::UnknownOrder)?;
    let trade = offer.opened(tx, name, now_ms)?.ok_or(Refusal::CredentialExpired)?;
    Ok((trade, Some(offer.return_url).filter(|url| !url.is_empty())))
}

/// Whether `name` may pay `trade` now.
pub(super) fn payable(trade: &Trade, name: &str, now_ms: i64) -> Result<(), Refusal> {
    if trade.paid_at_ms.is_some() {
        return Err(Refusal::Paid);
    }
    if trade.standing(now_ms) != Standing::Waiting {
        return Err(if trade.closed_at_ms.is_some() { Refusal::Closed } else { Refusal::OrderExpired });
    }
    if trade.buyer == name { Ok(()) } else { Err(Refusal::OtherUser) }
}

/// Pays and queues the notification, in one transaction.
fn pay(app: &App, held: &Held, name: &str) -> Result<(Trade, Option<String>), Refusal> {
    let now_ms = app.now_ms();
    let paid = app.state.write(|tx| {
        let (mut trade, back) = opened(tx, held, name, now_ms)?;
        payable(&trade, name, now_ms)?;
        trade.paid_at_ms = Some(now_ms);
        if let Some(hold_ms) = take(tx, Kind::PaidUnseen, Call::Any, &trade.subject(now_ms))? {
            trade.seen_from_ms = now_ms + hold_ms;
        }
        trade.store(tx)?;
        notice::paid(app, tx, &trade, now_ms)?;
        Ok::<_, Refusal>((trade, back))
    })?;
    app.queued.notify_one();
    Ok(paid)
}

/// Somebody pays the customer's order, of a known buyer that one; for faults.
pub(crate) fn pay_for(app: &App, out_trade_no: &str) {
    let held = Held { out_trade_no: Some(out_trade_no.to_owned()), ..Held::default() };
    let known = app.state.read(|connection| trade::by_number(connection, out_trade_no)).ok().flatten();
    let name = known.map_or_else(|| users::DEFAULT.to_owned(), |trade| trade.buyer);
    if let Err(refusal) = pay(app, &held, &name) {
        tracing::warn!(%refusal, "a fault could not pay");
    }
}

#[derive(Template)]
#[template(path = "alipay.html")]
struct AskPage {
    merchant: String,
    subject: String,
    amount: String,
    openid: String,
    trade_no: String,
    token: String,
}

async fn ask(Extract(app): Extract<Arc<App>>, Query(held): Query<Held>, headers: HeaderMap) -> Result<Response, Error> {
    let name = users::acting(&headers, held.as_user.as_deref());
    let now_ms = app.now_ms();
    // Whoever opens it is signed in: this is when a trade comes into being.
    let found = app.state.write(|tx| {
        person::called(tx, &name)?;
        let (trade, _) = opened(tx, &held, &name, now_ms)?;
        Ok::<_, Refusal>(trade)
    });
    let trade = match found.and_then(|trade| payable(&trade, &name, now_ms).map(|()| trade)) {
        Ok(trade) => trade,
        Err(refusal) => return refused("不能支付", &refusal.to_string()),
    };
    let page = AskPage {
        merchant: app.state.read(|connection| merchant(connection, &trade.seller_id))?,
        subject: trade.content["subject"].as_str().unwrap_or_default().to_owned(),
        amount: yuan(trade.total_fen),
        openid: name,
        trade_no: trade.trade_no,
        token: held.offer().unwrap_or_default(),
    };
    Ok(Html(page.render()?).into_response())
}

/// A seller's short name.
pub(super) fn merchant(connection: &Connection, seller_id: &str) -> rusqlite::Result<String> {
    connection.query_row("SELECT short_name FROM alipay_seller WHERE seller_id = ?1", [seller_id], |row| row.get(0))
}

fn refused(title: &str, why: &str) -> Result<Response, Error> {
    Ok((StatusCode::CONFLICT, pages::notice(title, why)?).into_response())
}

/// The buttons 「确认付款」 and 「取消」; a payer from a browser goes back to the shop either way.
async fn press(Extract(app): Extract<Arc<App>>, headers: HeaderMap, Form(held): Form<Held>) -> Result<Response, Error> {
    let name = users::acting(&headers, held.openid.as_deref());
    let offer = held.token.clone().filter(|token| !token.is_empty());
    let held = Held { token: offer.clone(), trade_no: held.trade_no.filter(|_| offer.is_none()), ..held };
    let pays = held.action.as_deref() == Some("pay");
    let done =
        if pays { pay(&app, &held, &name) } else { app.state.write(|tx| opened(tx, &held, &name, app.now_ms())) };
    match (done, pays) {
        (Ok((trade, Some(back))), _) => Ok(Redirect::to(&returning(&trade, &back)).into_response()),
        (Ok((trade, None)), true) => {
            Ok(pages::notice("支付成功", &format!("¥{} · {}", yuan(trade.total_fen), trade.out_trade_no))?
                .into_response())
        }
        (Ok(_), false) => Ok(pages::notice("已取消", "没有付款，交易仍可在有效期内支付")?.into_response()),
        (Err(refusal), _) => refused("支付失败", &refusal.to_string()),
    }
}

/// The shop's address with what Alipay appends. It proves nothing (PROTOCOLS 2.3), so it is not signed here.
fn returning(trade: &Trade, back: &str) -> String {
    let Ok(mut url) = Url::parse(back) else { return back.to_owned() };
    url.query_pairs_mut()
        .append_pair("out_trade_no", &trade.out_trade_no)
        .append_pair("trade_no", &trade.trade_no)
        .append_pair("total_amount", &yuan(trade.total_fen))
        .append_pair("seller_id", &trade.seller_id)
        .append_pair("method", "alipay.trade.wap.pay.return");
    url.to_string()
}

/// `AlipayJSBridge.call('tradePay')` and everything a script may hold up: `resultCode` 9000 paid, 6001 left, 4000 not.
async fn by_script(Extract(app): Extract<Arc<App>>, headers: HeaderMap, Json(mut held): Json<Held>) -> Json<Value> {
    let name = users::acting(&headers, held.openid.as_deref());
    if let Some(url) = held.url.take() {
        let token = Url::parse(&url).map_err(|_| "地址不完整".to_owned()).and_then(|url| {
            crate::alipay::offer_of(&app, &url).map_err(|refusal| refusal.json()["sub_msg"].to_string())
        });
        match token {
            Ok(token) => held.token = Some(token),
            Err(why) => return Json(json!({ "resultCode": "4000", "memo": why })),
        }
    }
    if held.ask {
        let url = format!("{}/wallet/alipay?{}", app.settings.public_url, held.query());
        return Json(json!({ "pay_url": url }));
    }
    if held.cancel {
        return Json(json!({ "resultCode": "6001", "memo": "用户中途取消" }));
    }
    Json(match pay(&app, &held, &name) {
        Ok((trade, back)) => json!({
            "resultCode": "9000",
            "out_trade_no": trade.out_trade_no,
            "trade_no": trade.trade_no,
            "return_url": back.map(|back| returning(&trade, &back)),
        }),
        Err(refusal) => json!({ "resultCode": "4000", "memo": refusal.to_string() }),
    })
}
