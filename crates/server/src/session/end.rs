//! Ends sessions: the manager logs out, or something happened after which no old session may go on.

use db::{Key, Tx, params};

use super::{Error, authenticate::merchant_of_token, sql};
use crate::{App, live, vault::token_hash};

/// Ends a manager's session in the transaction that disables, unbinds or changes the password (PRODUCT 3.1), and tells
/// the open screen. `event_id` is minted before the transaction.
///
/// # Errors
/// The refusals of the database.
pub async fn end_of_manager(
    tx: &mut Tx<'_>,
    event_id: i64,
    merchant_id: i64,
    manager_id: i64,
    now_ms: i64,
) -> Result<(), db::Error> {
    let Some(row) = tx.query_opt(sql::END_OF_MANAGER, params![merchant_id, manager_id, now_ms]).await? else {
        return Ok(());
    };
    live::tell_session(tx, event_id, merchant_id, manager_id, row.get(0)?).await
}

/// Logs out. An expired session ends as well; of one that is over already nothing is left to do.
pub(super) async fn logout(app: &App, token: &str) -> Result<(), Error> {
    let Some(merchant_id) = merchant_of_token(token) else { return Ok(()) };
    let (hash, now_ms, event_id) = (token_hash(token), app.clock.now_ms(), app.ids.mint());
    app.db
        .write(Key::of(&hash), async move |tx: &mut Tx<'_>| {
            match tx.query_opt(sql::END_BY_TOKEN, params![merchant_id, &hash, now_ms]).await? {
                Some(row) => Ok(live::tell_session(tx, event_id, merchant_id, row.get(1)?, row.get(0)?).await?),
                None => Ok(()),
            }
        })
        .await
}
