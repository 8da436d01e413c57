//! Alipay's OpenAPI with RSA2 signatures, behind the [`channel::Channel`] port: an application of the service provider acts
//! for its merchants by their `app_auth_token`.
//!
//! Rules come from PROTOCOLS section 2; each item names its source grade: **\[D\]** the provider's own document, **\[S\]** an
//! official SDK's source, **\[C\]** a third party, **\[M\]** general knowledge. Gateway and OAuth page are settings: nothing
//! here knows which institution answers.
//!
//! ```text
//!  Channel calls ──► wire.rs ──► client.rs (sign.rs) ══► gateway ══► slice.rs ──► keys.rs ──► translate.rs ──► outcome
//!  callback bytes ───────────────────────────────────► notice.rs ──► keys.rs (learn.rs, chain.rs) ──► Notice
//! ```
//!
//! What is believed: characters that Alipay signed, cut from the answer as they came. Everything else is
//! [`Unknown`](channel::QueryOutcome::Unknown), except what the gateway refuses at the door, before it knows whose key to
//! sign with, and only inside TLS.
//!
//! Where the port says `sp_mchid` Alipay's word is `app_id`, and for `sub_mchid` it is `seller_id` (PID, 2088…).

mod bill;
mod chain;
mod client;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod keys;
mod learn;
mod notice;
mod prepay;
mod probe;
mod refund;
mod serial;
mod settings;
mod sign;
mod slice;
mod translate;
mod wire;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use channel::{
    Account, Acknowledgement, BillOutcome, BillRequest, Channel, CloseOutcome, Finding, Headers, IdentifyError, Notice,
    NoticeError, PayByCode, PayByCodeOutcome, PayerId, Prepay, PrepayOutcome, QueryOutcome, RefreshError, Refund,
    RefundFact, RefundOutcome, RefundQueryOutcome, Refusal, RefusalKind, ReverseOutcome, VerificationKey,
};
use serde::Serialize;
use url::Url;

use client::{Answer, Call, Client};
use keys::KeyRing;
use learn::LastLearned;
use sign::AppKey;
use translate::{Asked, NotWaiting};
use wire::{BAD_NUMBER, Identified, PayBody, WhichBody};

pub use settings::{Settings, SetupError, Verification};

/// The clock: UTC milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// One application at Alipay.
pub struct Alipay {
    app_id: String,
    oauth_url: Url,
    jsapi_product_code: Option<String>,
    op_app_id: Option<String>,
    native_product_code: Option<String>,
    service_provider_id: Option<String>,
    client: Client,
    keys: KeyRing,
    clock: Clock,
    learned: tokio::sync::Mutex<Option<LastLearned>>,
    asked_at_ms: tokio::sync::Mutex<Option<i64>>,
}

impl fmt::Debug for Alipay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Alipay").field("app_id", &self.app_id).field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Alipay {
    /// Checks every setting and parses every key; opens no connection.
    ///
    /// # Errors
    /// The setting that is wrong, and the cure.
    pub fn new(settings: Settings, clock: Clock) -> Result<Self, SetupError> {
        let settings = settings.checked()?;
        let key = AppKey::read(&settings.app_private_key)?;
        let (keys, serials) = KeyRing::configured(&settings.verification)?;
        let oauth_url = Url::parse(&settings.oauth_url).map_err(|why| SetupError::new("oauth_url", why.to_string()))?;
        let client = Client::new(&settings, key, serials, clock.clone())?;
        let Settings { app_id, jsapi_product_code, op_app_id, native_product_code, service_provider_id, .. } = settings;
        let (learned, asked_at_ms) = Default::default();
        Ok(Alipay {
            app_id,
            oauth_url,
            jsapi_product_code,
            op_app_id,
            native_product_code,
            service_provider_id,
            client,
            keys,
            clock,
            learned,
            asked_at_ms,
        })
    }

    /// Sends and decides what of the answer can be believed. One that is signed with a certificate that is not known yet
    /// makes that certificate be fetched.
    async fn call(&self, call: Call<'_>) -> Answer {
        let text = match self.client.exchange(&call).await {
            Ok(text) => text,
            Err(why) => return Answer::Nothing(why),
        };
        let serial = match self.client.believed(call.method, &text, &self.keys) {
            Ok(answer) => return answer,
            Err(serial) => serial,
        };
        let unknown = |why: &str| client::disbelieved(&format!("it is signed with unknown key {serial}: {why}"));
        match self.learn(&serial, (self.clock)()).await {
            Ok(()) => self.client.believed(call.method, &text, &self.keys).unwrap_or_else(|_| unknown("it has ended")),
            Err(why) => unknown(&why),
        }
    }

    /// A call whose parameters are one JSON body.
    fn business<'a>(
        &self,
        method: &'static str,
        account: Option<&'a Account>,
        body: &impl Serialize,
    ) -> Result<Call<'a>, String> {
        Ok(Call { method, account, parameters: vec![("biz_content", wire::to_json(body)?)] })
    }

    /// Whom Alipay credits for a trade.
    fn credited(&self) -> Option<wire::ExtendBody<'_>> {
        let id = self.service_provider_id.as_deref()?;
        Some(wire::ExtendBody { sys_service_provider_id: id })
    }

    async fn ask(&self, account: &Account, asked: Asked<'_>) -> QueryOutcome {
        let body = match asked {
            Asked::Ours(number) => WhichBody { out_trade_no: Some(number), trade_no: None },
            Asked::Theirs(number) => WhichBody { out_trade_no: None, trade_no: Some(number) },
        };
        match self.business(wire::QUERY, Some(account), &body) {
            Ok(call) => translate::query(self.call(call).await, account, &self.app_id, asked),
            Err(why) => QueryOutcome::Unknown(why),
        }
    }
}

#[async_trait]
impl Channel for Alipay {
    async fn prepay(&self, account: &Account, prepay: &Prepay) -> PrepayOutcome {
        self.open_attempt(account, prepay).await
    }

    /// As the port says. A code that nobody scanned and an address that nobody opened are no trade yet, so they come out
    /// [`NotFound`](QueryOutcome::NotFound) although they can still be paid until their time is over.
    async fn query(&self, account: &Account, out_trade_no: &str) -> QueryOutcome {
        if !wire::is_number(out_trade_no) {
            return QueryOutcome::Unknown(BAD_NUMBER.to_owned());
        }
        self.ask(account, Asked::Ours(out_trade_no)).await
    }

    /// As the port says. `ACQ.TRADE_NOT_EXIST` is reported as closed, as for every institution: a trade whose making went
    /// unanswered has a credential that no payer ever got. Where one *was* handed out, the caller must query once more
    /// before a new number is used: a code not yet scanned and an address not yet opened cannot be closed here by anybody,
    /// they then come out [`NotFound`](QueryOutcome::NotFound), and only their `expires_at_ms` ends them.
    async fn close(&self, account: &Account, out_trade_no: &str) -> CloseOutcome {
        if !wire::is_number(out_trade_no) {
            return CloseOutcome::Unknown(BAD_NUMBER.to_owned());
        }
        let body = WhichBody { out_trade_no: Some(out_trade_no), trade_no: None };
        let answer = match self.business(wire::CLOSE, Some(account), &body) {
            Ok(call) => self.call(call).await,
            Err(why) => return CloseOutcome::Unknown(why),
        };
        match translate::close(answer, out_trade_no) {
            Ok(outcome) => outcome,
            Err(NotWaiting) => match self.ask(account, Asked::Ours(out_trade_no)).await {
                QueryOutcome::Succeeded(_) => CloseOutcome::AlreadyPaid,
                QueryOutcome::Closed => CloseOutcome::Closed,
                QueryOutcome::Unknown(why) => CloseOutcome::Unknown(why),
                QueryOutcome::Pending | QueryOutcome::NotFound => {
                    CloseOutcome::Unknown("it cannot be closed, and yet it waits to be paid".to_owned())
                }
            },
        }
    }

    async fn pay_by_code(&self, account: &Account, pay: &PayByCode) -> PayByCodeOutcome {
        let not_sent = |why: &str| {
            let (code, message) = ("NOT_SENT".to_owned(), why.to_owned());
            PayByCodeOutcome::Refused(Refusal { kind: RefusalKind::BadRequest, code, message })
        };
        if !wire::is_number(&pay.out_trade_no) {
            return not_sent(BAD_NUMBER);
        }
        if pay.amount.fen() < 1 {
            return not_sent("the least amount is one fen");
        }
        let body = PayBody {
            out_trade_no: &pay.out_trade_no,
            total_amount: pay.amount.to_string(),
            subject: wire::subject(&pay.description),
            scene: "bar_code",
            auth_code: pay.payment_code.0.trim(),
            product_code: "FACE_TO_FACE_PAYMENT",
            seller_id: &account.sub_mchid,
            store_id: &pay.store_id,
            extend_params: self.credited(),
        };
        match self.business(wire::PAY, Some(account), &body) {
            Ok(call) => translate::paid_by_code(self.call(call).await, account, &self.app_id, &pay.out_trade_no),
            Err(why) => not_sent(&why),
        }
    }

    async fn reverse(&self, account: &Account, out_trade_no: &str) -> ReverseOutcome {
        if !wire::is_number(out_trade_no) {
            return ReverseOutcome::Unknown(BAD_NUMBER.to_owned());
        }
        let body = WhichBody { out_trade_no: Some(out_trade_no), trade_no: None };
        match self.business(wire::CANCEL, Some(account), &body) {
            Ok(call) => translate::cancelled(self.call(call).await, out_trade_no),
            Err(why) => ReverseOutcome::Unknown(why),
        }
    }

    async fn query_by_transaction(&self, account: &Account, transaction_id: &str) -> QueryOutcome {
        if !wire::is_number(transaction_id) {
            return QueryOutcome::Unknown(BAD_NUMBER.to_owned());
        }
        self.ask(account, Asked::Theirs(transaction_id)).await
    }

    async fn refund(&self, account: &Account, refund: &Refund) -> RefundOutcome {
        self.give_back(account, refund).await
    }

    async fn query_refund(&self, account: &Account, refund: &Refund) -> RefundQueryOutcome {
        self.ask_refund(account, refund).await
    }

    /// Refused always: what a bank no longer takes goes to the payer's balance at Alipay, so no refund comes back \[C\].
    async fn redirect_refund(&self, _: &Account, _: &RefundFact) -> RefundOutcome {
        RefundOutcome::Refused(Refusal {
            kind: RefusalKind::BadRequest,
            code: "NOT_SENT".to_owned(),
            message: "支付宝退款不会退回商户，无需改道 (a refund at Alipay never comes back)".to_owned(),
        })
    }

    async fn fetch_bill(&self, bill: &BillRequest) -> BillOutcome {
        self.bill(bill).await
    }

    /// The payer comes back to `redirect_url` with `auth_code` and `state`; `state` is base64 characters only \[D\].
    fn authorize_url(&self, redirect_url: &str, state: &str) -> Option<String> {
        let mut url = self.oauth_url.clone();
        url.query_pairs_mut()
            .append_pair("app_id", &self.app_id)
            .append_pair("scope", "auth_base")
            .append_pair("redirect_uri", redirect_url)
            .append_pair("state", state);
        Some(url.into())
    }

    /// `code` is the `auth_code` that the payer brought. An application that was moved to OpenIDs hears one, others the
    /// user's number; while it is being moved both come, and the OpenID is what will still be right afterwards.
    async fn identify(&self, code: &str) -> Result<PayerId, IdentifyError> {
        if code.is_empty() || code.len() > 128 || !code.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(IdentifyError::BadCode("this is no authorisation code".to_owned()));
        }
        let parameters = vec![("grant_type", "authorization_code".to_owned()), ("code", code.to_owned())];
        match self.call(Call { method: wire::OAUTH_TOKEN, account: None, parameters }).await {
            Answer::Done(raw) => {
                let said: Identified =
                    serde_json::from_str(&raw).map_err(|why| IdentifyError::Unavailable(why.to_string()))?;
                translate::payer(said.open_id.as_deref(), said.user_id.as_deref())
                    .map(PayerId::Provider)
                    .ok_or_else(|| IdentifyError::Unavailable("nobody was named".to_owned()))
            }
            Answer::Error(error) => match error.sub_code.as_str() {
                "isv.code-invalid" | "isv.unmatched-app-id" => Err(IdentifyError::BadCode(error.words())),
                _ => Err(IdentifyError::Unavailable(error.words())),
            },
            Answer::Waiting => Err(IdentifyError::Unavailable("10003 where a payer was due".to_owned())),
            Answer::Nothing(why) => Err(IdentifyError::Unavailable(why)),
        }
    }

    fn read_notice(&self, _: &Headers, body: &[u8], now_ms: i64) -> Result<Notice, NoticeError> {
        notice::read(&self.keys, body, now_ms)
    }

    async fn probe(&self, account: Option<&Account>) -> Vec<Finding> {
        self.look(account).await
    }

    fn verification_keys(&self) -> Vec<VerificationKey> {
        self.keys.known()
    }

    /// Fetches the certificate that a callback named and that is not known, at most one in thirty seconds. Public keys are
    /// settings: there is nothing to fetch.
    async fn refresh_keys(&self, now_ms: i64) -> Result<(), RefreshError> {
        self.learn_wanted(now_ms).await.map_err(RefreshError)
    }

    /// The seven characters `success`, or anything else to have it sent again \[D 13\].
    fn acknowledge(&self, accepted: bool) -> Acknowledgement {
        let content_type = "text/plain; charset=utf-8";
        if accepted {
            Acknowledgement { status: 200, content_type, body: "success" }
        } else {
            Acknowledgement { status: 500, content_type, body: "fail" }
        }
    }
}
