//! Telling the customer's server what became of an order or a refund, rightly or as a fault wants it.

use rusqlite::Transaction;
use serde_json::{Value, json};

use super::notice;
use super::order::Order;
use super::refund::Refund;
use crate::app::App;
use crate::callbacks::{self, Bend, Plan, Telling};
use crate::error::Error;
use crate::faults::{Provider, Subject};
use crate::random;

/// Who a fault about `order` would strike.
pub(crate) fn subject(order: &Order, now_ms: i64) -> Subject {
    Subject { provider: Provider::WechatPay, number: order.out_trade_no.clone(), fen: order.amount_fen(), now_ms }
}

/// Queues the callback of a paid order. A payment by code has no address and is not told (PROTOCOLS 1.7).
///
/// # Errors
/// When it cannot be sealed or written.
pub(crate) fn payment(app: &App, tx: &Transaction<'_>, order: &Order, now_ms: i64) -> Result<(), Error> {
    let plan = Plan::for_payment(tx, &subject(order, now_ms))?;
    let from_ms = order.seen_from_ms.max(now_ms);
    let mut object = order.object(from_ms);
    if let Some(bend) = plan.bend {
        bent(&mut object, bend);
    }
    let telling = Telling {
        provider: Provider::WechatPay,
        what: "payment",
        out_trade_no: &order.out_trade_no,
        notify_url: order.text("notify_url"),
        body: &notice::paid(&app.institution, &object, from_ms)?,
        from_ms,
    };
    Ok(callbacks::queue(app, tx, &plan, &telling)?)
}

fn bent(object: &mut Value, bend: Bend) {
    match bend {
        Bend::Amount => {
            for name in ["total", "payer_total"] {
                object["amount"][name] = json!(object["amount"][name].as_i64().unwrap_or_default() + 1);
            }
        }
        Bend::Currency => {
            object["amount"]["currency"] = json!("HKD");
            object["amount"]["payer_currency"] = json!("HKD");
        }
        Bend::SubMerchant => {
            let other = if object["sub_mchid"] == "1900000111" { "1900000112" } else { "1900000111" };
            object["sub_mchid"] = json!(other);
        }
        Bend::App => object["sp_appid"] = json!("wx9999999999999999"),
        Bend::UnknownOrder => {
            object["out_trade_no"] = json!(format!("NOBODY{}", random::digits(12)));
            object["transaction_id"] = json!(format!("4200009{}", random::digits(21)));
        }
    }
}

/// Queues the callback of a refund that comes to its end at `refund.due_at_ms`.
///
/// # Errors
/// When it cannot be sealed or written.
pub(crate) fn refund(
    app: &App,
    tx: &Transaction<'_>,
    order: &Order,
    refund: &Refund,
    of: &Subject,
) -> Result<(), Error> {
    let notify_url = refund.body["notify_url"].as_str().unwrap_or_default();
    if notify_url.is_empty() {
        return Ok(());
    }
    let plan = Plan::for_refund(tx, of)?;
    let at_ms = refund.due_at_ms;
    let object = refund.told(order, at_ms);
    let telling = Telling {
        provider: Provider::WechatPay,
        what: "refund",
        out_trade_no: &order.out_trade_no,
        notify_url,
        body: &notice::refunded(&app.institution, &refund.outcome, &object, at_ms)?,
        from_ms: at_ms,
    };
    Ok(callbacks::queue(app, tx, &plan, &telling)?)
}
