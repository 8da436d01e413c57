//! What a merchant file asks for, judged as far as it can be without the database.

use std::collections::HashMap;

use channel::Secret;

use super::source::{Refusal, Source};
use crate::{
    admin::Role,
    form::Definition,
    merchant::{ChannelKind, Checklist, Way},
};

/// The key of the unit that every merchant has.
pub(super) const ROOT: &str = "root";
/// The key of the form that codes ask for.
pub(super) const DEFAULT_FORM: &str = "default";

/// A merchant as its file wants it. `line`s are where each thing stands, for refusals that need the database.
#[derive(Clone, Debug)]
pub(super) struct MerchantPlan {
    pub source: Source,
    pub line: usize,
    pub key: String,
    pub full_name: String,
    pub short_name: String,
    pub plaque_name: String,
    pub uscc: String,
    /// Up to this a refund of one admin needs no other person, fen; nothing: as it is.
    pub refund_limit_fen: Option<i64>,
    pub accounts: Vec<AccountPlan>,
    /// Parents before children, the root first.
    pub units: Vec<UnitPlan>,
    pub admins: Vec<AdminPlan>,
    pub managers: Vec<ManagerPlan>,
    pub forms: Vec<FormPlan>,
    pub codes: Vec<CodePlan>,
}

#[derive(Clone, Debug)]
pub(super) struct AccountPlan {
    pub line: usize,
    pub key: String,
    pub channel: ChannelKind,
    /// Nothing: the installation's only one of that institution.
    pub provider: Option<String>,
    /// WeChat Pay's `sub_mchid`, Alipay's seller id.
    pub sub_mchid: String,
    pub sub_appid: Option<String>,
    /// The merchant's leave to act for it.
    pub authorization: Option<Secret>,
    pub ways: Vec<Way>,
    pub checklist: Checklist,
}

impl AccountPlan {
    /// What the institution's number is called in the file.
    pub fn number_name(&self) -> &'static str {
        match self.channel {
            ChannelKind::Wechatpay => "sub_mchid",
            ChannelKind::Alipay => "seller_id",
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct UnitPlan {
    pub key: String,
    pub parent: Option<String>,
    pub name: String,
    /// What it says of its institutions: the key of an account, or that it has none.
    pub collects: Vec<(ChannelKind, Option<String>)>,
}

#[derive(Clone)]
pub(super) struct AdminPlan {
    pub line: usize,
    pub login: String,
    pub name: String,
    pub email: String,
    pub role: Role,
    pub unit: String,
    pub password: Option<String>,
}

#[derive(Clone)]
pub(super) struct ManagerPlan {
    pub line: usize,
    pub name: String,
    pub mobile: String,
    pub email: String,
    pub unit: String,
    pub password: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) struct FormPlan {
    pub key: String,
    pub name: String,
    pub definition: Definition,
}

/// An extra code of a manager of the file.
#[derive(Clone, Debug)]
pub(super) struct CodePlan {
    pub name: String,
    pub mobile: String,
    /// Nothing: the merchant's default form.
    pub form: Option<String>,
}

// Passwords stay out of logs.
impl std::fmt::Debug for AdminPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AdminPlan").field("login", &self.login).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for ManagerPlan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ManagerPlan").field("name", &self.name).finish_non_exhaustive()
    }
}

/// What two merchant files of one apply both want for themselves.
pub(super) fn clashes(plans: &[MerchantPlan]) -> Vec<Refusal> {
    let mut seen: HashMap<(&str, String), usize> = HashMap::new();
    let mut found = Vec::new();
    for (at, plan) in plans.iter().enumerate() {
        let mine = [("merchant", plan.key.clone(), plan.line)]
            .into_iter()
            .chain(plan.admins.iter().map(|a| ("login", a.login.to_lowercase(), a.line)))
            .chain(plan.managers.iter().map(|m| ("mobile", m.mobile.clone(), m.line)))
            .chain(plan.accounts.iter().map(|a| (a.number_name(), a.sub_mchid.clone(), a.line)));
        for (what, value, line) in mine {
            if *seen.entry((what, value.clone())).or_insert(at) != at {
                found.push(plan.source.at_line(line, format!("{what} {value} stands in another file as well")));
            }
        }
    }
    found
}
