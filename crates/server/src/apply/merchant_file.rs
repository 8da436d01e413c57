//! `merchant.toml`: one merchant. `merchant.example.toml` is its manual.

use std::collections::HashSet;

use money::Amount;
use serde::Deserialize;
use toml::Spanned;

use self::accounts::{ChannelAccount, OrgUnit};
use super::{
    KEY_SHAPE, is_key,
    merchant_plan::{AdminPlan, CodePlan, DEFAULT_FORM, FormPlan, ManagerPlan, MerchantPlan, ROOT, UnitPlan},
    source::{Refusal, Source},
};
use crate::{
    admin::Role,
    form::{AmountRule, DEFAULT_NAME, Definition, Field},
    session::password,
};

mod accounts;

type Text = Spanned<String>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    merchant: Merchant,
    #[serde(default)]
    org_unit: Vec<OrgUnit>,
    #[serde(default)]
    channel_account: Vec<Spanned<ChannelAccount>>,
    #[serde(default)]
    admin: Vec<Admin>,
    #[serde(default)]
    manager: Vec<Manager>,
    #[serde(default)]
    form: Vec<Form>,
    #[serde(default)]
    code: Vec<Code>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Merchant {
    key: Option<Text>,
    full_name: Text,
    short_name: Option<Text>,
    plaque_name: Option<Text>,
    uscc: Option<Text>,
    refund_approval_above: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Admin {
    login: Text,
    name: Text,
    email: Text,
    role: Option<Text>,
    org_unit: Option<Text>,
    password: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manager {
    name: Text,
    mobile: Text,
    email: Text,
    org_unit: Option<Text>,
    password: Option<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    key: Text,
    name: Option<Text>,
    amount: Option<Spanned<AmountRule>>,
    #[serde(default)]
    fields: Vec<Spanned<Field>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Code {
    name: Text,
    manager: Text,
    form: Option<Text>,
}

/// Reads and judges the whole file.
pub(super) fn plan(source: Source) -> Result<MerchantPlan, Vec<Refusal>> {
    let file: File = source.parse().map_err(|refusal| vec![refusal])?;
    let mut reader = Reader { source: &source, refusals: Vec::new() };
    let (full_name, short_name, plaque_name) = reader.names(&file.merchant);
    let key = file.merchant.key.as_ref().map_or(full_name.clone(), |key| reader.key(key));
    let uscc = reader.uscc(file.merchant.uscc.as_ref());
    let refund_limit_fen = reader.yuan(file.merchant.refund_approval_above.as_ref());
    let accounts = reader.accounts(&file.channel_account);
    let units = reader.units(&file.org_unit, &accounts, &short_name);
    let known: HashSet<&str> = units.iter().map(|unit| unit.key.as_str()).collect();
    let admins = reader.admins(&file.admin, &known);
    let managers = reader.managers(&file.manager, &known);
    let forms = reader.forms(&file.form);
    let codes = reader.codes(&file.code, &managers, &forms);
    if !reader.refusals.is_empty() {
        return Err(reader.refusals);
    }
    let line = source.line(file.merchant.full_name.span().start);
    Ok(MerchantPlan {
        source,
        line,
        key,
        full_name,
        short_name,
        plaque_name,
        uscc,
        refund_limit_fen,
        accounts,
        units,
        admins,
        managers,
        forms,
        codes,
    })
}

struct Reader<'a> {
    source: &'a Source,
    refusals: Vec<Refusal>,
}

impl Reader<'_> {
    fn refuse<T>(&mut self, at: &Spanned<T>, why: impl Into<String>) {
        self.refusals.push(self.source.at(at.span(), why));
    }

    fn line<T>(&self, at: &Spanned<T>) -> usize {
        self.source.line(at.span().start)
    }

    fn key(&mut self, at: &Text) -> String {
        if !is_key(at.get_ref()) {
            self.refuse(at, KEY_SHAPE);
        }
        at.get_ref().clone()
    }

    /// Refused where `seen` has it already.
    fn once(&mut self, at: &Text, what: &str, seen: &mut HashSet<String>) {
        if !seen.insert(at.get_ref().to_lowercase()) {
            self.refuse(at, format!("{what} {} is there twice", at.get_ref()));
        }
    }

    fn words(&mut self, at: &Text, most: usize) -> String {
        let words = at.get_ref().trim().to_owned();
        if words.is_empty() || words.chars().count() > most || words.chars().any(char::is_control) {
            self.refuse(at, format!("write 1 to {most} characters on one line"));
        }
        words
    }

    fn email(&mut self, at: &Text) -> String {
        if at.get_ref().parse::<lettre::Address>().is_err() {
            self.refuse(at, format!("{} is not an e-mail address", at.get_ref()));
        }
        at.get_ref().clone()
    }

    fn password(&mut self, at: Option<&Text>) -> Option<String> {
        let at = at?;
        if let Err(problem) = password::check(at.get_ref()) {
            self.refuse(at, format!("password: {}", problem.message_en));
        }
        Some(at.get_ref().clone())
    }

    /// The unit that somebody belongs to: the named one, or the root.
    fn unit(&mut self, at: Option<&Text>, known: &HashSet<&str>) -> String {
        let Some(at) = at else { return ROOT.to_owned() };
        if !known.contains(at.get_ref().as_str()) {
            self.refuse(at, format!("no [[org_unit]] has the key {}", at.get_ref()));
        }
        at.get_ref().clone()
    }

    fn names(&mut self, merchant: &Merchant) -> (String, String, String) {
        let full = self.words(&merchant.full_name, 100);
        let short = merchant.short_name.as_ref().map_or_else(|| full.clone(), |short| self.words(short, 40));
        if merchant.short_name.is_none() && full.chars().count() > 40 {
            self.refuse(
                &merchant.full_name,
                "the full name is longer than 40 characters: give a short_name for wallets",
            );
        }
        let plaque = merchant.plaque_name.as_ref().map_or_else(|| short.clone(), |name| self.words(name, 40));
        (full, short, plaque)
    }

    /// An amount in yuan, where one is said.
    fn yuan(&mut self, at: Option<&Text>) -> Option<i64> {
        let at = at?;
        match at.get_ref().parse::<Amount>() {
            Ok(amount) => Some(amount.fen()),
            Err(_) => {
                self.refuse(at, "an amount in yuan, such as \"200.00\"");
                None
            }
        }
    }

    fn uscc(&mut self, at: Option<&Text>) -> String {
        let Some(at) = at else { return String::new() };
        let code = at.get_ref();
        if !code.is_empty() && (code.len() != 18 || !code.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_uppercase()))
        {
            self.refuse(at, "a 统一社会信用代码 has 18 digits and capital letters");
        }
        code.clone()
    }

    /// Moves what hangs below something planned, level by level; what remains hangs in a circle.
    fn downwards(&mut self, units: &[OrgUnit], mut wanted: Vec<UnitPlan>, mut planned: Vec<UnitPlan>) -> Vec<UnitPlan> {
        loop {
            let is_next = |unit: &mut UnitPlan| planned.iter().any(|above| unit.parent.as_ref() == Some(&above.key));
            let level: Vec<UnitPlan> = wanted.extract_if(.., is_next).collect();
            if level.is_empty() {
                break;
            }
            planned.extend(level);
        }
        if self.refusals.is_empty() {
            for unit in units.iter().filter(|unit| wanted.iter().any(|left| left.key == *unit.key.get_ref())) {
                self.refuse(
                    &unit.key,
                    format!("org_unit {} stands below itself: follow its parents", unit.key.get_ref()),
                );
            }
        }
        planned.extend(wanted); // known by their keys, so that their people are not refused as well
        planned
    }

    fn admins(&mut self, admins: &[Admin], known: &HashSet<&str>) -> Vec<AdminPlan> {
        let mut logins = HashSet::new();
        let mut plans = Vec::new();
        for admin in admins {
            self.once(&admin.login, "admin", &mut logins);
            let login = admin.login.get_ref();
            if !(2..=40).contains(&login.chars().count()) || login.chars().any(|c| c.is_whitespace() || c.is_control())
            {
                self.refuse(&admin.login, "a login has 2 to 40 characters and no spaces");
            }
            let role = admin.role.as_ref().map_or(Some(Role::Admin), |role| Role::of_word(role.get_ref()));
            if let (None, Some(at)) = (role, &admin.role) {
                self.refuse(at, "a role is \"admin\", \"finance\" or \"viewer\"");
            }
            plans.push(AdminPlan {
                line: self.line(&admin.login),
                login: login.clone(),
                name: self.words(&admin.name, 40),
                email: self.email(&admin.email),
                role: role.unwrap_or(Role::Admin),
                unit: self.unit(admin.org_unit.as_ref(), known),
                password: self.password(admin.password.as_ref()),
            });
        }
        plans
    }

    fn managers(&mut self, managers: &[Manager], known: &HashSet<&str>) -> Vec<ManagerPlan> {
        let mut mobiles = HashSet::new();
        let mut plans = Vec::new();
        for manager in managers {
            self.once(&manager.mobile, "manager", &mut mobiles);
            let mobile = manager.mobile.get_ref();
            if mobile.len() != 11 || !mobile.starts_with('1') || !mobile.bytes().all(|b| b.is_ascii_digit()) {
                self.refuse(&manager.mobile, "a mobile has 11 digits and begins with 1");
            }
            plans.push(ManagerPlan {
                line: self.line(&manager.mobile),
                name: self.words(&manager.name, 40),
                mobile: mobile.clone(),
                email: self.email(&manager.email),
                unit: self.unit(manager.org_unit.as_ref(), known),
                password: self.password(manager.password.as_ref()),
            });
        }
        plans
    }

    fn forms(&mut self, forms: &[Form]) -> Vec<FormPlan> {
        let mut keys = HashSet::new();
        let mut plans = Vec::new();
        for form in forms {
            self.once(&form.key, "form", &mut keys);
            let key = self.key(&form.key);
            let usual = if key == DEFAULT_FORM { DEFAULT_NAME } else { key.as_str() };
            let name = form.name.as_ref().map_or_else(|| usual.to_owned(), |name| self.words(name, 40));
            let definition = Definition {
                amount: form.amount.as_ref().map_or_else(AmountRule::default, |amount| amount.get_ref().clone()),
                fields: form.fields.iter().map(|field| field.get_ref().clone()).collect(),
            };
            for problem in definition.check() {
                let place: Vec<&str> = problem.field.split('.').collect();
                let field = place.get(1).and_then(|n| n.parse::<usize>().ok()).and_then(|n| form.fields.get(n));
                let amount = form.amount.as_ref().filter(|_| place[0] == "amount");
                let at = field.map(Spanned::span).or(amount.map(Spanned::span)).unwrap_or_else(|| form.key.span());
                self.refusals.push(self.source.at(at, format!("{}: {}", problem.field, problem.message_en)));
            }
            plans.push(FormPlan { key, name, definition });
        }
        plans
    }

    fn codes(&mut self, codes: &[Code], managers: &[ManagerPlan], forms: &[FormPlan]) -> Vec<CodePlan> {
        let mut seen = HashSet::new();
        let mut plans = Vec::new();
        for code in codes {
            let mobile = code.manager.get_ref();
            if managers.iter().all(|manager| manager.mobile != *mobile) {
                self.refuse(&code.manager, format!("no [[manager]] has the mobile {mobile}"));
            }
            if let Some(form) = &code.form
                && form.get_ref() != DEFAULT_FORM
                && forms.iter().all(|plan| plan.key != *form.get_ref())
            {
                self.refuse(form, format!("no [[form]] has the key {}", form.get_ref()));
            }
            let name = self.words(&code.name, 20);
            if !seen.insert((mobile, name.clone())) {
                self.refuse(&code.name, format!("code {name} of {mobile} is there twice"));
            }
            let form = code.form.as_ref().map(|form| form.get_ref().clone());
            plans.push(CodePlan { name, mobile: mobile.clone(), form });
        }
        plans
    }
}
