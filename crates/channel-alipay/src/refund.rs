//! Refunds (PROTOCOLS 2.2; \[S java\] `AlipayTradeFastpayRefundQueryResponse`).
//!
//! A refund's `10000` says that the call was taken, not that money moved: that is `fund_change` `Y`. `N`, or nothing, is
//! said of a repeated call and of one that moved nothing, so the refund is asked about before anything is claimed.
//! `refund_fee` is the sum of all refunds of the trade and never taken for one of them.

use channel::{Account, Refund, RefundFact, RefundOutcome, RefundQueryOutcome, RefundStatus, Refusal, RefusalKind};

use crate::{
    Alipay,
    client::{Answer, ApiError},
    translate::{common_refusal, refusal},
    wire::{self, BAD_NUMBER, RefundBody, RefundQueryBody, Refunded},
};

impl Alipay {
    pub(crate) async fn give_back(&self, account: &Account, refund: &Refund) -> RefundOutcome {
        if !wire::is_number(&refund.out_refund_no) || !wire::is_number(&refund.out_trade_no) {
            return not_sent(BAD_NUMBER);
        }
        if refund.amount.fen() < 1 || refund.amount > refund.total {
            return not_sent("a refund is at least one fen and at most the payment");
        }
        let body = RefundBody {
            out_trade_no: &refund.out_trade_no,
            trade_no: &refund.transaction_id,
            refund_amount: refund.amount.to_string(),
            refund_reason: wire::subject(&refund.reason),
            out_request_no: &refund.out_refund_no,
        };
        let answer = match self.business(wire::REFUND, Some(account), &body) {
            Ok(call) => self.call(call).await,
            Err(why) => return not_sent(&why),
        };
        match answer {
            Answer::Done(raw) => match serde_json::from_str::<Refunded>(&raw) {
                Ok(told) if !speaks_of(&told, refund) => RefundOutcome::Unknown(ANOTHER.to_owned()),
                Ok(told) if told.fund_change == "Y" => {
                    RefundOutcome::Known(fact(&told, refund, RefundStatus::Succeeded, refund.amount))
                }
                Ok(_) => self.asked_about(account, refund).await,
                Err(why) => RefundOutcome::Unknown(format!("the refund cannot be read: {why}")),
            },
            Answer::Error(error) => refund_error(error),
            Answer::Waiting => RefundOutcome::Unknown("10003 where a refund was due".to_owned()),
            Answer::Nothing(why) => RefundOutcome::Unknown(why),
        }
    }

    /// The call was taken without saying that money moved.
    async fn asked_about(&self, account: &Account, refund: &Refund) -> RefundOutcome {
        match self.ask_refund(account, refund).await {
            RefundQueryOutcome::Known(fact) => RefundOutcome::Known(fact),
            RefundQueryOutcome::NotFound => RefundOutcome::Unknown("taken, but not to be found yet".to_owned()),
            RefundQueryOutcome::Unknown(why) => RefundOutcome::Unknown(why),
        }
    }

    /// Asks about a refund. Without `refund_status` the provider's present text says "not received, or failed", an older
    /// one said that any refund found was done. So: nothing of the refund in the answer is
    /// [`NotFound`](RefundQueryOutcome::NotFound), and the same number may be sent again (the text also warns that ten
    /// seconds may pass before a refund is found: never take a new number on the strength of this). The refund's amount
    /// without its status is [`Processing`](RefundStatus::Processing): nothing is released, and it is asked again.
    pub(crate) async fn ask_refund(&self, account: &Account, refund: &Refund) -> RefundQueryOutcome {
        if !wire::is_number(&refund.out_refund_no) || !wire::is_number(&refund.out_trade_no) {
            return RefundQueryOutcome::Unknown(BAD_NUMBER.to_owned());
        }
        let body = RefundQueryBody {
            out_trade_no: &refund.out_trade_no,
            trade_no: &refund.transaction_id,
            out_request_no: &refund.out_refund_no,
            query_options: ["gmt_refund_pay"],
        };
        let answer = match self.business(wire::REFUND_QUERY, Some(account), &body) {
            Ok(call) => self.call(call).await,
            Err(why) => return RefundQueryOutcome::Unknown(why),
        };
        match answer {
            Answer::Done(raw) => match serde_json::from_str::<Refunded>(&raw) {
                Ok(told) => found(&told, refund),
                Err(why) => RefundQueryOutcome::Unknown(format!("the refund cannot be read: {why}")),
            },
            Answer::Error(error) if matches!(error.sub_code.as_str(), "ACQ.TRADE_NOT_EXIST" | "TRADE_NOT_EXIST") => {
                RefundQueryOutcome::NotFound
            }
            Answer::Error(error) => RefundQueryOutcome::Unknown(error.words()),
            Answer::Waiting => RefundQueryOutcome::Unknown("10003 where a refund was due".to_owned()),
            Answer::Nothing(why) => RefundQueryOutcome::Unknown(why),
        }
    }
}

const ANOTHER: &str = "the answer speaks of another refund";

fn speaks_of(told: &Refunded, refund: &Refund) -> bool {
    let agrees = |said: &str, ours: &str| said.is_empty() || said == ours;
    agrees(&told.out_trade_no, &refund.out_trade_no)
        && agrees(&told.trade_no, &refund.transaction_id)
        && agrees(&told.out_request_no, &refund.out_refund_no)
}

pub(crate) fn found(told: &Refunded, refund: &Refund) -> RefundQueryOutcome {
    if !speaks_of(told, refund) {
        return RefundQueryOutcome::Unknown(ANOTHER.to_owned());
    }
    let status = match (told.refund_status.as_deref().unwrap_or_default(), &told.refund_amount) {
        ("REFUND_SUCCESS", _) => RefundStatus::Succeeded,
        ("REFUND_PROCESSING", _) | ("", Some(_)) => RefundStatus::Processing,
        ("", None) => return RefundQueryOutcome::NotFound,
        (other, _) => return RefundQueryOutcome::Unknown(format!("refund_status {other} is not known")),
    };
    match wire::told(told.refund_amount.as_deref()) {
        Some(amount) => RefundQueryOutcome::Known(fact(told, refund, status, amount)),
        None => RefundQueryOutcome::Unknown("a refund without a readable refund_amount".to_owned()),
    }
}

fn fact(told: &Refunded, refund: &Refund, status: RefundStatus, amount: money::Amount) -> RefundFact {
    RefundFact {
        sp_mchid: None,
        sub_mchid: None,
        out_refund_no: refund.out_refund_no.clone(),
        out_trade_no: refund.out_trade_no.clone(),
        transaction_id: refund.transaction_id.clone(),
        refund_id: None,
        status,
        amount,
        total: wire::told(told.total_amount.as_deref()),
        success_at_ms: told.gmt_refund_pay.as_deref().and_then(wire::instant_ms),
        received_account: told.buyer_logon_id.clone().unwrap_or_default(),
    }
}

/// What an error of a refund means \[C apifox, and the mirrored list of 31 codes\]. `DISCORDANT_REPEAT_REQUEST` is said when
/// this number was taken before with another amount. What asks for patience, or is not documented, is unknown.
fn refund_error(error: ApiError) -> RefundOutcome {
    use RefusalKind::*;
    let acq = if error.code == "40004" { error.sub_code.strip_prefix("ACQ.") } else { None };
    let kind = match acq.unwrap_or_default() {
        "SELLER_BALANCE_NOT_ENOUGH" => return RefundOutcome::NotEnough(refusal(Other, error)),
        "DISCORDANT_REPEAT_REQUEST" => NumberSpent,
        "REFUND_AMT_NOT_EQUAL_TOTAL" | "REASON_TRADE_REFUND_FEE_ERR" | "REFUND_FEE_ERROR" | "CURRENCY_NOT_SUPPORT" => {
            BadRequest
        }
        "BUYER_ENABLE_STATUS_FORBID"
        | "BUYER_ERROR"
        | "BUYER_NOT_EXIST"
        | "CUSTOMER_VALIDATE_ERROR"
        | "USER_NOT_MATCH_ERR" => Payer,
        "TRADE_NOT_EXIST"
        | "TRADE_STATUS_ERROR"
        | "REASON_TRADE_STATUS_INVALID"
        | "TRADE_HAS_CLOSE"
        | "TRADE_HAS_FINISHED"
        | "TRADE_NOT_ALLOW_REFUND"
        | "NOT_ALLOW_PARTIAL_REFUND"
        | "ONLINE_TRADE_VOUCHER_NOT_ALLOW_REFUND"
        | "REASON_TRADE_BEEN_FREEZEN"
        | "REFUND_ACCOUNT_NOT_EXIST" => Other,
        _ => match common_refusal(&error) {
            Some(kind) => kind,
            None => return RefundOutcome::Unknown(error.words()),
        },
    };
    RefundOutcome::Refused(refusal(kind, error))
}

fn not_sent(why: &str) -> RefundOutcome {
    let code = "NOT_SENT".to_owned();
    RefundOutcome::Refused(Refusal { kind: RefusalKind::BadRequest, code, message: why.to_owned() })
}
