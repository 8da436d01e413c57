//! What people are told, judged when they are told it.

use serde_json::Value;

use super::{Auditor, order_of};
use crate::network::Answer;

/// Words of an order whose money is there.
const PAID: [&str; 3] = ["paid", "partly_refunded", "refunded"];

impl Auditor {
    /// A payer asked where the order stands; `asked_at_ms` is when. True: the payer was told that it is paid.
    pub fn payer_told(&self, name: &str, asked_at_ms: i64, answer: &Answer, open: &[String]) -> bool {
        let status = answer.json()["status"].as_str().unwrap_or_default().to_owned();
        let order = self.order_of_name(name).unwrap_or_default();
        let has_money = !self.money_of_order(&order).is_empty();
        let before = self.state().told_paid.get(name).copied();
        if PAID.contains(&status.as_str()) {
            if !has_money {
                self.broken(format!("{name} was told that {order} is paid; no institution took anything"));
            }
            self.state().told_paid.entry(name.to_owned()).or_insert_with(|| self.sim.now_ms());
            return true;
        }
        if answer.status == 200 && before.is_some_and(|at_ms| at_ms < asked_at_ms) {
            self.broken(format!("{name} was told that {order} is paid, and later that it is {status}"));
        }
        if status == "closed"
            && let Some(number) = open.first()
        {
            self.broken(format!("{name} was told that {order} is closed while {number} could still be paid"));
        }
        false
    }

    /// A payer was told that the institution refused.
    pub fn payer_refused(&self, name: &str) {
        let order = self.order_of_name(name).unwrap_or_default();
        if !self.state().refused.contains(&order) {
            self.broken(format!("{name} was told that the institution refused {order}; it did not"));
        }
    }

    /// A manager's screen was told of a record, in full.
    pub fn manager_told(&self, merchant_id: i64, manager_id: i64, record: &Value) {
        let order = format!("M{merchant_id}O{}", record["order_id"].as_str().unwrap_or_default());
        let fen = record["amount_fen"].as_i64().unwrap_or_default();
        let money = self.money_of_order(&order);
        if !money.iter().any(|(_, money)| money.fen == fen) {
            self.broken(format!("manager {manager_id} was told of {fen} fen for {order}; no institution took that"));
        }
    }

    /// A manager's screen was told of a record's number.
    pub fn manager_heard(&self, merchant_id: i64, manager_id: i64, record_id: i64) {
        self.state().records.entry((merchant_id, manager_id)).or_default().insert(record_id);
    }

    /// An admin looked at an order: its attempts must not claim what no institution did.
    pub fn admin_told(&self, order: &Value) {
        for payment in order["payments"].as_array().into_iter().flatten() {
            let number = payment["out_trade_no"].as_str().unwrap_or_default();
            let id = payment["transaction_id"].as_str().unwrap_or_default();
            if payment["status"] == "paid" && !self.state().money.contains_key(id) {
                self.broken(format!("an admin was told that {number} is paid by {id}; no institution took that"));
            }
        }
        let number = order["payments"][0]["out_trade_no"].as_str().unwrap_or_default();
        let status = order["status"].as_str().unwrap_or_default();
        if PAID.contains(&status) && self.money_of_order(order_of(number)).is_empty() {
            self.broken(format!("an admin was told that {number} is {status}; no institution took anything"));
        }
    }
}
