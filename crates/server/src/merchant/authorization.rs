//! A merchant's leave to act for it (Alipay's `app_auth_token`): sealed, and kept by the number that it was given for,
//! so that an attempt of yesterday is still asked about with the leave of the merchant it was made for, whatever
//! account the file names today.

use channel::Secret;
use db::{Db, Error as DbError, Key, Tx, params};

use super::sql;
use crate::vault::{self, Vault};

/// What a leave is sealed for: it opens for no other number.
fn purpose(merchant_id: i64, provider_key: &str, sub_mchid: &str) -> String {
    format!("authorization:{merchant_id}:{provider_key}:{sub_mchid}")
}

/// Why a leave could not be sealed again.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
    /// It cannot be opened or sealed.
    #[error("authorisation of {sub_mchid}: {why}")]
    Vault {
        /// Whose.
        sub_mchid: String,
        /// Why.
        why: vault::Error,
    },
}

/// Opens a stored leave.
///
/// # Errors
/// When it cannot be opened.
pub fn open(
    vault: &Vault,
    merchant_id: i64,
    provider_key: &str,
    sub_mchid: &str,
    sealed: &[u8],
) -> Result<Secret, vault::Error> {
    let plain = vault.open_sealed(&purpose(merchant_id, provider_key, sub_mchid), sealed)?;
    String::from_utf8(plain).map(Secret).map_err(|_| vault::Error::Broken)
}

/// The leave that was given for a number, sealed, where there is one.
///
/// # Errors
/// The refusals of the database.
pub async fn find(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    provider_key: &str,
    sub_mchid: &str,
) -> Result<Option<Vec<u8>>, DbError> {
    let row = tx.query_opt(sql::AUTHORIZATION, params![merchant_id, provider_key, sub_mchid]).await?;
    row.map(|row| row.get(0)).transpose()
}

/// Stores a leave, sealed; false where the same one is stored already.
///
/// # Errors
/// When it cannot be sealed, or the database refuses.
pub async fn put(
    tx: &mut Tx<'_>,
    vault: &Vault,
    key: (i64, &str, &str),
    leave: &Secret,
    now_ms: i64,
) -> Result<bool, Error> {
    let (merchant_id, provider_key, sub_mchid) = key;
    let named = |why| Error::Vault { sub_mchid: sub_mchid.to_owned(), why };
    if let Some(sealed) = find(tx, merchant_id, provider_key, sub_mchid).await? {
        // One that cannot be opened any more is replaced like one that changed.
        if open(vault, merchant_id, provider_key, sub_mchid, &sealed).is_ok_and(|old| old == *leave) {
            return Ok(false);
        }
    }
    let purpose = purpose(merchant_id, provider_key, sub_mchid);
    let sealed = vault.seal(&purpose, leave.0.as_bytes()).map_err(named)?;
    tx.execute(sql::PUT_AUTHORIZATION, params![merchant_id, provider_key, sub_mchid, &sealed, now_ms]).await?;
    Ok(true)
}

/// Seals every leave that is under an old key with the newest one (`mott admin rekey`). Says how many.
///
/// # Errors
/// When one cannot be opened, or the database refuses.
pub async fn rekey(db: &Db, vault: &Vault, now_ms: i64) -> Result<usize, Error> {
    let rows = db.read(async |tx: &mut Tx<'_>| tx.query(sql::AUTHORIZATIONS, &[]).await).await?;
    let mut done = 0;
    for row in rows {
        let (merchant_id, provider_key, sub_mchid): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let sealed: Vec<u8> = row.get(3)?;
        if !vault.is_old(&sealed) {
            continue;
        }
        let named = |why| Error::Vault { sub_mchid: sub_mchid.clone(), why };
        let leave = open(vault, merchant_id, &provider_key, &sub_mchid, &sealed).map_err(named)?;
        let again = vault.seal(&purpose(merchant_id, &provider_key, &sub_mchid), leave.0.as_bytes()).map_err(named)?;
        let write = async move |tx: &mut Tx<'_>| {
            let values = params![merchant_id, &provider_key, &sub_mchid, &again, now_ms, &sealed];
            tx.execute(sql::RESEAL_AUTHORIZATION, values).await
        };
        db.write(Key::of(("authorization", merchant_id)), write).await?;
        done += 1;
    }
    Ok(done)
}
