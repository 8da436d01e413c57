//! Where an order may go. Pure; the conditional updates of `sql.rs` say the same to the database, and a test compares
//! the two.
//!
//! ```text
//!   created ──► pending ──► paid ──► partly refunded ──► refunded
//!      │  └─────────┼────────▲ └──────────────────────────▲
//!      └──► closed ◄┘
//! ```

/// Where an order stands (PRODUCT 6.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OrderStatus)]
pub enum Status {
    /// Placed; nothing was asked of the institution.
    Created,
    /// An attempt lives, or lived, at the institution.
    Pending,
    /// The money is there.
    Paid,
    /// Nobody paid in time.
    Closed,
    /// The money is there, and a part of it went back to the payer.
    PartlyRefunded,
    /// The money was there, and all of it went back to the payer.
    Refunded,
}

impl Status {
    /// Every status, in order.
    pub const ALL: [Status; 6] =
        [Status::Created, Status::Pending, Status::Paid, Status::Closed, Status::PartlyRefunded, Status::Refunded];

    /// The word in tables and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Created => "created",
            Status::Pending => "pending",
            Status::Paid => "paid",
            Status::Closed => "closed",
            Status::PartlyRefunded => "partly_refunded",
            Status::Refunded => "refunded",
        }
    }

    /// The status of a word.
    pub fn of_word(word: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether it may still be paid.
    pub const fn is_open(self) -> bool {
        matches!(self, Status::Created | Status::Pending)
    }

    /// Whether a payment was booked on it, whatever went back of it later.
    pub const fn was_paid(self) -> bool {
        matches!(self, Status::Paid | Status::PartlyRefunded | Status::Refunded)
    }

    /// Whether an order may go from here to `next`.
    pub const fn may_become(self, next: Status) -> bool {
        match next {
            Status::Created => false,
            Status::Pending => matches!(self, Status::Created),
            Status::Paid | Status::Closed => self.is_open(),
            Status::PartlyRefunded => matches!(self, Status::Paid),
            Status::Refunded => matches!(self, Status::Paid | Status::PartlyRefunded),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_moves_only_forward_product_6_1() {
        for from in Status::ALL {
            assert!(!from.may_become(from), "standing still is no move");
            assert!(!from.may_become(Status::Created), "nothing goes back");
            assert_eq!(Status::of_word(from.word()), Some(from));
            assert!(!(from.is_open() && from.was_paid()));
        }
        assert!(!Status::Paid.may_become(Status::Closed) && !Status::Closed.may_become(Status::Paid));
        assert!(!Status::Pending.may_become(Status::Created));
        assert!(Status::Paid.may_become(Status::Refunded), "all at once");
        assert!(!Status::Closed.may_become(Status::Refunded), "late money is not the order's own");
        for next in Status::ALL {
            assert!(!Status::Refunded.may_become(next), "nothing follows a full refund");
        }
    }
}
