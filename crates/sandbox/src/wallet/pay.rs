//! A WeChat user pays an order.

use std::fmt;

use rusqlite::{Connection, OptionalExtension as _};

use crate::app::App;
use crate::error::Error;
use crate::faults::{Call, Kind, take};
use crate::pay::order::{self, Order, Standing};
use crate::pay::tell;
use crate::platform::users;

/// What is held up to the wallet.
#[derive(Debug, Clone)]
pub(crate) enum What {
    /// A JSAPI `prepay_id` or the one in an `h5_url`.
    PrepayId(String),
    /// The `pr` of a `code_url`.
    Pr(String),
    /// The order itself, whatever became of its credentials.
    OutTradeNo(String),
}

impl What {
    /// The `pr` in a scanned `code_url`.
    pub fn scanned(code_url: &str) -> Option<Self> {
        let (_, pr) = code_url.trim().strip_prefix("weixin://wxpay/bizpayurl?")?.split_once("pr=")?;
        Some(Self::Pr(pr.split('&').next().unwrap_or_default().to_owned()))
    }

    /// Name and value in queries and forms.
    pub fn pair(&self) -> (&'static str, &str) {
        match self {
            Self::PrepayId(value) => ("prepay_id", value),
            Self::Pr(value) => ("pr", value),
            Self::OutTradeNo(value) => ("out_trade_no", value),
        }
    }
}

/// Why the wallet does not pay: a sentence for the person who holds it.
#[derive(Debug)]
pub(crate) enum Refusal {
    UnknownOrder,
    CredentialExpired,
    OrderExpired,
    Closed,
    Paid,
    OtherUser,
    Broken,
}

impl fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UnknownOrder => "没有这笔订单",
            Self::CredentialExpired => "支付凭据已过期，请回到商家页面重新发起支付",
            Self::OrderExpired => "订单已过支付时限",
            Self::Closed => "订单已关闭",
            Self::Paid => "订单已支付，请勿重复支付",
            Self::OtherUser => "下单账号与支付账号不一致",
            Self::Broken => "系统异常，请稍后重试",
        })
    }
}

impl<E: Into<Error>> From<E> for Refusal {
    fn from(error: E) -> Self {
        tracing::error!(error = %error.into(), "the sandbox itself failed");
        Self::Broken
    }
}

/// The order behind `what`, with its credential still good.
///
/// # Errors
/// When there is none or the credential is too old.
pub(crate) fn find(connection: &Connection, what: &What, now_ms: i64) -> Result<Order, Refusal> {
    let (token, kinds) = match what {
        What::OutTradeNo(number) => {
            return order::by_out_trade_no(connection, number)?.ok_or(Refusal::UnknownOrder);
        }
        What::PrepayId(token) => (token, ["prepay_id", "h5"]),
        What::Pr(token) => (token, ["pr", "pr"]),
    };
    let (out_trade_no, expires_at_ms): (String, i64) = connection
        .prepare_cached("SELECT out_trade_no, expires_at_ms FROM credential WHERE token = ?1 AND kind IN (?2, ?3)")?
        .query_row([token.as_str(), kinds[0], kinds[1]], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?
        .ok_or(Refusal::UnknownOrder)?;
    let order = order::by_out_trade_no(connection, &out_trade_no)?.ok_or(Refusal::UnknownOrder)?;
    if order.paid.is_none() && now_ms >= expires_at_ms {
        return Err(Refusal::CredentialExpired);
    }
    Ok(order)
}

/// Whether `openid` may pay `order` now.
///
/// # Errors
/// The first reason why not.
pub(crate) fn payable(order: &Order, openid: &str, now_ms: i64) -> Result<(), Refusal> {
    if order.paid.is_some() {
        return Err(Refusal::Paid);
    }
    match order.standing(now_ms) {
        Standing::Success | Standing::Refund => return Err(Refusal::Paid),
        Standing::Closed | Standing::Revoked => return Err(Refusal::Closed),
        Standing::NotPay | Standing::UserPaying => {}
    }
    if order.ordered_by().is_some_and(|ordered_by| ordered_by != openid) {
        return Err(Refusal::OtherUser);
    }
    if now_ms >= order.expires_at_ms { Err(Refusal::OrderExpired) } else { Ok(()) }
}

/// Pays and queues the callback, in one transaction.
///
/// # Errors
/// Why the wallet refuses.
pub(crate) fn pay(app: &App, what: &What, openid: &str) -> Result<Order, Refusal> {
    let now_ms = app.now_ms();
    let paid = app.state.write(|tx| {
        let mut order = find(tx, what, now_ms)?;
        payable(&order, openid, now_ms)?;
        order.pay(openid, now_ms);
        if let Some(hold_ms) = take(tx, Kind::PaidUnseen, Call::Any, &tell::subject(&order, now_ms))? {
            order.seen_from_ms = now_ms + hold_ms;
        }
        order.store_paid(tx)?;
        // The callback tells these apps who paid: from now on they know the openid.
        for appid in [order.text("sp_appid"), order.text("sub_appid")].into_iter().filter(|appid| !appid.is_empty()) {
            users::introduce(tx, appid, openid)?;
        }
        tell::payment(app, tx, &order, now_ms)?;
        Ok::<_, Refusal>(order)
    })?;
    app.queued.notify_one();
    Ok(paid)
}
