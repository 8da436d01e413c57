//! The tenant: one legal entity that signed with a payment institution (特约商户).

mod account;
mod sql;

pub use account::{ChannelAccount, Way, account_of, account_of_unit};

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
