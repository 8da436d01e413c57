//! WeChat Pay API v3 in partner mode (服务商), behind the [`channel::Channel`] port.
//!
//! Rules come from PROTOCOLS section 1; each item names its source grade: **\[D\]** the provider's own document,
//! **\[S\]** an official SDK's source, **\[C\]** forum or third party, **\[M\]** general knowledge. The base URL is a
//! setting: nothing here knows which institution answers.
//!
//! ```text
//!  Channel calls ──► wire.rs ──► client.rs (sign.rs) ══► institution ══► verify.rs (keys.rs) ──► translate.rs ──► outcome
//!  bill file ──────────────────────────────────────────► bill.rs (sealed_bill.rs), proven by its hash
//!  callback bytes ─────────────────────────────────────► verify.rs (keys.rs) ──► seal.rs ──► notice.rs ──► Notice
//! ```
//!
//! What is believed: a 2xx answer or a callback whose signature fits the received bytes, no older than five minutes.
//! Everything else is [`Unknown`](channel::QueryOutcome::Unknown), except the documented 4xx error codes, which the
//! institution's SDKs take unsigned and only inside TLS.

mod bill;
mod client;
mod codepay;
#[cfg(feature = "fuzzing")]
pub mod fuzzing;
mod keys;
#[cfg(test)]
mod known;
mod notice;
mod prepay;
mod probe;
mod refresh;
mod refund;
mod seal;
mod sealed_bill;
mod settings;
mod sign;
mod translate;
mod v2;
mod verify;
mod wire;
mod xml;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use channel::{
    Account, Acknowledgement, BillOutcome, BillRequest, Channel, CloseOutcome, Finding, Headers, Notice, NoticeError,
    PayByCode, PayByCodeOutcome, Prepay, PrepayOutcome, QueryOutcome, RefreshError, Refund, RefundFact, RefundOutcome,
    RefundQueryOutcome, ReverseOutcome, VerificationKey,
};

use client::{Answer, Call, Client};
use keys::KeyRing;
use refresh::LastRefresh;
use seal::ApiV3Keys;
use sealed_bill::BillOpener;
use sign::MerchantKey;
use translate::Asked;
use v2::ApiV2Key;
use verify::Distrust;

pub use settings::{Settings, SetupError, V2};

/// The clock: UTC milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The source of nonces: up to 32 random letters and digits, never the same twice.
pub type Nonce = Arc<dyn Fn() -> String + Send + Sync>;

/// One service provider at WeChat Pay.
pub struct WechatPay {
    sp_mchid: String,
    sp_appid: String,
    client: Client,
    keys: KeyRing,
    seal: ApiV3Keys,
    v2: Option<ApiV2Key>,
    bills: BillOpener,
    clock: Clock,
    nonce: Nonce,
    refreshed: tokio::sync::Mutex<Option<LastRefresh>>,
}

impl fmt::Debug for WechatPay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WechatPay")
            .field("sp_mchid", &self.sp_mchid)
            .field("sp_appid", &self.sp_appid)
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

impl WechatPay {
    /// Checks every setting and parses every key; opens no connection.
    ///
    /// # Errors
    /// The setting that is wrong, and the cure.
    pub fn new(settings: Settings, clock: Clock, nonce: Nonce) -> Result<Self, SetupError> {
        let settings = settings.checked()?;
        let merchant = Arc::new(MerchantKey::from_pem(&settings.merchant_private_key_pem)?);
        let keys = KeyRing::configured(&settings)?;
        let seal = ApiV3Keys::new(&settings.apiv3_key, &settings.previous_apiv3_keys)?;
        let bills = BillOpener::from_pem(&settings.merchant_private_key_pem)
            .map_err(|why| SetupError::new("merchant_private_key_pem", format!("this key opens nothing: {why}")))?;
        let v2 = settings.v2.as_ref().map(|v2| ApiV2Key::new(&v2.key));
        let client = Client::new(&settings, merchant, clock.clone(), nonce.clone())?;
        let Settings { sp_mchid, sp_appid, .. } = settings;
        let refreshed = tokio::sync::Mutex::default();
        Ok(WechatPay { sp_mchid, sp_appid, client, keys, seal, v2, bills, clock, nonce, refreshed })
    }

    /// Sends and decides what of the answer can be believed. An answer signed by a key that is not known yet makes the
    /// keys be fetched, as a platform certificate is replaced without notice \[D 3\].
    async fn call(&self, call: Call<'_>) -> Answer {
        let raw = match self.client.send(&call).await {
            Ok(raw) => raw,
            Err(why) => return Answer::Nothing(why),
        };
        let now_ms = (self.clock)();
        let mut trust = raw.verify(&self.keys, now_ms);
        if matches!(trust, Err(Distrust::UnknownKey(_))) && self.refresh(now_ms).await.is_ok() {
            trust = raw.verify(&self.keys, now_ms);
        }
        raw.read(trust)
    }
}

#[async_trait]
impl Channel for WechatPay {
    async fn prepay(&self, account: &Account, prepay: &Prepay) -> PrepayOutcome {
        self.open_attempt(account, prepay).await
    }

    async fn query(&self, account: &Account, out_trade_no: &str) -> QueryOutcome {
        let Some(path) = wire::order_path(out_trade_no) else {
            return QueryOutcome::Unknown(wire::BAD_NUMBER.to_owned());
        };
        let path = format!("{path}?sp_mchid={}&sub_mchid={}", self.sp_mchid, wire::encoded(&account.sub_mchid));
        let answer = self.call(Call { method: "GET", path: &path, body: None }).await;
        translate::query(answer, account, Asked::OutTradeNo(out_trade_no))
    }

    async fn query_by_transaction(&self, account: &Account, transaction_id: &str) -> QueryOutcome {
        if !wire::is_their_number(transaction_id) {
            return QueryOutcome::Unknown("that is no number of theirs".to_owned());
        }
        let merchants = format!("sp_mchid={}&sub_mchid={}", self.sp_mchid, wire::encoded(&account.sub_mchid));
        let path = format!("/v3/pay/partner/transactions/id/{}?{merchants}", wire::encoded(transaction_id));
        let answer = self.call(Call { method: "GET", path: &path, body: None }).await;
        translate::query(answer, account, Asked::Transaction(transaction_id))
    }

    /// As the port says. `ORDER_NOT_EXIST` is reported as closed: nobody can pay what does not exist, and a create
    /// that timed out and arrives after this has a credential that no payer ever got. Where a credential *was*
    /// handed out (the prepay was [`Ready`](PrepayOutcome::Ready)), the caller must query once more before a new
    /// number is used: then "does not exist" can only be an institution that has not caught up with itself.
    async fn close(&self, account: &Account, out_trade_no: &str) -> CloseOutcome {
        let Some(path) = wire::order_path(out_trade_no) else {
            return CloseOutcome::Unknown(wire::BAD_NUMBER.to_owned());
        };
        let path = format!("{path}/close");
        let body = wire::CloseBody { sp_mchid: &self.sp_mchid, sub_mchid: &account.sub_mchid };
        match wire::to_json(&body) {
            Ok(body) => translate::close(self.call(Call { method: "POST", path: &path, body: Some(body) }).await),
            Err(why) => CloseOutcome::Unknown(why),
        }
    }

    async fn pay_by_code(&self, account: &Account, pay: &PayByCode) -> PayByCodeOutcome {
        match &self.v2 {
            Some(key) => self.charge_v2(key, account, pay).await,
            None => self.charge(account, pay).await,
        }
    }

    /// As the port says. Not sooner than 15 s after the charge \[D 8\]. Three things to know: `ORDER_NOT_EXIST` is told
    /// as reversed, as nobody has paid what does not exist; the institution has been seen to answer a success without
    /// reversing anything where the merchant did not fit \[C\]; and while the payer types a password it refuses
    /// (unknown, again later). So the caller queries once more after the last word, and believes the query.
    async fn reverse(&self, account: &Account, out_trade_no: &str) -> ReverseOutcome {
        match &self.v2 {
            Some(key) => self.take_back_v2(key, account, out_trade_no).await,
            None => self.take_back(account, out_trade_no).await,
        }
    }

    async fn refund(&self, account: &Account, refund: &Refund) -> RefundOutcome {
        self.give_back(account, refund).await
    }

    async fn query_refund(&self, account: &Account, refund: &Refund) -> RefundQueryOutcome {
        self.ask_about_refund(account, refund).await
    }

    async fn redirect_refund(&self, account: &Account, refund: &RefundFact) -> RefundOutcome {
        self.send_elsewhere(account, refund).await
    }

    async fn fetch_bill(&self, bill: &BillRequest) -> BillOutcome {
        self.bill(bill).await
    }

    fn read_notice(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<Notice, NoticeError> {
        notice::read(&self.keys, &self.seal, headers, body, now_ms)
    }

    async fn probe(&self, account: Option<&Account>) -> Vec<Finding> {
        self.look(account).await
    }

    fn verification_keys(&self) -> Vec<VerificationKey> {
        self.keys.known()
    }

    async fn refresh_keys(&self, now_ms: i64) -> Result<(), RefreshError> {
        self.refresh(now_ms).await
    }

    /// 204 without a body, or 500 with `FAIL`; anything but 200 and 204 makes it come again \[D 3,4\].
    fn acknowledge(&self, accepted: bool) -> Acknowledgement {
        if accepted {
            Acknowledgement { status: 204, content_type: "", body: "" }
        } else {
            let body = r#"{"code":"FAIL","message":"失败"}"#;
            Acknowledgement { status: 500, content_type: "application/json", body }
        }
    }
}
