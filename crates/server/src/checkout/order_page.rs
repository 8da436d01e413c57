//! The page of an order: pays, waits, or is the receipt.

use axum::{
    Json,
    body::Bytes,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use db::Tx;
use money::Amount;
use qrcode::{QrCode, render::svg};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    oauth,
    page::{self, OrderStatus, OrderView, ShownField},
    respond,
};
use crate::{
    App,
    collection_code::{self, Standing, merchant_of_token, standing},
    merchant::{self, ChannelAccount, ChannelKind, Way, way_words},
    order::{self, Order, Status},
    payment::{self, Handover, Ready, Start, Started},
    web::{Client, Problem, Words},
};

async fn find(app: &App, token: &str) -> Result<(i64, Order), Problem> {
    let merchant_id = merchant_of_token('o', token).ok_or(order::Error::Unknown)?;
    let token = token.to_owned();
    let read = async move |tx: &mut Tx<'_>| order::find(tx, merchant_id, &token).await;
    let order = app.db.read(read).await?.ok_or(order::Error::Unknown)?;
    Ok((merchant_id, order))
}

/// `GET /pay/o…` as the page's script asks for it, while it waits.
pub async fn status(app: &App, token: &str) -> Response {
    match find(app, token).await {
        Ok((_, order)) => {
            // A page that waits for its payment has it, whatever went back since.
            let status = if order.status.was_paid() { Status::Paid } else { order.status };
            let body = json!({ "status": status, "paid_at_ms": order.paid_at_ms });
            ([("cache-control", "no-store")], Json(body)).into_response()
        }
        Err(problem) => problem.into_response(),
    }
}

/// `GET /pay/o…`
pub async fn show(app: &App, token: &str, headers: &HeaderMap) -> Response {
    match render(app, token).await {
        Ok(page) => respond::page(headers, StatusCode::OK, page),
        Err(problem) if problem.code == "code.unknown" => respond::message(headers, page::Message::UnknownOrder),
        Err(problem) => respond::refuse(headers, problem),
    }
}

async fn render(app: &App, token: &str) -> Result<page::Page, Problem> {
    let (merchant_id, order) = find(app, token).await?;
    let now_ms = app.clock.now_ms();
    let (org_unit_id, code_token) = (order.org_unit_id, order.code_token.clone());
    let read = async move |tx: &mut Tx<'_>| {
        let accounts = merchant::accounts_of_unit(tx, merchant_id, org_unit_id).await?;
        let code = collection_code::find(tx, merchant_id, &code_token).await?;
        let usable = code.is_some_and(|code| {
            code.manager_active && standing(&code.state, code.expires_at_ms, now_ms) != Standing::Dead
        });
        Ok::<_, db::Error>((accounts, usable))
    };
    let (mut accounts, code_usable) = app.db.read(read).await?;
    accounts.retain(|account| !app.pulse.is_silent(&account.provider_key, now_ms));
    let url = format!("{}/pay/{token}", app.config.public_url);
    let view = OrderView {
        path: format!("/pay/{token}"),
        code_path: code_usable.then(|| format!("/pay/{}", order.code_token)),
        order_no: order.order_id.to_string(),
        merchant_full_name: order.merchant_full_name,
        manager_name: order.manager_name,
        amount: Amount::from_fen(order.amount_fen),
        fields: order.values.into_iter().map(|v| ShownField { label: v.label, value: v.value }).collect(),
        status: match (order.status, order.paid_at_ms) {
            (status, Some(at_ms)) if status.was_paid() => OrderStatus::Paid { at_ms },
            (Status::Created, _) => OrderStatus::Created,
            (Status::Closed, _) => OrderStatus::Closed,
            (Status::Pending | Status::Paid | Status::PartlyRefunded | Status::Refunded, _) => OrderStatus::Pending,
        },
        created_at_ms: order.created_at_ms,
        ways: way_words(&accounts),
        scan_qr_svg: qr_svg(&url)?,
    };
    page::render_order(&view).map_err(|error| {
        tracing::error!(%error, "an order's page could not be rendered");
        Problem::internal()
    })
}

fn qr_svg(text: &str) -> Result<String, Problem> {
    let code = QrCode::new(text).map_err(|_| Problem::internal())?;
    let svg = code.render::<svg::Color<'_>>().min_dimensions(220, 220).quiet_zone(true).build();
    // Inline in HTML the XML declaration has no place.
    Ok(svg.find("<svg").map_or(String::new(), |at| svg[at..].to_owned()))
}

#[derive(Deserialize)]
struct Wish {
    #[serde(default = "wechatpay")]
    channel: ChannelKind,
    way: Way,
}

/// What a page means that names no wallet.
fn wechatpay() -> ChannelKind {
    ChannelKind::Wechatpay
}

/// What the page does next.
#[derive(Serialize)]
#[serde(tag = "way", rename_all = "lowercase")]
enum Do {
    Jsapi { jsapi: channel::JsapiInvoke },
    H5 { url: String },
    Native { qr_svg: String, expires_at_ms: i64 },
    Trade { trade_no: String },
    Paid,
}

/// `POST /pay/o…`: asks for a way to pay.
pub async fn pay(app: &App, token: &str, client: &Client, headers: &HeaderMap, body: &Bytes) -> Response {
    match answer(app, token, client, headers, body).await {
        Ok(response) => response,
        Err(problem) => problem.into_response(),
    }
}

async fn answer(
    app: &App,
    token: &str,
    client: &Client,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<Response, Problem> {
    let wish: Wish = serde_json::from_slice(body).map_err(Problem::malformed)?;
    let (merchant_id, order) = find(app, token).await?;
    let payer_id = match wish.way {
        Way::Jsapi if order.status.is_open() => {
            let account = account(app, merchant_id, &order, wish.channel).await?;
            match oauth::payer(app, headers, &account)? {
                Some(payer_id) => Some(payer_id),
                None => return oauth::send_away(app, token, &account),
            }
        }
        _ => None,
    };
    let client_ip = client.ip.to_string();
    let order_id = order.order_id;
    let return_url = format!("{}/pay/{token}?back=1", app.config.public_url);
    let start = Start { merchant_id, order_id, channel: wish.channel, way: wish.way, payer_id, client_ip, return_url };
    let next = match payment::start(app, start).await? {
        Started::Ready(ready) => hand_over(ready)?,
        Started::Paid => Do::Paid,
        Started::Closed => return Err(closed()),
        Started::Unknown => return Err(unknown()),
        Started::Held { channel, until_ms } => return Err(held(channel, until_ms)),
        Started::Refused(refusal) => return Err(refused(&refusal)),
    };
    Ok(([("cache-control", "no-store")], Json(next)).into_response())
}

/// The account of this wallet that the order's unit collects to now.
async fn account(app: &App, merchant_id: i64, order: &Order, channel: ChannelKind) -> Result<ChannelAccount, Problem> {
    let org_unit_id = order.org_unit_id;
    let read = async move |tx: &mut Tx<'_>| merchant::accounts_of_unit(tx, merchant_id, org_unit_id).await;
    let account = app.db.read(read).await?.into_iter().find(|account| account.channel == channel);
    account.ok_or_else(|| payment::Error::WayMissing.into())
}

fn hand_over(ready: Ready) -> Result<Do, Problem> {
    let expires_at_ms = ready.expires_at_ms;
    Ok(match ready.handover {
        Handover::Jsapi(jsapi) => Do::Jsapi { jsapi },
        Handover::Trade(trade_no) => Do::Trade { trade_no },
        Handover::Native(code_url) => Do::Native { qr_svg: qr_svg(&code_url)?, expires_at_ms },
        Handover::H5(url) => Do::H5 { url },
    })
}

fn closed() -> Problem {
    Problem::new(Words {
        status: 410,
        code: "order.closed",
        title: ("订单已关闭", "The order is closed"),
        detail: ("请重新扫码付款。", "Scan again to pay."),
    })
}

/// Another wallet's attempt may still be paid, and nobody can close it: in words, and until when.
fn held(channel: ChannelKind, until_ms: i64) -> Problem {
    let mut problem = Problem::new(Words {
        status: 409,
        code: "payment.held",
        title: ("上一次支付还有效", "The payment begun before is still open"),
        detail: (
            "请先完成它，或等它失效后再试，不会重复扣款。",
            "Finish it, or wait until it has expired; you will not be charged twice.",
        ),
    });
    problem.title = format!("刚才的{}付款还有效", channel.name());
    problem.with_retry_at_ms(until_ms)
}

fn unknown() -> Problem {
    Problem::new(Words {
        status: 503,
        code: "payment.unknown",
        title: ("正在确认支付状态", "The payment's state is being confirmed"),
        detail: ("请稍等几秒再试，不会重复扣款。", "Wait a few seconds and try again; you will not be charged twice."),
    })
}

/// What the payer can do about a refusal; the institution's own words are in the log and on the order.
fn refused(refusal: &channel::Refusal) -> Problem {
    use channel::RefusalKind::*;
    let (detail, detail_en) = match refusal.kind {
        Payer => (
            "您的微信账户暂时不能完成此付款，请更换付款方式或联系微信支付。",
            "Your wallet cannot make this payment now.",
        ),
        NotAuthorised => {
            ("收款企业暂未开通此付款方式，请联系收款企业。", "The company has not enabled this way to pay.")
        }
        NumberSpent | BadRequest | Other => {
            ("请稍后重试；如果一直这样，请联系收款企业。", "Try again shortly, or contact the company.")
        }
    };
    let mut problem = Problem::new(Words {
        status: 502,
        code: "payment.refused",
        title: ("暂时无法发起支付", "Payment cannot be started now"),
        detail: (detail, detail_en),
    });
    problem.detail = format!("{detail}（代码 {}）", refusal.code);
    problem
}
