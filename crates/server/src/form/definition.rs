//! The definition of a form, as admins write it and as it is stored.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The greatest amount that a form may allow, fen (one million yuan).
pub const MAX_AMOUNT_FEN: i64 = 100_000_000;
/// Fields of one form.
pub const MAX_FIELDS: usize = 30;
/// The name of the form that every merchant starts with.
pub const DEFAULT_NAME: &str = "默认表单";

/// One version of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormDefinition)]
pub struct Definition {
    /// How much is paid.
    pub amount: AmountRule,
    /// What else is asked, in the order of the page.
    pub fields: Vec<Field>,
}

/// How much is paid, and who says it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = FormAmount)]
pub struct AmountRule {
    /// Its label, 1 to 20 characters.
    #[serde(default = "amount_label")]
    #[schema(required = true)]
    pub label: String,
    /// Typed by the payer, or fixed.
    pub mode: AmountMode,
    /// The amount in fen, where it is fixed.
    #[serde(default)]
    #[schema(required = true)]
    pub fixed_fen: Option<i64>,
    /// The least amount, fen.
    #[serde(default = "min_fen")]
    #[schema(required = true)]
    pub min_fen: i64,
    /// The greatest amount, fen.
    #[serde(default = "max_fen")]
    #[schema(required = true)]
    pub max_fen: i64,
}

/// Who says the amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FormAmountMode)]
pub enum AmountMode {
    /// The payer.
    Typed,
    /// The form.
    Fixed,
}

/// One business field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
#[schema(as = FormField)]
pub enum Field {
    /// A line of text.
    Text {
        /// `[a-z][a-z0-9_]{0,31}`, unique in the form; posted as `f_<key>`.
        key: String,
        /// 1 to 20 characters.
        label: String,
        /// Whether it must be filled in.
        #[serde(default)]
        #[schema(required = true)]
        required: bool,
        /// A sentence under it, or empty.
        #[serde(default)]
        #[schema(required = true)]
        help: String,
        /// The longest text, characters, 1 to 500.
        #[serde(default = "max_length")]
        #[schema(required = true)]
        max_length: u32,
        /// What its characters must be.
        #[serde(default)]
        #[schema(required = true)]
        rule: TextRule,
    },
    /// One or several of the options.
    Choice {
        /// `[a-z][a-z0-9_]{0,31}`, unique in the form; posted as `f_<key>`.
        key: String,
        /// 1 to 20 characters.
        label: String,
        /// Whether one must be chosen.
        #[serde(default)]
        #[schema(required = true)]
        required: bool,
        /// A sentence under it, or empty.
        #[serde(default)]
        #[schema(required = true)]
        help: String,
        /// 1 to 50 options of 1 to 40 characters, each once.
        options: Vec<String>,
        /// Whether several may be chosen.
        #[serde(default)]
        #[schema(required = true)]
        multiple: bool,
    },
}

/// What the characters of a text must be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = FormTextRule)]
pub enum TextRule {
    /// Anything.
    #[default]
    None,
    /// Digits only.
    Digits,
    /// A mainland mobile number.
    Mobile,
}

impl Field {
    /// What it is posted under, without `f_`.
    pub fn key(&self) -> &str {
        match self {
            Field::Text { key, .. } | Field::Choice { key, .. } => key,
        }
    }

    /// What the payer reads beside it.
    pub fn label(&self) -> &str {
        match self {
            Field::Text { label, .. } | Field::Choice { label, .. } => label,
        }
    }

    /// A sentence under it, or empty.
    pub fn help(&self) -> &str {
        match self {
            Field::Text { help, .. } | Field::Choice { help, .. } => help,
        }
    }

    /// Whether it must be filled in.
    pub fn required(&self) -> bool {
        match self {
            Field::Text { required, .. } | Field::Choice { required, .. } => *required,
        }
    }
}

/// What a merchant collects with that configured nothing: amount, payer's name, remark (PRODUCT 1).
pub fn default_definition() -> Definition {
    let text = |key: &str, label: &str, required, max_length| Field::Text {
        key: key.into(),
        label: label.into(),
        required,
        help: String::new(),
        max_length,
        rule: TextRule::None,
    };
    Definition {
        amount: AmountRule::default(),
        fields: vec![text("payer_name", "付款人姓名", true, 50), text("remark", "备注", false, 100)],
    }
}

impl Default for AmountRule {
    fn default() -> Self {
        AmountRule {
            label: amount_label(),
            mode: AmountMode::Typed,
            fixed_fen: None,
            min_fen: min_fen(),
            max_fen: max_fen(),
        }
    }
}

fn amount_label() -> String {
    "付款金额".into()
}

const fn min_fen() -> i64 {
    1
}

const fn max_fen() -> i64 {
    5_000_000
}

const fn max_length() -> u32 {
    50
}
