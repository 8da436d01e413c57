//! Our number of a refund, `M<merchant>O<order>R<n>`: the order's n-th. It carries the merchant, so that a callback knows
//! it before its first query, always fits the institution's 32 characters, and says nothing else. The attempt that it
//! gives back stands in the row: with it the largest numbers would not fit.

use std::{fmt, str::FromStr};

/// An `out_refund_no`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RefundNumber {
    /// Whose.
    pub merchant_id: i64,
    /// Of which order.
    pub order_id: i64,
    /// Which of its refunds, from 1.
    pub n: i64,
}

impl fmt::Display for RefundNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{}O{}R{}", self.merchant_id, self.order_id, self.n)
    }
}

/// The text is no number of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign;

impl FromStr for RefundNumber {
    type Err = Foreign;

    fn from_str(text: &str) -> Result<Self, Foreign> {
        let part =
            |s: &str| if s.bytes().all(|b| b.is_ascii_digit()) { s.parse().map_err(|_| Foreign) } else { Err(Foreign) };
        let rest = text.strip_prefix('M').ok_or(Foreign)?;
        let (merchant, rest) = rest.split_once('O').ok_or(Foreign)?;
        let (order, n) = rest.split_once('R').ok_or(Foreign)?;
        Ok(RefundNumber { merchant_id: part(merchant)?, order_id: part(order)?, n: part(n)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_fits_the_institution() {
        let number = RefundNumber { merchant_id: 9_999_999, order_id: i64::MAX, n: 99 };
        let text = number.to_string();
        assert!(text.len() <= 32, "{text} has {}", text.len());
        assert_eq!(text.parse(), Ok(number));
    }

    #[test]
    fn foreign_numbers_are_none_of_ours() {
        for text in
            ["", "M1", "M1O2", "M1O2A3", "M1O2A3R1", "M-1O2R3", "M1O2R+3", "R1", "50000000382019052709732678859"]
        {
            assert_eq!(text.parse::<RefundNumber>(), Err(Foreign), "{text}");
        }
    }
}
