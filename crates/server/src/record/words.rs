//! The grams that a text is found by, and those that a text must have to contain a word. Pure.
//!
//! A gram is two characters beside each other (one alone where a word is one character), or four digits: two digits
//! occur in nearly every order number and would find nothing faster than reading. Every gram is written as an ASCII
//! word, so neither engine's own idea of words, and nothing that a person types, ever reaches its query syntax.
//!
//! ```text
//!  4e91 one character   4e91g6749 two   n2176 four digits   m1x41 the manager   t0x3 a stretch of time
//!  y128000 the amount, fen   z12p6 its first two digits and its length   w1p6 its first digit   v6 its length alone
//! ```

use std::collections::BTreeSet;

/// Of longer numbers (the order's, the institution's) the last digits stand for the whole.
const LONG: usize = 12;
/// Digits of a gram.
const DIGITS: usize = 4;
/// Each stretch of time is four times as wide as the one before: 2^28 ms are three days, 2^36 more than two years.
pub const SCALES: [u32; 5] = [50, 52, 54, 56, 58];

/// Grams, each once, in an order that does not depend on the text's.
pub type Grams = BTreeSet<String>;

/// The form in which texts are kept and compared: half width, lower case, nothing invisible, one space between words, and
/// of a number of more than twelve digits the last twelve.
pub fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut digits = 0;
    for c in text.chars().flat_map(|c| half_width(c).to_lowercase()) {
        if c.is_ascii_digit() {
            digits += 1;
            if digits > LONG {
                out.remove(out.len() - LONG);
            }
            out.push(c);
            continue;
        }
        digits = 0;
        match c {
            _ if !(c.is_whitespace() || c.is_control()) => out.push(c),
            _ if out.is_empty() || out.ends_with(' ') => {}
            _ => out.push(' '),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

fn half_width(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '￥' => '¥',
        other => other,
    }
}

/// Everything that a normalised text can be found by.
pub fn grams_of(text: &str, out: &mut Grams) {
    for run in runs(text) {
        if is_number(run) {
            out.extend(four_digits(run));
        } else {
            out.extend(run.chars().map(one));
            out.extend(pairs(run));
        }
    }
}

/// What a text must have to contain a normalised `word`. None: the word is so short that most texts contain it.
pub fn grams_to_contain(word: &str, out: &mut Grams) {
    for run in runs(word) {
        let mut characters = run.chars();
        match (characters.next(), characters.next()) {
            _ if is_number(run) => out.extend(four_digits(run)),
            (Some(alone), None) => out.extend([one(alone)]),
            _ => out.extend(pairs(run)),
        }
    }
}

/// Digits, or anything else but space, beside each other.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split_whitespace().flat_map(|word| {
        word.as_bytes().chunk_by(|a, b| a.is_ascii_digit() == b.is_ascii_digit()).scan(0, move |from, run| {
            let start = *from;
            *from += run.len();
            word.get(start..*from)
        })
    })
}

fn is_number(run: &str) -> bool {
    run.as_bytes().first().is_some_and(u8::is_ascii_digit)
}

fn four_digits(run: &str) -> impl Iterator<Item = String> {
    (DIGITS..=run.len()).filter_map(move |end| run.get(end - DIGITS..end)).map(|digits| format!("n{digits}"))
}

fn one(c: char) -> String {
    format!("{:x}", u32::from(c))
}

fn pairs(run: &str) -> impl Iterator<Item = String> {
    run.chars().zip(run.chars().skip(1)).map(|(a, b)| format!("{:x}g{:x}", u32::from(a), u32::from(b)))
}

/// The gram that every record of a manager has.
pub fn manager(merchant_id: i64, manager_id: i64) -> String {
    format!("m{merchant_id}x{manager_id}")
}

/// The gram of the stretch of time that `record_id` lies in, at one of [`SCALES`].
pub fn time(scale: usize, record_id: i64) -> String {
    format!("t{scale}x{}", record_id >> SCALES[scale])
}

/// The first id of the stretch of time that `record_id` lies in.
pub fn start_of(scale: usize, record_id: i64) -> i64 {
    record_id >> SCALES[scale] << SCALES[scale]
}

/// The gram of exactly this amount.
pub fn amount(fen: i64) -> String {
    format!("y{fen}")
}

/// What an amount is found by.
pub fn grams_of_amount(fen: i64, out: &mut Grams) {
    let (digits, mut first, mut rest) = (length(fen), fen, fen);
    while first > 9 {
        (rest, first) = (first, first / 10);
    }
    out.extend([amount(fen), format!("z{rest}p{digits}"), format!("w{first}p{digits}"), format!("v{digits}")]);
}

fn length(fen: i64) -> u32 {
    fen.max(1).ilog10() + 1
}

/// Grams of which every amount from `low` to `high` (fen) has at least one; few others have.
pub fn grams_of_range(low: i64, high: i64) -> Grams {
    let (low, mut out) = (low.max(1), Grams::new());
    for digits in length(low)..=length(high).min(18) {
        let unit = 10_i64.pow(digits - 1);
        if low <= unit && high >= unit * 10 - 1 {
            out.insert(format!("v{digits}"));
            continue;
        }
        for first in 1..=9 {
            let (from, to) = (first * unit, (first + 1) * unit - 1);
            if low <= from && to <= high {
                out.insert(format!("w{first}p{digits}"));
            } else if low <= to && from <= high {
                let small = (unit / 10).max(1);
                let touched = (0..10).filter(|n| low < from + (n + 1) * small && from + n * small <= high);
                out.extend(touched.map(|n| format!("z{}p{digits}", (from + n * small) / small)));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Grams {
        let mut out = Grams::new();
        grams_of(&normalise(text), &mut out);
        out
    }

    fn to_contain(word: &str) -> Grams {
        let mut out = Grams::new();
        grams_to_contain(&normalise(word), &mut out);
        out
    }

    #[test]
    fn texts_are_kept_in_one_form_3_3() {
        for (typed, kept) in [
            ("　Ａ１２　Ｂ ", "a12 b"),
            ("张\u{0}三\n四", "张 三 四"),
            ("M1O1234567890123456789A1", "m1o890123456789a1"),
            ("￥１２．８０", "¥12.80"),
            ("", ""),
            (" \t ", ""),
        ] {
            assert_eq!(normalise(typed), kept, "{typed}");
        }
    }

    #[test]
    fn whatever_a_text_contains_its_grams_find_3_3() {
        let texts = [
            "三年级二班 李晓明",
            "13800002176",
            "A栋1503室",
            "M1O7318349824001234567A1",
            "😀👍🏽 %_' OR 1=1 --",
            "Zhang-San",
        ];
        for text in texts.map(normalise) {
            let grams = of(&text);
            let starts = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect::<Vec<_>>();
            for from in 0..starts.len() {
                for to in from + 1..starts.len() {
                    let part = &text[starts[from]..starts[to]];
                    if !part.contains(' ') {
                        assert!(to_contain(part).is_subset(&grams), "{part} in {text}");
                    }
                }
            }
        }
        assert!(!to_contain("三班").is_subset(&of("三年级二班")));
        assert!(!to_contain("2177").is_subset(&of("13800002176")));
        assert!(to_contain("217").is_empty(), "three digits are in most order numbers");
    }

    #[test]
    fn grams_are_plain_words_whatever_is_typed() {
        for typed in ["\" OR * NEAR(", "'; DROP TABLE record; --", "a:b^2 {x}", "\u{202e}🇨🇳", "%_\\"] {
            for gram in of(typed).into_iter().chain(to_contain(typed)) {
                assert!(gram.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()), "{gram}");
            }
        }
    }

    #[test]
    fn every_amount_of_a_range_has_one_of_its_grams_3_3() {
        for (low, high) in [(1, 9), (1, 100_000_000), (99, 101), (100_000, 200_000), (128_050, 987_654), (5, 5)] {
            let any = grams_of_range(low, high);
            assert!(any.len() < 60, "{low}-{high}: {}", any.len());
            for fen in (low..=high).step_by(((high - low) / 997).max(1) as usize).chain([high]) {
                let mut grams = Grams::new();
                grams_of_amount(fen, &mut grams);
                assert!(!grams.is_disjoint(&any), "{fen} in {low}-{high}");
            }
            for fen in
                [low / 10, low / 2, high * 2, high * 10].into_iter().filter(|f| *f > 0 && (*f < low || *f > high))
            {
                let mut grams = Grams::new();
                grams_of_amount(fen, &mut grams);
                assert!(grams.is_disjoint(&any), "{fen} not in {low}-{high}");
            }
        }
    }
}
