//! The peer as `channel::contract` drives its counter.

use async_trait::async_trait;
use channel::{
    BillKind, RefundStatus, Secret,
    contract::{BillState, Callback, Counter, MadeRefund, Till},
};
use money::Amount;
use serde_json::json;

use super::{
    Peer, Refunded,
    counter::refund_json,
    envelope,
    keys::{SP_MCHID, SUB_MCHID},
};

#[async_trait]
impl Counter for Peer {
    async fn payment_code(&self, payer: Till) -> Secret {
        let mut facts = self.facts();
        let code = format!("13{:016}", facts.codes.len() + facts.orders.len() * 1000 + facts.seen.len() * 1_000_000);
        facts.codes.insert(code.clone(), payer);
        Secret(code)
    }

    async fn walk_away(&self, out_trade_no: &str) {
        self.facts().orders.get_mut(out_trade_no).unwrap().state = "PAYERROR";
    }

    async fn refunds(&self) -> Vec<MadeRefund> {
        let made = |made: &Refunded| MadeRefund {
            out_refund_no: made.number.clone(),
            out_trade_no: made.out_trade_no.clone(),
            amount: Amount::from_fen(made.fen),
        };
        self.facts().refunds.iter().map(made).collect()
    }

    fn refunds_can_be(&self, _: RefundStatus) -> bool {
        true
    }

    async fn settle_refund(&self, out_refund_no: &str, status: RefundStatus) {
        let mut facts = self.facts();
        let made = facts.refunds.iter_mut().find(|made| made.number == out_refund_no).unwrap();
        made.status = match status {
            RefundStatus::Processing => "PROCESSING",
            RefundStatus::Succeeded => "SUCCESS",
            RefundStatus::Closed => "CLOSED",
            RefundStatus::Abnormal => "ABNORMAL",
        };
    }

    async fn empty_account(&self, empty: bool) {
        self.facts().poor = empty;
    }

    async fn refund_callback(&self, out_refund_no: &str) -> Option<Callback> {
        let (event, json) = {
            let facts = self.facts();
            let made = facts.refunds.iter().find(|made| made.number == out_refund_no).unwrap();
            let mut json = refund_json(made, facts.now_ms);
            let fields = json.as_object_mut().unwrap();
            for unknown in ["status", "channel", "funds_account", "create_time"] {
                fields.remove(unknown);
            }
            json["refund_status"] = json!(made.status);
            json["sp_mchid"] = json!(SP_MCHID);
            json["sub_mchid"] = json!(SUB_MCHID);
            (format!("REFUND.{}", made.status), json)
        };
        Some(self.signed(self.callbacks.into(), envelope(&event, Some("refund"), &json)))
    }

    async fn bill(&self, kind: BillKind, day: &str, state: BillState) -> Vec<(String, Vec<u8>)> {
        let name = match kind {
            BillKind::Trade => "trade",
            BillKind::Fund => "fund",
        };
        let text = format!("\u{feff}交易时间,特约商户号\r\n`{day} 05:01:46,`{SUB_MCHID}\r\n总交易单数\r\n`1.0\r\n");
        let bytes = text.into_bytes();
        self.facts().bills.insert(format!("{name}-{day}"), (state, bytes.clone()));
        if state == BillState::Made { vec![(name.to_owned(), bytes)] } else { Vec::new() }
    }

    fn has_bill(&self, _: BillKind, _: BillState) -> bool {
        true
    }
}
