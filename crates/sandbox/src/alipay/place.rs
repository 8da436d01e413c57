//! Order calls: a trade for a known buyer, a code to be scanned, a page in a browser.

use rusqlite::Transaction;
use serde_json::{Value, json};

use super::content::{self, text};
use super::gateway::Asked;
use super::offer::Offer;
use super::person;
use super::refusal::Refusal;
use super::trade::{self, Standing, Trade};

/// `alipay.trade.create`: the buyer is known; the trade exists at once.
pub(super) fn create(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let content = &asked.content;
    let product = match text(content, "product_code") {
        "" => "FACE_TO_FACE_PAYMENT",
        known @ ("JSAPI_PAY" | "FACE_TO_FACE_PAYMENT") => known,
        other => return Err(Refusal::parameter("product_code", &format!("不支持 {other}"))),
    };
    if product == "JSAPI_PAY" && text(content, "op_app_id").is_empty() {
        return Err(Refusal::parameter("op_app_id", "product_code 为 JSAPI_PAY 时必填"));
    }
    let seller = asked.seller(product)?;
    let (number, total_fen, expires_at_ms) = content::order(content, asked.now_ms)?;
    let buyer = ["buyer_open_id", "buyer_id"].iter().map(|name| text(content, name)).find(|given| !given.is_empty());
    let buyer = buyer.ok_or_else(|| Refusal::parameter("buyer_id", "buyer_id 与 buyer_open_id 须有其一"))?;
    asked.app.state.write(|tx| {
        let buyer = person::numbered(tx, buyer)?;
        let buyer = buyer.ok_or_else(|| Refusal::business("BUYER_NOT_EXIST", "买家不存在"))?;
        if let Some(known) = repeated(tx, asked, &seller, &number)? {
            return Ok(known.made());
        }
        let trade = Trade {
            seller_id: seller.clone(),
            out_trade_no: number.clone(),
            trade_no: Trade::number(asked.now_ms),
            app_id: asked.app_id.clone(),
            product: product.to_owned(),
            content: content.clone(),
            notify_url: asked.param("notify_url").to_owned(),
            total_fen,
            buyer: buyer.name,
            created_at_ms: asked.now_ms,
            expires_at_ms,
            closed_at_ms: None,
            paid_at_ms: None,
            seen_from_ms: 0,
            refunded_fen: 0,
        };
        trade.insert(tx)?;
        Ok(trade.made())
    })
}

/// A trade that exists already under the number: spent, or the same once more, or something else.
pub(super) fn repeated(
    tx: &Transaction<'_>,
    asked: &Asked<'_>,
    seller: &str,
    number: &str,
) -> Result<Option<Trade>, Refusal> {
    let Some(known) = trade::by_out_trade_no(tx, seller, number)? else { return Ok(None) };
    match known.standing(asked.now_ms) {
        Standing::Success => Err(Refusal::business("TRADE_HAS_SUCCESS", "交易已被支付")),
        Standing::Closed => Err(Refusal::business("TRADE_HAS_CLOSE", "交易已经关闭")),
        Standing::Waiting if known.content != asked.content => {
            Err(Refusal::business("CONTEXT_INCONSISTENT", "交易信息被篡改，与首次请求不一致"))
        }
        Standing::Waiting => Ok(Some(known)),
    }
}

/// `alipay.trade.precreate`: a code; the trade exists once it was scanned.
pub(super) fn precreate(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let token = offered(asked, "FACE_TO_FACE_PAYMENT")?;
    Ok(json!({
        "out_trade_no": text(&asked.content, "out_trade_no"),
        "qr_code": format!("https://qr.alipay.com/{token}"),
    }))
}

/// `alipay.trade.wap.pay`: a page; gives the offer's token.
///
/// # Errors
/// What the page says instead.
pub(super) fn wap(asked: &Asked<'_>) -> Result<String, Refusal> {
    if text(&asked.content, "product_code") != "QUICK_WAP_WAY" {
        return Err(Refusal::parameter("product_code", "须为 QUICK_WAP_WAY"));
    }
    offered(asked, "QUICK_WAP_WAY")
}

fn offered(asked: &Asked<'_>, product: &str) -> Result<String, Refusal> {
    let seller_id = asked.seller(product)?;
    let (out_trade_no, total_fen, expires_at_ms) = content::order(&asked.content, asked.now_ms)?;
    asked.app.state.write(|tx| {
        repeated(tx, asked, &seller_id, &out_trade_no)?;
        let offer = Offer {
            seller_id: seller_id.clone(),
            out_trade_no,
            app_id: asked.app_id.clone(),
            product: product.to_owned(),
            content: asked.content.clone(),
            notify_url: asked.param("notify_url").to_owned(),
            return_url: asked.param("return_url").to_owned(),
            total_fen,
            created_at_ms: asked.now_ms,
            expires_at_ms,
        };
        Ok(offer.insert(tx)?)
    })
}
