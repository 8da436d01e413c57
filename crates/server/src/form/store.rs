//! Forms in the database. A version, once written, is never changed: orders point to it.

use db::{Row, Tx, params};

use super::{definition::Definition, sql};

/// A form, without what it asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Its id.
    pub form_id: i64,
    /// Its key in the merchant's file.
    pub key: String,
    /// Its name for admins.
    pub name: String,
    /// Its newest version.
    pub version: i64,
    /// Who wrote that version.
    pub updated_by: String,
    /// When, UTC milliseconds.
    pub updated_at_ms: i64,
}

/// What a form asks, in one of its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormVersion {
    /// Whose.
    pub form_id: i64,
    /// Which, from 1.
    pub version: i64,
    /// What it asks.
    pub definition: Definition,
}

/// A form to be made.
#[derive(Clone, Debug)]
pub struct NewForm<'a> {
    /// A minted id.
    pub form_id: i64,
    /// Unique in the merchant.
    pub key: &'a str,
    /// Its name for admins.
    pub name: &'a str,
    /// Its first version, checked.
    pub definition: &'a Definition,
    /// Who makes it.
    pub by: &'a str,
}

/// Why a version was not saved.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// There is no such form.
    #[error("no such form")]
    Missing,
    /// Somebody else saved a version first.
    #[error("somebody else saved a version first")]
    Stale,
    /// The admin manages a part of the merchant only.
    #[error("only admins of the merchant's top org unit change its forms")]
    NotRoot,
}

/// A page that is open when its form changes may be submitted this much later (PRODUCT 4).
pub const OPEN_PAGE_MS: i64 = 3 * crate::clock::HOUR_MS;

/// What a form asks: in `version`, or in its newest one.
///
/// # Errors
/// The refusals of the database.
pub async fn load(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    form_id: i64,
    version: Option<i64>,
) -> Result<Option<FormVersion>, db::Error> {
    let row = match version {
        Some(version) => tx.query_opt(sql::LOAD_VERSION, params![merchant_id, form_id, version]).await?,
        None => tx.query_opt(sql::LOAD_LATEST, params![merchant_id, form_id]).await?,
    };
    row.map(|row| {
        Ok(FormVersion { form_id: row.get(0)?, version: row.get(1)?, definition: read(&row.get::<String>(2)?)? })
    })
    .transpose()
}

/// What a form asks of a payer whose page shows `version`: that version while pages with it may still be open
/// ([`OPEN_PAGE_MS`] after it was replaced), else the newest one. A payer cannot choose last year's price.
///
/// # Errors
/// The refusals of the database.
pub async fn load_open(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    form_id: i64,
    version: Option<i64>,
    now_ms: i64,
) -> Result<Option<FormVersion>, db::Error> {
    let Some(version) = version.filter(|version| (1..i64::MAX).contains(version)) else {
        return load(tx, merchant_id, form_id, None).await;
    };
    let replaced = tx.query_opt(sql::REPLACED_AT, params![merchant_id, form_id, version]).await?;
    let replaced_at_ms: Option<i64> = replaced.map(|row| row.get(0)).transpose()?;
    let open = replaced_at_ms.is_none_or(|at_ms| now_ms - at_ms < OPEN_PAGE_MS);
    let shown = if open { load(tx, merchant_id, form_id, Some(version)).await? } else { None };
    if shown.is_some() { Ok(shown) } else { load(tx, merchant_id, form_id, None).await }
}

/// One form.
///
/// # Errors
/// The refusals of the database.
pub async fn get(tx: &mut Tx<'_>, merchant_id: i64, form_id: i64) -> Result<Option<Form>, db::Error> {
    tx.query_opt(sql::GET, params![merchant_id, form_id]).await?.as_ref().map(form).transpose()
}

/// Every form of a merchant, in the order they were made.
///
/// # Errors
/// The refusals of the database.
pub async fn list(tx: &mut Tx<'_>, merchant_id: i64) -> Result<Vec<Form>, db::Error> {
    tx.query(sql::LIST, params![merchant_id]).await?.iter().map(form).collect()
}

/// Makes a form with its first version.
///
/// # Errors
/// [`db::Error::Unique`] when the key is taken; the other refusals of the database.
pub async fn create(tx: &mut Tx<'_>, merchant_id: i64, new: &NewForm<'_>, now_ms: i64) -> Result<(), db::Error> {
    tx.execute(sql::INSERT, params![merchant_id, new.form_id, new.key, new.name, new.by, now_ms]).await?;
    insert_version(tx, merchant_id, new.form_id, 1, new.definition, now_ms).await
}

/// Writes the version after `base_version` and says its number. Orders and open pages keep theirs.
///
/// # Errors
/// [`Error::Stale`] when `base_version` is not the newest.
pub async fn save_version(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    form_id: i64,
    base_version: i64,
    definition: &Definition,
    by: &str,
    now_ms: i64,
) -> Result<i64, Error> {
    let moved = tx.execute(sql::NEXT_VERSION, params![merchant_id, form_id, base_version, by, now_ms]).await?;
    if moved == 0 {
        return Err(if get(tx, merchant_id, form_id).await?.is_some() { Error::Stale } else { Error::Missing });
    }
    insert_version(tx, merchant_id, form_id, base_version + 1, definition, now_ms).await?;
    Ok(base_version + 1)
}

async fn insert_version(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    form_id: i64,
    version: i64,
    definition: &Definition,
    now_ms: i64,
) -> Result<(), db::Error> {
    let text = serde_json::to_string(definition).map_err(|e| db::Error::Statement(e.to_string()))?;
    tx.execute(sql::INSERT_VERSION, params![merchant_id, form_id, version, &text, now_ms]).await.map(drop)
}

fn form(row: &Row) -> Result<Form, db::Error> {
    Ok(Form {
        form_id: row.get(0)?,
        key: row.get(1)?,
        name: row.get(2)?,
        version: row.get(3)?,
        updated_by: row.get(4)?,
        updated_at_ms: row.get(5)?,
    })
}

fn read(text: &str) -> Result<Definition, db::Error> {
    serde_json::from_str(text).map_err(|_| db::Error::Column { column: 2, wanted: "a form definition" })
}
