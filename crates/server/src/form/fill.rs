//! What a payer typed, judged by the form: normalised where the meaning is clear, refused in words where it is not,
//! field by field and all at once. The amount is decided here, never by the page (PRODUCT 4).

use money::{Amount, ParseAmountError};
use serde::{Deserialize, Serialize};

use super::definition::{AmountMode, AmountRule, Definition, Field, TextRule};
use crate::web::FieldProblem;

/// What a wallet, a list or a message has room for.
const TITLE: usize = 60;
const SUBTITLE: usize = 120;
/// Asked for by the default form; where a form has it, it names the payment.
const PAYER_NAME: &str = "payer_name";

/// What was typed, as it came.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submitted {
    /// Yuan as typed; ignored where the form fixes the amount.
    pub amount: String,
    /// Field key (without `f_`) and value; a multiple choice comes once per option. Unknown keys are ignored.
    pub values: Vec<(String, String)>,
}

/// What is owed and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filled {
    /// What is owed.
    pub amount: Amount,
    /// The fields that hold something, in the order of the form.
    pub values: Vec<FilledField>,
    /// One line for lists: the payer's name or the first text, at most 60 characters.
    pub title: String,
    /// The other values joined by ` · `, at most 120 characters.
    pub subtitle: String,
}

/// A field as the payer saw it. Stored with the order as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilledField {
    /// The field's key.
    pub key: String,
    /// The label at that time.
    pub label: String,
    /// What was filled in; several choices are joined by `、`.
    pub value: String,
}

impl Definition {
    /// Judges what was typed.
    ///
    /// # Errors
    /// One [`FieldProblem`] per field that breaks a rule, named `amount` or `f_<key>`.
    pub fn fill(&self, submitted: &Submitted) -> Result<Filled, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let amount = self.amount.fill(&submitted.amount).map_err(|why| problems.push(why)).ok();
        let mut values = Vec::new();
        let mut texts = Vec::new();
        for field in &self.fields {
            let typed = submitted.values.iter().filter(|(key, _)| key == field.key()).map(|(_, value)| clean(value));
            let typed: Vec<String> = typed.filter(|value| !value.is_empty()).collect();
            match field.fill(typed) {
                Ok(value) if value.is_empty() => {}
                Ok(value) => {
                    texts.extend(matches!(field, Field::Text { .. }).then_some(values.len()));
                    values.push(FilledField { key: field.key().into(), label: field.label().into(), value });
                }
                Err(why) => problems.push(why.at(format!("f_{}", field.key()))),
            }
        }
        match amount {
            Some(amount) if problems.is_empty() => {
                let (title, subtitle) = self.name(&values, &texts);
                Ok(Filled { amount, values, title, subtitle })
            }
            _ => Err(problems),
        }
    }

    /// Title and subtitle. `texts`: which of `values` are texts.
    fn name(&self, values: &[FilledField], texts: &[usize]) -> (String, String) {
        let payer = texts.iter().find(|at| values[**at].key == PAYER_NAME).or(texts.first()).copied();
        let title = payer.map_or(self.amount.label.as_str(), |at| values[at].value.as_str());
        let others = values.iter().enumerate().filter(|(at, _)| Some(*at) != payer).map(|(_, filled)| &*filled.value);
        (shortened(title, TITLE), shortened(&others.collect::<Vec<_>>().join(" · "), SUBTITLE))
    }
}

/// A rule that was broken; the field is known to the caller.
struct Broken {
    code: &'static str,
    zh: String,
    en: String,
}

impl Broken {
    fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Broken {
        Broken { code, zh: zh.into(), en: en.into() }
    }

    fn at(self, field: impl Into<String>) -> FieldProblem {
        FieldProblem::new(field, self.code, self.zh, self.en)
    }
}

impl AmountRule {
    fn fill(&self, typed: &str) -> Result<Amount, FieldProblem> {
        let fixed = self.fixed_fen.filter(|_| self.mode == AmountMode::Fixed).map(Amount::from_fen);
        let amount = fixed.map_or_else(|| Amount::from_typed(&clean(typed)), Ok);
        let amount = amount.map_err(|why| self.unreadable(why).at("amount"))?;
        if fixed.is_some() || (self.min_fen..=self.max_fen).contains(&amount.fen()) {
            return Ok(amount);
        }
        Err(if amount.fen() < self.min_fen { self.too_small() } else { self.too_large() }.at("amount"))
    }

    fn unreadable(&self, why: ParseAmountError) -> Broken {
        match why {
            ParseAmountError::Empty => Broken::new("amount.required", "请填写金额。", "Enter the amount."),
            ParseAmountError::NotANumber => {
                Broken::new("amount.not_a_number", "请用数字填写金额，例如 128.50。", "Enter a number such as 128.50.")
            }
            ParseAmountError::Negative => {
                Broken::new("amount.negative", "金额不能是负数，请去掉负号。", "Remove the minus sign.")
            }
            ParseAmountError::TooPrecise => Broken::new(
                "amount.too_precise",
                "金额最多两位小数，精确到分。",
                "At most two decimals: one fen is the smallest unit.",
            ),
            ParseAmountError::TooLarge => self.too_large(),
        }
    }

    fn too_small(&self) -> Broken {
        let least = Amount::from_fen(self.min_fen).grouped();
        Broken::new(
            "amount.too_small",
            format!("金额最少 {least} 元。"),
            format!("The amount must be at least {least} yuan."),
        )
    }

    fn too_large(&self) -> Broken {
        let most = Amount::from_fen(self.max_fen).grouped();
        Broken::new(
            "amount.too_large",
            format!("单笔最多 {most} 元，请减小金额或分次付款。"),
            format!("At most {most} yuan at a time: enter less, or pay in parts."),
        )
    }
}

impl Field {
    /// The value to keep; empty where an optional field was left out.
    fn fill(&self, typed: Vec<String>) -> Result<String, Broken> {
        let label = self.label();
        match self {
            _ if typed.is_empty() && !self.required() => Ok(String::new()),
            Field::Choice { .. } if typed.is_empty() => {
                Err(Broken::new("field.required", format!("请选择{label}。"), format!("Choose: {label}.")))
            }
            Field::Text { .. } if typed.is_empty() => {
                Err(Broken::new("field.required", format!("请填写{label}。"), format!("Fill in: {label}.")))
            }
            Field::Text { .. } | Field::Choice { multiple: false, .. } if typed.len() > 1 => Err(Broken::new(
                "field.several",
                format!("{label}只能填一项，请只留一项。"),
                "Only one: keep one of them.",
            )),
            Field::Text { max_length, rule, .. } => fill_text(label, &typed[0], *max_length, *rule),
            Field::Choice { options, .. } => fill_choice(label, &typed, options),
        }
    }
}

fn fill_text(label: &str, typed: &str, max_length: u32, rule: TextRule) -> Result<String, Broken> {
    let value = match rule {
        TextRule::None => typed.to_owned(),
        TextRule::Digits => narrow(typed),
        TextRule::Mobile => plain_mobile(typed),
    };
    let (length, most) = (value.chars().count(), max_length as usize);
    let digits = value.bytes().all(|b| b.is_ascii_digit());
    match rule {
        TextRule::Digits if !digits => {
            Err(Broken::new("field.digits", format!("{label}只能填数字。"), format!("{label}: digits only.")))
        }
        TextRule::Mobile if !digits || length != 11 || !value.starts_with('1') => Err(Broken::new(
            "field.mobile",
            "请填写 11 位手机号，例如 13800002176。",
            "Enter a mobile number of 11 digits, such as 13800002176.",
        )),
        _ if length > most => Err(Broken::new(
            "field.too_long",
            format!("{label}最多 {most} 个字，现在有 {length} 个，请缩短。"),
            format!("{label}: at most {most} characters, there are {length}: shorten it."),
        )),
        _ => Ok(value),
    }
}

/// In the order of the form, each once, whatever the order of the request.
fn fill_choice(label: &str, typed: &[String], options: &[String]) -> Result<String, Broken> {
    let is_option = |value: &String| options.iter().any(|option| option.trim() == value);
    if !typed.iter().all(is_option) {
        return Err(Broken::new(
            "field.unknown_option",
            format!("{label}的选项已变化，请重新选择。"),
            format!("The options of {label} have changed: choose again."),
        ));
    }
    let chosen = options.iter().map(|option| option.trim()).filter(|option| typed.iter().any(|value| value == option));
    Ok(chosen.collect::<Vec<_>>().join("、"))
}

/// One clean line: line breaks and tabs become spaces, what nobody can see is dropped (NUL, controls, marks that turn
/// the direction of the text around and so could make a name read differently), spaces around are cut.
fn clean(typed: &str) -> String {
    let invisible = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let one_line = typed.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { c });
    one_line.filter(|c| !invisible(*c)).collect::<String>().trim().to_owned()
}

/// Full-width digits of a Chinese keyboard made narrow.
fn narrow(text: &str) -> String {
    text.chars()
        .map(|c| if ('０'..='９').contains(&c) { char::from(b'0' + (c as u32 - '０' as u32) as u8) } else { c })
        .collect()
}

/// `+86 138-0000-2176` is 13800002176.
fn plain_mobile(text: &str) -> String {
    let plain: String = narrow(text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '－')).collect();
    let bare = plain.strip_prefix("+86").or_else(|| plain.strip_prefix('＋').and_then(|rest| rest.strip_prefix("86")));
    bare.map_or(plain.clone(), str::to_owned)
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}
