//! 付款码 by API v3 (PROTOCOLS 1.7): charge, and reversal of what was charged.

use std::net::IpAddr;

use channel::{Account, PayByCode, PayByCodeOutcome, QueryOutcome, Refusal, RefusalKind, ReverseOutcome};
use serde::Serialize;

use crate::{
    WechatPay,
    client::{Answer, Call},
    translate::{self, code_of},
    wire::{self, AmountBody, BAD_NUMBER, ErrorBody, Order},
};

/// Body of a charge \[D openapi codepay\]. Which fields exist is known; `sub_appid` goes along where the merchant has
/// one, so that the payer is known under it.
#[derive(Serialize)]
struct ChargeBody<'a> {
    sp_appid: &'a str,
    sp_mchid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_appid: Option<&'a str>,
    sub_mchid: &'a str,
    description: String,
    out_trade_no: &'a str,
    payer: CodeBody<'a>,
    amount: AmountBody,
    scene_info: TillBody<'a>,
}

#[derive(Serialize)]
struct CodeBody<'a> {
    auth_code: &'a str,
}

#[derive(Serialize)]
struct TillBody<'a> {
    device_ip: &'a str,
    store_info: StoreBody<'a>,
}

#[derive(Serialize)]
struct StoreBody<'a> {
    out_id: &'a str,
}

/// Body of a reversal.
#[derive(Serialize)]
struct ReverseBody<'a> {
    sp_appid: &'a str,
    sp_mchid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_appid: Option<&'a str>,
    sub_mchid: &'a str,
}

/// What no institution would take is not sent.
pub(crate) fn check(pay: &PayByCode) -> Result<(), &'static str> {
    let code = pay.payment_code.0.as_bytes();
    let prefix = code.starts_with(b"1") && code.get(1).is_some_and(|digit| (b'0'..=b'5').contains(digit));
    if !wire::is_order_number(&pay.out_trade_no) {
        return Err(BAD_NUMBER);
    }
    if pay.amount.fen() < 1 {
        return Err("the least amount is one fen");
    }
    if code.len() != 18 || !prefix || !code.iter().all(u8::is_ascii_digit) {
        return Err("a WeChat payment code has 18 digits and begins with 10 to 15");
    }
    if !(1..=32).contains(&pay.store_id.len()) {
        return Err("a charge names its shop, in 1 to 32 characters");
    }
    pay.client_ip.parse::<IpAddr>().map(|_| ()).map_err(|_| "a charge names the till's IP address")
}

impl WechatPay {
    pub(crate) async fn charge(&self, account: &Account, pay: &PayByCode) -> PayByCodeOutcome {
        if let Err(why) = check(pay) {
            return PayByCodeOutcome::Refused(translate::not_sent(why));
        }
        let body = wire::to_json(&ChargeBody {
            sp_appid: &self.sp_appid,
            sp_mchid: &self.sp_mchid,
            sub_appid: account.sub_appid.as_deref(),
            sub_mchid: &account.sub_mchid,
            description: wire::description(&pay.description),
            out_trade_no: &pay.out_trade_no,
            payer: CodeBody { auth_code: &pay.payment_code.0 },
            amount: AmountBody { total: pay.amount.fen(), currency: "CNY" },
            scene_info: TillBody { device_ip: &pay.client_ip, store_info: StoreBody { out_id: &pay.store_id } },
        });
        match body {
            Ok(body) => {
                let path = "/v3/pay/partner/transactions/codepay";
                charged(self.call(Call { method: "POST", path, body: Some(body) }).await, account, &pay.out_trade_no)
            }
            Err(why) => PayByCodeOutcome::Refused(translate::not_sent(&why)),
        }
    }

    pub(crate) async fn take_back(&self, account: &Account, out_trade_no: &str) -> ReverseOutcome {
        let Some(path) = wire::order_path(out_trade_no) else {
            return ReverseOutcome::Refused(translate::not_sent(BAD_NUMBER));
        };
        let path = format!("{path}/reverse");
        let body = wire::to_json(&ReverseBody {
            sp_appid: &self.sp_appid,
            sp_mchid: &self.sp_mchid,
            sub_appid: account.sub_appid.as_deref(),
            sub_mchid: &account.sub_mchid,
        });
        match body {
            Ok(body) => reversed(self.call(Call { method: "POST", path: &path, body: Some(body) }).await, out_trade_no),
            Err(why) => ReverseOutcome::Unknown(why),
        }
    }
}

/// What a charge's answer means. `USERPAYING` is told as a state and as an error code, and which of them API v3 uses is
/// not settled (PROTOCOLS 1.7), so both are taken, the error also where it comes as 202.
pub(crate) fn charged(answer: Answer, account: &Account, out_trade_no: &str) -> PayByCodeOutcome {
    match answer {
        Answer::Trusted { status: 200, body } => match serde_json::from_slice::<Order<'_>>(&body) {
            Ok(order) if order.out_trade_no != out_trade_no => {
                PayByCodeOutcome::Unknown("the answer speaks of another order".to_owned())
            }
            Ok(order) => state(&order, account),
            Err(why) => PayByCodeOutcome::Unknown(format!("the order cannot be read: {why}")),
        },
        Answer::Trusted { status, body } => match serde_json::from_slice::<ErrorBody>(&body) {
            Ok(error) if error.code == "USERPAYING" => PayByCodeOutcome::Pending,
            _ => PayByCodeOutcome::Unknown(format!("HTTP {status}: accepted, not done")),
        },
        Answer::Error(error) => refused(&error.code, &error.message, &error.words()),
        Answer::Nothing(why) => PayByCodeOutcome::Unknown(why),
    }
}

fn state(order: &Order<'_>, account: &Account) -> PayByCodeOutcome {
    match translate::state(order, account) {
        QueryOutcome::Succeeded(success) => PayByCodeOutcome::Succeeded(success),
        QueryOutcome::Pending if order.trade_state != "PAYERROR" => PayByCodeOutcome::Pending,
        // A failed charge may come without its trade_type, by which a query tells it from an open attempt.
        QueryOutcome::Pending | QueryOutcome::Closed => PayByCodeOutcome::Refused(Refusal {
            kind: RefusalKind::Payer,
            code: order.trade_state.clone().into_owned(),
            message: order.trade_state_desc.as_deref().map(crate::client::words).unwrap_or_default(),
        }),
        QueryOutcome::NotFound => PayByCodeOutcome::Unknown("the order is not found".to_owned()),
        QueryOutcome::Unknown(why) => PayByCodeOutcome::Unknown(why),
    }
}

/// What a charge's error code means, of both interfaces: the older one's table \[D 8\], spelled with and without
/// underscores, and the newer one's \[D 11\].
///
/// | codes | outcome |
/// | --- | --- |
/// | `USERPAYING` | pending |
/// | `AUTH_CODE_EXPIRE` / `_ERROR` / `_INVALID`, `NOT_ENOUGH`, `NOT_SUPORT_CARD`, `BUYER_MISMATCH`, `USER_ACCOUNT_ABNORMAL`, `ACCOUNT_ERROR` | refused: the payer |
/// | `ORDER_CLOSED`, `ORDER_REVERSED` | refused: the number is spent |
/// | `NO_AUTH`, `APPID_MCHID_NOT_MATCH`, `APPID_NOT_EXIST`, `MCHID_NOT_EXIST`, `MCH_NOT_EXISTS` | refused: not authorised |
/// | `PARAM_ERROR`, `LACK_PARAMS`, `NOT_UTF8`, `XML_FORMAT_ERROR`, `REQUIRE_POST_METHOD`, `SIGN_ERROR` | refused: our request |
/// | `TRADE_ERROR`, `RULE_LIMIT` | refused: other |
/// | `ORDER_PAID`, `OUT_TRADE_NO_USED` | unknown: a charge under this number exists, and only a query knows its end |
/// | `INVALID_REQUEST` | unknown: among its reasons is a charge that came twice |
/// | `SYSTEM_ERROR`, `BANK_ERROR`, all others | unknown |
pub(crate) fn refused(code: &str, message: &str, words: &str) -> PayByCodeOutcome {
    use RefusalKind::*;
    let kind = match code_of(code).as_str() {
        "USERPAYING" => return PayByCodeOutcome::Pending,
        "AUTHCODEEXPIRE"
        | "AUTHCODEERROR"
        | "AUTHCODEINVALID"
        | "NOTENOUGH"
        | "NOTSUPORTCARD"
        | "BUYERMISMATCH"
        | "USERACCOUNTABNORMAL"
        | "ACCOUNTERROR" => Payer,
        "ORDERCLOSED" | "ORDERREVERSED" => NumberSpent,
        "NOAUTH" | "APPIDMCHIDNOTMATCH" | "APPIDNOTEXIST" | "MCHIDNOTEXIST" | "MCHNOTEXISTS" => NotAuthorised,
        "PARAMERROR" | "LACKPARAMS" | "NOTUTF8" | "XMLFORMATERROR" | "REQUIREPOSTMETHOD" | "SIGNERROR" => BadRequest,
        "TRADEERROR" | "RULELIMIT" => Other,
        _ => return PayByCodeOutcome::Unknown(words.to_owned()),
    };
    PayByCodeOutcome::Refused(Refusal { kind, code: code.to_owned(), message: message.to_owned() })
}

/// What a reversal's answer means.
pub(crate) fn reversed(answer: Answer, out_trade_no: &str) -> ReverseOutcome {
    match answer {
        Answer::Trusted { status: 200, body } => match serde_json::from_slice::<wire::ReverseAnswer<'_>>(&body) {
            Ok(answer) if answer.out_trade_no == out_trade_no => ReverseOutcome::Reversed,
            Ok(_) => ReverseOutcome::Unknown("the answer speaks of another order".to_owned()),
            Err(why) => ReverseOutcome::Unknown(format!("the answer cannot be read: {why}")),
        },
        Answer::Trusted { status: 204, .. } => ReverseOutcome::Reversed,
        Answer::Trusted { status, .. } => ReverseOutcome::Unknown(format!("HTTP {status} where 200 was due")),
        Answer::Error(error) => not_reversed(&error.code, &error.message, &error.words()),
        Answer::Nothing(why) => ReverseOutcome::Unknown(why),
    }
}

/// What a reversal's error code means, of both interfaces \[D 8, C\]: `ORDER_NOT_EXIST`, `ORDER_CLOSED` and
/// `ORDER_REVERSED` leave nothing to reverse (see [`reverse`](channel::Channel::reverse) of this adapter for the
/// first), `REVERSE_EXPIRE` is too late (seven days). All else is unknown and asked again: `USERPAYING` (the payer is
/// typing, which cannot be interrupted \[C\]), `SYSTEM_ERROR`, a setting that is wrong.
pub(crate) fn not_reversed(code: &str, message: &str, words: &str) -> ReverseOutcome {
    match code_of(code).as_str() {
        "ORDERNOTEXIST" | "ORDERCLOSED" | "ORDERREVERSED" => ReverseOutcome::Reversed,
        "REVERSEEXPIRE" => ReverseOutcome::Refused(Refusal {
            kind: RefusalKind::Other,
            code: code.to_owned(),
            message: message.to_owned(),
        }),
        _ => ReverseOutcome::Unknown(words.to_owned()),
    }
}
