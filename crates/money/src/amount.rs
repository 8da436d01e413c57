use std::{fmt, iter::Sum, str::FromStr};

use serde::{Deserialize, Serialize};

/// An amount of money in fen (1/100 yuan), never negative in what the product stores but signed so that
/// differences can be said (PRODUCT 6.9).
///
/// `Display` writes yuan with two decimals and no grouping (`1280.00`), which is also Alipay's wire form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount(i64);

/// Why a typed amount was not taken. Each kind has its own sentence on the payer's page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseAmountError {
    /// Nothing was typed.
    #[error("the amount is empty")]
    Empty,
    /// Something else than digits and one decimal point was typed.
    #[error("the amount is not a number")]
    NotANumber,
    /// A minus sign was typed.
    #[error("the amount is negative")]
    Negative,
    /// More than two decimals were typed: rounding would invent or lose money.
    #[error("the amount has more than two decimals")]
    TooPrecise,
    /// The number does not fit.
    #[error("the amount is too large")]
    TooLarge,
}

impl Amount {
    /// No money.
    pub const ZERO: Amount = Amount(0);

    /// An amount of `fen`.
    pub const fn from_fen(fen: i64) -> Self {
        Amount(fen)
    }

    /// The amount in fen.
    pub const fn fen(self) -> i64 {
        self.0
    }

    /// The sum, or `None` where it does not fit.
    pub fn checked_add(self, other: Amount) -> Option<Amount> {
        self.0.checked_add(other.0).map(Amount)
    }

    /// Reads what a person typed: full-width digits, grouping commas, a leading `¥` and spaces around are normalised;
    /// a third decimal, a sign or a letter is refused, never rounded away.
    ///
    /// # Errors
    /// [`ParseAmountError`] says which rule was broken.
    pub fn from_typed(text: &str) -> Result<Amount, ParseAmountError> {
        let plain = narrow(text);
        let digits = plain.trim().trim_start_matches(['¥', '￥']).trim();
        if let Some(rest) = digits.strip_prefix('-') {
            return match rest.parse::<Amount>() {
                Ok(_) => Err(ParseAmountError::Negative),
                Err(why) => Err(why),
            };
        }
        without_grouping(digits)?.parse()
    }

    /// Yuan with grouping for people: `1,280.00`.
    pub fn grouped(self) -> String {
        let plain = self.to_string();
        let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (yuan, fen) = plain.split_once('.').unwrap_or((plain, "00"));
        let mut out = String::with_capacity(plain.len() + 4);
        out.push_str(sign);
        for (at, digit) in yuan.chars().enumerate() {
            if at > 0 && (yuan.len() - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out.push('.');
        out.push_str(fen);
        out
    }
}

/// Full-width digits and signs as phones' Chinese keyboards produce them, made narrow.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' | '\u{2009}' => ' ',
            '。' => '.',
            '−' | '–' => '-',
            other => other,
        })
        .collect()
}

/// `1,280.00` is 1280.00, but `1,28` is a slip of the finger, not a number.
fn without_grouping(text: &str) -> Result<String, ParseAmountError> {
    if !text.contains(',') {
        return Ok(text.to_owned());
    }
    let (yuan, rest) = text.split_once('.').map_or((text, None), |(y, f)| (y, Some(f)));
    let mut groups = yuan.split(',');
    let first = groups.next().unwrap_or_default();
    if first.is_empty() || first.len() > 3 || groups.any(|g| g.len() != 3) {
        return Err(ParseAmountError::NotANumber);
    }
    let yuan: String = yuan.chars().filter(|c| *c != ',').collect();
    Ok(rest.map_or(yuan.clone(), |fen| format!("{yuan}.{fen}")))
}

impl FromStr for Amount {
    type Err = ParseAmountError;

    /// Reads yuan with at most two decimals, as providers write them.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.is_empty() {
            return Err(ParseAmountError::Empty);
        }
        let (yuan, fen) = text.split_once('.').unwrap_or((text, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if !all_digits(yuan) || !all_digits(fen) || (yuan.is_empty() && fen.is_empty()) {
            return Err(ParseAmountError::NotANumber);
        }
        if fen.len() > 2 {
            return Err(ParseAmountError::TooPrecise);
        }
        let yuan: i64 = if yuan.is_empty() { 0 } else { yuan.parse().map_err(|_| ParseAmountError::TooLarge)? };
        let fen: i64 = format!("{fen:0<2}").parse().map_err(|_| ParseAmountError::NotANumber)?;
        yuan.checked_mul(100).and_then(|y| y.checked_add(fen)).map(Amount).ok_or(ParseAmountError::TooLarge)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Amount>>(iter: I) -> Self {
        Amount(iter.map(Amount::fen).sum())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn typed_amounts_are_normalised_never_rounded_product_6_9() {
        for (typed, fen) in [
            ("12.5", 1250),
            ("１２８０．００", 128_000),
            ("1,280.00", 128_000),
            (" ¥ 0.01 ", 1),
            ("￥12", 1200),
            (".5", 50),
            ("7.", 700),
            ("12。5", 1250),
            ("0", 0),
        ] {
            assert_eq!(Amount::from_typed(typed), Ok(Amount::from_fen(fen)), "{typed}");
        }
    }

    #[test]
    fn each_slip_has_its_own_reason() {
        use ParseAmountError::*;
        for (typed, why) in [
            ("", Empty),
            ("  ", Empty),
            ("1.234", TooPrecise),
            ("-1", Negative),
            ("－１", Negative),
            ("1e3", NotANumber),
            ("1,28", NotANumber),
            ("1,280,00", NotANumber),
            (".", NotANumber),
            ("١٢", NotANumber),
            ("92233720368547758.08", TooLarge),
            ("99999999999999999999", TooLarge),
        ] {
            assert_eq!(Amount::from_typed(typed), Err(why), "{typed}");
        }
    }

    #[test]
    fn writes_yuan_with_two_decimals_always() {
        assert_eq!(Amount::from_fen(5).to_string(), "0.05");
        assert_eq!(Amount::from_fen(-1205).to_string(), "-12.05");
        assert_eq!(Amount::from_fen(123_456_789).grouped(), "1,234,567.89");
        assert_eq!(Amount::from_fen(-100_000).grouped(), "-1,000.00");
        assert_eq!(Amount::from_fen(99_900).grouped(), "999.00");
    }
}
