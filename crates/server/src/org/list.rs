use db::{Error, Tx, params};

use super::sql;

/// A node of a merchant's tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrgUnit {
    /// Its id.
    pub org_unit_id: i64,
    /// The unit above it.
    pub parent_id: Option<i64>,
    /// Its name.
    pub name: String,
}

/// A unit and everything below it, oldest first.
///
/// # Errors
/// The refusals of the database.
pub async fn list(tx: &mut Tx<'_>, merchant_id: i64, org_unit_id: i64) -> Result<Vec<OrgUnit>, Error> {
    let rows = tx.query(sql::LIST, params![merchant_id, org_unit_id]).await?;
    rows.iter().map(|row| Ok(OrgUnit { org_unit_id: row.get(0)?, parent_id: row.get(1)?, name: row.get(2)? })).collect()
}

/// Whether nothing stands above a unit: who manages it manages the whole merchant.
///
/// # Errors
/// The refusals of the database.
pub async fn is_root(tx: &mut Tx<'_>, merchant_id: i64, org_unit_id: i64) -> Result<bool, Error> {
    let Some(row) = tx.query_opt(sql::PARENT, params![merchant_id, org_unit_id]).await? else { return Ok(false) };
    Ok(row.get::<Option<i64>>(0)?.is_none())
}

/// The ids of a unit and everything below it: what an admin of that unit may see (PRODUCT 1).
///
/// # Errors
/// The refusals of the database.
pub async fn scope(tx: &mut Tx<'_>, merchant_id: i64, org_unit_id: i64) -> Result<Vec<i64>, Error> {
    Ok(list(tx, merchant_id, org_unit_id).await?.into_iter().map(|unit| unit.org_unit_id).collect())
}
