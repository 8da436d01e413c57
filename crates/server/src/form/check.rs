//! What an admin wrote, judged before it is stored: every problem at once, each with its place and its cure.

use std::collections::HashSet;

use money::Amount;

use super::definition::{AmountMode, AmountRule, Definition, Field, MAX_AMOUNT_FEN, MAX_FIELDS};
use crate::web::FieldProblem;

const LABEL: usize = 20;
const HELP: usize = 100;
const KEY: usize = 32;
const OPTIONS: usize = 50;
const OPTION: usize = 40;
const TEXT: u32 = 500;

impl Definition {
    /// Every rule that the definition breaks, as `amount.max_fen`, `fields.0.label` or `fields.2.options.1`; nothing
    /// where it may be stored.
    pub fn check(&self) -> Vec<FieldProblem> {
        let mut found = Vec::new();
        self.amount.check(&mut found);
        if self.fields.len() > MAX_FIELDS {
            found.push(FieldProblem::new(
                "fields",
                "form.too_many_fields",
                format!("最多 {MAX_FIELDS} 个字段，请删去一些。"),
                format!("At most {MAX_FIELDS} fields: remove some."),
            ));
        }
        let mut keys = HashSet::new();
        for (at, field) in self.fields.iter().enumerate() {
            let place = format!("fields.{at}");
            check_key(&place, field.key(), &mut keys, &mut found);
            check_words(format!("{place}.label"), field.label(), LABEL, true, &mut found);
            check_words(format!("{place}.help"), field.help(), HELP, false, &mut found);
            match field {
                Field::Text { max_length, .. } => check_length(&place, *max_length, &mut found),
                Field::Choice { options, .. } => check_options(&place, options, &mut found),
            }
        }
        found
    }
}

impl AmountRule {
    fn check(&self, found: &mut Vec<FieldProblem>) {
        check_words("amount.label".into(), &self.label, LABEL, true, found);
        let most = Amount::from_fen(MAX_AMOUNT_FEN).grouped();
        if !(1..=MAX_AMOUNT_FEN).contains(&self.min_fen) {
            let (zh, en) = (format!("最小金额应在 0.01 至 {most} 元之间。"), format!("Choose 0.01 to {most} yuan."));
            found.push(FieldProblem::new("amount.min_fen", "amount.bounds", zh, en));
        } else if !(self.min_fen..=MAX_AMOUNT_FEN).contains(&self.max_fen) {
            let least = Amount::from_fen(self.min_fen).grouped();
            let (zh, en) =
                (format!("最大金额应在 {least} 至 {most} 元之间。"), format!("Choose {least} to {most} yuan."));
            found.push(FieldProblem::new("amount.max_fen", "amount.bounds", zh, en));
        }
        match (self.mode, self.fixed_fen) {
            (AmountMode::Typed, None) => {}
            (AmountMode::Typed, Some(_)) => found.push(FieldProblem::new(
                "amount.fixed_fen",
                "amount.not_fixed",
                "金额由付款人填写时，请清空固定金额。",
                "The payer types the amount: leave the fixed amount empty.",
            )),
            (AmountMode::Fixed, Some(fen)) if (self.min_fen..=self.max_fen).contains(&fen) => {}
            (AmountMode::Fixed, _) => {
                let (least, most) =
                    (Amount::from_fen(self.min_fen).grouped(), Amount::from_fen(self.max_fen).grouped());
                found.push(FieldProblem::new(
                    "amount.fixed_fen",
                    "amount.bounds",
                    format!("请填写固定金额，在 {least} 至 {most} 元之间。"),
                    format!("Give the fixed amount, {least} to {most} yuan."),
                ));
            }
        }
    }
}

fn check_key<'a>(place: &str, key: &'a str, keys: &mut HashSet<&'a str>, found: &mut Vec<FieldProblem>) {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    let begins = key.as_bytes().first().is_some_and(u8::is_ascii_lowercase);
    if !begins || key.len() > KEY || !key.bytes().all(plain) {
        found.push(FieldProblem::new(
            format!("{place}.key"),
            "form.key_shape",
            "请用小写字母开头，只含小写字母、数字和下划线，最多 32 个字符。",
            "Begin with a lower-case letter; lower-case letters, digits and underscores only, at most 32.",
        ));
    } else if !keys.insert(key) {
        found.push(FieldProblem::new(
            format!("{place}.key"),
            "form.key_taken",
            format!("标识 {key} 已被另一个字段使用，请换一个。"),
            format!("Another field has the key {key}: choose a different one."),
        ));
    }
}

fn check_words(place: String, words: &str, most: usize, needed: bool, found: &mut Vec<FieldProblem>) {
    if needed && words.trim().is_empty() {
        found.push(FieldProblem::new(place, "form.empty", "请填写。", "Fill this in."));
    } else if words.chars().count() > most {
        let (zh, en) = (format!("最多 {most} 个字，请缩短。"), format!("At most {most} characters: shorten it."));
        found.push(FieldProblem::new(place, "form.too_long", zh, en));
    } else if words.chars().any(char::is_control) {
        let (zh, en) = ("请去掉换行和控制字符。", "Remove line breaks and control characters.");
        found.push(FieldProblem::new(place, "form.control", zh, en));
    }
}

fn check_length(place: &str, max_length: u32, found: &mut Vec<FieldProblem>) {
    if !(1..=TEXT).contains(&max_length) {
        found.push(FieldProblem::new(
            format!("{place}.max_length"),
            "form.max_length",
            format!("最大长度应在 1 至 {TEXT} 之间。"),
            format!("Choose 1 to {TEXT} characters."),
        ));
    }
}

fn check_options(place: &str, options: &[String], found: &mut Vec<FieldProblem>) {
    if options.is_empty() || options.len() > OPTIONS {
        found.push(FieldProblem::new(
            format!("{place}.options"),
            "form.options",
            format!("请设置 1 至 {OPTIONS} 个选项。"),
            format!("Give 1 to {OPTIONS} options."),
        ));
    }
    let mut seen = HashSet::new();
    for (at, option) in options.iter().enumerate() {
        let here = format!("{place}.options.{at}");
        check_words(here.clone(), option, OPTION, true, found);
        if !seen.insert(option.trim()) {
            found.push(FieldProblem::new(
                here,
                "form.option_twice",
                format!("选项 {} 重复了，请删去一个。", option.trim()),
                format!("The option {} is there twice: remove one.", option.trim()),
            ));
        }
    }
}
