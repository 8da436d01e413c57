//! Money back (PROTOCOLS 1.8): ask, ask about, and what to do with a refund that came back.

use std::borrow::Cow;

use channel::{Account, Refund, RefundFact, RefundOutcome, RefundQueryOutcome, RefundStatus, Refusal, RefusalKind};
use money::Amount;
use serde::{Deserialize, Serialize};

use crate::{
    WechatPay,
    client::{Answer, ApiError, Call},
    translate::{self, code_of},
    wire,
};

const PATH: &str = "/v3/refund/domestic/refunds";

/// The payer reads this many bytes of the reason \[D 4,9\].
const MAX_REASON: usize = 80;

/// Body of a refund. `transaction_id` and not our number: it is theirs, and the documents advise it \[D 9\].
#[derive(Serialize)]
struct RefundBody<'a> {
    sub_mchid: &'a str,
    transaction_id: &'a str,
    out_refund_no: &'a str,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
    notify_url: &'a str,
    amount: AmountBody,
}

#[derive(Serialize)]
struct AmountBody {
    refund: i64,
    total: i64,
    currency: &'static str,
}

/// Body that sends an abnormal refund to the merchant's own bank account, which needs no account number.
#[derive(Serialize)]
struct RedirectBody<'a> {
    sub_mchid: &'a str,
    out_refund_no: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// A refund as answers carry it (`status`) and as callbacks do (`refund_status`, with the merchants).
#[derive(Deserialize)]
pub(crate) struct RefundWire<'a> {
    #[serde(borrow, default)]
    sp_mchid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    sub_mchid: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    refund_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    out_refund_no: Cow<'a, str>,
    #[serde(borrow)]
    transaction_id: Cow<'a, str>,
    #[serde(borrow)]
    out_trade_no: Cow<'a, str>,
    #[serde(borrow, alias = "refund_status")]
    status: Cow<'a, str>,
    #[serde(borrow, default)]
    success_time: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    user_received_account: Option<Cow<'a, str>>,
    amount: RefundAmount,
}

#[derive(Deserialize)]
struct RefundAmount {
    refund: i64,
    #[serde(default)]
    total: Option<i64>,
}

impl WechatPay {
    pub(crate) async fn give_back(&self, account: &Account, refund: &Refund) -> RefundOutcome {
        if let Err(why) = check(refund) {
            return RefundOutcome::Refused(translate::not_sent(why));
        }
        let body = RefundBody {
            sub_mchid: &account.sub_mchid,
            transaction_id: &refund.transaction_id,
            out_refund_no: &refund.out_refund_no,
            reason: wire::readable(&refund.reason, MAX_REASON),
            notify_url: &refund.notify_url,
            amount: AmountBody { refund: refund.amount.fen(), total: refund.total.fen(), currency: "CNY" },
        };
        self.ask_refund(PATH, &body, &refund.out_refund_no).await
    }

    pub(crate) async fn ask_about_refund(&self, account: &Account, refund: &Refund) -> RefundQueryOutcome {
        if !wire::is_refund_number(&refund.out_refund_no) {
            return RefundQueryOutcome::Unknown(BAD_NUMBER.to_owned());
        }
        let number = wire::encoded(&refund.out_refund_no);
        let path = format!("{PATH}/{number}?sub_mchid={}", wire::encoded(&account.sub_mchid));
        queried(self.call(Call { method: "GET", path: &path, body: None }).await, &refund.out_refund_no)
    }

    pub(crate) async fn send_elsewhere(&self, account: &Account, refund: &RefundFact) -> RefundOutcome {
        let Some(refund_id) = refund.refund_id.as_deref().filter(|id| wire::is_their_number(id)) else {
            return RefundOutcome::Refused(translate::not_sent("the refund has no number of theirs"));
        };
        let path = format!("{PATH}/{}/apply-abnormal-refund", wire::encoded(refund_id));
        let body = RedirectBody {
            sub_mchid: &account.sub_mchid,
            out_refund_no: &refund.out_refund_no,
            kind: "MERCHANT_BANK_CARD",
        };
        self.ask_refund(&path, &body, &refund.out_refund_no).await
    }

    async fn ask_refund(&self, path: &str, body: &impl Serialize, out_refund_no: &str) -> RefundOutcome {
        let body = match wire::to_json(body) {
            Ok(body) => body,
            Err(why) => return RefundOutcome::Refused(translate::not_sent(&why)),
        };
        asked(self.call(Call { method: "POST", path, body: Some(body) }).await, out_refund_no)
    }
}

/// What the answer to a refund means.
pub(crate) fn asked(answer: Answer, out_refund_no: &str) -> RefundOutcome {
    match answer {
        Answer::Trusted { status: 200, body } => match fact(&body, out_refund_no) {
            Ok(fact) => RefundOutcome::Known(fact),
            Err(why) => RefundOutcome::Unknown(why),
        },
        Answer::Trusted { status, .. } => RefundOutcome::Unknown(format!("HTTP {status}: accepted, not done")),
        Answer::Error(error) => refused(error),
        Answer::Nothing(why) => RefundOutcome::Unknown(why),
    }
}

/// What the answer to a question about a refund means.
pub(crate) fn queried(answer: Answer, out_refund_no: &str) -> RefundQueryOutcome {
    match answer {
        Answer::Trusted { status: 200, body } => match fact(&body, out_refund_no) {
            Ok(fact) => RefundQueryOutcome::Known(fact),
            Err(why) => RefundQueryOutcome::Unknown(why),
        },
        Answer::Trusted { status, .. } => RefundQueryOutcome::Unknown(format!("HTTP {status} where 200 was due")),
        // Also what a refund asked for a moment ago may be told as: the caller asks again before it gives up.
        Answer::Error(error) if error.status == 404 && code_of(&error.code) == "RESOURCENOTEXISTS" => {
            RefundQueryOutcome::NotFound
        }
        Answer::Error(error) => RefundQueryOutcome::Unknown(error.words()),
        Answer::Nothing(why) => RefundQueryOutcome::Unknown(why),
    }
}

const BAD_NUMBER: &str = "a refund number has 1 to 64 characters of 0-9 A-Z a-z _ - | * @";

fn check(refund: &Refund) -> Result<(), &'static str> {
    if !wire::is_refund_number(&refund.out_refund_no) {
        return Err(BAD_NUMBER);
    }
    if !wire::is_their_number(&refund.transaction_id) {
        return Err("a refund names the payment by the institution's own number");
    }
    if refund.amount.fen() < 1 || refund.amount > refund.total {
        return Err("a refund is at least one fen and at most the payment");
    }
    if refund.notify_url.len() > 255 || refund.notify_url.contains(['?', '#']) {
        return Err("notify_url has up to 255 characters and no query");
    }
    Ok(())
}

/// What the error of a refund means \[D: 退款 错误码, as mirrored in SDKs' comments\].
///
/// | codes | outcome |
/// | --- | --- |
/// | `NOT_ENOUGH` | not enough: 待资金, the same number later |
/// | `PARAM_ERROR` | refused: our request |
/// | `NO_AUTH`, `MCH_NOT_EXISTS` | refused: not authorised (refunds by interface are off until the merchant allows them) |
/// | `USER_ACCOUNT_ABNORMAL` | refused: the payer's account is gone |
/// | `INVALID_REQUEST`, `RESOURCE_NOT_EXISTS`, `TRADE_OVERDUE` | refused: other (above the payment, past the year, not paid) |
/// | `FREQUENCY_LIMITED`, `RATELIMIT_EXCEEDED`, `INVALID_REQ_TOO_MUCH`, `BIZERR_NEED_RETRY` | unknown: the same number again, later |
/// | `SIGN_ERROR` | unknown: a key of ours is wrong, and nothing is wrong with the refund |
/// | `SYSTEM_ERROR`, all others | unknown |
fn refused(error: ApiError) -> RefundOutcome {
    use RefusalKind::*;
    let kind = match code_of(&error.code).as_str() {
        "NOTENOUGH" => Other,
        "PARAMERROR" => BadRequest,
        "NOAUTH" | "MCHNOTEXISTS" => NotAuthorised,
        "USERACCOUNTABNORMAL" => Payer,
        "INVALIDREQUEST" | "RESOURCENOTEXISTS" | "TRADEOVERDUE" => Other,
        _ => return RefundOutcome::Unknown(error.words()),
    };
    let not_enough = code_of(&error.code) == "NOTENOUGH";
    let refusal = Refusal { kind, code: error.code, message: error.message };
    if not_enough { RefundOutcome::NotEnough(refusal) } else { RefundOutcome::Refused(refusal) }
}

fn fact(body: &[u8], out_refund_no: &str) -> Result<RefundFact, String> {
    let refund: RefundWire<'_> =
        serde_json::from_slice(body).map_err(|why| format!("the refund cannot be read: {why}"))?;
    if refund.out_refund_no != out_refund_no {
        return Err("the answer speaks of another refund".to_owned());
    }
    refund.fact()
}

impl RefundWire<'_> {
    /// What it tells.
    pub(crate) fn fact(&self) -> Result<RefundFact, String> {
        let status = match self.status.as_ref() {
            "PROCESSING" => RefundStatus::Processing,
            "SUCCESS" => RefundStatus::Succeeded,
            "CLOSED" => RefundStatus::Closed,
            "ABNORMAL" => RefundStatus::Abnormal,
            other => return Err(format!("refund status {other} is not known")),
        };
        if self.amount.refund < 1 {
            return Err("a refund without an amount".to_owned());
        }
        let owned = |text: &Option<Cow<'_, str>>| text.as_deref().filter(|t| !t.is_empty()).map(str::to_owned);
        let success_at_ms = self.success_time.as_deref().and_then(wire::instant_ms);
        Ok(RefundFact {
            sp_mchid: owned(&self.sp_mchid),
            sub_mchid: owned(&self.sub_mchid),
            out_refund_no: self.out_refund_no.clone().into_owned(),
            out_trade_no: self.out_trade_no.clone().into_owned(),
            transaction_id: self.transaction_id.clone().into_owned(),
            refund_id: owned(&self.refund_id),
            status,
            amount: Amount::from_fen(self.amount.refund),
            total: self.amount.total.map(Amount::from_fen),
            success_at_ms: success_at_ms.filter(|_| status == RefundStatus::Succeeded),
            received_account: self.user_received_account.as_deref().unwrap_or_default().to_owned(),
        })
    }
}
