//! What was typed into the search box, understood. Pure.
//!
//! Several words: all of them. `=1280` and `¥12.80` are an amount, `1000-2000` is a range of amounts, in yuan; anything
//! else, and whatever stands in quotation marks, is a piece of text.

use money::Amount;

use super::words::{self, Grams, normalise};

/// Characters; more was pasted by mistake.
pub const MOST_CHARACTERS: usize = 100;
/// Words; as many the SQL compares.
pub const MOST_WORDS: usize = 6;

/// A search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// Each must occur; normalised.
    pub words: Vec<String>,
    /// The least amount, fen.
    pub low_fen: i64,
    /// The greatest amount, fen.
    pub high_fen: i64,
}

/// Why nothing is searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// More than [`MOST_CHARACTERS`].
    TooLong,
    /// More than [`MOST_WORDS`].
    TooManyWords,
}

impl Query {
    /// Understands `typed`; none where nothing was typed.
    ///
    /// # Errors
    /// [`Refused`] says why not.
    pub fn of(typed: &str) -> Result<Option<Query>, Refused> {
        if typed.trim().chars().count() > MOST_CHARACTERS {
            return Err(Refused::TooLong);
        }
        let mut query = Query { words: Vec::new(), low_fen: 0, high_fen: i64::MAX };
        let typed = normalise(typed);
        for word in typed.split(' ').filter(|word| !word.is_empty()) {
            query.take(word);
        }
        if query.words.len() > MOST_WORDS {
            return Err(Refused::TooManyWords);
        }
        Ok((!typed.is_empty()).then_some(query))
    }

    fn take(&mut self, word: &str) {
        if let Some(text) = quoted(word) {
            self.words.push(text.to_owned());
        } else if let Some((low, high)) = amounts(word) {
            self.low_fen = self.low_fen.max(low);
            self.high_fen = self.high_fen.min(high);
        } else {
            self.words.push(word.to_owned());
        }
    }

    /// Whether a record of this normalised text and amount is meant.
    pub fn matches(&self, text: &str, amount_fen: i64) -> bool {
        (self.low_fen..=self.high_fen).contains(&amount_fen) && self.words.iter().all(|word| text.contains(word))
    }

    /// Grams that every record that is meant has.
    pub fn all(&self) -> Grams {
        let mut all = Grams::new();
        for word in &self.words {
            words::grams_to_contain(word, &mut all);
        }
        if self.low_fen == self.high_fen {
            all.insert(words::amount(self.low_fen));
        }
        all
    }

    /// Grams of which every record that is meant has at least one; empty: any amount will do.
    pub fn any(&self) -> Grams {
        let one_or_every = self.low_fen == self.high_fen || (self.low_fen == 0 && self.high_fen == i64::MAX);
        if one_or_every { Grams::new() } else { words::grams_of_range(self.low_fen, self.high_fen) }
    }
}

fn quoted(word: &str) -> Option<&str> {
    let inner = word.strip_prefix(['"', '“', '”', '「'])?.strip_suffix(['"', '“', '”', '」'])?;
    (!inner.is_empty()).then_some(inner)
}

/// The amounts that a word names, fen.
fn amounts(word: &str) -> Option<(i64, i64)> {
    if let Some(exact) = word.strip_prefix(['=', '¥']) {
        let fen = fen(exact.trim_start_matches('¥'))?;
        return Some((fen, fen));
    }
    let (low, high) = word.split_once(['-', '~', '–', '—', '～'])?;
    let (low, high) = (fen(low)?, fen(high)?);
    (low <= high).then_some((low, high))
}

/// A number with a leading zero is a telephone's or a room's.
fn fen(typed: &str) -> Option<i64> {
    if typed.len() > 1 && typed.starts_with('0') && !typed.starts_with("0.") {
        return None;
    }
    Amount::from_typed(typed).ok().map(Amount::fen)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(words: &[&str], low_fen: i64, high_fen: i64) -> Result<Option<Query>, Refused> {
        Ok(Some(Query { words: words.iter().map(|w| (*w).to_owned()).collect(), low_fen, high_fen }))
    }

    #[test]
    fn the_search_box_understands_3_3() {
        const ANY: i64 = i64::MAX;
        for (typed, wanted) in [
            ("  ", Ok(None)),
            ("\u{0}", Ok(None)),
            ("李晓", query(&["李晓"], 0, ANY)),
            ("李　２１７６", query(&["李", "2176"], 0, ANY)),
            ("=1280", query(&[], 128_000, 128_000)),
            ("＝１２．８０", query(&[], 1_280, 1_280)),
            ("¥1,280", query(&[], 128_000, 128_000)),
            ("1000-2000", query(&[], 100_000, 200_000)),
            ("1000～2000.5", query(&[], 100_000, 200_050)),
            ("1000-2000 500-1500", query(&[], 100_000, 150_000)),
            ("2000-1000", query(&["2000-1000"], 0, ANY)),
            ("0571-8888", query(&["0571-8888"], 0, ANY)),
            ("2026-11-23", query(&["2026-11-23"], 0, ANY)),
            ("“3-1201”", query(&["3-1201"], 0, ANY)),
            ("\"", query(&["\""], 0, ANY)),
            ("=", query(&["="], 0, ANY)),
            ("=abc", query(&["=abc"], 0, ANY)),
            ("=12.805", query(&["=12.805"], 0, ANY)),
            ("-5", query(&["-5"], 0, ANY)),
            ("%_", query(&["%_"], 0, ANY)),
            ("a b c d e f", query(&["a", "b", "c", "d", "e", "f"], 0, ANY)),
            ("a b c d e f g", Err(Refused::TooManyWords)),
        ] {
            assert_eq!(Query::of(typed), wanted, "{typed}");
        }
        assert!(Query::of(&"云".repeat(MOST_CHARACTERS)).is_ok());
        assert_eq!(Query::of(&"云".repeat(500)), Err(Refused::TooLong));
    }

    #[test]
    fn amounts_that_cannot_be_are_looked_for_and_not_found() {
        let none = Query::of("=5 =6").unwrap().unwrap();
        assert!((none.low_fen, none.high_fen) == (600, 500) && none.any().is_empty());
        assert!(!none.matches("", 500) && !none.matches("", 600));
        assert!(Query::of("0.5-99999999999").unwrap().unwrap().any().len() < 60);
    }
}
