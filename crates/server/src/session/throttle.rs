//! Failed logins slow down, then lock, per account and per address (PRODUCT 3.1). An attempt counts as a failure from
//! its start until it has proved otherwise, so that a hundred guesses at once are not a hundred free ones.

use std::net::IpAddr;

use db::{Key, Tx, params};

use super::{
    Error,
    lifecycle::{self, FORGET_MS, Subject},
    sql,
};
use crate::{App, web::source_of};

/// An attempt that is under way.
#[derive(Clone, Debug)]
pub struct Attempt {
    account: String,
    address: String,
    /// Until when the next one must wait if this one fails.
    pub retry_at_ms: Option<i64>,
}

/// Begins an attempt. `account` names the account whether it exists or not.
///
/// # Errors
/// [`Error::Throttled`] while account or address has to wait.
pub async fn begin(app: &App, account: String, address: IpAddr) -> Result<Attempt, Error> {
    let now_ms = app.clock.now_ms();
    let address = format!("ip:{}", source_of(address));
    let key = Key::of(("login", &account));
    app.db
        .write(key, async move |tx: &mut Tx<'_>| {
            let mine = reserve(tx, &account, Subject::Account, now_ms).await?;
            let shared = reserve(tx, &address, Subject::Address, now_ms).await?;
            let retry_at_ms = Some(mine.max(shared)).filter(|at_ms| *at_ms > now_ms);
            Ok(Attempt { account: account.clone(), address: address.clone(), retry_at_ms })
        })
        .await
}

/// The attempt proved that it knew the password: it was no failure.
///
/// # Errors
/// The refusals of the database.
pub async fn forgive(app: &App, attempt: Attempt) -> Result<(), db::Error> {
    let key = Key::of(("login", &attempt.account));
    app.db
        .write(key, async move |tx: &mut Tx<'_>| {
            tx.execute(sql::FORGIVE_ACCOUNT, params![&attempt.account]).await?;
            tx.execute(sql::FORGIVE_ADDRESS, params![&attempt.address]).await.map(drop)
        })
        .await
}

/// Forgets what is long over, so that the table does not grow.
///
/// # Errors
/// The refusals of the database.
pub async fn sweep(app: &App) -> Result<u64, db::Error> {
    let before_ms = app.clock.now_ms() - FORGET_MS;
    app.db
        .write(Key::of("login sweep"), async move |tx: &mut Tx<'_>| tx.execute(sql::SWEEP, params![before_ms]).await)
        .await
}

/// Counts one failure and says until when the next attempt waits.
async fn reserve(tx: &mut Tx<'_>, subject: &str, kind: Subject, now_ms: i64) -> Result<i64, Error> {
    let counted = tx.query_opt(sql::RESERVE, params![subject, now_ms, now_ms - FORGET_MS]).await?;
    let Some(row) = counted else {
        let row = tx.query_one(sql::WAITING, params![subject]).await?;
        let locked = lifecycle::is_locked(kind, row.get(0)?);
        return Err(Error::Throttled { retry_at_ms: row.get(1)?, locked });
    };
    let until_ms = now_ms + lifecycle::wait_ms(kind, row.get(0)?);
    tx.execute(sql::WAIT_UNTIL, params![subject, until_ms]).await?;
    Ok(until_ms)
}
