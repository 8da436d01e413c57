use money::Amount;

/// Whose money: the sub merchant that a call is made for. The service provider is the channel itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// The institution's number of the merchant (`sub_mchid`).
    pub sub_mchid: String,
    /// The merchant's own appid, where payers are identified under it (`sub_appid`).
    pub sub_appid: Option<String>,
}

/// One payment attempt as asked of the institution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prepay {
    /// Our number of the attempt, ≤ 32 characters of `0-9A-Za-z_-|*`.
    pub out_trade_no: String,
    /// What is asked for, in CNY.
    pub amount: Amount,
    /// What the payer reads in the wallet. The adapter cuts it to what the institution takes.
    pub description: String,
    /// Where the institution calls back.
    pub notify_url: String,
    /// The last moment to pay, UTC milliseconds.
    pub expires_at_ms: i64,
    /// How the payer will pay.
    pub scene: Scene,
}

/// How the payer pays (a trade type in the provider's words).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scene {
    /// Inside the wallet's own browser, by this identity.
    Jsapi(PayerId),
    /// In a phone's browser, which opens the wallet.
    H5 {
        /// The payer's address as our server sees it.
        client_ip: String,
    },
    /// A code on a screen, scanned with the wallet.
    Native,
}

/// The payer's identity at the institution, under the provider's or the merchant's own appid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PayerId {
    /// Under the service provider's appid.
    Provider(String),
    /// Under [`Account::sub_appid`].
    Merchant(String),
}

/// What came of a prepay.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepayOutcome {
    /// The attempt exists; this is what the front end needs.
    Ready(Credential),
    /// The institution refused for good; this call made nothing. If an earlier sending of the same number came out
    /// [`Unknown`](PrepayOutcome::Unknown), that one may still have been made: query before the number is given up.
    Refused(Refusal),
    /// Nobody knows whether the attempt exists. Send again with the same number.
    Unknown(String),
}

/// What the payer's page hands to the wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// Parameters of `WeixinJSBridge` `getBrandWCPayRequest`, signed.
    Jsapi(JsapiInvoke),
    /// A URL that opens the wallet; append nothing but `redirect_url`.
    H5 {
        /// The URL.
        url: String,
    },
    /// The text of a code to be scanned.
    Native {
        /// The text.
        code_url: String,
    },
}

/// The six signed parameters of a JSAPI payment, named as the wallet wants them.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JsapiInvoke {
    /// The appid of the order.
    pub app_id: String,
    /// Unix seconds, as a string.
    pub time_stamp: String,
    /// Random text.
    pub nonce_str: String,
    /// `prepay_id=…`
    pub package: String,
    /// `RSA`
    pub sign_type: String,
    /// The signature.
    pub pay_sign: String,
}

/// A refusal, with the institution's own words kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Our kind.
    pub kind: RefusalKind,
    /// The institution's code, such as `NO_AUTH`.
    pub code: String,
    /// The institution's message.
    pub message: String,
}

/// Kinds of refusal that the product acts on differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusalKind {
    /// The number was used with other parameters, is paid or closed: ask, then use a new one.
    NumberSpent,
    /// The merchant or product is not authorised, or the appid is not bound: an admin must act.
    NotAuthorised,
    /// Our request was wrong (a defect or a setting).
    BadRequest,
    /// The payer's account is the reason.
    Payer,
    /// Any other refusal.
    Other,
}

/// What the institution says of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "passed once and taken apart at once; a box would cost more than it saves"
)]
pub enum QueryOutcome {
    /// Paid.
    Succeeded(Success),
    /// Exists, not paid (yet).
    Pending,
    /// Closed without payment.
    Closed,
    /// The institution has never heard of the number.
    NotFound,
    /// No trustworthy answer.
    Unknown(String),
}

/// What came of a close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CloseOutcome {
    /// Closed (now or before).
    Closed,
    /// It was paid: query and book it.
    AlreadyPaid,
    /// No trustworthy answer: nothing new may start.
    Unknown(String),
}

/// A success as the institution tells it, from a callback, a query or a bill alike. Everything that must agree with
/// our own order is here, so that one function can compare all of it (PRODUCT 6.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Success {
    /// The provider the message speaks of.
    pub sp_mchid: String,
    /// The merchant the message speaks of.
    pub sub_mchid: String,
    /// The provider's appid in the message.
    pub sp_appid: String,
    /// The merchant's appid in the message, if any.
    pub sub_appid: Option<String>,
    /// Our number of the attempt.
    pub out_trade_no: String,
    /// Their number of the payment.
    pub transaction_id: String,
    /// What the order asked for (订单金额).
    pub total: Amount,
    /// What the payer paid after vouchers, where told.
    pub payer_total: Option<Amount>,
    /// What will be settled (应结), where told.
    pub settlement: Option<Amount>,
    /// ISO currency, `CNY`.
    pub currency: String,
    /// When the payer paid, UTC milliseconds.
    pub success_at_ms: i64,
    /// Their word for the way it was paid.
    pub trade_type: String,
    /// The payer's identity under the order's appid, if told.
    pub payer_id: Option<String>,
}

/// HTTP headers of a callback, looked up without regard to case.
#[derive(Clone, Debug, Default)]
pub struct Headers(pub Vec<(String, String)>);

impl Headers {
    /// The first value of `name`.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str())
    }
}

/// A verified callback.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "passed once and taken apart at once; a box would cost more than it saves"
)]
pub enum Notice {
    /// A payment succeeded.
    Payment(Success),
    /// Genuine, but of a kind that this version does not act on; its name is kept.
    Other(String),
}

/// Why a callback was not believed (PRODUCT 6.3).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoticeError {
    /// A signature header is missing or cannot be read.
    #[error("the callback lacks {0}")]
    Missing(&'static str),
    /// The time-stamp is more than five minutes away.
    #[error("the callback's time-stamp is {skew_s} s away")]
    Stale {
        /// Difference in seconds.
        skew_s: i64,
    },
    /// The key is not known (yet).
    #[error("the callback is signed with unknown key {0}")]
    UnknownKey(String),
    /// The signature does not fit the bytes.
    #[error("the callback's signature is wrong")]
    BadSignature,
    /// Genuine by its signature, but what it says cannot be read.
    #[error("the callback cannot be read: {0}")]
    Unreadable(String),
}

/// Why the verification keys could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the institution's keys could not be fetched: {0}")]
pub struct RefreshError(pub String);
