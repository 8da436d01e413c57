//! Refunds and bills beyond the suite: what is sent, and what each answer means.

use channel::{
    BillKind, BillOutcome, BillRequest, Channel, Notice, NoticeError, Refund, RefundFact, RefundOutcome,
    RefundQueryOutcome, RefundStatus, RefusalKind, contract::Institution,
};
use money::Amount;
use serde_json::{Value, json};

use crate::peer::{
    Mode, Peer, adapter, envelope,
    keys::{SP_MCHID, SUB_MCHID, Who},
};

fn refund() -> Refund {
    Refund {
        out_refund_no: "R_1|2@x".to_owned(),
        out_trade_no: "order-01".to_owned(),
        transaction_id: "4200001".to_owned(),
        amount: Amount::from_fen(500),
        total: Amount::from_fen(1250),
        reason: "退".repeat(40),
        notify_url: "https://pay.example.com/callback/wechatpay/demo".to_owned(),
    }
}

/// A refund as an answer carries it.
fn answer(status: &str) -> Value {
    json!({
        "refund_id": "50300001", "out_refund_no": "R_1|2@x", "transaction_id": "4200001", "out_trade_no": "order-01",
        "channel": "ORIGINAL", "user_received_account": "支付用户零钱", "success_time": "2026-09-21T22:13:20+08:00",
        "create_time": "2026-09-21T22:13:20+08:00", "status": status, "a_new_field": [null],
        "amount": {"total": 1250, "refund": 500, "payer_total": 1250, "payer_refund": 500, "currency": "CNY"},
    })
}

#[tokio::test]
async fn a_refund_is_asked_for_by_their_number_and_only_with_documented_fields_protocols_1_8() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    peer.script(200, answer("SUCCESS"), 0);
    let outcome = channel.refund(&peer.account(), &refund()).await;
    let fact = RefundFact {
        sp_mchid: None,
        sub_mchid: None,
        out_refund_no: "R_1|2@x".to_owned(),
        out_trade_no: "order-01".to_owned(),
        transaction_id: "4200001".to_owned(),
        refund_id: Some("50300001".to_owned()),
        status: RefundStatus::Succeeded,
        amount: Amount::from_fen(500),
        total: Some(Amount::from_fen(1250)),
        success_at_ms: Some(1_790_000_000_000),
        received_account: "支付用户零钱".to_owned(),
    };
    assert_eq!(outcome, RefundOutcome::Known(fact.clone()));
    let seen = peer.last();
    assert_eq!((seen.method.as_str(), seen.path_and_query.as_str()), ("POST", "/v3/refund/domestic/refunds"));
    let body = json!({
        "sub_mchid": SUB_MCHID, "transaction_id": "4200001", "out_refund_no": "R_1|2@x", "reason": "退".repeat(26),
        "notify_url": "https://pay.example.com/callback/wechatpay/demo",
        "amount": {"refund": 500, "total": 1250, "currency": "CNY"},
    });
    assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap(), body);
    assert_eq!(channel.query_refund(&peer.account(), &refund()).await, RefundQueryOutcome::Known(fact));
    let path = format!("/v3/refund/domestic/refunds/R_1%7C2%40x?sub_mchid={SUB_MCHID}");
    assert_eq!(peer.last().path_and_query, path);
    channel.refund(&peer.account(), &Refund { reason: " 🎓".to_owned(), ..refund() }).await;
    assert!(serde_json::from_slice::<Value>(&peer.last().body).unwrap().get("reason").is_none());
}

#[tokio::test]
async fn every_code_of_a_refund_has_its_outcome_and_what_passes_is_asked_again_protocols_1_8_and_1_10() {
    use RefusalKind::*;
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let table = [
        (400, "PARAM_ERROR", Some(BadRequest)),
        (400, "INVALID_REQUEST", Some(Other)),
        (404, "RESOURCE_NOT_EXISTS", Some(Other)),
        (403, "NO_AUTH", Some(NotAuthorised)),
        (404, "MCH_NOT_EXISTS", Some(NotAuthorised)),
        (403, "USER_ACCOUNT_ABNORMAL", Some(Payer)),
        (429, "FREQUENCY_LIMITED", None),
        (429, "RATELIMIT_EXCEEDED", None),
        (400, "BIZERR_NEED_RETRY", None),
        (401, "SIGN_ERROR", None),
        (500, "SYSTEM_ERROR", None),
        (500, "NOT_ENOUGH", None),
        (418, "NEVER_HEARD_OF", None),
    ];
    for (status, code, kind) in table {
        peer.script(status, json!({"code": code, "message": "它的话"}), 0);
        match (channel.refund(&peer.account(), &refund()).await, kind) {
            (RefundOutcome::Refused(refusal), Some(kind)) => {
                assert_eq!((refusal.kind, refusal.code.as_str(), refusal.message.as_str()), (kind, code, "它的话"));
            }
            (RefundOutcome::Unknown(words), None) => assert!(words.contains(code) && words.contains("它的话")),
            (outcome, _) => panic!("{status} {code}: {outcome:?}"),
        }
        let queried = channel.query_refund(&peer.account(), &refund()).await;
        match (status, code) {
            (404, "RESOURCE_NOT_EXISTS") => assert_eq!(queried, RefundQueryOutcome::NotFound),
            _ => assert!(matches!(&queried, RefundQueryOutcome::Unknown(words) if words.contains(code)), "{queried:?}"),
        }
    }
    peer.script(403, json!({"code": "NOT_ENOUGH", "message": "基本账户余额不足"}), 0);
    let outcome = channel.refund(&peer.account(), &refund()).await;
    assert!(
        matches!(&outcome, RefundOutcome::NotEnough(refusal) if refusal.message == "基本账户余额不足"),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_refund_that_is_not_ours_or_cannot_be_read_is_unknown() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let changed = |field: &str, value: Value| {
        let mut body = answer("SUCCESS");
        body[field] = value;
        body
    };
    for (status, body) in [
        (200, answer("SOMETHING_NEW")),
        (200, changed("out_refund_no", json!("another"))),
        (200, changed("amount", json!({"refund": 0}))),
        (200, changed("amount", json!({"refund": 5.0}))),
        (200, changed("amount", Value::Null)),
        (200, json!("a refund")),
        (202, answer("PROCESSING")),
    ] {
        peer.script(status, body.clone(), 0);
        let asked = channel.refund(&peer.account(), &refund()).await;
        assert!(matches!(asked, RefundOutcome::Unknown(_)), "{body}: {asked:?}");
        let queried = channel.query_refund(&peer.account(), &refund()).await;
        assert!(matches!(queried, RefundQueryOutcome::Unknown(_)), "{body}: {queried:?}");
    }
}

#[tokio::test]
async fn a_refund_that_no_institution_takes_is_not_sent() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let bad = [
        Refund { out_refund_no: String::new(), ..refund() },
        Refund { out_refund_no: "a/../b".to_owned(), ..refund() },
        Refund { transaction_id: String::new(), ..refund() },
        Refund { amount: Amount::ZERO, ..refund() },
        Refund { amount: Amount::from_fen(1251), ..refund() },
        Refund { notify_url: "https://a.example.com/?b=1".to_owned(), ..refund() },
    ];
    for refund in bad {
        let outcome = channel.refund(&peer.account(), &refund).await;
        assert!(matches!(&outcome, RefundOutcome::Refused(refusal) if refusal.code == "NOT_SENT"), "{outcome:?}");
    }
    let outcome = channel.query_refund(&peer.account(), &Refund { out_refund_no: "a/b".to_owned(), ..refund() }).await;
    assert!(matches!(outcome, RefundQueryOutcome::Unknown(_)), "{outcome:?}");
    assert!(peer.facts().seen.is_empty());
}

#[tokio::test]
async fn a_refund_callback_is_believed_where_event_and_refund_agree_product_6_3() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let read = |event: &str, status: &str| {
        let resource = json!({
            "sp_mchid": SP_MCHID, "sub_mchid": SUB_MCHID, "out_trade_no": "order-01", "transaction_id": "4200001",
            "out_refund_no": "R1", "refund_id": "50300001", "refund_status": status,
            "success_time": "2026-09-21T22:13:20+08:00", "user_received_account": "支付用户零钱",
            "amount": {"total": 1250, "refund": 500, "payer_total": 1250, "payer_refund": 500},
        });
        let callback = peer.signed(Who::PublicKey, envelope(event, Some("refund"), &resource));
        channel.read_notice(&callback.headers, &callback.body, peer.now_ms())
    };
    for (event, status, told) in [
        ("REFUND.SUCCESS", "SUCCESS", RefundStatus::Succeeded),
        ("REFUND.ABNORMAL", "ABNORMAL", RefundStatus::Abnormal),
        ("REFUND.CLOSED", "CLOSED", RefundStatus::Closed),
    ] {
        let Ok(Notice::Refund(fact)) = read(event, status) else { panic!("{event}") };
        assert_eq!(
            (fact.status, fact.sp_mchid.as_deref(), fact.sub_mchid.as_deref()),
            (told, Some(SP_MCHID), Some(SUB_MCHID))
        );
        assert_eq!(fact.success_at_ms.is_some(), told == RefundStatus::Succeeded);
    }
    for (event, status) in
        [("REFUND.SUCCESS", "CLOSED"), ("REFUND.CLOSED", "SUCCESS"), ("REFUND.SUCCESS", "PROCESSING")]
    {
        assert!(matches!(read(event, status), Err(NoticeError::Unreadable(_))), "{event} {status}");
    }
    assert_eq!(read("REFUND.SOMETHING", "SUCCESS"), Ok(Notice::Other("REFUND.SOMETHING".to_owned())));
}

#[tokio::test]
async fn every_code_of_a_bill_has_its_outcome_protocols_1_9() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let request = |day: &str| BillRequest { kind: BillKind::Trade, day: day.to_owned(), account: Some(peer.account()) };
    let refused = |kind| move |outcome: &BillOutcome| matches!(outcome, BillOutcome::Refused(r) if r.kind == kind);
    let unknown = |outcome: &BillOutcome| matches!(outcome, BillOutcome::Unknown(_));
    type Wanted<'a> = &'a dyn Fn(&BillOutcome) -> bool;
    let table: [(u16, Value, Wanted<'_>); 12] = [
        (400, json!({"code": "STATEMENT_CREATING"}), &|outcome| *outcome == BillOutcome::NotReady),
        (400, json!({"code": "NO_STATEMENT_EXIST"}), &|outcome| *outcome == BillOutcome::Empty),
        (200, json!({"download_bill_count": 0}), &|outcome| *outcome == BillOutcome::Empty),
        (403, json!({"code": "NO_AUTH"}), &refused(RefusalKind::NotAuthorised)),
        (400, json!({"code": "INVALID_REQUEST"}), &refused(RefusalKind::BadRequest)),
        (400, json!({"code": "PARAM_ERROR"}), &refused(RefusalKind::BadRequest)),
        (401, json!({"code": "SIGN_ERROR"}), &unknown),
        (429, json!({"code": "FREQUENCY_LIMITED"}), &unknown),
        (500, json!({"code": "STATEMENT_CREATING"}), &unknown),
        (200, json!({}), &unknown),
        (200, json!({"download_bill_count": 1, "download_bill_list": []}), &unknown),
        (200, json!({"hash_type": "SHA1", "hash_value": "00", "download_url": "not an address"}), &unknown),
    ];
    for (status, body, wanted) in table {
        peer.script(status, body.clone(), 0);
        let outcome = channel.fetch_bill(&request("2026-09-20")).await;
        assert!(wanted(&outcome), "{status} {body}: {outcome:?}");
    }
    let outcome = channel.fetch_bill(&request("20260920")).await;
    assert!(matches!(outcome, BillOutcome::Refused(refusal) if refusal.code == "NOT_SENT"));
}
