//! Our number of an attempt, `M<merchant>O<order>A<attempt>`: it carries the merchant, so that a callback knows it
//! before its first query, fits the institution's 32 characters, and says nothing else (DESIGN 3).

use std::{fmt, str::FromStr};

/// An `out_trade_no`, taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Number {
    /// Whose.
    pub merchant_id: i64,
    /// Of which order.
    pub order_id: i64,
    /// Which attempt, from 1.
    pub attempt: i64,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{}O{}A{}", self.merchant_id, self.order_id, self.attempt)
    }
}

/// The text is no number of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Foreign;

impl FromStr for Number {
    type Err = Foreign;

    fn from_str(text: &str) -> Result<Self, Foreign> {
        let part =
            |s: &str| if s.bytes().all(|b| b.is_ascii_digit()) { s.parse().map_err(|_| Foreign) } else { Err(Foreign) };
        let rest = text.strip_prefix('M').ok_or(Foreign)?;
        let (merchant, rest) = rest.split_once('O').ok_or(Foreign)?;
        let (order, attempt) = rest.split_once('A').ok_or(Foreign)?;
        Ok(Number { merchant_id: part(merchant)?, order_id: part(order)?, attempt: part(attempt)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_number_fits_the_institution() {
        let number = Number { merchant_id: 9_999_999, order_id: i64::MAX, attempt: 99 };
        let text = number.to_string();
        assert!(text.len() <= 32, "{text} has {}", text.len());
        assert_eq!(text.parse(), Ok(number));
    }

    #[test]
    fn foreign_numbers_are_none_of_ours() {
        for text in
            ["", "M1", "M1O2", "1217752501201407033233368018", "M-1O2A3", "M1O2A+3", "M1O99999999999999999999A1"]
        {
            assert_eq!(text.parse::<Number>(), Err(Foreign), "{text}");
        }
    }
}
