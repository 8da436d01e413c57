//! `mott check channels`: whether money can come in, found out by really calling. Each line says what was looked at, what
//! was found, and who can mend it, in plain words; nothing is changed anywhere.
//!
//! ```text
//!  every provider ──► probe ──► findings ──┐
//!  every account  ──► probe ──► findings ──┼──► words ──► lines ──► printed; exit 1 where one is bad
//!  public_url ──────► its own server ──────┘
//! ```

mod callback;
mod words;

use channel::{Account, Finding};
use db::{Db, Tx};
use serde::Serialize;

use super::sql;
use crate::{
    clock::{Clock, DAY_MS},
    config::Config,
    merchant::{ChannelKind, authorization},
    outside::{Links, Provider, WARN_MS},
    vault::Vault,
};

/// How good something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// 好.
    Good,
    /// 注意: it works now.
    Caution,
    /// 坏: money cannot come in, or nobody would hear of it.
    Bad,
}

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Both {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// What was found of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What it is about: a provider, a merchant's account.
    pub about: String,
    /// What was looked at, a stable word for machines.
    pub check: &'static str,
    /// How good it is.
    pub verdict: Verdict,
    /// What was found.
    pub found: Both,
    /// What to do, where there is something to do.
    pub cure: Option<Both>,
}

/// In which language lines are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Lang {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// Why not everything could be looked at.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The HTTP client could not be made.
    #[error("the callback address could not be asked: {0}")]
    Client(#[from] reqwest::Error),
}

/// What the checks need of the node.
pub struct Node<'a> {
    /// The database.
    pub db: &'a Db,
    /// Opens merchants' leaves.
    pub vault: &'a Vault,
    /// Institutions.
    pub links: &'a Links,
    /// The public address.
    pub config: &'a Config,
    /// Where "now" comes from.
    pub clock: &'a Clock,
}

/// Looks at everything, providers first.
///
/// # Errors
/// The refusals of the database.
pub async fn run(node: &Node<'_>) -> Result<Vec<Line>, Error> {
    let mut lines = Vec::new();
    let mut providers: Vec<(&String, &Provider)> = node.links.providers.iter().collect();
    providers.sort_by_key(|(key, _)| *key);
    if providers.is_empty() {
        lines.push(words::no_provider());
    }
    let mut silent = Vec::new();
    for (key, provider) in providers {
        let about = format!("service_provider {key}");
        let findings = provider.channel.probe(None).await;
        if findings.iter().any(|finding| matches!(finding, Finding::Unreachable { .. })) {
            silent.push(key.as_str());
        }
        lines.extend(findings.iter().map(|finding| words::of(&about, provider.kind, finding)));
        lines.extend(key_line(&about, provider, node.clock.now_ms()));
        lines.extend(callback::look(&about, key, provider.kind, node.config).await?);
    }
    for account in accounts(node).await? {
        let about = format!("{} / {}", account.merchant, account.key);
        match node.links.providers.get(&account.provider_key) {
            None => lines.push(words::unknown_provider(&about, &account.provider_key)),
            Some(provider) if silent.contains(&account.provider_key.as_str()) => {
                lines.push(words::not_asked(&about, provider.kind));
            }
            Some(provider) => {
                let findings = provider.channel.probe(Some(&account.account)).await;
                let news = findings.iter().filter(|finding| is_of_account(finding));
                lines.extend(news.map(|finding| words::of(&about, provider.kind, finding)));
            }
        }
    }
    Ok(lines)
}

/// What a probe of an account says that the provider's own has not said already.
fn is_of_account(finding: &Finding) -> bool {
    match finding {
        Finding::MerchantKnown
        | Finding::MerchantRefused(_)
        | Finding::Refused(_)
        | Finding::NotRecognised(_)
        | Finding::NotVerified { .. }
        | Finding::Unreachable { .. }
        | Finding::Unclear { .. } => true,
        Finding::Reached { .. }
        | Finding::Skew { .. }
        | Finding::Recognised
        | Finding::Verified { .. }
        | Finding::NotSigned
        | Finding::SealOpens
        | Finding::SealBroken { .. }
        | Finding::SealNotTried => false,
    }
}

/// The key that lasts longest: the others may end in peace.
fn key_line(about: &str, provider: &Provider, now_ms: i64) -> Option<Line> {
    let keys = provider.channel.verification_keys();
    let longest = keys.into_iter().max_by_key(|key| key.not_after_ms.unwrap_or(i64::MAX))?;
    let left_ms = longest.not_after_ms.map(|end_ms| end_ms - now_ms);
    let verdict = match left_ms {
        Some(left_ms) if left_ms <= 0 => Verdict::Bad,
        Some(left_ms) if left_ms <= WARN_MS => Verdict::Caution,
        _ => Verdict::Good,
    };
    let days = left_ms.map(|left_ms| left_ms.div_euclid(DAY_MS));
    Some(words::key(about, provider.kind, verdict, &longest.id, days))
}

struct ToAsk {
    merchant: String,
    key: String,
    provider_key: String,
    account: Account,
}

async fn accounts(node: &Node<'_>) -> Result<Vec<ToAsk>, db::Error> {
    let rows = node.db.read(async |tx: &mut Tx<'_>| tx.query(sql::ACCOUNTS, &[]).await).await?;
    let read = |row: &db::Row| {
        let (merchant_id, provider_key): (i64, String) = (row.get(1)?, row.get(3)?);
        let mut account = Account::of(row.get::<String>(4)?);
        account.sub_appid = row.get(5)?;
        let sealed: Option<Vec<u8>> = row.get(6)?;
        // A leave that cannot be opened is no leave: the institution's refusal will say so.
        account.authorization = sealed.and_then(|sealed| {
            authorization::open(node.vault, merchant_id, &provider_key, &account.sub_mchid, &sealed).ok()
        });
        Ok(ToAsk { merchant: row.get(0)?, key: row.get(2)?, provider_key, account })
    };
    rows.iter().map(read).collect()
}

/// The lines as people read them, bad ones marked, and how many there are of each.
pub fn printed(lines: &[Line], lang: Lang) -> String {
    let mark = |verdict: Verdict| match (lang, verdict) {
        (Lang::Zh, Verdict::Good) => "好  ",
        (Lang::Zh, Verdict::Caution) => "注意",
        (Lang::Zh, Verdict::Bad) => "坏  ",
        (Lang::En, Verdict::Good) => "good   ",
        (Lang::En, Verdict::Caution) => "caution",
        (Lang::En, Verdict::Bad) => "BAD    ",
    };
    let one = |both: &Both| if lang == Lang::Zh { both.zh.clone() } else { both.en.clone() };
    let mut text = String::new();
    for line in lines {
        let colon = if lang == Lang::Zh { "：" } else { ": " };
        text += &format!("{}  {}{colon}{}\n", mark(line.verdict), line.about, one(&line.found));
        if let Some(cure) = &line.cure {
            let arrow = if lang == Lang::Zh { "      → " } else { "         → " };
            text += &format!("{arrow}{}\n", one(cure));
        }
    }
    let count = |verdict| lines.iter().filter(|line| line.verdict == verdict).count();
    let (good, caution, bad) = (count(Verdict::Good), count(Verdict::Caution), count(Verdict::Bad));
    text + &match lang {
        Lang::Zh => format!("共 {} 项：好 {good}，注意 {caution}，坏 {bad}\n", lines.len()),
        Lang::En => format!("{} checks: {good} good, {caution} to note, {bad} bad\n", lines.len()),
    }
}

/// Whether anything is bad.
pub fn is_bad(lines: &[Line]) -> bool {
    lines.iter().any(|line| line.verdict == Verdict::Bad)
}

/// What an institution is called.
fn name(kind: ChannelKind) -> Both {
    let (zh, en) = match kind {
        ChannelKind::Wechatpay => ("微信支付", "WeChat Pay"),
        ChannelKind::Alipay => ("支付宝", "Alipay"),
    };
    Both { zh: zh.into(), en: en.into() }
}

#[cfg(test)]
mod tests;
