use channel::{Account, CloseOutcome, PrepayOutcome, QueryOutcome, Refusal, RefusalKind, Success};
use money::Amount;

use crate::{
    client::{Answer, ApiError},
    wire::{self, Order},
};

/// The error number of "the same number with other parameters" \[D 5,7\].
const OTHER_PARAMETERS: u64 = 268_498_688;

/// The code without underscores: the documents write `ORDERPAID` and `ORDER_PAID`, `NOAUTH` and `NO_AUTH` \[D\].
pub(crate) fn code_of(code: &str) -> String {
    code.chars().filter(|c| *c != '_').collect()
}

/// The code of a refusal that is ours: nothing was sent.
const OURS: &str = "NOT_SENT";

/// A refusal of our own: what the protocol forbids is not sent.
pub(crate) fn not_sent(why: &str) -> Refusal {
    Refusal { kind: RefusalKind::BadRequest, code: OURS.to_owned(), message: why.to_owned() }
}

/// What an order call's error means. Only a documented code is a refusal: nothing was made by that call. A limit of
/// frequency passes, so it is unknown and the same number is sent again; so is every code that is not documented.
pub(crate) fn prepay_error(error: ApiError) -> PrepayOutcome {
    use RefusalKind::*;
    let kind = match code_of(&error.code).as_str() {
        _ if error.number == Some(OTHER_PARAMETERS) => NumberSpent,
        "OUTTRADENOUSED" | "ORDERPAID" | "ORDERCLOSED" => NumberSpent,
        "NOAUTH" | "APPIDMCHIDNOTMATCH" | "MCHNOTEXISTS" => NotAuthorised,
        "PARAMERROR" | "INVALIDREQUEST" | "SIGNERROR" => BadRequest,
        "ACCOUNTERROR" | "USERACCOUNTABNORMAL" | "NOTENOUGH" => Payer,
        "RULELIMIT" | "TRADEERROR" => Other,
        _ => return PrepayOutcome::Unknown(error.words()),
    };
    PrepayOutcome::Refused(Refusal { kind, code: error.code, message: error.message })
}

/// What a close's answer means: 204 is closed, now or before. See [`close`](crate::WechatPay) for `ORDER_NOT_EXIST`.
pub(crate) fn close(answer: Answer) -> CloseOutcome {
    match answer {
        Answer::Trusted { status: 204, .. } => CloseOutcome::Closed,
        Answer::Trusted { status, .. } => CloseOutcome::Unknown(format!("HTTP {status} where 204 was due")),
        Answer::Error(error) => match (error.status, code_of(&error.code).as_str()) {
            (_, "ORDERPAID") => CloseOutcome::AlreadyPaid,
            (_, "ORDERCLOSED") | (404, "ORDERNOTEXIST") => CloseOutcome::Closed,
            _ => CloseOutcome::Unknown(error.words()),
        },
        Answer::Nothing(why) => CloseOutcome::Unknown(why),
    }
}

/// What a query asked for.
#[derive(Clone, Copy)]
pub(crate) enum Asked<'a> {
    /// Our number.
    OutTradeNo(&'a str),
    /// Theirs.
    Transaction(&'a str),
}

impl Asked<'_> {
    fn is(self, order: &Order<'_>) -> bool {
        match self {
            Asked::OutTradeNo(number) => order.out_trade_no == number,
            Asked::Transaction(number) => order.transaction_id.as_deref() == Some(number),
        }
    }
}

/// What a query's answer means.
pub(crate) fn query(answer: Answer, account: &Account, asked: Asked<'_>) -> QueryOutcome {
    match answer {
        Answer::Trusted { status: 200, body } => match serde_json::from_slice::<Order<'_>>(&body) {
            Ok(order) if !asked.is(&order) => QueryOutcome::Unknown("the answer speaks of another order".to_owned()),
            Ok(order) => state(&order, account),
            Err(why) => QueryOutcome::Unknown(format!("the order cannot be read: {why}")),
        },
        Answer::Trusted { status, .. } => QueryOutcome::Unknown(format!("HTTP {status} where 200 was due")),
        Answer::Error(error) if error.status == 404 && code_of(&error.code) == "ORDERNOTEXIST" => {
            QueryOutcome::NotFound
        }
        Answer::Error(error) => QueryOutcome::Unknown(error.words()),
        Answer::Nothing(why) => QueryOutcome::Unknown(why),
    }
}

/// `REFUND` was paid first, so it is a success here; refunds are asked for by themselves. `PAYERROR` ends a 付款码
/// attempt, whose number cannot be used again; for any other trade type it is not documented, so the attempt still
/// counts as open and must be closed before another one starts \[D 6,7,8\].
pub(crate) fn state(order: &Order<'_>, account: &Account) -> QueryOutcome {
    let by_code = order.trade_type.as_deref() == Some("MICROPAY");
    let outcome = match order.trade_state.as_ref() {
        "SUCCESS" | "REFUND" => {
            return success(order).map_or_else(|why| QueryOutcome::Unknown(why.to_owned()), QueryOutcome::Succeeded);
        }
        "NOTPAY" | "USERPAYING" => QueryOutcome::Pending,
        "CLOSED" | "REVOKED" => QueryOutcome::Closed,
        "PAYERROR" if by_code => QueryOutcome::Closed,
        "PAYERROR" => QueryOutcome::Pending,
        other => QueryOutcome::Unknown(format!("trade_state {other} is not known")),
    };
    // A success is compared by the order's own room; here nothing else would notice a foreign merchant.
    if order.sub_mchid == account.sub_mchid {
        outcome
    } else {
        QueryOutcome::Unknown("the answer speaks of another merchant".to_owned())
    }
}

/// The success that an order tells. Currency may be left out where only CNY is spoken \[D 5\]; 应结 is not told here,
/// only in bills.
pub(crate) fn success(order: &Order<'_>) -> Result<Success, &'static str> {
    let amount = order.amount.as_ref().ok_or("a success without an amount")?;
    let total = amount.total.filter(|fen| *fen > 0).ok_or("a success without a total")?;
    let transaction_id = order.transaction_id.as_deref().filter(|id| !id.is_empty());
    let success_time = order.success_time.as_deref().and_then(wire::instant_ms);
    let owned = |text: &Option<std::borrow::Cow<'_, str>>| text.as_deref().filter(|t| !t.is_empty()).map(str::to_owned);
    let payer_id = order.payer.as_ref().and_then(|payer| owned(&payer.sub_openid).or_else(|| owned(&payer.sp_openid)));
    Ok(Success {
        sp_mchid: order.sp_mchid.clone().into_owned(),
        sub_mchid: order.sub_mchid.clone().into_owned(),
        sp_appid: order.sp_appid.clone().into_owned(),
        sub_appid: owned(&order.sub_appid),
        out_trade_no: order.out_trade_no.clone().into_owned(),
        transaction_id: transaction_id.ok_or("a success without transaction_id")?.to_owned(),
        total: Amount::from_fen(total),
        payer_total: amount.payer_total.map(Amount::from_fen),
        settlement: None,
        currency: amount.currency.as_deref().unwrap_or("CNY").to_owned(),
        success_at_ms: success_time.ok_or("a success without a readable success_time")?,
        trade_type: order.trade_type.as_deref().unwrap_or_default().to_owned(),
        payer_id,
    })
}
