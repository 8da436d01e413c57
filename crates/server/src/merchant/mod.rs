//! The tenant: one legal entity that signed with payment institutions (特约商户), its accounts there, and which of them
//! each org unit collects to.
//!
//! ```text
//!  org_unit ── unit_channel (unit, institution) ──► channel_account (sub_mchid or seller id, ways, checklist)
//!     │ parent: what a unit does not say is          │ provider_key ──► service_provider
//!     ▼ said by the nearest unit above it            └ channel_authorization, sealed, by (provider, number)
//! ```
//!
//! An order belongs to an org unit; which account takes the money is decided when a payment begins, by the wallet.

mod account;
pub mod authorization;
mod checklist;
mod kind;
mod sql;
#[cfg(test)]
mod tests;

pub use account::{ChannelAccount, UnitChannel, Way, accounts_of_unit, put_unit_channels, way_words};
pub use checklist::Checklist;
pub use kind::ChannelKind;

use db::{Error, Tx, params};

/// Says that something on the merchant's payer's pages changed: every node drops its kept pages within a second.
///
/// # Errors
/// The refusals of the database.
pub async fn touch_pages(tx: &mut Tx<'_>, merchant_id: i64, now_ms: i64) -> Result<(), Error> {
    tx.execute(sql::TOUCH_PAGES, params![merchant_id, now_ms]).await.map(drop)
}

/// The present state of every merchant's pages: `(merchant_id, epoch)`.
///
/// # Errors
/// The refusals of the database.
pub async fn page_epochs(tx: &mut Tx<'_>) -> Result<Vec<(i64, i64)>, Error> {
    tx.query(sql::PAGE_EPOCHS, &[]).await?.iter().map(|row| Ok((row.get(0)?, row.get(1)?))).collect()
}
