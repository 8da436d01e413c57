//! An org unit as a set-up file wants it.

use db::{Tx, params};

use super::{Error, list, sql};
use crate::merchant::{self, UnitChannel};

/// What a set-up file says of an org unit.
#[derive(Clone, Copy, Debug)]
pub struct PutOrgUnit<'a> {
    /// Whose merchant.
    pub merchant_id: i64,
    /// A minted id, used where the unit is new.
    pub new_id: i64,
    /// What identifies it in the file.
    pub key: &'a str,
    /// The unit above it.
    pub parent_id: Option<i64>,
    /// Its name.
    pub name: &'a str,
    /// Its own accounts at institutions, or that it has none; what it does not name it inherits.
    pub channels: &'a [UnitChannel],
}

/// What a put did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Put {
    /// The id of the row, new or not.
    pub id: i64,
    /// Whether it is new.
    pub created: bool,
    /// Which properties of an existing row changed.
    pub changed: Vec<&'static str>,
}

impl Put {
    /// Whether anything was written.
    pub fn is_change(&self) -> bool {
        self.created || !self.changed.is_empty()
    }

    pub(crate) fn created(id: i64) -> Put {
        Put { id, created: true, changed: Vec::new() }
    }

    /// The names of the properties that differ.
    pub(crate) fn compared<const N: usize>(id: i64, differ: [(&'static str, bool); N]) -> Put {
        let changed = differ.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect();
        Put { id, created: false, changed }
    }
}

/// Makes an org unit or brings it up to date, found by its key. The same file twice changes nothing.
///
/// # Errors
/// [`Error::NoParent`] and [`Error::Cycle`]; the refusals of the database.
pub async fn put_org_unit(tx: &mut Tx<'_>, unit: &PutOrgUnit<'_>, now_ms: i64) -> Result<Put, Error> {
    let PutOrgUnit { merchant_id, new_id, key, parent_id, name, channels } = *unit;
    let found = tx.query_opt(sql::BY_KEY, params![merchant_id, key]).await?;
    let id = found.as_ref().map_or(Ok(new_id), |row| row.get(0))?;
    if let Some(parent_id) = parent_id {
        if list::scope(tx, merchant_id, parent_id).await?.is_empty() {
            return Err(Error::NoParent);
        }
        if parent_id == id || (found.is_some() && list::scope(tx, merchant_id, id).await?.contains(&parent_id)) {
            return Err(Error::Cycle);
        }
    }
    let Some(row) = found else {
        tx.execute(sql::INSERT, params![merchant_id, id, key, parent_id, name, now_ms]).await?;
        merchant::put_unit_channels(tx, merchant_id, id, channels).await?;
        return Ok(Put::created(id));
    };
    let accounts_differ = merchant::put_unit_channels(tx, merchant_id, id, channels).await?;
    let put = Put::compared(
        id,
        [
            ("parent", row.get::<Option<i64>>(1)? != parent_id),
            ("name", row.get::<String>(2)? != name),
            ("accounts", accounts_differ),
        ],
    );
    if put.is_change() {
        tx.execute(sql::UPDATE, params![merchant_id, id, parent_id, name, now_ms]).await?;
        // Money of the unit may now go to another account, which every kept page knows.
        merchant::touch_pages(tx, merchant_id, now_ms).await?;
    }
    Ok(put)
}
