use std::fmt;

use money::Amount;

/// Whose money: the sub merchant that a call is made for. The service provider is the channel itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Account {
    /// The institution's number of the merchant (`sub_mchid`).
    pub sub_mchid: String,
    /// The merchant's own appid, where payers are identified under it (`sub_appid`).
    pub sub_appid: Option<String>,
    /// The merchant's leave to act for it, where the institution asks for one (Alipay's `app_auth_token`).
    pub authorization: Option<Secret>,
}

impl Account {
    /// An account that is its number alone.
    pub fn of(sub_mchid: impl Into<String>) -> Account {
        Account { sub_mchid: sub_mchid.into(), sub_appid: None, authorization: None }
    }
}

/// A text that reaches no log: a merchant's authorisation, a payer's 付款码 (PRODUCT 8).
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
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
    /// The page that the wallet goes back to when the payer is done, for a payment in a phone's browser.
    pub return_url: Option<String>,
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
    /// The institution's own number of the attempt, which the wallet's bridge takes (Alipay's `tradeNO`).
    Trade {
        /// The number.
        trade_no: String,
    },
    /// A URL that opens the wallet and comes back to [`Prepay::return_url`]; append nothing, it may be signed.
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

/// A payment by the code that the payer's wallet shows (付款码). It has no callback: ask until its end is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayByCode {
    /// Our number of the attempt, ≤ 32 characters of `0-9A-Za-z_-|*`.
    pub out_trade_no: String,
    /// What is asked for, in CNY.
    pub amount: Amount,
    /// What the payer reads in the wallet.
    pub description: String,
    /// What was scanned. Usable once, for a minute; never logged, never stored (PRODUCT 8).
    pub payment_code: Secret,
    /// The shop's number in our own books, which the institution wants to hear.
    pub store_id: String,
    /// The address of the till.
    pub client_ip: String,
}

/// What came of a payment by code.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::large_enum_variant,
    reason = "passed once and taken apart at once; a box would cost more than it saves"
)]
pub enum PayByCodeOutcome {
    /// Paid.
    Succeeded(Success),
    /// The payer is asked for a password: query.
    Pending,
    /// The institution refused for good; the number is spent.
    Refused(Refusal),
    /// No trustworthy answer: query, and reverse when it stays so.
    Unknown(String),
}

/// What came of a reversal (撤销) of a payment by code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReverseOutcome {
    /// Unpaid and closed, or paid and given back: the payer keeps the money either way.
    Reversed,
    /// It cannot be reversed any more: refund it.
    Refused(Refusal),
    /// No trustworthy answer: say it again, until it answers.
    Unknown(String),
}

/// A refund as asked of the institution. Repeated with the same number it is the same refund: after a time-out it is
/// sent again as it was, never under a new number (PRODUCT 6.6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Our number of the refund, ≤ 32 characters of `0-9A-Za-z_-|*`.
    pub out_refund_no: String,
    /// Our number of the payment.
    pub out_trade_no: String,
    /// Their number of the payment.
    pub transaction_id: String,
    /// What to give back.
    pub amount: Amount,
    /// What the payment was over.
    pub total: Amount,
    /// What the payer reads. The adapter cuts it to what the institution takes.
    pub reason: String,
    /// Where the institution calls back.
    pub notify_url: String,
}

/// What came of asking for a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundOutcome {
    /// The institution has it.
    Known(RefundFact),
    /// Not enough money in the merchant's account there (待资金): nothing was made. Send again, same number, later.
    NotEnough(Refusal),
    /// Refused for good; nothing was made by this call. As with [`PrepayOutcome::Refused`], an earlier unanswered one
    /// may have been: query before the number is given up.
    Refused(Refusal),
    /// No trustworthy answer: send again with the same number, or query.
    Unknown(String),
}

/// What the institution says of a refund, from an answer, a query or a callback alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundFact {
    /// The provider the message speaks of, where told.
    pub sp_mchid: Option<String>,
    /// The merchant the message speaks of, where told.
    pub sub_mchid: Option<String>,
    /// Our number of the refund.
    pub out_refund_no: String,
    /// Our number of the payment.
    pub out_trade_no: String,
    /// Their number of the payment.
    pub transaction_id: String,
    /// Their number of the refund, where they give one.
    pub refund_id: Option<String>,
    /// Where it stands.
    pub status: RefundStatus,
    /// What is given back.
    pub amount: Amount,
    /// What the payment was over, where told.
    pub total: Option<Amount>,
    /// When the payer had it, UTC milliseconds, where told.
    pub success_at_ms: Option<i64>,
    /// Their words for where it went, such as `招商银行信用卡0403`.
    pub received_account: String,
}

/// Where a refund stands at the institution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// On its way.
    Processing,
    /// The payer has it.
    Succeeded,
    /// Closed there without money moving: a new refund needs a new number.
    Closed,
    /// It came back (the card is gone): a person must decide where it goes.
    Abnormal,
}

/// What the institution says when asked about a refund.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefundQueryOutcome {
    /// It has it.
    Known(RefundFact),
    /// It has never heard of the number.
    NotFound,
    /// No trustworthy answer.
    Unknown(String),
}

/// A day's bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillRequest {
    /// Which bill.
    pub kind: BillKind,
    /// The business day in Asia/Shanghai, `2026-11-22`.
    pub day: String,
    /// One merchant's, or all of the provider's.
    pub account: Option<Account>,
}

/// Which bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillKind {
    /// Payments and refunds (交易账单).
    Trade,
    /// Movements of the account (资金账单).
    Fund,
}

/// What came of asking for a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BillOutcome {
    /// The bill as the institution made it, unpacked, its hash checked where there is one.
    Ready(Bill),
    /// Not made yet: ask again later (it is made from nine, and asked for after ten).
    NotReady,
    /// There is none for that day: nothing moved.
    Empty,
    /// Refused for good.
    Refused(Refusal),
    /// No trustworthy answer: ask again.
    Unknown(String),
}

/// A bill as it is archived: its files, unpacked, in the institution's own bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bill {
    /// `(name, bytes)`; WeChat Pay sends one file, Alipay a zip of several.
    pub files: Vec<(String, Vec<u8>)>,
}

/// Why nobody could be identified.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentifyError {
    /// The code is used, too old or foreign: begin again.
    #[error("the authorisation code is not good: {0}")]
    BadCode(String),
    /// No trustworthy answer.
    #[error("the institution did not answer: {0}")]
    Unavailable(String),
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
pub enum Notice {
    /// A payment succeeded.
    Payment(Success),
    /// A refund moved on: what the institution now says of it.
    Refund(RefundFact),
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

/// A key that answers and callbacks are verified with.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct VerificationKey {
    /// The institution's name for it, such as `PUB_KEY_ID_…` or a certificate's serial.
    pub id: String,
    /// When it ends, UTC milliseconds; a bare public key has no end.
    pub not_after_ms: Option<i64>,
}

/// Why the verification keys could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the institution's keys could not be fetched: {0}")]
pub struct RefreshError(pub String);
