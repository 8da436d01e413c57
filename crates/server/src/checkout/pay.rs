//! `POST /pay/o…`: a payer presses pay, with a wallet and in a way that this browser can.

use axum::{
    Json,
    body::Bytes,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use db::Tx;
use serde::{Deserialize, Serialize};

use super::{
    failed, oauth,
    order_page::{find, qr_svg},
};
use crate::{
    App,
    merchant::{self, ChannelAccount, ChannelKind, Way},
    order::Order,
    payment::{self, Handover, Ready, Start, Started},
    refusal::Kind,
    web::{Client, Problem, Words},
};

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
    Jsapi {
        jsapi: channel::JsapiInvoke,
    },
    H5 {
        url: String,
        left_ms: i64,
    },
    Native {
        qr_svg: String,
        expires_at_ms: i64,
        left_ms: i64,
    },
    Trade {
        trade_no: String,
    },
    /// Another wallet's attempt may still be paid, and nobody can close it: so long nothing new starts.
    Held {
        channel: ChannelKind,
        left_ms: i64,
    },
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
        Started::Ready(ready) => hand_over(ready, app.clock.now_ms())?,
        Started::Paid => Do::Paid,
        Started::Closed => return Err(closed()),
        Started::Unknown => return Err(unknown()),
        Started::Held { channel, until_ms } => Do::Held { channel, left_ms: (until_ms - app.clock.now_ms()).max(0) },
        Started::Refused(refusal) => {
            let said = (refusal.code.as_str(), refusal.message.as_str());
            let kind = failed::told(app, merchant_id, &order, wish.channel, said).await?;
            return Err(refused(kind, &refusal.code));
        }
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

fn hand_over(ready: Ready, now_ms: i64) -> Result<Do, Problem> {
    let expires_at_ms = ready.expires_at_ms;
    let left_ms = (expires_at_ms - now_ms).max(0);
    Ok(match ready.handover {
        Handover::Jsapi(jsapi) => Do::Jsapi { jsapi },
        Handover::Trade(trade_no) => Do::Trade { trade_no },
        Handover::Native(code_url) => Do::Native { qr_svg: qr_svg(&code_url)?, expires_at_ms, left_ms },
        Handover::H5(url) => Do::H5 { url, left_ms },
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

fn unknown() -> Problem {
    Problem::new(Words {
        status: 503,
        code: "payment.unknown",
        title: ("正在确认支付状态", "The payment's state is being confirmed"),
        detail: ("请稍等几秒再试，不会重复扣款。", "Wait a few seconds and try again; you will not be charged twice."),
    })
}

/// What the payer is told of a refusal; the institution's own words are in the log and on the order's time line.
fn refused(kind: Kind, code: &str) -> Problem {
    let words = kind.words();
    let mut problem = Problem::new(Words { status: 502, code: words.code, title: words.title, detail: words.payer });
    problem.detail = format!("{}（代码 {code}）", words.payer.0);
    problem
}
