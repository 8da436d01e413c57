//! A manager as a set-up file wants it. A new one gets its mail as if an admin had registered it.

use db::{Tx, params};

use super::{
    Error,
    register::{self, NewManager, check_email, check_mobile, check_name},
    sql,
};
use crate::{
    merchant, notification,
    org::Put,
    session,
    session::directory::{self, Kind, Person},
};

/// What a set-up file says of a manager.
#[derive(Clone, Copy, Debug)]
pub struct PutManager<'a> {
    /// Whose merchant.
    pub merchant_id: i64,
    /// A minted id, used where the manager is new.
    pub new_id: i64,
    /// What identifies the manager: the mobile number.
    pub mobile: &'a str,
    /// The name.
    pub name: &'a str,
    /// The e-mail address.
    pub email: &'a str,
    /// Where the manager belongs.
    pub org_unit_id: i64,
    /// A password to be set; nothing leaves the present one.
    pub password: Option<PutPassword<'a>>,
    /// A minted id for the mail.
    pub mail_id: i64,
    /// A minted id for telling the open screen that its session ended.
    pub event_id: i64,
}

/// A password to be set, prepared before the transaction.
#[derive(Clone, Copy, Debug)]
pub struct PutPassword<'a> {
    /// Its hash ([`crate::session::password::hash`]).
    pub hash: &'a str,
    /// Itself, sealed for the mail ([`crate::notification::seal_password`]).
    pub sealed: &'a [u8],
}

/// Makes a manager or brings it up to date, found by its mobile. A new password ends the session. Who was disabled in the
/// console stays disabled.
///
/// # Errors
/// [`Error::Fields`], [`Error::MobileTaken`] and [`Error::NoPassword`]; the refusals of the database.
pub async fn put_manager(tx: &mut Tx<'_>, manager: &PutManager<'_>, now_ms: i64) -> Result<Put, Error> {
    let [name, mobile, email] = checked(manager)?;
    let (merchant_id, new_id) = (manager.merchant_id, manager.new_id);
    let holder = directory::find(tx, Kind::ManagerMobile, &mobile).await?;
    let Some(Person { person_id: id, .. }) = holder.filter(|person| person.merchant_id == merchant_id) else {
        let password = manager.password.ok_or(Error::NoPassword)?;
        let new = NewManager {
            merchant_id,
            manager_id: new_id,
            org_unit_id: manager.org_unit_id,
            name: &name,
            mobile: &mobile,
            email: &email,
            password_hash: password.hash,
            mail_id: manager.mail_id,
            sealed_password: password.sealed,
        };
        register::insert(tx, &new, now_ms).await?;
        return Ok(Put::created(new_id));
    };
    let row = tx.query_one(sql::PUT, params![merchant_id, id]).await?;
    let mut put = Put::compared(
        id,
        [
            ("name", row.get::<String>(0)? != name),
            ("email", row.get::<String>(1)? != email),
            ("org_unit", row.get::<i64>(2)? != manager.org_unit_id),
        ],
    );
    if put.is_change() {
        tx.execute(sql::UPDATE, params![merchant_id, id, &name, &email, manager.org_unit_id, now_ms]).await?;
        merchant::touch_pages(tx, merchant_id, now_ms).await?;
    }
    if let Some(password) = manager.password {
        tx.execute(sql::SET_PASSWORD, params![merchant_id, id, password.hash, now_ms]).await?;
        session::end_of_manager(tx, manager.event_id, merchant_id, id, now_ms).await?;
        mail_instead(tx, manager, id, &email, password, now_ms).await?;
        put.changed.push("password");
    }
    Ok(put)
}

/// A mail that still waits with the old password is sent with the new one.
async fn mail_instead(
    tx: &mut Tx<'_>,
    manager: &PutManager<'_>,
    manager_id: i64,
    to: &str,
    password: PutPassword<'_>,
    now_ms: i64,
) -> Result<(), Error> {
    let merchant_id = manager.merchant_id;
    if notification::withdraw_mail(tx, merchant_id, manager_id, now_ms).await?.is_some() {
        let sealed_password = Some(password.sealed);
        let mail = notification::NewMail { merchant_id, mail_id: manager.mail_id, manager_id, to, sealed_password };
        notification::queue_mail(tx, &mail, now_ms).await?;
    }
    Ok(())
}

fn checked(manager: &PutManager<'_>) -> Result<[String; 3], Error> {
    match (check_name(manager.name), check_mobile(manager.mobile), check_email(manager.email)) {
        (Ok(name), Ok(mobile), Ok(email)) => Ok([name, mobile, email]),
        (name, mobile, email) => {
            Err(Error::Fields([name.err(), mobile.err(), email.err()].into_iter().flatten().collect()))
        }
    }
}
