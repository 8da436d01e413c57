use async_trait::async_trait;

use crate::words::{
    Account, CloseOutcome, Headers, Notice, NoticeError, Prepay, PrepayOutcome, QueryOutcome, RefreshError,
};

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

    /// Verifies and opens a callback. Pure: no I/O, so that a flood of forged ones costs a hash and no socket.
    ///
    /// # Errors
    /// [`NoticeError::UnknownKey`] when the signature names a key that is not known *yet*: call
    /// [`refresh_keys`](Channel::refresh_keys) and try once more.
    fn read_notice(&self, headers: &Headers, body: &[u8], now_ms: i64) -> Result<Notice, NoticeError>;

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
