//! What may happen to a payment, row by row. A run counts how often each row did.

/// One row of the matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// One genuine callback, and no other.
    CallbackOnce,
    /// The same callback twice.
    CallbackTwice,
    /// The same callback ten times at once.
    CallbackTenAtOnce,
    /// No callback at all: a query finds the money.
    CallbackNever,
    /// A callback before the call that made the attempt returned.
    CallbackBeforeCreate,
    /// A callback after the attempt's time to pay.
    CallbackAfterExpiry,
    /// The money came although the attempt was closed.
    CloseRacedWithPay,
    /// A genuine callback over another amount.
    WrongAmount,
    /// A genuine callback in another currency.
    WrongCurrency,
    /// A genuine callback about another sub merchant.
    WrongSubMerchant,
    /// A genuine callback about another application.
    WrongApp,
    /// A genuine callback about a number that is none of ours.
    UnknownOrder,
    /// A callback whose signature is wrong.
    BadSignature,
    /// A genuine callback, sent again much later.
    StaleTimestamp,
    /// A callback signed with a key that the node had to fetch first.
    KeyRotated,
    /// The create timed out, and was made.
    CreateTimedOutMade,
    /// The create timed out, and was not made.
    CreateTimedOutNotMade,
    /// The institution broke (5xx).
    Broken,
    /// The institution asked to come back later (429).
    RateLimited,
    /// A page instead of an answer.
    Html,
    /// An answer without its signature.
    Unsigned,
    /// One order, two tabs.
    TwoTabs,
    /// One order, two wallets.
    TwoWallets,
    /// The query said paid, and a callback another amount.
    QueryAgainstCallback,
    /// Ten refunds at once, above what was paid.
    RefundAboveTheSum,
    /// A refund callback before the answer.
    RefundCallbackFirst,
    /// A refund that came back.
    RefundAbnormal,
    /// A refund of money that came twice, or late.
    RefundOfDuplicate,
    /// Not enough money for a refund.
    RefundNotEnough,
    /// The institution was down for an hour, and came back.
    DownForAnHour,
    /// A node died.
    NodeKilled,
    /// A node's clock jumped.
    ClockJumped,
    /// A code was refreshed while payers had its page open.
    CodeRefreshed,
}

impl Row {
    /// Every row.
    pub const ALL: &[Row] = &[
        Row::CallbackOnce,
        Row::CallbackTwice,
        Row::CallbackTenAtOnce,
        Row::CallbackNever,
        Row::CallbackBeforeCreate,
        Row::CallbackAfterExpiry,
        Row::CloseRacedWithPay,
        Row::WrongAmount,
        Row::WrongCurrency,
        Row::WrongSubMerchant,
        Row::WrongApp,
        Row::UnknownOrder,
        Row::BadSignature,
        Row::StaleTimestamp,
        Row::KeyRotated,
        Row::CreateTimedOutMade,
        Row::CreateTimedOutNotMade,
        Row::Broken,
        Row::RateLimited,
        Row::Html,
        Row::Unsigned,
        Row::TwoTabs,
        Row::TwoWallets,
        Row::QueryAgainstCallback,
        Row::RefundAboveTheSum,
        Row::RefundCallbackFirst,
        Row::RefundAbnormal,
        Row::RefundOfDuplicate,
        Row::RefundNotEnough,
        Row::DownForAnHour,
        Row::NodeKilled,
        Row::ClockJumped,
        Row::CodeRefreshed,
    ];

    /// The row in words.
    pub const fn words(self) -> &'static str {
        match self {
            Row::CallbackOnce => "callback once",
            Row::CallbackTwice => "callback twice",
            Row::CallbackTenAtOnce => "callback ten at once",
            Row::CallbackNever => "callback never (a query finds it)",
            Row::CallbackBeforeCreate => "callback before the create call returned",
            Row::CallbackAfterExpiry => "callback after expiry",
            Row::CloseRacedWithPay => "close raced with pay",
            Row::WrongAmount => "wrong amount",
            Row::WrongCurrency => "wrong currency",
            Row::WrongSubMerchant => "wrong sub merchant",
            Row::WrongApp => "wrong app",
            Row::UnknownOrder => "unknown order",
            Row::BadSignature => "bad signature",
            Row::StaleTimestamp => "stale time-stamp",
            Row::KeyRotated => "unknown certificate, then rotated",
            Row::CreateTimedOutMade => "create timed out but was made",
            Row::CreateTimedOutNotMade => "create timed out and was not",
            Row::Broken => "5xx",
            Row::RateLimited => "rate limited",
            Row::Html => "html instead of JSON",
            Row::Unsigned => "unsigned answer",
            Row::TwoTabs => "pay in two tabs",
            Row::TwoWallets => "pay in two wallets",
            Row::QueryAgainstCallback => "query says paid, callback another amount",
            Row::RefundAboveTheSum => "ten refunds at once above the sum",
            Row::RefundCallbackFirst => "refund callback before the answer",
            Row::RefundAbnormal => "refund abnormal",
            Row::RefundOfDuplicate => "refund of a duplicate",
            Row::RefundNotEnough => "refund waits for money",
            Row::DownForAnHour => "institution down for an hour, then back",
            Row::NodeKilled => "a node killed",
            Row::ClockJumped => "a node's clock jumped",
            Row::CodeRefreshed => "code refreshed",
        }
    }
}
