//! Where a refund may go. Pure; the conditional updates of `sql.rs` say the same to the database, and a test compares
//! the two.

use channel::RefundStatus;

use crate::clock::{DAY_MS, HOUR_MS, MINUTE_MS};

/// A refund is asked for within this time of its payment; later only one that was settled outside can be recorded
/// (PRODUCT 6.6).
pub const REFUND_YEAR_MS: i64 = 365 * DAY_MS;

/// Where a refund stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RefundStatus)]
pub enum Status {
    /// 待审批: reserved; another person decides.
    Requested,
    /// 待提交: reserved; the institution is being asked, or the process died while asking.
    Approved,
    /// 待确认: asked, and nobody knows whether the institution has it. Sent again under the same number.
    Unknown,
    /// 退款中: the institution has it.
    Processing,
    /// 待资金: the account there has not enough. Sent again under the same number.
    NotEnough,
    /// 退款异常: it came back, the payer's card is gone. A person decides where it goes.
    Abnormal,
    /// 改退商户账户: on its way to the merchant's own bank account, from which the payer is paid by other means.
    Redirecting,
    /// 线下退款待复核: one person says that it was settled outside; a second one confirms.
    Outside,
    /// 已退款: the payer has it.
    Succeeded,
    /// 已驳回: nobody asked the institution.
    Declined,
    /// 机构拒绝: the institution refused, nothing moved.
    Refused,
    /// 已关闭: closed at the institution, nothing moved. A new refund has a new number.
    Closed,
}

/// What a status does with the payment's money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Money {
    /// Set aside: nothing else may have it.
    Reserved,
    /// The payer has it.
    GivenBack,
    /// Free again.
    Released,
}

/// What news from the institution does to a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// Nothing: it is known, or older than what is known.
    Stay,
    /// It goes there.
    To(Status),
    /// It does not agree with what was decided: a person must look.
    Contradicts(&'static str),
}

impl Status {
    /// Every status.
    pub const ALL: [Status; 12] = [
        Status::Requested,
        Status::Approved,
        Status::Unknown,
        Status::Processing,
        Status::NotEnough,
        Status::Abnormal,
        Status::Redirecting,
        Status::Outside,
        Status::Succeeded,
        Status::Declined,
        Status::Refused,
        Status::Closed,
    ];

    /// The word in tables and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Status::Requested => "requested",
            Status::Approved => "approved",
            Status::Unknown => "unknown",
            Status::Processing => "processing",
            Status::NotEnough => "not_enough",
            Status::Abnormal => "abnormal",
            Status::Redirecting => "redirecting",
            Status::Outside => "outside",
            Status::Succeeded => "succeeded",
            Status::Declined => "declined",
            Status::Refused => "refused",
            Status::Closed => "closed",
        }
    }

    /// The status of a word.
    pub fn of_word(word: &str) -> Option<Status> {
        Status::ALL.into_iter().find(|status| status.word() == word)
    }

    /// What it does with the money.
    pub const fn money(self) -> Money {
        match self {
            Status::Succeeded => Money::GivenBack,
            Status::Declined | Status::Refused | Status::Closed => Money::Released,
            Status::Requested
            | Status::Approved
            | Status::Unknown
            | Status::Processing
            | Status::NotEnough
            | Status::Abnormal
            | Status::Redirecting
            | Status::Outside => Money::Reserved,
        }
    }

    /// Whether nothing more is to be asked about it.
    pub const fn is_over(self) -> bool {
        !matches!(self.money(), Money::Reserved)
    }

    /// What the institution's word does. It is the truth about money, so that even a refund that was given up comes
    /// back when the institution made it after all; what is merely older changes nothing (PRODUCT 6.1).
    /// `redirect_known`: the institution took the redirection, and it was asked after that.
    pub const fn after(self, told: RefundStatus, redirect_known: bool) -> Move {
        use Status::{
            Abnormal, Approved, Closed, Declined, NotEnough, Outside, Processing, Redirecting, Refused, Requested,
            Succeeded, Unknown,
        };
        match (self, told) {
            (Succeeded, RefundStatus::Closed | RefundStatus::Abnormal) => {
                Move::Contradicts("it is told as not made, and was told as made")
            }
            (Succeeded, RefundStatus::Processing | RefundStatus::Succeeded) => Move::Stay,
            (Requested | Declined, _) => Move::Contradicts("nobody asked for it"),
            (_, RefundStatus::Succeeded) => Move::To(Succeeded),
            (Approved | Unknown | NotEnough | Refused, RefundStatus::Processing) => Move::To(Processing),
            (Processing | Abnormal | Redirecting | Outside | Closed, RefundStatus::Processing) => Move::Stay,
            (Approved | Unknown | NotEnough | Processing | Abnormal | Redirecting, RefundStatus::Closed) => {
                Move::To(Closed)
            }
            (Closed | Refused, RefundStatus::Closed) => Move::Stay,
            (Outside, RefundStatus::Closed) => Move::Stay, // what was settled outside stands; it is not made twice
            (Approved | Unknown | NotEnough | Processing | Refused, RefundStatus::Abnormal) => Move::To(Abnormal),
            (Redirecting, RefundStatus::Abnormal) if redirect_known => Move::To(Abnormal),
            (Abnormal | Redirecting | Outside | Closed, RefundStatus::Abnormal) => Move::Stay,
        }
    }
}

/// When the institution is asked again, in milliseconds after `age_ms` since the first asking: seconds at first, then
/// ever more rarely, for days (PRODUCT 6.5). Money that is missing or a card that is gone takes people, who can hasten it.
pub fn ask_again_in_ms(status: Status, age_ms: i64) -> i64 {
    match status {
        Status::NotEnough => match age_ms {
            ..HOUR_MS => 10 * MINUTE_MS,
            HOUR_MS..DAY_MS => HOUR_MS,
            _ => 6 * HOUR_MS,
        },
        Status::Processing => match age_ms {
            ..MINUTE_MS => 10_000,
            MINUTE_MS..HOUR_MS => 5 * MINUTE_MS,
            HOUR_MS..DAY_MS => HOUR_MS,
            _ => 6 * HOUR_MS,
        },
        Status::Abnormal | Status::Outside => 6 * HOUR_MS,
        _ => crate::payment::lifecycle::ask_again_in_ms(age_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOLD: [RefundStatus; 4] =
        [RefundStatus::Processing, RefundStatus::Succeeded, RefundStatus::Closed, RefundStatus::Abnormal];

    #[test]
    fn what_the_payer_has_never_moves_again_product_6_1() {
        for told in TOLD {
            assert!(!matches!(Status::Succeeded.after(told, true), Move::To(_)));
        }
    }

    #[test]
    fn a_success_is_never_dropped_product_6_2() {
        for status in Status::ALL.into_iter().filter(|s| *s != Status::Succeeded) {
            assert_ne!(status.after(RefundStatus::Succeeded, false), Move::Stay, "{status:?}");
        }
    }

    #[test]
    fn what_is_older_changes_nothing_product_6_1() {
        for status in [Status::Closed, Status::Abnormal, Status::Succeeded, Status::Processing] {
            assert_eq!(status.after(RefundStatus::Processing, false), Move::Stay, "{status:?}");
        }
        assert_eq!(Status::Redirecting.after(RefundStatus::Abnormal, false), Move::Stay, "told before the redirection");
        assert_eq!(Status::Redirecting.after(RefundStatus::Abnormal, true), Move::To(Status::Abnormal));
    }

    #[test]
    fn a_time_out_releases_nothing_product_6_5() {
        for status in [Status::Unknown, Status::Approved, Status::NotEnough] {
            assert_eq!(status.money(), Money::Reserved);
        }
        for status in Status::ALL {
            assert_eq!(Status::of_word(status.word()), Some(status));
        }
    }

    #[test]
    fn an_open_refund_is_asked_about_from_seconds_to_days_product_6_5() {
        for status in Status::ALL.into_iter().filter(|s| !s.is_over()) {
            let (mut age, mut last) = (0, 0);
            for _ in 0..300 {
                let gap = ask_again_in_ms(status, age);
                assert!(gap >= last, "{status:?}");
                (last, age) = (gap, age + gap);
            }
            assert!(age > 7 * DAY_MS, "{status:?}");
        }
    }
}
