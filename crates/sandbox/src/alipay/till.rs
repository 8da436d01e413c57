//! Paying by the code that the payer shows, and taking such a payment back (PROTOCOLS 2.2).

use serde_json::{Value, json};

use super::ask::find;
use super::content::{self, text};
use super::gateway::Asked;
use super::give_back;
use super::notice;
use super::person;
use super::place::repeated;
use super::refusal::Refusal;
use super::trade::{Standing, Trade};
use crate::clock::beijing;
use crate::faults::Provider;
use crate::wallet;

/// Above this the payer is asked for the password, fen.
const FREE_FEN: i64 = 100_000;

/// `alipay.trade.pay`: paid at once (10000), or waiting for the password (10003).
pub(super) fn pay(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let content = &asked.content;
    if text(content, "scene") != "bar_code" {
        return Err(Refusal::parameter("scene", "只支持 bar_code"));
    }
    let code = text(content, "auth_code");
    if !(16..=24).contains(&code.len()) || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::business("PAYMENT_AUTH_CODE_INVALID", "支付授权码无效"));
    }
    let seller = asked.seller("FACE_TO_FACE_PAYMENT")?;
    let (out_trade_no, total_fen, expires_at_ms) = content::order(content, asked.now_ms)?;
    let answer = asked.app.state.write(|tx| {
        if let Some(waiting) = repeated(tx, asked, &seller, &out_trade_no)? {
            return Ok(awaiting(&waiting));
        }
        let name = wallet::code::redeem(tx, Provider::Alipay, code, asked.now_ms)?
            .map_err(|_| Refusal::business("PAYMENT_AUTH_CODE_INVALID", "支付授权码无效、已过期或已使用"))?;
        let buyer = person::called(tx, &name)?;
        let mut trade = Trade {
            seller_id: seller.clone(),
            out_trade_no,
            trade_no: Trade::number(asked.now_ms),
            app_id: asked.app_id.clone(),
            product: "BAR_CODE".to_owned(),
            content: content.clone(),
            notify_url: asked.param("notify_url").to_owned(),
            total_fen,
            buyer: name,
            created_at_ms: asked.now_ms,
            expires_at_ms,
            closed_at_ms: None,
            paid_at_ms: None,
            seen_from_ms: 0,
            refunded_fen: 0,
        };
        trade.insert(tx)?;
        if total_fen > FREE_FEN {
            return Ok(awaiting(&trade));
        }
        trade.paid_at_ms = Some(asked.now_ms);
        trade.store(tx)?;
        notice::paid(asked.app, tx, &trade, asked.now_ms)?;
        let mut object = trade.object(&buyer, asked.now_ms);
        object["gmt_payment"] = json!(beijing(asked.now_ms, "%Y-%m-%d %H:%M:%S"));
        if let Some(object) = object.as_object_mut() {
            object.remove("trade_status");
            object.remove("send_pay_date");
        }
        Ok::<_, Refusal>(object)
    })?;
    asked.app.queued.notify_one();
    Ok(answer)
}

fn awaiting(trade: &Trade) -> Value {
    let mut made = trade.made();
    made["code"] = json!("10003");
    made["msg"] = json!(" order success pay inprocess");
    made
}

/// `alipay.trade.cancel`: closes an unpaid one, gives a paid one back; of an unknown number it says success and does
/// nothing.
pub(super) fn cancel(asked: &Asked<'_>) -> Result<Value, Refusal> {
    let seller = asked.seller("")?;
    let answer = asked.app.state.write(|tx| {
        let Some(mut trade) = find(tx, asked, &seller)? else {
            return Ok(json!({ "out_trade_no": text(&asked.content, "out_trade_no"), "retry_flag": "N" }));
        };
        let mut answer = trade.made();
        answer["retry_flag"] = json!("N");
        match trade.standing(asked.now_ms) {
            Standing::Waiting => {
                trade.closed_at_ms = Some(asked.now_ms);
                trade.store(tx)?;
                answer["action"] = json!("close");
            }
            Standing::Success => {
                let rest = trade.total_fen - trade.refunded_fen;
                give_back::book(
                    asked.app,
                    tx,
                    &trade,
                    &format!("CANCEL{}", trade.trade_no),
                    rest,
                    "撤销",
                    asked.now_ms,
                )?;
                answer["action"] = json!("refund");
            }
            Standing::Closed => {}
        }
        Ok::<_, Refusal>(answer)
    })?;
    asked.app.queued.notify_one();
    Ok(answer)
}
