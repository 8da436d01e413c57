//! Where an attempt may go. Pure.

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Written; the institution is being asked, or the process died while asking.
    Created,
    /// The institution has it, unpaid.
    Pending,
    /// Nobody knows whether the institution has it.
    Unknown,
    /// The institution refused it; nothing was made.
    Refused,
    /// Closed at the institution, unpaid.
    Closed,
    /// The money is there.
    Paid,
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 6] =
        [Status::Created, Status::Pending, Status::Unknown, Status::Refused, Status::Closed, Status::Paid];

    /// The word in tables.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Created => "created",
            Status::Pending => "pending",
            Status::Unknown => "unknown",
            Status::Refused => "refused",
            Status::Closed => "closed",
            Status::Paid => "paid",
        }
    }

    /// The status of a word.
    pub fn of_word(word: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.word() == word)
    }

    /// Whether the attempt may still be paid as far as we know: nothing new may start beside it.
    pub const fn is_open(self) -> bool {
        matches!(self, Status::Created | Status::Pending | Status::Unknown)
    }

    /// Whether an attempt may go from here to `next`. Paid is reached from everywhere: a verified success is never
    /// dropped (PRODUCT 6.2).
    pub const fn may_become(self, next: Status) -> bool {
        match next {
            Status::Created => false,
            Status::Pending => matches!(self, Status::Created | Status::Unknown),
            Status::Unknown => matches!(self, Status::Created),
            Status::Refused | Status::Closed => self.is_open(),
            Status::Paid => !matches!(self, Status::Paid),
        }
    }
}

/// When an attempt is asked about again: soon at first, then ever more rarely, for days (PRODUCT 6.5).
pub fn ask_again_in_ms(age_ms: i64) -> i64 {
    const SECOND: i64 = 1_000;
    match age_ms {
        ..30_000 => 5 * SECOND,
        30_000..120_000 => 15 * SECOND,
        120_000..600_000 => 60 * SECOND,
        600_000..3_600_000 => 300 * SECOND,
        3_600_000..86_400_000 => 1_800 * SECOND,
        _ => 6 * 3_600 * SECOND,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_success_books_from_every_status_and_nothing_leaves_paid_product_6_2() {
        for status in Status::ALL {
            assert_eq!(status.may_become(Status::Paid), status != Status::Paid);
            assert!(!Status::Paid.may_become(status));
            assert_eq!(Status::of_word(status.word()), Some(status));
        }
    }

    #[test]
    fn a_time_out_is_never_a_failure_product_6_5() {
        assert!(Status::Unknown.is_open(), "nothing new starts beside an unknown");
        assert!(Status::Created.may_become(Status::Unknown));
        assert!(!Status::Pending.may_become(Status::Unknown), "what was known stays known");
    }

    #[test]
    fn an_unknown_is_asked_about_from_seconds_to_days_product_6_5() {
        let mut age = 0;
        let mut last = 0;
        for _ in 0..200 {
            let gap = ask_again_in_ms(age);
            assert!(gap >= last);
            (last, age) = (gap, age + gap);
        }
        assert!(age > 7 * 86_400_000);
    }
}
