//! `mott apply -f FILE…`: set-up as files. The same files twice change nothing; what stands in no file any more is left
//! alone. Everything is judged before anything is written: a refusal names file, line, reason and cure.
//!
//! ```text
//!  platform.toml ─┐  read, judged          asked of the database        one transaction for the platform,
//!  merchant.toml ─┴─────────────► plans ──────────────────────► ready ─► one for each merchant ─► report
//!                     └───────────── refusals (nothing is written) ──┘
//! ```

mod merchant;
mod merchant_file;
mod merchant_plan;
mod platform;
mod platform_file;
mod report;
mod source;
mod sql;
#[cfg(test)]
mod tests;

pub use report::Report;
pub use source::Refusal;

use std::{collections::BTreeMap, path::PathBuf};

use db::Tx;

use self::{merchant_plan::MerchantPlan, platform::PlatformPlan, source::Source};
use crate::{
    App, admin, manager,
    merchant::{ChannelKind, authorization},
    org, outside, session, vault,
};

/// Why nothing, or not everything, was applied.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// What is wrong in the files; nothing was written.
    #[error("nothing was applied\n{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Refused(Vec<Refusal>),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A secret could not be sealed.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// A password could not be hashed.
    #[error(transparent)]
    Session(#[from] session::Error),
    /// The org unit was not taken.
    #[error("org_unit {0}: {1}")]
    Org(String, org::Error),
    /// The admin was not taken.
    #[error("admin {0}: {1}")]
    Admin(String, admin::Error),
    /// The manager was not taken.
    #[error("manager {0}: {1}")]
    Manager(String, manager::Error),
    /// A merchant's authorisation was not taken.
    #[error(transparent)]
    Authorization(#[from] authorization::Error),
    /// The form was not taken.
    #[error("form {0}: {1}")]
    Form(String, crate::form::Error),
}

const KEY_SHAPE: &str = "a key has 1 to 40 small letters, digits, - and _, and begins with a letter or digit";

fn is_key(key: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_');
    (1..=40).contains(&key.len()) && key.bytes().all(plain) && !key.starts_with(['-', '_'])
}

/// Applies set-up files: platform files first, whatever their order.
///
/// # Errors
/// [`Error::Refused`] before anything was written; else what kept the rest from being written.
pub async fn apply(app: &App, files: &[PathBuf]) -> Result<Report, Error> {
    let (platform, merchants) = read(files).map_err(Error::Refused)?;
    let stored = app.db.read(async |tx: &mut Tx<'_>| outside::load(tx).await).await?;
    let mut providers: BTreeMap<String, ChannelKind> =
        stored.iter().filter_map(|s| Some((s.name.clone(), s.channel?))).collect();
    providers.extend(platform.providers().map(|(name, kind)| (name.to_owned(), kind)));

    let mut refusals = Vec::new();
    let mut ready = Vec::new();
    for plan in merchants {
        match merchant::prepare(app, plan, &providers).await? {
            Ok(merchant) => ready.push(merchant),
            Err(found) => refusals.extend(found),
        }
    }
    if !refusals.is_empty() {
        return Err(Error::Refused(refusals));
    }
    let mut report = Report::default();
    platform.write(app, &stored, &mut report).await?;
    for merchant in ready {
        report.append(merchant.write(app).await?);
    }
    Ok(report)
}

/// Every file read and judged by itself, then against the others.
fn read(files: &[PathBuf]) -> Result<(PlatformPlan, Vec<MerchantPlan>), Vec<Refusal>> {
    let mut refusals = Vec::new();
    let (mut platform, mut merchants) = (PlatformPlan::default(), Vec::new());
    for path in files {
        match read_one(path) {
            Ok(Plan::Platform(plan)) => platform.rows.extend(plan.rows),
            Ok(Plan::Merchant(plan)) => merchants.push(*plan),
            Err(found) => refusals.extend(found),
        }
    }
    refusals.extend(merchant_plan::clashes(&merchants));
    if refusals.is_empty() { Ok((platform, merchants)) } else { Err(refusals) }
}

enum Plan {
    Platform(PlatformPlan),
    Merchant(Box<MerchantPlan>),
}

/// The tables in a file say what it is.
fn read_one(path: &std::path::Path) -> Result<Plan, Vec<Refusal>> {
    let one = |refusal| vec![refusal];
    let source = Source::read(path).map_err(one)?;
    let is_platform = source.has_table(platform_file::TABLES).map_err(one)?;
    let is_merchant = source.has_table(&["merchant"]).map_err(one)?;
    match (is_platform, is_merchant) {
        (true, false) => Ok(Plan::Platform(platform_file::plan(&source)?)),
        (false, true) => Ok(Plan::Merchant(Box::new(merchant_file::plan(source)?))),
        (true, true) => Err(one(source.whole("platform and merchant belong into two files"))),
        (false, false) => Err(one(source
            .whole("neither a platform nor a merchant: start from platform.example.toml or merchant.example.toml"))),
    }
}
