//! What answers mean. One table per call; the codes are those of the provider's own pages for that call \[C: as mirrored by
//! apifox and alitrip\]. A code that is in no table is never a refusal: nobody knows what it left behind.

use channel::{
    Account, CloseOutcome, PayByCodeOutcome, PrepayOutcome, QueryOutcome, Refusal, RefusalKind, ReverseOutcome, Success,
};

use crate::{
    client::{Answer, ApiError},
    wire::{self, Cancelled, Trade},
};

pub(crate) fn refusal(kind: RefusalKind, error: ApiError) -> Refusal {
    Refusal { kind, code: error.name().to_owned(), message: error.message }
}

/// What holds for every call: the gateway or the merchant's contract says no.
pub(crate) fn common_refusal(error: &ApiError) -> Option<RefusalKind> {
    match (error.code.as_str(), error.sub_code.as_str()) {
        ("20001" | "40006", _) => Some(RefusalKind::NotAuthorised),
        ("40001" | "40002" | "40003", _) => Some(RefusalKind::BadRequest),
        ("40004", sub_code) => match sub_code.strip_prefix("ACQ.")? {
            "ACCESS_FORBIDDEN"
            | "PARTNER_ERROR"
            | "MERCHANT_AGREEMENT_INVALID"
            | "MERCHANT_AGREEMENT_NOT_EXIST"
            | "INVALID_RECEIVE_ACCOUNT"
            | "UN_SUPPORT_TRADE_SCENE" => Some(RefusalKind::NotAuthorised),
            "INVALID_PARAMETER" => Some(RefusalKind::BadRequest),
            _ => None,
        },
        _ => None,
    }
}

/// Refusals of every call by which a payer is to pay.
fn paying_refusal(error: &ApiError) -> Option<RefusalKind> {
    use RefusalKind::*;
    if let Some(kind) = common_refusal(error) {
        return Some(kind);
    }
    Some(match error.sub_code.strip_prefix("ACQ.")? {
        "TRADE_HAS_SUCCESS" | "TRADE_HAS_CLOSE" | "CONTEXT_INCONSISTENT" | "TRADE_BUYER_NOT_MATCH" => NumberSpent,
        "BUYER_SELLER_EQUAL"
        | "BUYER_ENABLE_STATUS_FORBID"
        | "BUYER_NOT_EXIST"
        | "BUYER_NOT_MAINLAND_CERT"
        | "BUYER_BALANCE_NOT_ENOUGH"
        | "BUYER_BANKCARD_BALANCE_NOT_ENOUGH"
        | "BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR"
        | "BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR"
        | "ERROR_BALANCE_PAYMENT_DISABLE"
        | "ERROR_BUYER_CERTIFY_LEVEL_LIMIT"
        | "MOBILE_PAYMENT_SWITCH_OFF"
        | "NOT_CERTIFIED_USER"
        | "NOT_SUPPORT_PAYMENT_INST"
        | "NO_PAYMENT_INSTRUMENTS_AVAILABLE"
        | "PAYER_UNMATCHED"
        | "PAYMENT_AUTH_CODE_INVALID"
        | "PAYMENT_FAIL"
        | "PAYMENT_REQUEST_HAS_RISK"
        | "PULL_MOBILE_CASHIER_FAIL"
        | "USER_FACE_PAYMENT_SWITCH_OFF"
        | "USER_LOGONID_DUP" => Payer,
        "EXIST_FORBIDDEN_WORD"
        | "TOTAL_FEE_EXCEED"
        | "INVALID_STORE_ID"
        | "NOW_TIME_AFTER_EXPIRE_TIME_ERROR"
        | "SELLER_NOT_EXIST" => BadRequest,
        "BEYOND_PAY_RESTRICTION"
        | "BEYOND_PER_RECEIPT_DAY_RESTRICTION"
        | "BEYOND_PER_RECEIPT_RESTRICTION"
        | "BEYOND_PER_RECEIPT_SINGLE_RESTRICTION"
        | "MERCHANT_PERM_RECEIPT_DAY_LIMIT"
        | "MERCHANT_PERM_RECEIPT_SINGLE_LIMIT"
        | "MERCHANT_PERM_RECEIPT_SUSPEND_LIMIT"
        | "MERCHANT_STATUS_NOT_NORMAL"
        | "PRODUCT_AMOUNT_LIMIT_ERROR"
        | "RESTRICTED_MERCHANT_INDUSTRY"
        | "SELLER_BEEN_BLOCKED" => Other,
        _ => return None,
    })
}

/// What an error of `create` or `precreate` means.
pub(crate) fn prepay_error(error: ApiError) -> PrepayOutcome {
    match paying_refusal(&error) {
        Some(kind) => PrepayOutcome::Refused(refusal(kind, error)),
        None => PrepayOutcome::Unknown(error.words()),
    }
}

/// What a payment by code's answer means. A number that is paid already is no refusal: whoever asks finds its success.
pub(crate) fn paid_by_code(answer: Answer, account: &Account, app_id: &str, out_trade_no: &str) -> PayByCodeOutcome {
    match answer {
        Answer::Done(raw) => match trade(&raw, out_trade_no) {
            Ok(trade) => success(&trade, account, app_id)
                .map_or_else(|why| PayByCodeOutcome::Unknown(why.to_owned()), PayByCodeOutcome::Succeeded),
            Err(why) => PayByCodeOutcome::Unknown(why),
        },
        Answer::Waiting => PayByCodeOutcome::Pending,
        Answer::Error(error) if error.sub_code == "ACQ.TRADE_HAS_SUCCESS" => PayByCodeOutcome::Unknown(error.words()),
        Answer::Error(error) => match paying_refusal(&error) {
            Some(kind) => PayByCodeOutcome::Refused(refusal(kind, error)),
            None => PayByCodeOutcome::Unknown(error.words()),
        },
        Answer::Nothing(why) => PayByCodeOutcome::Unknown(why),
    }
}

/// What a query's answer means.
pub(crate) fn query(answer: Answer, account: &Account, app_id: &str, asked: Asked<'_>) -> QueryOutcome {
    match answer {
        Answer::Done(raw) => match serde_json::from_str::<Trade>(&raw) {
            Ok(trade) if !asked.is(&trade) => QueryOutcome::Unknown("the answer speaks of another trade".to_owned()),
            Ok(trade) => state(&trade, account, app_id),
            Err(why) => QueryOutcome::Unknown(format!("the trade cannot be read: {why}")),
        },
        Answer::Error(error) if error.code == "40004" && error.sub_code == "ACQ.TRADE_NOT_EXIST" => {
            QueryOutcome::NotFound
        }
        Answer::Error(error) => QueryOutcome::Unknown(error.words()),
        Answer::Waiting => QueryOutcome::Unknown("10003 where a trade was due".to_owned()),
        Answer::Nothing(why) => QueryOutcome::Unknown(why),
    }
}

/// By which number a trade was asked for.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    Ours(&'a str),
    Theirs(&'a str),
}

impl Asked<'_> {
    fn is(self, trade: &Trade) -> bool {
        match self {
            Asked::Ours(number) => trade.out_trade_no == number,
            Asked::Theirs(number) => trade.trade_no == number,
        }
    }
}

/// `TRADE_CLOSED` is said of two things: a trade that nobody paid in time, and one that was paid and given back
/// altogether \[S java\]. The latter was a success, and one is never lost: the payer's time of payment tells them apart.
/// A closed trade with money in it but without that time is neither, so a person looks.
fn state(trade: &Trade, account: &Account, app_id: &str) -> QueryOutcome {
    let paid = || {
        success(trade, account, app_id)
            .map_or_else(|why| QueryOutcome::Unknown(why.to_owned()), QueryOutcome::Succeeded)
    };
    let moved = [&trade.buyer_pay_amount, &trade.receipt_amount]
        .into_iter()
        .any(|amount| wire::told(amount.as_deref()).is_some());
    match trade.trade_status.as_str() {
        "TRADE_SUCCESS" | "TRADE_FINISHED" => paid(),
        "WAIT_BUYER_PAY" => QueryOutcome::Pending,
        "TRADE_CLOSED" if trade.send_pay_date.as_deref().is_some_and(|at| !at.is_empty()) => paid(),
        "TRADE_CLOSED" if moved => {
            QueryOutcome::Unknown("closed, with money in it, without a time of payment".to_owned())
        }
        "TRADE_CLOSED" => QueryOutcome::Closed,
        other => QueryOutcome::Unknown(format!("trade_status {other} is not known")),
    }
}

fn trade(raw: &str, out_trade_no: &str) -> Result<Trade, String> {
    let trade: Trade = serde_json::from_str(raw).map_err(|why| format!("the trade cannot be read: {why}"))?;
    if trade.out_trade_no == out_trade_no { Ok(trade) } else { Err("the answer speaks of another trade".to_owned()) }
}

/// The success that an answer tells. An answer names neither application nor seller: it is signed for the application
/// that asked, about a trade of the seller whose leave went along, so these two are the ones that were asked for.
pub(crate) fn success(trade: &Trade, account: &Account, app_id: &str) -> Result<Success, &'static str> {
    let total = wire::told(trade.total_amount.as_deref()).ok_or("a success without a readable total_amount")?;
    let at = trade.send_pay_date.as_deref().or(trade.gmt_payment.as_deref());
    let success_at_ms = at.and_then(wire::instant_ms).ok_or("a success without a readable time of payment")?;
    if trade.trade_no.is_empty() || trade.out_trade_no.is_empty() {
        return Err("a success without its numbers");
    }
    let currency = trade.trans_currency.as_deref().filter(|currency| !currency.is_empty());
    Ok(Success {
        sp_mchid: app_id.to_owned(),
        sub_mchid: account.sub_mchid.clone(),
        sp_appid: app_id.to_owned(),
        sub_appid: None,
        out_trade_no: trade.out_trade_no.clone(),
        transaction_id: trade.trade_no.clone(),
        total,
        payer_total: wire::told(trade.buyer_pay_amount.as_deref()),
        settlement: wire::told(trade.receipt_amount.as_deref()),
        currency: currency.unwrap_or("CNY").to_owned(),
        success_at_ms,
        trade_type: String::new(),
        payer_id: payer(trade.buyer_open_id.as_deref(), trade.buyer_user_id.as_deref()),
    })
}

/// Who paid: an application that was moved to OpenIDs hears that, others the user's number, and while it is being moved
/// both \[C\].
pub(crate) fn payer(open_id: Option<&str>, user_id: Option<&str>) -> Option<String> {
    [open_id, user_id].into_iter().flatten().find(|id| !id.is_empty()).map(str::to_owned)
}

/// The trade is not waiting to be paid: said of a paid and of a closed one alike, so that it must be asked about.
pub(crate) struct NotWaiting;

/// What a close's answer means. See [`close`](crate::Alipay) for `ACQ.TRADE_NOT_EXIST`.
pub(crate) fn close(answer: Answer, out_trade_no: &str) -> Result<CloseOutcome, NotWaiting> {
    Ok(match answer {
        Answer::Done(raw) => match serde_json::from_str::<Trade>(&raw) {
            Ok(trade) if trade.out_trade_no.is_empty() || trade.out_trade_no == out_trade_no => CloseOutcome::Closed,
            Ok(_) => CloseOutcome::Unknown("the answer speaks of another trade".to_owned()),
            Err(why) => CloseOutcome::Unknown(format!("the answer cannot be read: {why}")),
        },
        Answer::Error(error) if error.code == "40004" => match error.sub_code.as_str() {
            "ACQ.TRADE_NOT_EXIST" => CloseOutcome::Closed,
            "ACQ.TRADE_STATUS_ERROR" | "ACQ.REASON_TRADE_STATUS_INVALID" | "ACQ.REASON_ILLEGAL_STATUS" => {
                return Err(NotWaiting);
            }
            _ => CloseOutcome::Unknown(error.words()),
        },
        Answer::Error(error) => CloseOutcome::Unknown(error.words()),
        Answer::Waiting => CloseOutcome::Unknown("10003 where a close was due".to_owned()),
        Answer::Nothing(why) => CloseOutcome::Unknown(why),
    })
}

/// What a cancel's answer means. An unknown number is cancelled too (no `action`): nobody can have paid it. `retry_flag` `Y`
/// asks for the same again, and so does an account that cannot give the money back yet.
pub(crate) fn cancelled(answer: Answer, out_trade_no: &str) -> ReverseOutcome {
    match answer {
        Answer::Done(raw) => match serde_json::from_str::<Cancelled>(&raw) {
            Ok(said) if !said.out_trade_no.is_empty() && said.out_trade_no != out_trade_no => {
                ReverseOutcome::Unknown("the answer speaks of another trade".to_owned())
            }
            Ok(said) if said.retry_flag == "Y" => ReverseOutcome::Unknown("to be said again (retry_flag)".to_owned()),
            Ok(_) => ReverseOutcome::Reversed,
            Err(why) => ReverseOutcome::Unknown(format!("the answer cannot be read: {why}")),
        },
        Answer::Error(error) => match error.sub_code.as_str() {
            "ACQ.CANCEL_NOT_ALLOWED"
            | "ACQ.TRADE_CANCEL_TIME_OUT"
            | "ACQ.TRADE_HAS_FINISHED"
            | "ACQ.REASON_TRADE_REFUND_FEE_ERR"
            | "ACQ.REASON_TRADE_BEEN_FREEZEN" => ReverseOutcome::Refused(refusal(RefusalKind::Other, error)),
            _ => ReverseOutcome::Unknown(error.words()),
        },
        Answer::Waiting => ReverseOutcome::Unknown("10003 where a cancel was due".to_owned()),
        Answer::Nothing(why) => ReverseOutcome::Unknown(why),
    }
}
