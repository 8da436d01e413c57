//! 付款码 beyond the suite: what is sent, and what each answer means.

use channel::{
    Account, Channel, PayByCode, PayByCodeOutcome, RefusalKind, ReverseOutcome, Secret,
    contract::{Counter, Institution, Till},
};
use channel_wechatpay::{V2, WechatPay};
use money::Amount;
use serde_json::{Value, json};

use crate::peer::{
    Mode, Peer, adapter, adapter_with,
    keys::{APIV2_KEY, KEYS, SP_APPID, SP_MCHID, SUB_APPID, SUB_MCHID},
    settings,
};

fn charge(number: &str, code: &str) -> PayByCode {
    PayByCode {
        out_trade_no: number.to_owned(),
        amount: Amount::from_fen(1250),
        description: "学费 <秋> & 🎓".to_owned(),
        payment_code: Secret(code.to_owned()),
        store_id: "S001".to_owned(),
        client_ip: "203.0.113.9".to_owned(),
    }
}

fn older(peer: &Peer) -> WechatPay {
    let mut settings = settings(&peer.base_url, Mode::PublicKey);
    let merchant_certificate_pem = KEYS.merchant_certificate_pem();
    settings.v2 = Some(V2 { key: APIV2_KEY.to_owned(), merchant_certificate_pem });
    adapter_with(peer, settings)
}

#[tokio::test]
async fn a_charge_has_only_documented_fields_and_no_callback_address_protocols_1_7() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let code = peer.payment_code(Till::Pays).await;
    let outcome = channel.pay_by_code(&peer.account(), &charge("charge-1", &code.0)).await;
    assert!(matches!(outcome, PayByCodeOutcome::Succeeded(_)), "{outcome:?}");
    let seen = peer.last();
    assert_eq!(seen.path_and_query, "/v3/pay/partner/transactions/codepay");
    let body = json!({
        "sp_appid": SP_APPID, "sp_mchid": SP_MCHID, "sub_appid": SUB_APPID, "sub_mchid": SUB_MCHID,
        "description": "学费 <秋> &", "out_trade_no": "charge-1", "payer": {"auth_code": code.0},
        "amount": {"total": 1250, "currency": "CNY"},
        "scene_info": {"device_ip": "203.0.113.9", "store_info": {"out_id": "S001"}},
    });
    assert_eq!(serde_json::from_slice::<Value>(&seen.body).unwrap(), body);
    assert!(!format!("{:?}", charge("charge-1", &code.0)).contains(&code.0), "PRODUCT 8: a code reaches no log");
}

#[tokio::test]
async fn a_text_with_markup_survives_the_older_interface() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let code = peer.payment_code(Till::Pays).await;
    let outcome = older(&peer).pay_by_code(&peer.account(), &charge("charge-2", &code.0)).await;
    let PayByCodeOutcome::Succeeded(success) = outcome else { panic!("{outcome:?}") };
    assert_eq!((success.payer_total, success.trade_type.as_str()), (Some(Amount::from_fen(1250)), "MICROPAY"));
    assert_eq!((success.sp_appid.as_str(), success.sub_appid.as_deref()), (SP_APPID, Some(SUB_APPID)));
    assert_eq!(success.success_at_ms, peer.now_ms() / 1000 * 1000);
    assert_eq!(peer.facts().orders["charge-2"].asked["description"], "学费 <秋> &");
}

#[tokio::test]
async fn what_no_institution_takes_as_a_code_is_not_sent() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let good = charge("local-01", "130061098828009406");
    for channel in [adapter(&peer, Mode::PublicKey), older(&peer)] {
        let bad = [
            charge("short", "130061098828009406"),
            charge("local-01", "13006109882800940"),
            charge("local-01", "160061098828009406"),
            charge("local-01", "2800610988280094061"),
            charge("local-01", "13006109882800940x"),
            PayByCode { amount: Amount::ZERO, ..good.clone() },
            PayByCode { store_id: String::new(), ..good.clone() },
            PayByCode { client_ip: "till-7".to_owned(), ..good.clone() },
        ];
        for pay in bad {
            let outcome = channel.pay_by_code(&peer.account(), &pay).await;
            let PayByCodeOutcome::Refused(refusal) = &outcome else { panic!("{outcome:?}") };
            assert_eq!((refusal.kind, refusal.code.as_str()), (RefusalKind::BadRequest, "NOT_SENT"));
        }
        let outcome = channel.reverse(&peer.account(), "a/../b").await;
        assert!(matches!(&outcome, ReverseOutcome::Refused(refusal) if refusal.code == "NOT_SENT"), "{outcome:?}");
    }
    assert!(peer.facts().seen.is_empty());
}

#[tokio::test]
async fn every_code_of_a_charge_has_its_outcome_and_all_else_is_unknown_protocols_1_7_and_1_10() {
    use RefusalKind::*;
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let table = [
        (403, "AUTH_CODE_EXPIRE", Some(Payer)),
        (400, "AUTH_CODE_INVALID", Some(Payer)),
        (400, "AUTH_CODE_ERROR", Some(Payer)),
        (403, "NOT_ENOUGH", Some(Payer)),
        (403, "NOT_SUPORT_CARD", Some(Payer)),
        (403, "BUYER_MISMATCH", Some(Payer)),
        (403, "ACCOUNT_ERROR", Some(Payer)),
        (403, "USER_ACCOUNT_ABNORMAL", Some(Payer)),
        (400, "ORDER_CLOSED", Some(NumberSpent)),
        (400, "ORDER_REVERSED", Some(NumberSpent)),
        (403, "NO_AUTH", Some(NotAuthorised)),
        (400, "APPID_MCHID_NOT_MATCH", Some(NotAuthorised)),
        (400, "MCH_NOT_EXISTS", Some(NotAuthorised)),
        (400, "PARAM_ERROR", Some(BadRequest)),
        (401, "SIGN_ERROR", Some(BadRequest)),
        (403, "TRADE_ERROR", Some(Other)),
        (403, "RULE_LIMIT", Some(Other)),
        // Under this number something was charged: only a query knows what.
        (400, "ORDERPAID", None),
        (403, "OUT_TRADE_NO_USED", None),
        (400, "INVALID_REQUEST", None),
        (404, "RESOURCE_NOT_EXISTS", None),
        (429, "FREQUENCY_LIMITED", None),
        (500, "SYSTEM_ERROR", None),
        (500, "NOT_ENOUGH", None),
        (418, "NEVER_HEARD_OF", None),
    ];
    for (status, code, kind) in table {
        peer.script(status, json!({"code": code, "message": "它的话"}), 0);
        match (channel.pay_by_code(&peer.account(), &charge("table-1", "130061098828009406")).await, kind) {
            (PayByCodeOutcome::Refused(refusal), Some(kind)) => {
                assert_eq!((refusal.kind, refusal.code.as_str(), refusal.message.as_str()), (kind, code, "它的话"));
            }
            (PayByCodeOutcome::Unknown(words), None) => assert!(words.contains(code) && words.contains("它的话")),
            (outcome, _) => panic!("{status} {code}: {outcome:?}"),
        }
    }
}

fn order(state: &str) -> Value {
    json!({
        "sp_appid": SP_APPID, "sp_mchid": SP_MCHID, "sub_mchid": SUB_MCHID, "out_trade_no": "states-1",
        "trade_state": state, "trade_state_desc": "说明",
    })
}

#[tokio::test]
async fn a_password_is_waited_for_however_it_is_told_protocols_1_7() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let ask = async || channel.pay_by_code(&peer.account(), &charge("states-1", "130061098828009406")).await;
    for (status, body) in [
        (200, order("USERPAYING")),
        (200, order("NOTPAY")),
        (202, json!({"code": "USERPAYING", "message": "需要用户输入支付密码"})),
        (400, json!({"code": "USERPAYING", "message": "需要用户输入支付密码"})),
        (403, json!({"code": "USER_PAYING", "message": "需要用户输入支付密码"})),
    ] {
        peer.script(status, body.clone(), 0);
        assert_eq!(ask().await, PayByCodeOutcome::Pending, "{status} {body}");
    }
    for state in ["PAYERROR", "CLOSED", "REVOKED"] {
        peer.script(200, order(state), 0);
        let outcome = ask().await;
        let PayByCodeOutcome::Refused(refusal) = &outcome else { panic!("{state}: {outcome:?}") };
        assert_eq!((refusal.kind, refusal.code.as_str()), (RefusalKind::Payer, state));
    }
    let mut foreign = order("USERPAYING");
    foreign["sub_mchid"] = json!("1900000999");
    let mut another = order("USERPAYING");
    another["out_trade_no"] = json!("another-1");
    for (status, body) in [
        (200, order("SOMETHING_NEW")),
        (200, order("SUCCESS")),
        (200, foreign),
        (200, another),
        (200, json!([])),
        (202, json!({"code": "ACCEPTED"})),
        (204, json!({})),
    ] {
        peer.script(status, body.clone(), 0);
        let outcome = ask().await;
        assert!(matches!(outcome, PayByCodeOutcome::Unknown(_)), "{status} {body}: {outcome:?}");
    }
}

#[tokio::test]
async fn only_a_clear_word_ends_a_reversal_protocols_1_7() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    let answer = |number: &str| json!({"sp_mchid": SP_MCHID, "sub_mchid": SUB_MCHID, "out_trade_no": number});
    for (status, body, reversed) in [
        (200, answer("reverse-1"), Some(true)),
        (204, json!({}), Some(true)),
        (404, json!({"code": "ORDER_NOT_EXIST"}), Some(true)),
        (400, json!({"code": "ORDER_REVERSED"}), Some(true)),
        (400, json!({"code": "ORDER_CLOSED"}), Some(true)),
        (400, json!({"code": "REVERSE_EXPIRE", "message": "订单无法撤销"}), Some(false)),
        (200, answer("another-1"), None),
        (200, json!({}), None),
        (202, answer("reverse-1"), None),
        (400, json!({"code": "USERPAYING", "message": "正在支付中不能发起撤销"}), None),
        (400, json!({"code": "INVALID_REQUEST"}), None),
        (401, json!({"code": "SIGN_ERROR"}), None),
        (429, json!({"code": "FREQUENCY_LIMITED"}), None),
        (500, json!({"code": "SYSTEM_ERROR"}), None),
    ] {
        peer.script(status, body.clone(), 0);
        let outcome = channel.reverse(&peer.account(), "reverse-1").await;
        let as_wanted = match reversed {
            Some(true) => outcome == ReverseOutcome::Reversed,
            Some(false) => matches!(outcome, ReverseOutcome::Refused(_)),
            None => matches!(outcome, ReverseOutcome::Unknown(_)),
        };
        assert!(as_wanted, "{status} {body}: {outcome:?}");
    }
}

#[tokio::test]
async fn an_account_without_an_appid_of_its_own_sends_none_protocols_1_1() {
    let peer = Peer::start(Mode::PublicKey, Mode::PublicKey).await;
    let channel = adapter(&peer, Mode::PublicKey);
    peer.script(400, json!({"code": "PARAM_ERROR"}), 0);
    let account = Account::of(SUB_MCHID);
    channel.pay_by_code(&account, &charge("appid-01", "130061098828009406")).await;
    assert!(serde_json::from_slice::<Value>(&peer.last().body).unwrap().get("sub_appid").is_none());
    channel.reverse(&account, "appid-01").await;
    assert!(serde_json::from_slice::<Value>(&peer.last().body).unwrap().get("sub_appid").is_none());
}
