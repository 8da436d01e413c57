//! WeChat Pay API v3 in partner mode (服务商), behind the [`channel::Channel`] port.
//!
//! Rules come from PROTOCOLS section 1; each item names its source grade: **\[D\]** the provider's own document,
//! **\[S\]** an official SDK's source, **\[C\]** forum or third party, **\[M\]** general knowledge. The base URL is a
//! setting: nothing here knows which institution answers.
//!
//! ```text
//!  Channel calls ──► wire.rs ──► client.rs (sign.rs) ══► institution ══► verify.rs (keys.rs) ──► translate.rs ──► outcome
//!  callback bytes ─────────────────────────────────────► verify.rs (keys.rs) ──► seal.rs ──► notice.rs ──► Notice
//! ```
//!
//! What is believed: a 2xx answer or a callback whose signature fits the received bytes, no older than five minutes.
//! Everything else is [`Unknown`](channel::QueryOutcome::Unknown), except the documented 4xx error codes, which the
//! institution's SDKs take unsigned and only inside TLS.

mod client;
mod keys;
mod notice;
mod prepay;
mod refresh;
mod seal;
mod settings;
mod sign;
mod translate;
mod verify;
mod wire;

use std::{fmt, sync::Arc};

use async_trait::async_trait;
use channel::{
    Account, Acknowledgement, Channel, CloseOutcome, Headers, Notice, NoticeError, Prepay, PrepayOutcome, QueryOutcome,
    RefreshError, VerificationKey,
};

use client::{Answer, Call, Client};
use keys::KeyRing;
use refresh::LastRefresh;
use seal::ApiV3Keys;
use sign::MerchantKey;
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
        let client = Client::new(&settings, merchant, clock.clone(), nonce.clone())?;
        let Settings { sp_mchid, sp_appid, .. } = settings;
        let refreshed = tokio::sync::Mutex::default();
        Ok(WechatPay { sp_mchid, sp_appid, client, keys, seal, clock, nonce, refreshed })
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
        translate::query(answer, account, out_trade_no)
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

    fn read_notice(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<Notice, NoticeError> {
        notice::read(&self.keys, &self.seal, headers, body, now_ms)
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
