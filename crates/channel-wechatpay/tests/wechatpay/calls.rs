//! Calls: what is sent, and what each answer means.

use channel::{
    Account, Channel, CloseOutcome, Credential, PayerId, Prepay, PrepayOutcome, QueryOutcome, RefusalKind, Scene,
    contract::Institution,
};
use money::Amount;
use serde_json::{Value, json};

use crate::peer::{
    Mode, Peer, adapter, adapter_with, beijing,
    keys::{KEYS, PUBLIC_KEY_ID, SP_APPID, SP_MCHID, SUB_APPID, SUB_MCHID, Who},
    settings,
};

fn prepay(number: &str, scene: Scene) -> Prepay {
    Prepay {
        out_trade_no: number.to_owned(),
        amount: Amount::from_fen(1),
        description: "学费 🎓".to_owned(),
        notify_url: "https://pay.example.com/callback/wechatpay/demo".to_owned(),
        expires_at_ms: 1_790_001_800_000,
        scene,
        return_url: None,
    }
}

#[tokio::test]
async fn the_wallets_parameters_carry_the_orders_appid_and_our_signature_protocols_1_6() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    for (payer, appid) in
        [(PayerId::Provider("o-sp".to_owned()), SP_APPID), (PayerId::Merchant("o-sub".to_owned()), SUB_APPID)]
    {
        let number = format!("invoke-{appid}");
        let outcome = channel.prepay(&peer.account(), &prepay(&number, Scene::Jsapi(payer))).await;
        let PrepayOutcome::Ready(Credential::Jsapi(invoke)) = outcome else { panic!("{outcome:?}") };
        assert_eq!((invoke.app_id.as_str(), invoke.sign_type.as_str()), (appid, "RSA"));
        assert_eq!(invoke.time_stamp, "1790000000");
        assert_eq!(invoke.package, format!("prepay_id=wx{number}"));
        let text = format!("{appid}\n1790000000\n{}\n{}\n", invoke.nonce_str, invoke.package);
        assert!(KEYS.merchant_signed(text.as_bytes(), &invoke.pay_sign));
        let page = serde_json::to_value(&invoke).unwrap();
        assert!(
            ["appId", "timeStamp", "nonceStr", "package", "signType", "paySign"].iter().all(|k| page[k].is_string())
        );
    }
}

#[tokio::test]
async fn the_body_has_only_documented_fields_and_none_is_null_protocols_1_2() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    channel.prepay(&peer.account(), &prepay("body-01", Scene::H5 { client_ip: "2001:db8::1".to_owned() })).await;
    let seen = peer.last();
    assert_eq!((seen.method.as_str(), seen.path_and_query.as_str()), ("POST", "/v3/pay/partner/transactions/h5"));
    assert_eq!(
        serde_json::from_slice::<Value>(&seen.body).unwrap(),
        json!({
            "sp_appid": SP_APPID, "sp_mchid": SP_MCHID, "sub_mchid": SUB_MCHID, "description": "学费",
            "out_trade_no": "body-01", "time_expire": "2026-09-21T22:43:20+08:00",
            "notify_url": "https://pay.example.com/callback/wechatpay/demo",
            "amount": {"total": 1, "currency": "CNY"},
            "scene_info": {"payer_client_ip": "2001:db8::1", "h5_info": {"type": "Wap"}},
        })
    );
}

#[tokio::test]
async fn answers_signed_with_the_public_key_are_asked_for_only_where_it_is_configured_protocols_1_2() {
    for (mode, asked) in [(Mode::PublicKey, Some(PUBLIC_KEY_ID)), (Mode::Certificate, None)] {
        let peer = Peer::start(mode, mode).await;
        assert_eq!(adapter(&peer, mode).query(&peer.account(), "serial-1").await, QueryOutcome::NotFound);
        assert_eq!(peer.last().headers.get("wechatpay-serial").map(|v| v.to_str().unwrap()), asked);
        assert_eq!(peer.last().headers["user-agent"], "mott-test");
    }
}

#[tokio::test]
async fn a_number_with_reserved_characters_is_signed_as_it_is_sent_protocols_1_2() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let outcome = channel.prepay(&peer.account(), &prepay("a|b*c-1_", Scene::Native)).await;
    assert!(matches!(outcome, PrepayOutcome::Ready(_)), "{outcome:?}");
    assert_eq!(channel.query(&peer.account(), "a|b*c-1_").await, QueryOutcome::Pending);
    assert_eq!(channel.close(&peer.account(), "a|b*c-1_").await, CloseOutcome::Closed);
}

#[tokio::test]
async fn what_the_protocol_forbids_is_refused_without_being_sent() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let good = prepay("local-1", Scene::Native);
    let jsapi = Scene::Jsapi(PayerId::Merchant("o-sub".to_owned()));
    let bad = [
        Prepay { out_trade_no: "short".to_owned(), ..good.clone() },
        Prepay { amount: Amount::ZERO, ..good.clone() },
        Prepay { notify_url: "https://a.example.com/?b=1".to_owned(), ..good.clone() },
        Prepay { expires_at_ms: i64::MAX, ..good.clone() },
        Prepay { scene: Scene::H5 { client_ip: "unknown".to_owned() }, ..good.clone() },
        Prepay { scene: jsapi, ..good },
    ];
    let account = Account { sub_mchid: SUB_MCHID.to_owned(), sub_appid: None, authorization: None };
    for prepay in bad {
        let outcome = channel.prepay(&account, &prepay).await;
        let PrepayOutcome::Refused(refusal) = &outcome else { panic!("{outcome:?}") };
        assert_eq!((refusal.kind, refusal.code.as_str()), (RefusalKind::BadRequest, "NOT_SENT"));
    }
    assert!(matches!(channel.query(&account, "a/../b").await, QueryOutcome::Unknown(_)));
    assert!(matches!(channel.close(&account, "a/../b").await, CloseOutcome::Unknown(_)));
    assert!(peer.facts().seen.is_empty());
}

#[tokio::test]
async fn only_documented_codes_refuse_a_prepay_and_all_else_is_unknown_protocols_1_10() {
    use RefusalKind::*;
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let table = [
        (400, "PARAM_ERROR", 0, Some(BadRequest)),
        (400, "INVALID_REQUEST", 270_924_358, Some(BadRequest)),
        (400, "INVALID_REQUEST", 268_498_688, Some(NumberSpent)),
        (400, "ORDER_CLOSED", 0, Some(NumberSpent)),
        (400, "ORDERPAID", 0, Some(NumberSpent)),
        (400, "ORDER_PAID", 0, Some(NumberSpent)),
        (403, "OUT_TRADE_NO_USED", 0, Some(NumberSpent)),
        (400, "APPID_MCHID_NOT_MATCH", 0, Some(NotAuthorised)),
        (400, "MCH_NOT_EXISTS", 0, Some(NotAuthorised)),
        (403, "NO_AUTH", 0, Some(NotAuthorised)),
        (401, "SIGN_ERROR", 0, Some(BadRequest)),
        (403, "RULE_LIMIT", 0, Some(Other)),
        (403, "TRADE_ERROR", 0, Some(Other)),
        (403, "ACCOUNT_ERROR", 0, Some(Payer)),
        (403, "NOT_ENOUGH", 0, Some(Payer)),
        (403, "USER_ACCOUNT_ABNORMAL", 0, Some(Payer)),
        (404, "ORDER_NOT_EXIST", 0, None),
        (404, "RESOURCE_NOT_EXISTS", 0, None),
        (429, "FREQUENCY_LIMITED", 0, None),
        (429, "RATELIMIT_EXCEEDED", 0, None),
        (418, "NEVER_HEARD_OF", 0, None),
        (500, "SYSTEM_ERROR", 0, None),
        (500, "PARAM_ERROR", 0, None),
        (503, "SERVICE_UNAVAILABLE", 0, None),
    ];
    for (status, code, number, kind) in table {
        peer.script(status, json!({"code": code, "message": "它的话"}), number);
        match (channel.prepay(&peer.account(), &prepay("table-1", Scene::Native)).await, kind) {
            (PrepayOutcome::Refused(refusal), Some(kind)) => {
                assert_eq!((refusal.kind, refusal.code.as_str(), refusal.message.as_str()), (kind, code, "它的话"));
            }
            (PrepayOutcome::Unknown(words), None) => {
                assert!(words.contains(code) && words.contains("它的话"), "{words}")
            }
            (outcome, _) => panic!("{status} {code}: {outcome:?}"),
        }
    }
    for (status, body) in [(202, json!({})), (200, json!({"no": "credential"})), (400, json!(["no code"]))] {
        peer.script(status, body, 0);
        let outcome = channel.prepay(&peer.account(), &prepay("table-1", Scene::Native)).await;
        assert!(matches!(outcome, PrepayOutcome::Unknown(_)), "{status}: {outcome:?}");
    }
}

fn order(state: &str) -> Value {
    json!({
        "sp_appid": SP_APPID, "sp_mchid": SP_MCHID, "sub_appid": SUB_APPID, "sub_mchid": SUB_MCHID,
        "out_trade_no": "states-1", "transaction_id": "4200001", "trade_type": "JSAPI", "trade_state": state,
        "success_time": beijing(1_790_000_000_000),
        "payer": {"sp_openid": "o-sp", "sub_openid": "o-sub"},
        "amount": {"total": 1250, "payer_total": 1200, "currency": "CNY", "payer_currency": "CNY"},
    })
}

#[tokio::test]
async fn every_trade_state_has_its_meaning_and_a_refunded_order_was_paid_protocols_1_6() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    for state in ["SUCCESS", "REFUND"] {
        peer.script(200, order(state), 0);
        let outcome = channel.query(&peer.account(), "states-1").await;
        let QueryOutcome::Succeeded(success) = outcome else { panic!("{state}: {outcome:?}") };
        assert_eq!((success.total, success.payer_total), (Amount::from_fen(1250), Some(Amount::from_fen(1200))));
        assert_eq!((success.payer_id.as_deref(), success.settlement), (Some("o-sub"), None));
        assert_eq!((success.success_at_ms, success.transaction_id.as_str()), (1_790_000_000_000, "4200001"));
        assert_eq!((success.sub_appid.as_deref(), success.trade_type.as_str()), (Some(SUB_APPID), "JSAPI"));
    }
    let mut by_code = order("PAYERROR");
    by_code["trade_type"] = json!("MICROPAY");
    for (body, outcome) in [
        (order("NOTPAY"), QueryOutcome::Pending),
        (order("USERPAYING"), QueryOutcome::Pending),
        (order("PAYERROR"), QueryOutcome::Pending),
        (by_code, QueryOutcome::Closed),
        (order("CLOSED"), QueryOutcome::Closed),
        (order("REVOKED"), QueryOutcome::Closed),
    ] {
        peer.script(200, body.clone(), 0);
        assert_eq!(channel.query(&peer.account(), "states-1").await, outcome, "{body}");
    }
}

#[tokio::test]
async fn an_order_that_is_not_ours_or_cannot_be_read_is_unknown() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let changed = |state: &str, field: &str, value: Value| {
        let mut body = order(state);
        body[field] = value;
        body
    };
    for body in [
        order("SOMETHING_NEW"),
        changed("SUCCESS", "out_trade_no", json!("another-1")),
        changed("CLOSED", "sub_mchid", json!("1900000999")),
        changed("SUCCESS", "transaction_id", json!("")),
        changed("SUCCESS", "success_time", json!("yesterday")),
        changed("SUCCESS", "amount", json!({"currency": "CNY"})),
        changed("SUCCESS", "amount", json!({"total": 12.5, "currency": "CNY"})),
        json!("an order"),
    ] {
        peer.script(200, body.clone(), 0);
        let outcome = channel.query(&peer.account(), "states-1").await;
        assert!(matches!(outcome, QueryOutcome::Unknown(_)), "{body}: {outcome:?}");
    }
    peer.script(200, changed("SUCCESS", "sub_mchid", json!("1900000999")), 0);
    let outcome = channel.query(&peer.account(), "states-1").await;
    assert!(matches!(&outcome, QueryOutcome::Succeeded(s) if s.sub_mchid == "1900000999"), "kept for the order's room");
}

#[tokio::test]
async fn query_and_close_act_on_documented_errors_only_protocols_1_6() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    for (status, code, found, closed) in [
        (404, "ORDER_NOT_EXIST", Some(QueryOutcome::NotFound), Some(CloseOutcome::Closed)),
        (400, "ORDER_NOT_EXIST", None, None),
        (404, "RESOURCE_NOT_EXISTS", None, None),
        (400, "ORDERPAID", None, Some(CloseOutcome::AlreadyPaid)),
        (400, "ORDER_PAID", None, Some(CloseOutcome::AlreadyPaid)),
        (400, "ORDER_CLOSED", None, Some(CloseOutcome::Closed)),
        (401, "SIGN_ERROR", None, None),
        (403, "NO_AUTH", None, None),
        (429, "FREQUENCY_LIMITED", None, None),
        (500, "ORDER_NOT_EXIST", None, None),
    ] {
        peer.script(status, json!({"code": code, "message": "它的话"}), 0);
        match (channel.query(&peer.account(), "errors-1").await, found) {
            (QueryOutcome::Unknown(words), None) => assert!(words.contains(code), "{words}"),
            (outcome, found) => assert_eq!(Some(outcome), found, "{status} {code}"),
        }
        match (channel.close(&peer.account(), "errors-1").await, closed) {
            (CloseOutcome::Unknown(words), None) => assert!(words.contains(code), "{words}"),
            (outcome, closed) => assert_eq!(Some(outcome), closed, "{status} {code}"),
        }
    }
    peer.script(200, json!({}), 0);
    assert!(matches!(channel.close(&peer.account(), "errors-1").await, CloseOutcome::Unknown(_)));
}

#[tokio::test]
async fn an_answer_signed_with_a_new_certificate_is_believed_once_it_is_fetched_protocols_1_3() {
    let peer = Peer::start(Mode::Certificate, Mode::Certificate).await;
    let channel = adapter(&peer, Mode::Certificate);
    channel.prepay(&peer.account(), &prepay("rotate-1", Scene::Native)).await;
    peer.facts().answers = Who::NextCertificate;
    peer.facts().listed = vec![Who::Certificate, Who::NextCertificate];
    for _ in 0..3 {
        assert_eq!(channel.query(&peer.account(), "rotate-1").await, QueryOutcome::Pending);
    }
    let fetched = peer.facts().seen.iter().filter(|seen| seen.path_and_query == "/v3/certificates").count();
    assert_eq!(fetched, 1);
}

#[tokio::test]
async fn a_provider_without_any_key_fetches_its_first_certificates_protocols_1_3() {
    let peer = Peer::start(Mode::Certificate, Mode::Certificate).await;
    let mut bare = settings(&peer.base_url, Mode::Certificate);
    bare.platform_certificates_pem.clear();
    let channel = adapter_with(&peer, bare.clone());
    let outcome = channel.prepay(&peer.account(), &prepay("first-01", Scene::Native)).await;
    assert!(matches!(outcome, PrepayOutcome::Ready(_)), "{outcome:?}");
    // Whoever cannot seal with the APIv3 key cannot bring a key.
    bare.apiv3_key = "another-key-of-32-characters-123".to_owned();
    let channel = adapter_with(&peer, bare);
    let outcome = channel.query(&peer.account(), "first-01").await;
    assert!(matches!(outcome, QueryOutcome::Unknown(_)), "{outcome:?}");
}

#[tokio::test]
async fn an_institution_that_is_not_there_is_unknown_product_6_5() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter_with(&peer, settings("http://127.0.0.1:1", Mode::PublicKey));
    let outcome = channel.prepay(&peer.account(), &prepay("nobody-1", Scene::Native)).await;
    assert!(matches!(&outcome, PrepayOutcome::Unknown(_)), "{outcome:?}");
}
