//! Accounts at institutions, and the tree of units that collect to them.

use std::collections::HashSet;

use channel::Secret;
use serde::Deserialize;
use toml::Spanned;

use super::{
    super::merchant_plan::{AccountPlan, ROOT, UnitPlan},
    Reader, Text,
};
use crate::merchant::{ChannelKind, Checklist, Way};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrgUnit {
    pub key: Text,
    pub parent: Option<Text>,
    name: Text,
    account: Option<Text>,
    #[serde(default)]
    accounts: Vec<Text>,
    #[serde(default)]
    without: Vec<Text>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChannelAccount {
    key: Option<Text>,
    channel: Option<Text>,
    provider: Option<Text>,
    sub_mchid: Option<Text>,
    sub_appid: Option<Text>,
    seller_id: Option<Text>,
    app_auth_token_file: Option<Text>,
    ways: Option<Spanned<Vec<Way>>>,
    #[serde(default)]
    checklist: Checklist,
}

impl Reader<'_> {
    /// The institution of a word.
    fn channel(&mut self, at: &Text) -> Option<ChannelKind> {
        let kind = ChannelKind::of_word(at.get_ref());
        if kind.is_none() {
            let known = ChannelKind::ALL.map(|kind| format!("{:?}", kind.word()));
            self.refuse(at, format!("a channel is {}", known.join(" or ")));
        }
        kind
    }

    pub(super) fn accounts(&mut self, accounts: &[Spanned<ChannelAccount>]) -> Vec<AccountPlan> {
        let (mut keys, mut numbers) = (HashSet::new(), HashSet::new());
        let mut plans = Vec::new();
        for at in accounts {
            let account = at.get_ref();
            let key = account.key.as_ref().map_or_else(|| "main".to_owned(), |key| self.key(key));
            if !keys.insert(key.clone()) {
                let why = format!("channel_account {key} is there twice: give each a key of its own");
                match &account.key {
                    Some(key) => self.refuse(key, why),
                    None => self.refuse(at, why),
                }
            }
            let channel = match &account.channel {
                None => ChannelKind::Wechatpay,
                Some(at) => self.channel(at).unwrap_or(ChannelKind::Wechatpay),
            };
            let Some((number, authorization)) = self.number(at, channel) else { continue };
            self.once(number, "the number", &mut numbers);
            if let Some(ways) = account.ways.as_ref().filter(|ways| ways.get_ref().is_empty()) {
                self.refuse(ways, "ways is empty: leave it out for what is usual");
            }
            plans.push(AccountPlan {
                line: self.line(number),
                key,
                channel,
                provider: account.provider.as_ref().map(|provider| provider.get_ref().clone()),
                sub_mchid: number.get_ref().clone(),
                sub_appid: account.sub_appid.as_ref().map(|appid| appid.get_ref().clone()),
                authorization,
                ways: account.ways.as_ref().map_or_else(|| usual_ways(channel), |ways| ways.get_ref().clone()),
                checklist: account.checklist,
            });
        }
        plans
    }

    /// The number that the institution gave the merchant, and the leave that goes with it.
    fn number<'f>(
        &mut self,
        at: &'f Spanned<ChannelAccount>,
        channel: ChannelKind,
    ) -> Option<(&'f Text, Option<Secret>)> {
        let account = at.get_ref();
        let (number, foreign, what) = match channel {
            ChannelKind::Wechatpay => {
                (&account.sub_mchid, [&account.seller_id, &account.app_auth_token_file], "sub_mchid")
            }
            ChannelKind::Alipay => (&account.seller_id, [&account.sub_mchid, &account.sub_appid], "seller_id"),
        };
        for foreign in foreign.into_iter().flatten() {
            self.refuse(foreign, format!("an account of {} has no such key", channel.word()));
        }
        let Some(number) = number else {
            self.refuse(at, format!("an account of {} needs its {what}", channel.word()));
            return None;
        };
        let text = number.get_ref();
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        match channel {
            ChannelKind::Wechatpay if !digits || !(6..=32).contains(&text.len()) => {
                self.refuse(number, "write the number that WeChat Pay gave the merchant, digits only");
            }
            ChannelKind::Alipay if !digits || text.len() != 16 || !text.starts_with("2088") => {
                self.refuse(number, "write the merchant's PID at Alipay: 16 digits that begin with 2088");
            }
            ChannelKind::Wechatpay | ChannelKind::Alipay => {}
        }
        let file = account.app_auth_token_file.as_ref().filter(|_| channel == ChannelKind::Alipay);
        let leave = file.map(|file| match self.source.beside(file.get_ref()) {
            Ok(token) => token,
            Err(why) => {
                self.refuse(file, why);
                String::new()
            }
        });
        Some((number, leave.filter(|token| !token.is_empty()).map(Secret)))
    }

    /// The tree, parents first. Every merchant has a root, named or not; what names no parent hangs below it.
    pub(super) fn units(&mut self, units: &[OrgUnit], accounts: &[AccountPlan], name: &str) -> Vec<UnitPlan> {
        let mut keys = HashSet::new();
        let mut wanted = Vec::new();
        for unit in units {
            self.once(&unit.key, "org_unit", &mut keys);
            match &unit.parent {
                Some(parent) if unit.key.get_ref() == ROOT => self.refuse(parent, "the root has no parent"),
                Some(parent)
                    if parent.get_ref() != ROOT && !units.iter().any(|u| u.key.get_ref() == parent.get_ref()) =>
                {
                    self.refuse(parent, format!("no [[org_unit]] has the key {}", parent.get_ref()));
                }
                _ => {}
            }
            let key = self.key(&unit.key);
            wanted.push(UnitPlan {
                parent: (key != ROOT).then(|| unit.parent.as_ref().map_or(ROOT.to_owned(), |p| p.get_ref().clone())),
                key,
                name: self.words(&unit.name, 40),
                collects: self.unit_channels(unit, accounts),
            });
        }
        let mut planned: Vec<UnitPlan> = wanted.extract_if(.., |unit| unit.key == ROOT).collect();
        if planned.is_empty() {
            planned.push(UnitPlan { key: ROOT.into(), parent: None, name: name.into(), collects: Vec::new() });
        }
        // What the root does not say of an institution is its first account of the file.
        for root in &mut planned {
            for account in accounts {
                if root.collects.iter().all(|(kind, _)| *kind != account.channel) {
                    root.collects.push((account.channel, Some(account.key.clone())));
                }
            }
        }
        self.downwards(units, wanted, planned)
    }

    /// What a unit says of its institutions: at most one thing of each.
    fn unit_channels(&mut self, unit: &OrgUnit, accounts: &[AccountPlan]) -> Vec<(ChannelKind, Option<String>)> {
        let mut said: Vec<(ChannelKind, Option<String>)> = Vec::new();
        for at in unit.account.iter().chain(&unit.accounts) {
            let Some(account) = accounts.iter().find(|known| known.key == *at.get_ref()) else {
                self.refuse(at, format!("no [[channel_account]] has the key {}", at.get_ref()));
                continue;
            };
            if said.iter().any(|(kind, _)| *kind == account.channel) {
                let why = format!("the unit has two accounts of {}: name one", account.channel.word());
                self.refuse(at, why);
            } else {
                said.push((account.channel, Some(account.key.clone())));
            }
        }
        for at in &unit.without {
            let Some(kind) = self.channel(at) else { continue };
            if said.iter().any(|(known, _)| *known == kind) {
                self.refuse(at, format!("the unit both has an account of {0} and is without {0}", kind.word()));
            } else {
                said.push((kind, None));
            }
        }
        said
    }
}

fn usual_ways(channel: ChannelKind) -> Vec<Way> {
    match channel {
        // H5 is a product of its own there.
        ChannelKind::Wechatpay => vec![Way::Jsapi, Way::Native],
        ChannelKind::Alipay => vec![Way::Jsapi, Way::H5, Way::Native],
    }
}
