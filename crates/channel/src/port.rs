use async_trait::async_trait;

use crate::words::{
    Account, BillOutcome, BillRequest, CloseOutcome, Headers, IdentifyError, Notice, NoticeError, PayByCode,
    PayByCodeOutcome, PayerId, Prepay, PrepayOutcome, QueryOutcome, RefreshError, Refund, RefundFact, RefundOutcome,
    RefundQueryOutcome, ReverseOutcome, VerificationKey,
};

use crate::probe::Finding;

/// One service provider at one payment institution. Every call that crosses the network returns an outcome, never an
/// error: a time-out is [`Unknown`](crate::QueryOutcome::Unknown) and stays so until somebody asks again (PRODUCT 6.5).
#[async_trait]
pub trait Channel: Send + Sync {
    /// Opens (or repeats, with the same number and identical parameters) one payment attempt.
    async fn prepay(&self, account: &Account, prepay: &Prepay) -> PrepayOutcome;

    /// Asks what became of an attempt, by our own number.
    async fn query(&self, account: &Account, out_trade_no: &str) -> QueryOutcome;

    /// Closes an unpaid attempt. Repeatable; a paid one is reported as such, never closed.
    async fn close(&self, account: &Account, out_trade_no: &str) -> CloseOutcome;

    /// Takes the money by the code that the payer's wallet shows (付款码). Never repeat it: query, then reverse.
    async fn pay_by_code(&self, account: &Account, pay: &PayByCode) -> PayByCodeOutcome;

    /// Reverses a payment by code (撤销): closes it unpaid, or gives the money back. Repeat until it answers.
    async fn reverse(&self, account: &Account, out_trade_no: &str) -> ReverseOutcome;

    /// Asks what became of a payment, by their number.
    async fn query_by_transaction(&self, account: &Account, transaction_id: &str) -> QueryOutcome;

    /// Asks for (or repeats, with the same number) one refund.
    async fn refund(&self, account: &Account, refund: &Refund) -> RefundOutcome;

    /// Asks what became of a refund.
    async fn query_refund(&self, account: &Account, refund: &Refund) -> RefundQueryOutcome;

    /// Sends a refund that came back ([`Abnormal`](crate::RefundStatus::Abnormal)) to the merchant's own bank account,
    /// from which the merchant pays the payer by other means.
    async fn redirect_refund(&self, account: &Account, refund: &RefundFact) -> RefundOutcome;

    /// Fetches a day's bill.
    async fn fetch_bill(&self, bill: &BillRequest) -> BillOutcome;

    /// Where a payer in this institution's wallet says who pays, when the institution itself is asked (Alipay's OAuth);
    /// the answer comes to `redirect_url` with `state`.
    fn authorize_url(&self, _redirect_url: &str, _state: &str) -> Option<String> {
        None
    }

    /// Who brought `code` back from [`authorize_url`](Channel::authorize_url).
    ///
    /// # Errors
    /// [`IdentifyError`].
    async fn identify(&self, _code: &str) -> Result<PayerId, IdentifyError> {
        Err(IdentifyError::BadCode("nobody is identified by a code here".to_owned()))
    }

    /// Verifies and opens a callback. Pure: no I/O, so that a flood of forged ones costs a hash and no socket.
    ///
    /// # Errors
    /// [`NoticeError::UnknownKey`] when the signature names a key that is not known *yet*: call
    /// [`refresh_keys`](Channel::refresh_keys) and try once more.
    fn read_notice(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<Notice, NoticeError>;

    /// Calls the institution without changing anything there, about this provider itself or about one of its merchants,
    /// and says what was found. A channel that cannot look finds nothing.
    async fn probe(&self, _account: Option<&Account>) -> Vec<Finding> {
        Vec::new()
    }

    /// What answers and callbacks are verified with, as known now. Empty: none is known (yet).
    fn verification_keys(&self) -> Vec<VerificationKey> {
        Vec::new()
    }

    /// Fetches the institution's present verification keys.
    ///
    /// # Errors
    /// Says why the keys stay as they were.
    async fn refresh_keys(&self, now_ms: i64) -> Result<(), RefreshError>;

    /// How the institution wants a callback answered: accepted, or to be sent again.
    fn acknowledge(&self, accepted: bool) -> Acknowledgement;
}

/// The answer to a callback in the institution's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acknowledgement {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, where there is a body.
    pub content_type: &'static str,
    /// The body.
    pub body: &'static str,
}
