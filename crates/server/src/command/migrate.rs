//! `mott migrate`: a database that this program can work with, and the keyring that a new one needs.

use std::process::ExitCode;

use db::Tx;

use super::{Failure, open::Opened, say};
use crate::{outside, vault::Vault};

pub(super) async fn migrate(opened: Opened) -> Result<ExitCode, Failure> {
    let ran = opened.migrate().await?;
    let mut text: String = ran.iter().map(|name| format!("+ {name}\n")).collect();
    let keyring = &opened.config.keyring;
    if !keyring.exists() {
        let sealed = opened.db.read(async |tx: &mut Tx<'_>| outside::load(tx).await).await?;
        if sealed.is_empty() {
            let key = Vault::add_key(keyring, &opened.random)?;
            text += &format!("+ keyring {} with key {key}: keep a copy apart from the database\n", keyring.display());
        } else {
            // A new key would hide that the secrets cannot be opened any more.
            tracing::warn!(keyring = %keyring.display(), "the database holds sealed secrets: put their keyring there");
        }
    }
    say(if text.is_empty() { "= nothing to do\n" } else { &text })
}
