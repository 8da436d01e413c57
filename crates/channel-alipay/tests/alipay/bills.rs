//! Bills beyond the suite.

use channel::{BillKind, BillOutcome, BillRequest, Channel, contract::Institution};
use serde_json::json;

use crate::peer::{Mode, Peer, adapter};

fn request(peer: &Peer, day: &str) -> BillRequest {
    BillRequest { kind: BillKind::Trade, day: day.to_owned(), account: Some(peer.account()) }
}

#[tokio::test]
async fn a_bill_is_named_in_chinese_and_asked_for_by_day_protocols_2_4() {
    use channel::contract::{BillState, Counter};
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    for (kind, word) in [(BillKind::Trade, "trade"), (BillKind::Fund, "signcustomer")] {
        let files = peer.bill(kind, "2026-09-20", BillState::Made).await;
        let outcome = channel.fetch_bill(&BillRequest { kind, ..request(&peer, "2026-09-20") }).await;
        let BillOutcome::Ready(bill) = outcome else { panic!("{outcome:?}") };
        assert_eq!(bill.files, files);
        assert_eq!(bill.files[0].0, "2088831204659217_2026-09-20_业务明细.csv");
        assert_eq!(peer.last().biz(), json!({"bill_type": word, "bill_date": "2026-09-20"}));
    }
    assert!(matches!(channel.fetch_bill(&request(&peer, "yesterday")).await, BillOutcome::Unknown(_)));
}

#[tokio::test]
async fn a_bill_is_fetched_from_nowhere_that_is_not_asked_for_openly() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    for address in ["", "bill", "file:///etc/passwd", "ftp://127.0.0.1/bill", "http://user@127.0.0.1/bill"] {
        peer.script(json!({"code": "10000", "bill_download_url": address}));
        let outcome = channel.fetch_bill(&request(&peer, "2026-09-20")).await;
        assert!(matches!(outcome, BillOutcome::Unknown(_)), "{address}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_merchant_who_did_not_give_leave_is_told_apart_from_a_missing_bill() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let today = request(&peer, "2026-09-21");
    for (code, sub_code, expected) in [
        ("40004", "BILL_NOT_EXIST", Some(BillOutcome::NotReady)),
        ("40004", "isp.bill-not-exist", Some(BillOutcome::NotReady)),
        ("40004", "UNKNOW_ERROR", None),
    ] {
        peer.script(json!({"code": code, "sub_code": sub_code, "sub_msg": "它的话"}));
        let outcome = channel.fetch_bill(&today).await;
        match expected {
            Some(expected) => assert_eq!(outcome, expected, "{sub_code}"),
            None => assert!(matches!(outcome, BillOutcome::Unknown(_)), "{sub_code}: {outcome:?}"),
        }
    }
    peer.script(json!({"code": "20001", "sub_code": "aop.invalid-app-auth-token", "sub_msg": "它的话"}));
    assert!(matches!(channel.fetch_bill(&today).await, BillOutcome::Refused(_)));
}
