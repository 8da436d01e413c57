//! Mails as rows: queued with the change that they follow, withdrawn when another one takes their place.

use db::{Db, Error, Key, Tx, params};
use jobs::NewJob;

use super::{SEND_MAIL, sql};
use crate::vault::{self, Vault};

/// What a first password is sealed for.
pub(super) const PURPOSE: &str = "mail";
/// Why a mail that was still queued is not sent.
const WITHDRAWN: &str = "已改寄到新的地址";

/// A mail to a manager.
#[derive(Clone, Copy, Debug)]
pub struct NewMail<'a> {
    /// Whose merchant.
    pub merchant_id: i64,
    /// A minted id.
    pub mail_id: i64,
    /// To whom.
    pub manager_id: i64,
    /// To which address.
    pub to: &'a str,
    /// The first password, sealed; without it the mail says that the present one holds.
    pub sealed_password: Option<&'a [u8]>,
}

/// Seals a first password for its mail.
///
/// # Errors
/// When the keyring is unusable.
pub fn seal_password(vault: &Vault, password: &str) -> Result<Vec<u8>, vault::Error> {
    vault.seal(PURPOSE, password.as_bytes())
}

/// Queues a mail and the job that sends it.
///
/// # Errors
/// The refusals of the database.
pub async fn queue_mail(tx: &mut Tx<'_>, mail: &NewMail<'_>, now_ms: i64) -> Result<(), Error> {
    let NewMail { merchant_id, mail_id, manager_id, to, sealed_password } = *mail;
    tx.execute(sql::QUEUE, params![merchant_id, mail_id, manager_id, to, sealed_password, now_ms]).await?;
    let job = NewJob { merchant_id, kind: SEND_MAIL, key: &mail_id.to_string(), payload: "", due_at_ms: now_ms };
    jobs::enqueue(tx, &job, now_ms).await.map(drop)
}

/// Keeps a manager's queued mail from being sent and wipes what waits in any; gives the waiting password back, sealed.
///
/// # Errors
/// The refusals of the database.
pub async fn withdraw_mail(
    tx: &mut Tx<'_>,
    merchant_id: i64,
    manager_id: i64,
    now_ms: i64,
) -> Result<Option<Vec<u8>>, Error> {
    let waiting = tx.query_opt(sql::WAITING, params![merchant_id, manager_id]).await?;
    tx.execute(sql::WITHDRAW, params![merchant_id, manager_id, now_ms, WITHDRAWN]).await?;
    waiting.map(|row| row.get(0)).transpose()
}

/// Why what waits could not be sealed anew.
#[derive(Debug, thiserror::Error)]
pub enum RekeyError {
    /// The database refused.
    #[error(transparent)]
    Db(#[from] Error),
    /// A password or a text could not be opened or sealed.
    #[error("{what} {id}: {why}")]
    Vault {
        /// `mail` or `sms`.
        what: &'static str,
        /// Which one.
        id: i64,
        /// Why.
        why: vault::Error,
    },
}

/// Seals every password and text that waits under an old key with the newest one (`mott admin rekey`). Says how many.
///
/// # Errors
/// When one cannot be opened, or the database refuses.
pub async fn rekey(db: &Db, vault: &Vault) -> Result<usize, RekeyError> {
    let mut done = super::short_message::rekey(db, vault).await?;
    for row in db.read::<_, Error, _>(async |tx: &mut Tx<'_>| tx.query(sql::SEALED, &[]).await).await? {
        let (merchant_id, mail_id, old): (i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if !vault.is_old(&old) {
            continue;
        }
        let named = |why| RekeyError::Vault { what: "mail", id: mail_id, why };
        let plain = vault.open_sealed(PURPOSE, &old).map_err(named)?;
        let sealed = vault.seal(PURPOSE, &plain).map_err(named)?;
        let write =
            async move |tx: &mut Tx<'_>| tx.execute(sql::RESEAL, params![merchant_id, mail_id, &sealed, &old]).await;
        done += db.write::<_, Error, _>(Key::of(("mail", mail_id)), write).await? as usize;
    }
    Ok(done)
}
