//! What goes wrong with the telling of one payment or refund.

use rusqlite::Transaction;

use crate::faults::{Call, Kind, Subject, take};

/// What is told that is not so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Bend {
    Amount,
    Currency,
    SubMerchant,
    App,
    UnknownOrder,
}

/// How a sending is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Seal {
    #[default]
    Genuine,
    /// A signature over something else.
    Bad,
    /// Genuine, ten minutes ago.
    Stale,
    /// By a key that nobody knows.
    UnknownKey,
    /// By the other of the institution's keys.
    OtherKey,
}

const SEALS: [(Seal, &str); 5] = [
    (Seal::Genuine, "genuine"),
    (Seal::Bad, "bad"),
    (Seal::Stale, "stale"),
    (Seal::UnknownKey, "unknown_key"),
    (Seal::OtherKey, "other_key"),
];

impl Seal {
    /// Its name in the state file.
    pub fn name(self) -> &'static str {
        SEALS.iter().find(|(seal, _)| *seal == self).map_or("genuine", |(_, name)| name)
    }

    /// The one called `name` in the state file.
    pub fn named(name: &str) -> Self {
        SEALS.iter().find(|(_, known)| *known == name).map(|(seal, _)| *seal).unwrap_or_default()
    }
}

/// How one payment or refund is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Plan {
    pub bend: Option<Bend>,
    /// Of the first sending; the repeats are genuine.
    pub seal: Seal,
    pub lost: bool,
    /// How many at the same moment, each time.
    pub copies: i64,
    /// How much later than usual, ms.
    pub late_ms: i64,
}

impl Plan {
    /// As usual.
    pub fn usual() -> Self {
        Self { copies: 1, ..Self::default() }
    }

    /// How a payment is told, using up what is armed for it.
    ///
    /// # Errors
    /// When the state file fails.
    pub fn for_payment(tx: &Transaction<'_>, of: &Subject) -> rusqlite::Result<Self> {
        let mut plan = Self::usual();
        for (kind, bend) in [
            (Kind::WrongAmount, Bend::Amount),
            (Kind::WrongCurrency, Bend::Currency),
            (Kind::WrongSubMerchant, Bend::SubMerchant),
            (Kind::WrongApp, Bend::App),
            (Kind::UnknownOrder, Bend::UnknownOrder),
        ] {
            if take(tx, kind, Call::Any, of)?.is_some() {
                plan.bend = Some(bend);
            }
        }
        for (kind, seal) in [
            (Kind::BadSignature, Seal::Bad),
            (Kind::StaleTimestamp, Seal::Stale),
            (Kind::UnknownKey, Seal::UnknownKey),
            (Kind::CallbackOtherKey, Seal::OtherKey),
        ] {
            if take(tx, kind, Call::Any, of)?.is_some() {
                plan.seal = seal;
            }
        }
        plan.lost = take(tx, Kind::CallbackLost, Call::Any, of)?.is_some();
        for (kind, copies) in [(Kind::CallbackTwice, 2), (Kind::CallbackTen, 10)] {
            if take(tx, kind, Call::Any, of)?.is_some() {
                plan.copies = copies;
            }
        }
        plan.late_ms = take(tx, Kind::CallbackDelayed, Call::Any, of)?.unwrap_or_default();
        Ok(plan)
    }

    /// How a refund is told.
    ///
    /// # Errors
    /// When the state file fails.
    pub fn for_refund(tx: &Transaction<'_>, of: &Subject) -> rusqlite::Result<Self> {
        let lost = take(tx, Kind::RefundCallbackLost, Call::Any, of)?.is_some();
        let twice = take(tx, Kind::RefundCallbackTwice, Call::Any, of)?.is_some();
        Ok(Self { lost, copies: if twice { 2 } else { 1 }, ..Self::usual() })
    }
}
