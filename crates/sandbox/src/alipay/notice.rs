//! Notifications (PROTOCOLS 2.3): the parameters, without their signature, which each sending gets anew.

use std::collections::BTreeMap;

use rusqlite::Transaction;
use serde_json::json;

use super::person;
use super::trade::{Trade, buyer_as};
use crate::app::App;
use crate::callbacks::{self, Bend, Plan, Telling};
use crate::clock::beijing;
use crate::error::Error;
use crate::faults::{Provider, Subject};
use crate::pages::yuan;
use crate::random;

/// What every notification about `trade` says.
fn params(tx: &Transaction<'_>, trade: &Trade, at_ms: i64) -> Result<BTreeMap<String, String>, Error> {
    let buyer = person::called(tx, &trade.buyer)?;
    let own_app: String =
        tx.query_row("SELECT app_id FROM alipay_seller WHERE seller_id = ?1", [&trade.seller_id], |row| row.get(0))?;
    let time = |at_ms| beijing(at_ms, "%Y-%m-%d %H:%M:%S");
    let text = |name: &str| trade.content[name].as_str().unwrap_or_default().to_owned();
    let total = yuan(trade.total_fen);
    let fund = json!([{ "amount": total, "fundChannel": "ALIPAYACCOUNT" }]).to_string();
    let (buyer_name, buyer_number) = buyer_as(&trade.app_id, &buyer, "buyer_id");
    Ok([
        ("notify_time", time(at_ms)),
        ("notify_type", "trade_status_sync".to_owned()),
        ("notify_id", format!("{}{}", beijing(at_ms, "%Y%m%d00%H%M%S"), random::hex(10))),
        ("app_id", trade.app_id.clone()),
        ("auth_app_id", own_app),
        ("charset", "utf-8".to_owned()),
        ("version", "1.0".to_owned()),
        ("trade_no", trade.trade_no.clone()),
        ("out_trade_no", trade.out_trade_no.clone()),
        ("seller_id", trade.seller_id.clone()),
        ("seller_email", format!("{}@seller.test", trade.seller_id)),
        (buyer_name, buyer_number.to_owned()),
        ("buyer_logon_id", buyer.logon_id()),
        ("trade_status", trade.standing(at_ms).word().to_owned()),
        ("total_amount", total.clone()),
        ("receipt_amount", total.clone()),
        ("invoice_amount", total.clone()),
        ("buyer_pay_amount", total),
        ("point_amount", "0.00".to_owned()),
        ("subject", text("subject")),
        ("body", text("body")),
        ("passback_params", text("passback_params")),
        ("gmt_create", time(trade.created_at_ms)),
        ("gmt_payment", trade.paid_at_ms.map_or(String::new(), time)),
        ("fund_bill_list", fund),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| (name.to_owned(), value))
    .collect())
}

/// Queues the notification of a paid trade.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn paid(app: &App, tx: &Transaction<'_>, trade: &Trade, now_ms: i64) -> Result<(), Error> {
    let plan = Plan::for_payment(tx, &trade.subject(now_ms))?;
    let from_ms = trade.seen_from_ms.max(now_ms);
    let mut params = params(tx, trade, from_ms)?;
    if let Some(bend) = plan.bend {
        bent(&mut params, trade, bend);
    }
    tell(app, tx, &plan, trade, "payment", &params, from_ms)
}

/// Trades here are in yuan and say so nowhere but in `trans_currency`, which only foreign ones carry.
fn bent(params: &mut BTreeMap<String, String>, trade: &Trade, bend: Bend) {
    let mut set = |name: &str, value: String| params.insert(name.to_owned(), value);
    match bend {
        Bend::Amount => {
            for name in ["total_amount", "receipt_amount", "buyer_pay_amount", "invoice_amount"] {
                set(name, yuan(trade.total_fen + 1));
            }
        }
        Bend::Currency => {
            set("trans_currency", "HKD".to_owned());
        }
        Bend::SubMerchant => {
            let other = if trade.seller_id.ends_with("111") { "2088000000000112" } else { "2088000000000111" };
            set("seller_id", other.to_owned());
        }
        Bend::App => {
            set("app_id", "2021999999999999".to_owned());
        }
        Bend::UnknownOrder => {
            set("out_trade_no", format!("NOBODY{}", random::digits(12)));
            set("trade_no", format!("{}2299{}", &trade.trade_no[..8], random::digits(16)));
        }
    }
}

/// Queues the notification of a refund: it comes to the payment's address and is none (PROTOCOLS 2.3).
///
/// # Errors
/// When it cannot be written.
pub(crate) fn refunded(
    app: &App,
    tx: &Transaction<'_>,
    trade: &Trade,
    out_request_no: &str,
    fen: i64,
    now_ms: i64,
) -> Result<(), Error> {
    let of = Subject { provider: Provider::Alipay, number: out_request_no.to_owned(), fen, now_ms };
    let plan = Plan::for_refund(tx, &of)?;
    let mut params = params(tx, trade, now_ms)?;
    params.insert("refund_fee".to_owned(), yuan(trade.refunded_fen));
    params.insert("gmt_refund".to_owned(), beijing(now_ms, "%Y-%m-%d %H:%M:%S.000"));
    params.insert("out_biz_no".to_owned(), out_request_no.to_owned());
    if trade.refunded_fen == trade.total_fen {
        params.insert("gmt_close".to_owned(), beijing(now_ms, "%Y-%m-%d %H:%M:%S"));
    }
    tell(app, tx, &plan, trade, "refund", &params, now_ms)
}

fn tell(
    app: &App,
    tx: &Transaction<'_>,
    plan: &Plan,
    trade: &Trade,
    what: &'static str,
    params: &BTreeMap<String, String>,
    from_ms: i64,
) -> Result<(), Error> {
    let telling = Telling {
        provider: Provider::Alipay,
        what,
        out_trade_no: &trade.out_trade_no,
        notify_url: &trade.notify_url,
        body: &serde_json::to_string(params)?,
        from_ms,
    };
    Ok(callbacks::queue(app, tx, plan, &telling)?)
}
