//! The wallet for people.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Query, State as Extract};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use rusqlite::OptionalExtension as _;
use serde::Deserialize;

use super::alipay;
use super::pay::{self, Refusal, What};
use crate::alipay::trade::{self, Trade};
use crate::app::App;
use crate::clock::beijing;
use crate::error::Error;
use crate::faults::Provider;
use crate::pages::{self, yuan};
use crate::pay::order::{self, Order};
use crate::platform::users;

/// How many orders the list looks back.
const LOOK_BACK: i64 = 200;

/// What a page or a form of the wallet is about.
#[derive(Debug, Default, Deserialize)]
struct Held {
    prepay_id: Option<String>,
    pr: Option<String>,
    code_url: Option<String>,
    out_trade_no: Option<String>,
    redirect_url: Option<String>,
    #[serde(rename = "as")]
    as_user: Option<String>,
    openid: Option<String>,
    action: Option<String>,
}

impl Held {
    fn what(&self) -> Option<What> {
        let given = |value: &Option<String>| value.clone().filter(|text| !text.is_empty());
        given(&self.prepay_id)
            .map(What::PrepayId)
            .or_else(|| given(&self.pr).map(What::Pr))
            .or_else(|| given(&self.code_url).and_then(|text| What::scanned(&text)))
            .or_else(|| given(&self.out_trade_no).map(What::OutTradeNo))
    }

    /// Where an H5 payer returns to; only web addresses.
    fn back(&self) -> Option<String> {
        let url = url::Url::parse(self.redirect_url.as_deref()?).ok()?;
        matches!(url.scheme(), "http" | "https").then(|| url.to_string())
    }
}

/// The wallet's pages.
pub(crate) fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/wallet", get(list))
        .route("/wallet/pay", get(ask))
        .route("/wallet/h5", get(ask))
        .route("/wallet/press", post(press))
}

/// An order in the list.
struct Line {
    out_trade_no: String,
    merchant: String,
    description: String,
    amount: String,
    way: &'static str,
    time: String,
    /// Why this person cannot pay it; empty when they can.
    hindrance: String,
    provider: Provider,
    pay_url: String,
    at_ms: i64,
}

#[derive(Template)]
#[template(path = "wallet.html")]
struct ListPage {
    openid: String,
    open: Vec<Line>,
    paid: Vec<Line>,
}

async fn list(
    Extract(app): Extract<Arc<App>>,
    Query(held): Query<Held>,
    headers: HeaderMap,
) -> Result<Html<String>, Error> {
    let openid = users::acting(&headers, held.as_user.as_deref());
    let now_ms = app.now_ms();
    let (mut open, mut paid) = (Vec::new(), Vec::new());
    for order in app.state.read(|connection| order::newest(connection, LOOK_BACK))? {
        match (pay::payable(&order, &openid, now_ms), &order.paid) {
            (Ok(()), _) => open.push(line(&app, &order, String::new())?),
            (Err(Refusal::OtherUser), _) => {
                let owner = order.ordered_by().unwrap_or_default();
                open.push(line(&app, &order, format!("由 {owner} 下单，只能由其支付"))?);
            }
            (_, Some(how)) if how.by == openid => paid.push(line(&app, &order, String::new())?),
            _ => {}
        }
    }
    for trade in app.state.read(|connection| trade::newest(connection, LOOK_BACK))? {
        match (alipay::payable(&trade, &openid, now_ms), trade.paid_at_ms) {
            (Ok(()), _) => open.push(alipay_line(&app, &trade, String::new())?),
            (Err(Refusal::OtherUser), _) => {
                open.push(alipay_line(&app, &trade, format!("由 {} 下单，只能由其支付", trade.buyer))?);
            }
            (_, Some(_)) if trade.buyer == openid => paid.push(alipay_line(&app, &trade, String::new())?),
            _ => {}
        }
    }
    open.sort_by_key(|line| -line.at_ms);
    paid.sort_by_key(|line| -line.at_ms);
    Ok(Html(ListPage { openid, open, paid }.render()?))
}

fn alipay_line(app: &App, trade: &Trade, hindrance: String) -> Result<Line, Error> {
    let at_ms = trade.paid_at_ms.unwrap_or(trade.created_at_ms);
    Ok(Line {
        out_trade_no: trade.out_trade_no.clone(),
        merchant: app.state.read(|connection| alipay::merchant(connection, &trade.seller_id))?,
        description: trade.content["subject"].as_str().unwrap_or_default().to_owned(),
        amount: yuan(trade.total_fen),
        way: Provider::Alipay.chinese(),
        time: beijing(at_ms, "%m-%d %H:%M:%S"),
        hindrance,
        provider: Provider::Alipay,
        pay_url: format!("/wallet/alipay?trade_no={}", trade.trade_no),
        at_ms,
    })
}

fn line(app: &App, order: &Order, hindrance: String) -> Result<Line, Error> {
    let at_ms = order.paid.as_ref().map_or(order.created_at_ms, |paid| paid.at_ms);
    let number: String = url::form_urlencoded::byte_serialize(order.out_trade_no.as_bytes()).collect();
    Ok(Line {
        out_trade_no: order.out_trade_no.clone(),
        merchant: merchant(app, order)?,
        description: order.text("description").to_owned(),
        amount: yuan(order.amount_fen()),
        way: order.trade_type.chinese(),
        time: beijing(at_ms, "%m-%d %H:%M:%S"),
        hindrance,
        provider: Provider::WechatPay,
        pay_url: format!("/wallet/pay?out_trade_no={number}"),
        at_ms,
    })
}

fn merchant(app: &App, order: &Order) -> Result<String, Error> {
    let found = app.state.read(|connection| {
        connection
            .query_row("SELECT short_name FROM sub_merchant WHERE sub_mchid = ?1", [&order.sub_mchid], |row| row.get(0))
            .optional()
    });
    Ok(found?.unwrap_or_else(|| order.sub_mchid.clone()))
}

#[derive(Template)]
#[template(path = "pay.html")]
struct AskPage<'a> {
    line: Line,
    openid: String,
    name: &'a str,
    value: &'a str,
    redirect_url: String,
}

async fn ask(Extract(app): Extract<Arc<App>>, Query(held): Query<Held>, headers: HeaderMap) -> Result<Response, Error> {
    let openid = users::acting(&headers, held.as_user.as_deref());
    // One field for whatever was scanned: Alipay's codes are web addresses.
    if let Some(code) = held.code_url.as_deref().filter(|code| code.trim().starts_with("https://qr.alipay.com/")) {
        let code: String = url::form_urlencoded::byte_serialize(code.trim().as_bytes()).collect();
        return Ok(Redirect::to(&format!("/wallet/alipay?qr_code={code}")).into_response());
    }
    let Some(what) = held.what() else {
        return refused("无法识别", "不是微信支付或支付宝的付款链接或二维码内容");
    };
    let now_ms = app.now_ms();
    let found = app.state.read(|connection| {
        let order = pay::find(connection, &what, now_ms)?;
        pay::payable(&order, &openid, now_ms)?;
        Ok::<_, Refusal>(order)
    });
    let order = match found {
        Ok(order) => order,
        Err(refusal) => return refused("不能支付", &refusal.to_string()),
    };
    let (name, value) = what.pair();
    let redirect_url = held.back().unwrap_or_default();
    let page = AskPage { line: line(&app, &order, String::new())?, openid, name, value, redirect_url };
    Ok(Html(page.render()?).into_response())
}

fn refused(title: &str, why: &str) -> Result<Response, Error> {
    Ok((StatusCode::CONFLICT, pages::notice(title, why)?).into_response())
}

#[derive(Template)]
#[template(path = "paid.html")]
struct PaidPage {
    line: Line,
}

/// The buttons 「支付」 and 「取消」; an H5 payer goes back to the shop either way.
async fn press(Extract(app): Extract<Arc<App>>, headers: HeaderMap, Form(held): Form<Held>) -> Result<Response, Error> {
    let Some(what) = held.what() else { return refused("无法识别", "没有要支付的订单") };
    let openid = users::acting(&headers, held.openid.as_deref());
    let back = held.back();
    if held.action.as_deref() != Some("pay") {
        return match back {
            Some(url) => Ok(Redirect::to(&url).into_response()),
            None => Ok(pages::notice("已取消", "没有付款，订单仍可在有效期内支付")?.into_response()),
        };
    }
    match (pay::pay(&app, &what, &openid), back) {
        (Ok(_), Some(url)) => Ok(Redirect::to(&url).into_response()),
        (Ok(order), None) => Ok(Html(PaidPage { line: line(&app, &order, String::new())? }.render()?).into_response()),
        (Err(refusal), _) => refused("支付失败", &refusal.to_string()),
    }
}
