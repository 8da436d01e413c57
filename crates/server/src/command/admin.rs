//! What an operator does by hand.

use std::{path::Path, process::ExitCode};

use db::Tx;

use super::{
    Failure,
    open::{Opened, is_postgres},
    say,
};
use crate::{
    app::Shared,
    collection_code, manager, merchant, notification, outside,
    session::directory::{self, Kind},
    vault::Vault,
};

/// Old keys stay in the keyring until an operator takes them out: backups of the database still open.
pub(super) async fn rekey(opened: Opened) -> Result<ExitCode, Failure> {
    let Opened { config, db, clock, random } = opened;
    let is_new = !config.keyring.exists();
    let key = Vault::add_key(&config.keyring, &random)?;
    if is_new {
        say(&format!("+ keyring {} with key {key}: keep a copy apart from the database\n", config.keyring.display()))?;
    } else {
        say(&format!("+ key {key} in {}\n", config.keyring.display()))?;
    }
    let has_file = is_postgres(&config.database) || Path::new(&config.database).exists();
    // A database that was never migrated holds nothing sealed.
    if has_file && db::applied(&db).await.is_ok_and(|steps| !steps.is_empty()) {
        let vault = Vault::open(&config.keyring, random)?;
        let now_ms = clock.now_ms();
        let sealed = outside::rekey(&db, &vault, now_ms).await?
            + merchant::authorization::rekey(&db, &vault, now_ms).await?
            + notification::rekey(&db, &vault).await?;
        return say(&format!("~ {sealed} secrets sealed with it\n"));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn collection_code(opened: Opened, typed: &str) -> Result<ExitCode, Failure> {
    let mobile = manager::mobile(typed).ok_or_else(|| format!("{typed} is no mobile number: type its 11 digits"))?;
    let wanted = mobile.clone();
    let found = opened
        .db
        .read(async move |tx: &mut Tx<'_>| directory::find(tx, Kind::ManagerMobile, &wanted).await)
        .await?
        .ok_or_else(|| format!("no manager has the mobile {mobile}: register one first"))?;
    let issue = async |app: Shared| collection_code::default_code(&app, found.merchant_id, found.person_id, None).await;
    let screen = opened.with_app(issue).await??;
    say(&format!("{}\n", screen.code.url))
}
