//! 收款码: what a manager shows and a payer scans.
//!
//! ```text
//!            issue                     refresh                        three hours, or 立即作废
//!   (none) ─────────► live (default) ─────────► superseded until T+3h ─────────────────────► dead
//!                       ▲                          │
//!                       └──────────── undo ────────┘   (the newer code then ends)
//! ```
//!
//! A token carries its merchant (`c<merchant>-<random>`), so that any request knows its merchant before its first
//! query. Refreshing touches the default code only (PRODUCT 3.2).

mod http_manager;
mod issue;
mod lifecycle;
mod put;
mod refresh;
mod scan;
mod screen;
mod sql;
#[cfg(test)]
mod tests;

pub use http_manager::router;
pub use issue::{Draft, default_code};
pub use lifecycle::{Standing, standing};
pub use put::{PutCode, PutExtra, put_extra};
pub use scan::{Scans, flush_scans};
pub use screen::{Code, CodeScreen};
pub use sql::FIND;

use db::{Error as DbError, Tx, params};

use crate::{
    session,
    web::{Problem, Words},
};

/// How long a replaced code lives after the refresh that replaced it.
pub const GRACE_MS: i64 = 3 * crate::clock::HOUR_MS;

/// A code with what the payer's page needs to know around it.
#[derive(Clone, Debug)]
pub struct FoundCode {
    /// Its id.
    pub code_id: i64,
    /// What is printed under it, `A3-0172`.
    pub short_id: String,
    /// Its name on the manager's screen.
    pub name: String,
    /// Whose code it is.
    pub manager_id: i64,
    /// The manager's name.
    pub manager_name: String,
    /// Whether the manager may still collect.
    pub manager_active: bool,
    /// Where orders made through it belong: where its manager belongs now, not where the code was issued.
    pub org_unit_id: i64,
    /// The form it asks for.
    pub form_id: i64,
    /// The company's full registered name.
    pub merchant_full_name: String,
    /// The company's short name, for wallets.
    pub merchant_short_name: String,
    /// `live`, `superseded` or `ended`.
    pub state: String,
    /// When it dies, if it does.
    pub expires_at_ms: Option<i64>,
    /// The state of the merchant's pages that this was read with.
    pub pages_epoch: i64,
}

/// What goes wrong with codes.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] DbError),
    /// The manager's session.
    #[error(transparent)]
    Session(#[from] session::Error),
    /// No such code of this manager, or it is over already.
    #[error("no such living code")]
    Gone,
    /// There is nothing to undo: the older code is over, or another refresh came between.
    #[error("the refresh cannot be undone any more")]
    NothingToUndo,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Db(e) => e.into(),
            Error::Session(e) => e.into(),
            Error::Gone => Problem::not_found(),
            Error::NothingToUndo => Problem::new(Words {
                status: 409,
                code: "code.nothing_to_undo",
                title: ("无法撤销刷新", "The refresh cannot be undone"),
                detail: ("旧码已失效，请继续使用当前收款码。", "The older code is over; go on with the present one."),
            }),
        }
    }
}

/// The merchant in a code's or order's token.
pub fn merchant_of_token(kind: char, token: &str) -> Option<i64> {
    let (merchant, secret) = token.strip_prefix(kind)?.split_once('-')?;
    let sound = (1..=9).contains(&merchant.len()) && !secret.is_empty() && secret.len() <= 40;
    let plain = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric());
    (sound && plain(merchant) && plain(secret)).then(|| merchant.parse().ok()).flatten()
}

/// Finds a code by its token, whatever its state.
///
/// # Errors
/// The refusals of the database.
pub async fn find(tx: &mut Tx<'_>, merchant_id: i64, token: &str) -> Result<Option<FoundCode>, DbError> {
    let Some(row) = tx.query_opt(sql::FIND, params![merchant_id, token]).await? else { return Ok(None) };
    Ok(Some(FoundCode {
        code_id: row.get(0)?,
        short_id: row.get(1)?,
        name: row.get(2)?,
        manager_id: row.get(3)?,
        manager_name: row.get(4)?,
        manager_active: row.get::<String>(5)? == "active",
        org_unit_id: row.get(6)?,
        form_id: row.get(7)?,
        merchant_full_name: row.get(8)?,
        merchant_short_name: row.get(9)?,
        state: row.get(10)?,
        expires_at_ms: row.get(11)?,
        pages_epoch: row.get(12)?,
    }))
}
