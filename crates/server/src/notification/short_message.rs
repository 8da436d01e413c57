//! Short messages as rows: queued with the change that they follow, sealed until they are sent.

use db::{Db, Error, Key, Tx, params};
use jobs::NewJob;
use serde::{Deserialize, Serialize};

use super::{RekeyError, SEND_SMS, sql};
use crate::{
    App,
    clock::DAY_MS,
    vault::{self, Vault},
};

/// What a waiting message is sealed for.
const PURPOSE: &str = "sms";
/// How long a row is kept: as long as a log.
pub const SMS_KEPT_MS: i64 = 183 * DAY_MS;

/// What a message says.
#[derive(Serialize, Deserialize)]
#[serde(tag = "purpose", rename_all = "snake_case")]
pub enum SmsText {
    /// The code that proves a login from another identity.
    LoginCode {
        /// Six digits.
        code: String,
        /// How long it holds.
        minutes: i64,
    },
}

impl SmsText {
    /// The word in the table.
    const fn purpose(&self) -> &'static str {
        match self {
            SmsText::LoginCode { .. } => "login_code",
        }
    }
}

/// A message to a manager.
#[derive(Clone, Copy, Debug)]
pub struct NewSms<'a> {
    /// Whose merchant.
    pub merchant_id: i64,
    /// A minted id.
    pub sms_id: i64,
    /// To whom.
    pub manager_id: i64,
    /// To which mobile.
    pub mobile: &'a str,
    /// What it says.
    pub text: &'a Sealed,
    /// When it is worth nothing any more, UTC milliseconds.
    pub expires_at_ms: i64,
}

/// A message as it waits.
#[derive(Debug)]
pub struct Sealed {
    purpose: &'static str,
    bytes: Vec<u8>,
}

/// Seals what a message says.
///
/// # Errors
/// When the keyring is unusable.
pub fn seal_sms(vault: &Vault, text: &SmsText) -> Result<Sealed, vault::Error> {
    let plain = serde_json::to_vec(text).map_err(|_| vault::Error::Broken)?;
    Ok(Sealed { purpose: text.purpose(), bytes: vault.seal(PURPOSE, &plain)? })
}

pub(super) fn open(vault: &Vault, sealed: &[u8]) -> Result<SmsText, vault::Error> {
    serde_json::from_slice(&vault.open_sealed(PURPOSE, sealed)?).map_err(|_| vault::Error::Broken)
}

/// Queues a message and the job that sends it.
///
/// # Errors
/// The refusals of the database.
pub async fn queue_sms(tx: &mut Tx<'_>, sms: &NewSms<'_>, now_ms: i64) -> Result<(), Error> {
    let NewSms { merchant_id, sms_id, manager_id, mobile, text, expires_at_ms } = *sms;
    let values = params![merchant_id, sms_id, manager_id, text.purpose, mobile, &text.bytes, expires_at_ms, now_ms];
    tx.execute(sql::QUEUE_SMS, values).await?;
    let job = NewJob { merchant_id, kind: SEND_SMS, key: &sms_id.to_string(), payload: "", due_at_ms: now_ms };
    jobs::enqueue(tx, &job, now_ms).await.map(drop)
}

/// Whether a message will never arrive, as far as we know: refused, or given up.
///
/// # Errors
/// The refusals of the database.
pub async fn sms_failed(tx: &mut Tx<'_>, merchant_id: i64, sms_id: i64) -> Result<bool, Error> {
    let row = tx.query_opt(sql::SMS_STATE, params![merchant_id, sms_id]).await?;
    let state = row.map(|row| row.get::<String>(0)).transpose()?;
    Ok(state.is_some_and(|state| state == "refused" || state == "given_up"))
}

/// Forgets messages of long ago.
///
/// # Errors
/// The refusals of the database.
pub async fn forget_sms(app: &App) -> Result<u64, Error> {
    let before_ms = app.clock.now_ms() - SMS_KEPT_MS;
    let write = async move |tx: &mut Tx<'_>| tx.execute(sql::FORGET_SMS, params![before_ms]).await;
    app.db.write(Key::of("sms sweep"), write).await
}

/// Seals every waiting message that is under an old key with the newest one. Says how many.
///
/// # Errors
/// When a message cannot be opened, or the database refuses.
pub(super) async fn rekey(db: &Db, vault: &Vault) -> Result<usize, RekeyError> {
    let mut done = 0;
    for row in db.read::<_, Error, _>(async |tx: &mut Tx<'_>| tx.query(sql::SEALED_SMS, &[]).await).await? {
        let (merchant_id, sms_id, old): (i64, i64, Vec<u8>) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if !vault.is_old(&old) {
            continue;
        }
        let named = |why| RekeyError::Vault { what: "sms", id: sms_id, why };
        let plain = vault.open_sealed(PURPOSE, &old).map_err(named)?;
        let sealed = vault.seal(PURPOSE, &plain).map_err(named)?;
        let write =
            async move |tx: &mut Tx<'_>| tx.execute(sql::RESEAL_SMS, params![merchant_id, sms_id, &sealed, &old]).await;
        done += db.write::<_, Error, _>(Key::of(("sms", sms_id)), write).await? as usize;
    }
    Ok(done)
}
