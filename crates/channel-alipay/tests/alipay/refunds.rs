//! Refunds beyond the suite.

use channel::{Channel, RefundOutcome, RefundQueryOutcome, RefundStatus, RefusalKind, contract::Institution};
use money::Amount;
use serde_json::{Value, json};

use crate::{
    calls::{error, refund},
    peer::{Mode, Peer, adapter},
};

#[tokio::test]
async fn a_refund_that_moved_nothing_now_is_asked_about_protocols_2_2() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let account = peer.account();
    // Taken, but the question about it, scripted alike, finds nothing of this refund.
    peer.script(json!({"code": "10000", "out_trade_no": "n_1", "fund_change": "N", "refund_fee": "5.00"}));
    assert!(matches!(channel.refund(&account, &refund()).await, RefundOutcome::Unknown(_)));
    // Here it does: another 1.00 went back before, which must not be taken for this one.
    peer.script(json!({
        "code": "10000", "out_trade_no": "n_1", "fund_change": "N", "refund_fee": "6.00", "refund_amount": "5.00",
        "refund_status": "REFUND_SUCCESS", "gmt_refund_pay": "2026-09-21 22:13:20", "total_amount": "12.50",
    }));
    let outcome = channel.refund(&account, &refund()).await;
    let RefundOutcome::Known(fact) = outcome else { panic!("{outcome:?}") };
    assert_eq!((fact.status, fact.amount), (RefundStatus::Succeeded, Amount::from_fen(500)));
    assert_eq!((fact.success_at_ms, fact.total), (Some(1_790_000_000_000), Some(Amount::from_fen(1250))));
    peer.script(json!({"code": "10000", "out_trade_no": "n_2", "fund_change": "Y", "refund_fee": "5.00"}));
    assert!(matches!(channel.refund(&account, &refund()).await, RefundOutcome::Unknown(_)), "another trade's refund");
}

#[tokio::test]
async fn every_refusal_of_a_refund_has_its_kind_protocols_2_2() {
    use RefusalKind::*;
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    for (sub_code, kind) in [
        ("ACQ.DISCORDANT_REPEAT_REQUEST", Some(NumberSpent)),
        ("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", Some(BadRequest)),
        ("ACQ.TRADE_HAS_FINISHED", Some(Other)),
        ("ACQ.TRADE_NOT_ALLOW_REFUND", Some(Other)),
        ("ACQ.CUSTOMER_VALIDATE_ERROR", Some(Payer)),
        ("ACQ.ACCESS_FORBIDDEN", Some(NotAuthorised)),
        ("ACQ.REFUND_CHARGE_ERROR", None),
        ("ACQ.TRADE_SETTLE_ERROR", None),
        ("ACQ.SYSTEM_ERROR", None),
    ] {
        peer.script(error("40004", sub_code));
        match (channel.refund(&peer.account(), &refund()).await, kind) {
            (RefundOutcome::Refused(refusal), Some(kind)) => assert_eq!(refusal.kind, kind, "{sub_code}"),
            (RefundOutcome::Unknown(words), None) => assert!(words.contains(sub_code), "{words}"),
            (outcome, _) => panic!("{sub_code}: {outcome:?}"),
        }
    }
}

#[tokio::test]
async fn a_refund_without_a_state_is_not_found_or_under_way_never_done_protocols_2_2() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let ask = async |node: Value| {
        peer.script(node);
        channel.query_refund(&peer.account(), &refund()).await
    };
    assert_eq!(ask(json!({"code": "10000", "msg": "Success"})).await, RefundQueryOutcome::NotFound);
    assert_eq!(ask(error("40004", "ACQ.TRADE_NOT_EXIST")).await, RefundQueryOutcome::NotFound);
    for status in [None, Some("REFUND_PROCESSING")] {
        let mut node = json!({"code": "10000", "out_request_no": "r_1", "refund_amount": "5.00"});
        if let Some(status) = status {
            node["refund_status"] = json!(status);
        }
        let outcome = ask(node).await;
        assert!(
            matches!(&outcome, RefundQueryOutcome::Known(f) if f.status == RefundStatus::Processing),
            "{outcome:?}"
        );
    }
    for node in [
        json!({"code": "10000", "refund_status": "REFUND_SUCCESS"}),
        json!({"code": "10000", "refund_status": "REFUND_FAIL", "refund_amount": "5.00"}),
        json!({"code": "10000", "refund_status": "REFUND_SUCCESS", "refund_amount": "5.00", "out_request_no": "r_2"}),
        error("40004", "ACQ.SYSTEM_ERROR"),
    ] {
        let outcome = ask(node.clone()).await;
        assert!(matches!(outcome, RefundQueryOutcome::Unknown(_)), "{node}: {outcome:?}");
    }
}
