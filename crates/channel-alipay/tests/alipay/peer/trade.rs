//! Trades as the institution keeps them.

use std::collections::BTreeMap;

use channel::contract::{Attempt, MadeRefund};
use jiff::civil::DateTime;
use money::Amount;
use serde_json::{Value, json};

use super::{
    Facts, beijing,
    keys::{APP_ID, SELLER_ID, USER_ID},
};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    Waiting,
    Paid,
    Closed,
}

/// What was asked for and is no trade yet.
#[derive(Clone, Debug)]
pub struct Open {
    pub asked: Value,
    pub notify_url: String,
}

#[derive(Clone, Debug)]
pub struct Trade {
    pub asked: Value,
    pub notify_url: String,
    pub trade_no: String,
    pub state: State,
    pub paid_at_ms: i64,
    /// Our numbers and fen.
    pub refunds: Vec<(String, i64)>,
}

pub fn fen(value: &Value) -> i64 {
    value.as_str().unwrap().parse::<Amount>().unwrap().fen()
}

pub fn yuan(fen: i64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

impl Open {
    pub fn become_trade(self, trade_no: String, trades: &mut BTreeMap<String, Trade>) {
        let number = self.asked["out_trade_no"].as_str().unwrap().to_owned();
        let Open { asked, notify_url } = self;
        trades.entry(number).or_insert(Trade {
            asked,
            notify_url,
            trade_no,
            state: State::Waiting,
            paid_at_ms: 0,
            refunds: Vec::new(),
        });
    }
}

impl Trade {
    pub fn pay(&mut self, now_ms: i64) {
        assert_eq!(self.state, State::Waiting);
        self.state = State::Paid;
        self.paid_at_ms = now_ms;
    }

    pub fn total(&self) -> i64 {
        fen(&self.asked["total_amount"])
    }

    pub fn refunded(&self) -> i64 {
        self.refunds.iter().map(|(_, fen)| fen).sum()
    }

    pub fn number(&self) -> &str {
        self.asked["out_trade_no"].as_str().unwrap()
    }

    /// Fully refunded is closed, too.
    pub fn word(&self) -> &'static str {
        match self.state {
            State::Waiting => "WAIT_BUYER_PAY",
            State::Paid if self.refunded() < self.total() => "TRADE_SUCCESS",
            State::Paid | State::Closed => "TRADE_CLOSED",
        }
    }

    /// As a query tells it: zeros where there is nothing to tell.
    pub fn told(&self) -> Value {
        let mut told = json!({
            "code": "10000", "msg": "Success", "out_trade_no": self.number(), "trade_no": self.trade_no,
            "trade_status": self.word(), "total_amount": self.asked["total_amount"], "point_amount": "0.00",
            "invoice_amount": "0.00", "receipt_amount": "0.00", "buyer_pay_amount": "0.00", "a_new_field": {"of": [1]},
        });
        if self.state == State::Paid {
            told["send_pay_date"] = json!(beijing(self.paid_at_ms));
            told["buyer_user_id"] = json!(USER_ID);
            told["buyer_logon_id"] = json!("159****5620");
            told["receipt_amount"] = self.asked["total_amount"].clone();
            told["buyer_pay_amount"] = self.asked["total_amount"].clone();
        }
        told
    }
}

pub fn attempt(number: &str, trade: &Trade) -> Attempt {
    let time = trade.asked["time_expire"].as_str().unwrap().replace(' ', "T");
    let expires: DateTime = time.parse().unwrap();
    Attempt {
        out_trade_no: number.to_owned(),
        sub_mchid: trade.asked["seller_id"].as_str().unwrap().to_owned(),
        amount: Amount::from_fen(trade.total()),
        description: trade.asked["subject"].as_str().unwrap().to_owned(),
        notify_url: trade.notify_url.clone(),
        expires_at_ms: jiff::tz::offset(8).to_timestamp(expires).unwrap().as_millisecond(),
    }
}

pub fn refunds(number: &str, trade: &Trade) -> Vec<MadeRefund> {
    let made = |(refund, fen): &(String, i64)| MadeRefund {
        out_refund_no: refund.clone(),
        out_trade_no: number.to_owned(),
        amount: Amount::from_fen(*fen),
    };
    trade.refunds.iter().map(made).collect()
}

/// The parameters of a callback about a payment or, with our number and the sum of all refunds, about a refund.
pub fn notice(trade: &Trade, refund: Option<(&str, i64)>, facts: &Facts) -> Vec<(String, String)> {
    let total = yuan(trade.total());
    let paid_at = beijing(trade.paid_at_ms);
    let mut parameters = vec![
        ("gmt_create", paid_at.clone()),
        ("charset", "utf-8".to_owned()),
        ("seller_email", "shop@example.com".to_owned()),
        ("subject", trade.asked["subject"].as_str().unwrap().to_owned()),
        ("buyer_id", USER_ID.to_owned()),
        ("invoice_amount", total.clone()),
        ("notify_id", format!("2026112300222{}", trade.trade_no)),
        ("fund_bill_list", format!("[{{\"amount\":\"{total}\",\"fundChannel\":\"ALIPAYACCOUNT\"}}]")),
        ("notify_type", "trade_status_sync".to_owned()),
        ("trade_status", trade.word().to_owned()),
        ("receipt_amount", total.clone()),
        ("buyer_pay_amount", total.clone()),
        ("app_id", APP_ID.to_owned()),
        ("auth_app_id", "2021009999999999".to_owned()),
        ("seller_id", SELLER_ID.to_owned()),
        ("gmt_payment", paid_at),
        ("notify_time", beijing(facts.now_ms)),
        ("version", "1.0".to_owned()),
        ("out_trade_no", trade.number().to_owned()),
        ("total_amount", total),
        ("trade_no", trade.trade_no.clone()),
        ("buyer_logon_id", "159****5620".to_owned()),
        ("point_amount", "0.00".to_owned()),
    ];
    if let Some((number, sum)) = refund {
        parameters.push(("out_biz_no", number.to_owned()));
        parameters.push(("refund_fee", yuan(sum)));
        parameters.push(("gmt_refund", format!("{}.143", beijing(facts.now_ms))));
    }
    parameters.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
