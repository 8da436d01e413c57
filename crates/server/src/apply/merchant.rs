//! A merchant's plan against the database: what needs it is judged first, passwords are hashed, then everything is
//! written in one transaction.

use std::collections::{BTreeMap, HashSet};

use db::{Error as DbError, Tx, params};

use super::{
    Error,
    merchant_plan::{AdminPlan, ManagerPlan, MerchantPlan},
    report::Report,
    source::Refusal,
    sql,
};
use crate::{
    App,
    collection_code::Draft,
    merchant::ChannelKind,
    notification,
    session::{
        directory::{self, Kind},
        password,
    },
};

mod write;

/// A plan that the database has nothing against.
pub(super) struct Ready {
    plan: MerchantPlan,
    admins: Vec<ReadyAdmin>,
    managers: Vec<ReadyManager>,
    /// What each code of the plan is called should it be new.
    drafts: Vec<Draft>,
    public_url: String,
}

struct ReadyAdmin {
    plan: AdminPlan,
    new_id: i64,
    /// Of a new admin.
    password_hash: Option<String>,
    /// Where the file gave none.
    generated: Option<String>,
}

struct ReadyManager {
    plan: ManagerPlan,
    new_id: i64,
    mail_id: i64,
    event_id: i64,
    /// Hash and mail's copy of a new manager's password.
    password: Option<(String, Vec<u8>)>,
}

/// Asks the database what the file alone cannot answer, and hashes the passwords of whoever is new.
pub(super) async fn prepare(
    app: &App,
    mut plan: MerchantPlan,
    providers: &BTreeMap<String, ChannelKind>,
) -> Result<Result<Ready, Vec<Refusal>>, Error> {
    let mut refusals = choose_providers(&mut plan, providers);
    let asked = plan.clone();
    let known = app.db.read(async move |tx: &mut Tx<'_>| known(tx, &asked).await).await?;
    refusals.extend(known.refusals);
    if !refusals.is_empty() {
        return Ok(Err(refusals));
    }
    // A new merchant's number is not known yet: it is put into the token when the code is written.
    let drafts = plan.codes.iter().map(|_| Draft::new(app)).collect();
    let public_url = app.config.public_url.clone();
    let mut ready = Ready { admins: Vec::new(), managers: Vec::new(), drafts, public_url, plan };
    for plan in ready.plan.admins.clone() {
        let is_new = !known.logins.contains(&plan.login);
        let generated = (is_new && plan.password.is_none()).then(|| password::generate(&app.random));
        let first = generated.as_ref().or(plan.password.as_ref()).filter(|_| is_new);
        let password_hash = match first {
            Some(first) => Some(password::hash(&app.random, first).await?),
            None => None,
        };
        ready.admins.push(ReadyAdmin { plan, new_id: app.ids.mint(), password_hash, generated });
    }
    for plan in ready.plan.managers.clone() {
        let (new_id, mail_id, event_id) = (app.ids.mint(), app.ids.mint(), app.ids.mint());
        let password = if known.mobiles.contains(&plan.mobile) {
            None
        } else {
            let first = plan.password.clone().unwrap_or_else(|| password::generate(&app.random));
            let sealed = notification::seal_password(&app.vault, &first)?;
            Some((password::hash(&app.random, &first).await?, sealed))
        };
        ready.managers.push(ReadyManager { plan, new_id, mail_id, event_id, password });
    }
    Ok(Ok(ready))
}

/// An account that names no provider goes through the only one of its institution.
fn choose_providers(plan: &mut MerchantPlan, providers: &BTreeMap<String, ChannelKind>) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for account in &mut plan.accounts {
        let word = account.channel.word();
        let fitting: Vec<&String> =
            providers.iter().filter(|(_, kind)| **kind == account.channel).map(|(name, _)| name).collect();
        let names = || fitting.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(", ");
        let why = match &account.provider {
            Some(named) if fitting.contains(&named) => continue,
            Some(named) if fitting.is_empty() => {
                format!("no service provider for {word} is set up, so none is named {named}")
            }
            Some(named) => format!("no service provider for {word} is named {named}; there is: {}", names()),
            None if fitting.len() == 1 => {
                account.provider = fitting.first().map(|name| name.to_string());
                continue;
            }
            None if fitting.is_empty() => {
                format!(
                    "no service provider for {word} is set up: apply a platform.toml with such a [[service_provider]] first"
                )
            }
            None => format!("say which provider it goes through: provider = one of {}", names()),
        };
        refusals.push(plan.source.at_line(account.line, why));
    }
    refusals
}

/// What the database knows of a plan.
struct Known {
    refusals: Vec<Refusal>,
    /// Logins that this merchant's admins have already.
    logins: HashSet<String>,
    /// Mobiles that this merchant's managers have already.
    mobiles: HashSet<String>,
}

async fn known(tx: &mut Tx<'_>, plan: &MerchantPlan) -> Result<Known, DbError> {
    let merchant = tx.query_opt(sql::MERCHANT, params![&plan.key]).await?;
    // No merchant has the id 0: everything found belongs to somebody else.
    let mine: i64 = merchant.map_or(Ok(0), |row| row.get(0))?;
    let mut known = Known { refusals: Vec::new(), logins: HashSet::new(), mobiles: HashSet::new() };
    for account in &plan.accounts {
        let number = params![account.channel.word(), &account.sub_mchid, mine];
        if let Some(row) = tx.query_opt(sql::SUB_MCHID_ELSEWHERE, number).await? {
            let why = format!(
                "{} {} belongs to the merchant {}: money must reach the company whose contract it is",
                account.number_name(),
                account.sub_mchid,
                row.get::<String>(0)?
            );
            known.refusals.push(plan.source.at_line(account.line, why));
        }
        let stored = tx.query_opt(sql::ACCOUNT_CHANNEL, params![mine, &account.key]).await?;
        let channel: Option<String> = stored.map(|row| row.get(0)).transpose()?;
        if let Some(channel) = channel.filter(|channel| channel != account.channel.word()) {
            let why = format!("channel_account {} is one of {channel}: give this one a key of its own", account.key);
            known.refusals.push(plan.source.at_line(account.line, why));
        }
    }
    for admin in &plan.admins {
        match directory::find(tx, Kind::AdminLogin, &admin.login.to_lowercase()).await? {
            None => {}
            Some(holder) if holder.merchant_id == mine => drop(known.logins.insert(admin.login.clone())),
            Some(_) => {
                let why = format!("another merchant's admin has the login {}: choose a different one", admin.login);
                known.refusals.push(plan.source.at_line(admin.line, why));
            }
        }
    }
    for manager in &plan.managers {
        let Some(holder) = directory::find(tx, Kind::ManagerMobile, &manager.mobile).await? else { continue };
        if holder.merchant_id == mine {
            known.mobiles.insert(manager.mobile.clone());
            continue;
        }
        let state = tx.query_opt(sql::MANAGER_STATE, params![holder.merchant_id, holder.person_id]).await?;
        let state: Option<String> = state.map(|row| row.get(0)).transpose()?;
        if state.as_deref() == Some("active") {
            let why = format!("an active manager of another merchant has the mobile {}", manager.mobile);
            known.refusals.push(plan.source.at_line(manager.line, why));
        }
    }
    Ok(known)
}
