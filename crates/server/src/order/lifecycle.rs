//! Where an order may go. Pure; the conditional updates of `sql.rs` say the same to the database, and a test compares
//! the two.

/// Where an order stands (PRODUCT 6.1; refunds come with their own room).
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
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
}

impl Status {
    /// Every status, in order.
    pub const ALL: [Status; 4] = [Status::Created, Status::Pending, Status::Paid, Status::Closed];

    /// The word in tables and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Created => "created",
            Status::Pending => "pending",
            Status::Paid => "paid",
            Status::Closed => "closed",
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

    /// Whether an order may go from here to `next`.
    pub const fn may_become(self, next: Status) -> bool {
        matches!(
            (self, next),
            (Status::Created, Status::Pending) | (Status::Created | Status::Pending, Status::Paid | Status::Closed)
        )
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
        }
        assert!(!Status::Paid.may_become(Status::Closed) && !Status::Closed.may_become(Status::Paid));
        assert!(!Status::Pending.may_become(Status::Created));
    }
}
