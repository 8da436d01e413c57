//! Calls: what is sent, and what each answer means.

use channel::{
    Account, Channel, CloseOutcome, Credential, IdentifyError, PayByCode, PayByCodeOutcome, PayerId, Prepay,
    PrepayOutcome, QueryOutcome, Refund, RefundOutcome, RefundQueryOutcome, RefusalKind, ReverseOutcome, Scene, Secret,
    contract::Institution,
};
use money::Amount;
use serde_json::{Value, json};

use crate::peer::{
    Mode, Peer, adapter, adapter_with,
    keys::{APP_ID, AUTH_TOKEN, KEYS, SELLER_ID, USER_ID, Who, app_serial, root_serial},
    settings,
};

pub fn prepay(number: &str, scene: Scene) -> Prepay {
    Prepay {
        out_trade_no: number.to_owned(),
        amount: Amount::from_fen(1250),
        description: "学费/春季".to_owned(),
        notify_url: "https://pay.example.com/callback/alipay/demo".to_owned(),
        expires_at_ms: 1_790_001_800_000,
        scene,
        return_url: Some("https://pay.example.com/pay/o1?back=1".to_owned()),
    }
}

fn jsapi(id: &str) -> Scene {
    Scene::Jsapi(PayerId::Provider(id.to_owned()))
}

fn h5() -> Scene {
    Scene::H5 { client_ip: "203.0.113.9".to_owned() }
}

pub fn error(code: &str, sub_code: &str) -> Value {
    json!({"code": code, "msg": "Failed", "sub_code": sub_code, "sub_msg": "它的话"})
}

pub fn refund() -> Refund {
    Refund {
        out_refund_no: "r_1".to_owned(),
        out_trade_no: "n_1".to_owned(),
        transaction_id: "2026112322001".to_owned(),
        amount: Amount::from_fen(500),
        total: Amount::from_fen(1250),
        reason: "退费".to_owned(),
        notify_url: "https://pay.example.com/callback/alipay/demo".to_owned(),
    }
}

#[tokio::test]
async fn a_trade_in_the_wallet_names_the_buyer_as_the_application_knows_him_protocols_2_2() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let open_id = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5";
    for (id, field) in [(USER_ID, "buyer_id"), (open_id, "buyer_open_id")] {
        let number = format!("create_{field}");
        let outcome = channel.prepay(&peer.account(), &prepay(&number, jsapi(id))).await;
        assert!(matches!(outcome, PrepayOutcome::Ready(Credential::Trade { .. })), "{outcome:?}");
        let seen = peer.last();
        assert_eq!(seen.method(), "alipay.trade.create");
        assert_eq!(
            seen.biz(),
            json!({
                "out_trade_no": number, "total_amount": "12.50", "subject": "学费／春季", "seller_id": SELLER_ID,
                "time_expire": "2026-09-21 22:43:20", field: id, "product_code": "JSAPI_PAY",
                "op_app_id": "2021000000000001",
            })
        );
        assert_eq!(seen.address["notify_url"], "https://pay.example.com/callback/alipay/demo");
        assert_eq!((seen.address["app_id"].as_str(), seen.address["app_auth_token"].as_str()), (APP_ID, AUTH_TOKEN));
        assert_eq!(seen.form.keys().collect::<Vec<_>>(), ["biz_content"]);
    }
}

#[tokio::test]
async fn a_code_names_its_product_and_a_trade_whom_alipay_credits_only_where_it_is_set() {
    let peer = Peer::start(Mode::PublicKey).await;
    let plain = adapter(&peer);
    plain.prepay(&peer.account(), &prepay("product_1", Scene::Native)).await;
    let asked = peer.last().biz();
    assert!(asked.get("product_code").is_none() && asked.get("extend_params").is_none(), "{asked}");
    let mut credited = settings(&peer.base_url(), Mode::PublicKey);
    credited.native_product_code = Some("QR_CODE_OFFLINE".to_owned());
    credited.service_provider_id = Some("2088511833207846".to_owned());
    adapter_with(&peer, credited).prepay(&peer.account(), &prepay("product_2", Scene::Native)).await;
    let asked = peer.last().biz();
    assert_eq!(asked["product_code"], "QR_CODE_OFFLINE");
    assert_eq!(asked["extend_params"], json!({"sys_service_provider_id": "2088511833207846"}));
}

#[tokio::test]
async fn certificate_mode_says_which_certificates_are_meant_and_public_key_mode_says_nothing_protocols_2_1() {
    let peer = Peer::start(Mode::Certificate).await;
    adapter(&peer).query(&peer.account(), "serials_1").await;
    let seen = peer.last();
    assert_eq!(
        (seen.address["app_cert_sn"].clone(), seen.address["alipay_root_cert_sn"].clone()),
        (app_serial(), root_serial())
    );
    let peer = Peer::start(Mode::PublicKey).await;
    adapter(&peer).query(&Account::of(SELLER_ID), "serials_1").await;
    let seen = peer.last();
    assert!(
        ["app_cert_sn", "alipay_root_cert_sn", "app_auth_token"].iter().all(|name| !seen.address.contains_key(*name))
    );
}

#[tokio::test]
async fn an_address_is_signed_as_a_whole_and_asks_nobody_protocols_2_2() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let outcome = channel.prepay(&peer.account(), &prepay("wap_1", h5())).await;
    let PrepayOutcome::Ready(credential) = outcome else { panic!("{outcome:?}") };
    assert!(peer.facts().seen.is_empty());
    peer.open(&credential).await;
    assert_eq!(channel.query(&peer.account(), "wap_1").await, QueryOutcome::Pending);
    // The same number again, and time has not moved: the same address.
    assert_eq!(channel.prepay(&peer.account(), &prepay("wap_1", h5())).await, PrepayOutcome::Ready(credential));
}

#[tokio::test]
async fn what_the_protocol_forbids_is_refused_without_being_sent() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    for scene in [jsapi(USER_ID), h5(), Scene::Native] {
        let good = prepay("local_1", scene);
        for bad in [
            Prepay { out_trade_no: "local-1".to_owned(), ..good.clone() },
            Prepay { amount: Amount::ZERO, ..good.clone() },
            Prepay { notify_url: format!("https://a.example.com/{}", "b".repeat(256)), ..good.clone() },
            Prepay { expires_at_ms: i64::MAX, ..good },
        ] {
            let outcome = channel.prepay(&peer.account(), &bad).await;
            let PrepayOutcome::Refused(refusal) = &outcome else { panic!("{outcome:?}") };
            assert_eq!((refusal.kind, refusal.code.as_str()), (RefusalKind::BadRequest, "NOT_SENT"));
        }
    }
    let account = peer.account();
    for number in ["", "a/../b", "a|b"] {
        assert!(matches!(channel.query(&account, number).await, QueryOutcome::Unknown(_)));
        assert!(matches!(channel.query_by_transaction(&account, number).await, QueryOutcome::Unknown(_)));
        assert!(matches!(channel.close(&account, number).await, CloseOutcome::Unknown(_)));
        assert!(matches!(channel.reverse(&account, number).await, ReverseOutcome::Unknown(_)));
        let bad = Refund { out_refund_no: number.to_owned(), ..refund() };
        assert!(matches!(channel.refund(&account, &bad).await, RefundOutcome::Refused(_)));
        assert!(matches!(channel.query_refund(&account, &bad).await, RefundQueryOutcome::Unknown(_)));
    }
    for fen in [0, -1, 1251] {
        let bad = Refund { amount: Amount::from_fen(fen), ..refund() };
        assert!(matches!(channel.refund(&account, &bad).await, RefundOutcome::Refused(_)));
    }
    assert!(peer.facts().seen.is_empty());
}

#[tokio::test]
async fn only_documented_codes_refuse_a_prepay_and_all_else_is_unknown_protocols_2_1() {
    use RefusalKind::*;
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    for (code, sub_code, kind) in [
        ("40004", "ACQ.TRADE_HAS_SUCCESS", Some(NumberSpent)),
        ("40004", "ACQ.TRADE_HAS_CLOSE", Some(NumberSpent)),
        ("40004", "ACQ.CONTEXT_INCONSISTENT", Some(NumberSpent)),
        ("40004", "ACQ.TRADE_BUYER_NOT_MATCH", Some(NumberSpent)),
        ("40004", "ACQ.ACCESS_FORBIDDEN", Some(NotAuthorised)),
        ("40004", "ACQ.PARTNER_ERROR", Some(NotAuthorised)),
        ("40004", "ACQ.INVALID_PARAMETER", Some(BadRequest)),
        ("40004", "ACQ.EXIST_FORBIDDEN_WORD", Some(BadRequest)),
        ("40004", "ACQ.BUYER_SELLER_EQUAL", Some(Payer)),
        ("40004", "ACQ.BUYER_ENABLE_STATUS_FORBID", Some(Payer)),
        ("40004", "ACQ.SELLER_BEEN_BLOCKED", Some(Other)),
        ("40004", "ACQ.BEYOND_PER_RECEIPT_SINGLE_RESTRICTION", Some(Other)),
        ("20001", "aop.invalid-app-auth-token", Some(NotAuthorised)),
        ("40006", "isv.insufficient-isv-permissions", Some(NotAuthorised)),
        ("40002", "isv.invalid-signature", Some(BadRequest)),
        ("40001", "isv.missing-app-id", Some(BadRequest)),
        ("40004", "ACQ.SYSTEM_ERROR", None),
        ("40004", "ACQ.TRADE_NOT_EXIST", None),
        ("40004", "ACQ.SOMETHING_NEW", None),
        ("40004", "SOMETHING_ELSE", None),
        ("20000", "isp.unknow-error", None),
        ("20000", "aop.unknow-error", None),
        ("40005", "app-call-limited", None),
        ("10003", "", None),
        ("99999", "", None),
    ] {
        peer.script(error(code, sub_code));
        match (channel.prepay(&peer.account(), &prepay("table_1", jsapi(USER_ID))).await, kind) {
            (PrepayOutcome::Refused(refusal), Some(kind)) => {
                assert_eq!((refusal.kind, refusal.code.as_str(), refusal.message.as_str()), (kind, sub_code, "它的话"));
            }
            (PrepayOutcome::Unknown(words), None) => assert!(words.contains(code), "{sub_code}: {words}"),
            (outcome, _) => panic!("{code} {sub_code}: {outcome:?}"),
        }
    }
    for node in [
        json!({"code": "10000", "out_trade_no": "table_1"}),
        json!({"code": "10000", "out_trade_no": "table_2", "trade_no": "1"}),
        json!({"code": "10000", "trade_no": 1}),
        json!({"out_trade_no": "table_1", "trade_no": "1"}),
        json!({"code": 10000}),
        json!([]),
    ] {
        peer.script(node.clone());
        let outcome = channel.prepay(&peer.account(), &prepay("table_1", jsapi(USER_ID))).await;
        assert!(matches!(outcome, PrepayOutcome::Unknown(_)), "{node}: {outcome:?}");
    }
}

#[tokio::test]
async fn only_what_was_signed_is_believed_but_for_what_the_gateway_says_at_the_door_protocols_2_1() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let paid = r#"{"code":"10000","out_trade_no":"raw_1","trade_no":"1","trade_status":"TRADE_SUCCESS","total_amount":"12.50","send_pay_date":"2026-09-21 22:00:00"}"#;
    let sign = KEYS.sign(Who::Alipay, paid);
    let node = "alipay_trade_query_response";
    let ask = async |raw: String| {
        peer.facts().raw = Some(raw);
        channel.query(&peer.account(), "raw_1").await
    };
    let outcome = ask(format!(r#"{{"{node}":{paid},"sign":"{sign}"}}"#)).await;
    assert!(matches!(outcome, QueryOutcome::Succeeded(_)), "{outcome:?}");
    for raw in [
        // Another node beside, before and after; twice the same; the wrong one; none.
        format!(r#"{{"{node}":{paid},"{node}":{{"code":"40004"}},"sign":"{sign}"}}"#),
        format!(r#"{{"{node}":{paid},"sign":"{sign}","sign":"{sign}"}}"#),
        format!(r#"{{"{node}":{},"sign":"{sign}"}}"#, paid.replace(',', ", ")),
        format!(r#"{{"{node}":{},"sign":"{sign}"}}"#, paid.replace("12.50", "1.50")),
        format!(r#"{{"alipay_trade_pay_response":{paid},"sign":"{sign}"}}"#),
        format!(r#"{{"{node}":{paid},"sign":""}}"#),
        format!(r#"{{"{node}":{paid},"sign":null}}"#),
        format!(r#"{{"{node}":{paid}}}"#),
        format!(r#"{{"error_response":{paid}}}"#),
        format!(r#"[{paid}]"#),
        "success".to_owned(),
        String::new(),
    ] {
        let outcome = ask(raw.clone()).await;
        assert!(matches!(outcome, QueryOutcome::Unknown(_)), "{raw}: {outcome:?}");
    }
    // Nobody's key to sign with: a refusal at the door. Nothing else comes unsigned.
    let open = async |error: Value| {
        peer.facts().raw = Some(json!({"error_response": error}).to_string());
        channel.prepay(&peer.account(), &prepay("raw_1", jsapi(USER_ID))).await
    };
    let outcome = open(error("40002", "isv.invalid-app-id")).await;
    assert!(matches!(&outcome, PrepayOutcome::Refused(r) if r.code == "isv.invalid-app-id"), "{outcome:?}");
    for said in [error("40004", "ACQ.TRADE_HAS_CLOSE"), error("20000", "isp.unknow-error"), error("40002", "aop.x")] {
        let outcome = open(said.clone()).await;
        assert!(matches!(outcome, PrepayOutcome::Unknown(_)), "{said}: {outcome:?}");
    }
}

fn trade(status: &str) -> Value {
    json!({
        "code": "10000", "msg": "Success", "out_trade_no": "states_1", "trade_no": "2026112322001", "trade_status": status,
        "total_amount": "12.50", "buyer_pay_amount": "12.00", "receipt_amount": "12.30",
        "send_pay_date": "2026-09-21 22:13:20", "buyer_user_id": USER_ID, "buyer_open_id": "open-1",
    })
}

/// What a trade that was never paid says: zeros, and no time of payment.
fn never_paid(status: &str) -> Value {
    json!({
        "code": "10000", "out_trade_no": "states_1", "trade_no": "2026112322001", "trade_status": status,
        "total_amount": "12.50", "buyer_pay_amount": "0.00", "receipt_amount": "0.00", "point_amount": "0.00",
    })
}

#[tokio::test]
async fn every_state_has_its_meaning_and_a_trade_given_back_was_paid_protocols_2_2() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    for status in ["TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED"] {
        peer.script(trade(status));
        for outcome in [
            channel.query(&peer.account(), "states_1").await,
            channel.query_by_transaction(&peer.account(), "2026112322001").await,
        ] {
            let QueryOutcome::Succeeded(success) = outcome else { panic!("{status}: {outcome:?}") };
            assert_eq!((success.total, success.payer_total), (Amount::from_fen(1250), Some(Amount::from_fen(1200))));
            assert_eq!(
                (success.settlement, success.payer_id.as_deref()),
                (Some(Amount::from_fen(1230)), Some("open-1"))
            );
            assert_eq!((success.sp_mchid.as_str(), success.sub_mchid.as_str()), (APP_ID, SELLER_ID));
            assert_eq!((success.success_at_ms, success.currency.as_str()), (1_790_000_000_000, "CNY"));
        }
    }
    // Fully refunded, and the amounts that were told before are zeros now.
    let mut given_back = never_paid("TRADE_CLOSED");
    given_back["send_pay_date"] = json!("2026-09-21 22:13:20");
    peer.script(given_back);
    assert!(matches!(channel.query(&peer.account(), "states_1").await, QueryOutcome::Succeeded(_)));
    let mut money_in_it = never_paid("TRADE_CLOSED");
    money_in_it["receipt_amount"] = json!("12.50");
    let mut no_time = trade("TRADE_SUCCESS");
    no_time["send_pay_date"] = json!("");
    let mut other_number = trade("TRADE_SUCCESS");
    other_number["out_trade_no"] = json!("states_2");
    for (node, expected) in [
        (never_paid("TRADE_CLOSED"), Some(QueryOutcome::Closed)),
        (never_paid("WAIT_BUYER_PAY"), Some(QueryOutcome::Pending)),
        (error("40004", "ACQ.TRADE_NOT_EXIST"), Some(QueryOutcome::NotFound)),
        (money_in_it, None),
        (no_time, None),
        (other_number, None),
        (trade("TRADE_PENDING"), None),
        (error("40004", "ACQ.SYSTEM_ERROR"), None),
        (error("40004", "ACQ.INVALID_PARAMETER"), None),
        (error("20001", "aop.app-auth-token-time-out"), None),
        (error("10003", ""), None),
    ] {
        peer.script(node.clone());
        match (channel.query(&peer.account(), "states_1").await, expected) {
            (QueryOutcome::Unknown(_), None) => {}
            (outcome, expected) => assert_eq!(Some(outcome), expected, "{node}"),
        }
    }
}

#[tokio::test]
async fn a_trade_that_waits_for_nobody_is_asked_about_before_a_close_is_claimed() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    for (sub_code, closed) in [
        ("ACQ.TRADE_NOT_EXIST", true),
        ("ACQ.SYSTEM_ERROR", false),
        ("ACQ.INVALID_PARAMETER", false),
        // Scripted, the question is answered alike: nothing is known.
        ("ACQ.TRADE_STATUS_ERROR", false),
        ("ACQ.REASON_TRADE_STATUS_INVALID", false),
    ] {
        peer.script(error("40004", sub_code));
        match channel.close(&peer.account(), "close_1").await {
            CloseOutcome::Closed => assert!(closed, "{sub_code}"),
            CloseOutcome::Unknown(_) => assert!(!closed, "{sub_code}"),
            CloseOutcome::AlreadyPaid => panic!("{sub_code}"),
        }
    }
    let asked: Vec<String> = peer.facts().seen.iter().map(|seen| seen.method().to_owned()).collect();
    assert_eq!(asked.iter().filter(|method| *method == "alipay.trade.query").count(), 2);
    peer.script(json!({"code": "10000", "out_trade_no": "close_2", "trade_no": "1"}));
    assert!(matches!(channel.close(&peer.account(), "close_1").await, CloseOutcome::Unknown(_)));
}

#[tokio::test]
async fn a_charge_says_what_its_code_means_and_a_paid_number_is_asked_about() {
    use RefusalKind::*;
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let pay = PayByCode {
        out_trade_no: "code_1".to_owned(),
        amount: Amount::from_fen(1250),
        description: "学费".to_owned(),
        payment_code: Secret("281234567890123456".to_owned()),
        store_id: "S001".to_owned(),
        client_ip: "203.0.113.9".to_owned(),
    };
    for (code, sub_code, kind) in [
        ("40004", "ACQ.PAYMENT_AUTH_CODE_INVALID", Some(Payer)),
        ("40004", "ACQ.BUYER_BALANCE_NOT_ENOUGH", Some(Payer)),
        ("40004", "ACQ.TRADE_HAS_CLOSE", Some(NumberSpent)),
        ("40004", "ACQ.ACCESS_FORBIDDEN", Some(NotAuthorised)),
        ("40004", "ACQ.TRADE_HAS_SUCCESS", None),
        ("40004", "ACQ.SYSTEM_ERROR", None),
        ("20000", "isp.unknow-error", None),
    ] {
        peer.script(error(code, sub_code));
        match (channel.pay_by_code(&peer.account(), &pay).await, kind) {
            (PayByCodeOutcome::Refused(refusal), Some(kind)) => assert_eq!(refusal.kind, kind, "{sub_code}"),
            (PayByCodeOutcome::Unknown(words), None) => assert!(words.contains(sub_code), "{words}"),
            (outcome, _) => panic!("{sub_code}: {outcome:?}"),
        }
    }
    peer.script(error("10003", ""));
    assert_eq!(channel.pay_by_code(&peer.account(), &pay).await, PayByCodeOutcome::Pending);
}

/// The answer as it is quoted in alipay-sdk-nodejs-all `src/alipay.ts`, with what our call has in it.
#[tokio::test]
async fn what_the_gateway_repeats_of_a_call_is_not_kept_product_8() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let code = "281234567890123456";
    let said = format!(
        "验签出错，建议检查签名字符串或签名私钥与应用公钥是否匹配，网关生成的验签字符串为：app_auth_token={AUTH_TOKEN}&amp;app_id={APP_ID}&amp;\
         biz_content={{\"auth_code\":\"{code}\"}}&amp;charset=utf-8"
    );
    peer.script(
        json!({"code": "40002", "msg": "Invalid Arguments", "sub_code": "isv.invalid-signature", "sub_msg": said}),
    );
    let pay = PayByCode {
        out_trade_no: "quoted_1".to_owned(),
        amount: Amount::from_fen(1250),
        description: "学费".to_owned(),
        payment_code: Secret(code.to_owned()),
        store_id: "S001".to_owned(),
        client_ip: "203.0.113.9".to_owned(),
    };
    let shown = format!(
        "{:?} {:?} {:?}",
        channel.pay_by_code(&peer.account(), &pay).await,
        channel.query(&peer.account(), "quoted_1").await,
        channel.identify("user").await
    );
    assert!(shown.contains("验签出错"), "{shown}");
    assert!(!shown.contains(AUTH_TOKEN) && !shown.contains(code) && !shown.contains(APP_ID), "{shown}");
}

#[tokio::test]
async fn a_cancel_is_said_again_while_alipay_asks_for_it_protocols_2_2() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let said = |retry: &str, action: &str| json!({"code": "10000", "out_trade_no": "cancel_1", "retry_flag": retry, "action": action});
    let reverse = async |node: Value| {
        peer.script(node);
        channel.reverse(&peer.account(), "cancel_1").await
    };
    for action in ["close", "refund", ""] {
        assert_eq!(reverse(said("N", action)).await, ReverseOutcome::Reversed);
        assert!(matches!(reverse(said("Y", action)).await, ReverseOutcome::Unknown(_)));
    }
    for (sub_code, refused) in [
        ("ACQ.TRADE_CANCEL_TIME_OUT", true),
        ("ACQ.CANCEL_NOT_ALLOWED", true),
        ("ACQ.TRADE_HAS_FINISHED", true),
        ("ACQ.SELLER_BALANCE_NOT_ENOUGH", false),
        ("AQC.SYSTEM_ERROR", false),
        ("ACQ.SYSTEM_ERROR", false),
    ] {
        let outcome = reverse(error("40004", sub_code)).await;
        assert_eq!(matches!(outcome, ReverseOutcome::Refused(_)), refused, "{sub_code}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_payer_is_known_by_open_id_or_by_number_protocols_2_2() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter(&peer);
    let url = channel.authorize_url("https://pay.example.com/pay/back?x=1", "c3RhdGU=").unwrap();
    let expected = format!(
        "/oauth2/publicAppAuthorize.htm?app_id={APP_ID}&scope=auth_base&redirect_uri=https%3A%2F%2Fpay.example.com%2Fpay%2Fback%3Fx%3D1&state=c3RhdGU%3D"
    );
    assert_eq!(url, format!("{}{expected}", peer.base_url()));
    let open_id = "074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5";
    for (code, id) in [("user", USER_ID), ("open", open_id), ("both", open_id)] {
        assert_eq!(channel.identify(code).await, Ok(PayerId::Provider(id.to_owned())));
    }
    for code in ["used", "", "with space", &"c".repeat(129)] {
        assert!(matches!(channel.identify(code).await, Err(IdentifyError::BadCode(_))), "{code}");
    }
    peer.script(json!({"access_token": "k"}));
    assert!(matches!(channel.identify("user").await, Err(IdentifyError::Unavailable(_))));
    peer.script(error("20000", "isp.unknow-error"));
    assert!(matches!(channel.identify("user").await, Err(IdentifyError::Unavailable(_))));
}

#[tokio::test]
async fn an_institution_that_is_not_there_is_unknown_product_6_5() {
    let peer = Peer::start(Mode::PublicKey).await;
    let channel = adapter_with(&peer, settings("http://127.0.0.1:1", Mode::PublicKey));
    let outcome = channel.prepay(&peer.account(), &prepay("nobody_1", Scene::Native)).await;
    assert!(matches!(&outcome, PrepayOutcome::Unknown(words) if !words.contains(AUTH_TOKEN)), "{outcome:?}");
}
