//! An admin as a set-up file wants it.

use db::{Tx, params};

use super::{Error, Role, login::normal, sql};
use crate::{
    org::Put,
    session::directory::{self, Kind, Person},
};

/// What a set-up file says of an admin.
#[derive(Clone, Copy, Debug)]
pub struct PutAdmin<'a> {
    /// Whose merchant.
    pub merchant_id: i64,
    /// A minted id, used where the admin is new.
    pub new_id: i64,
    /// What identifies the admin to the whole installation; compared without case.
    pub login: &'a str,
    /// The name.
    pub name: &'a str,
    /// The e-mail address.
    pub email: &'a str,
    /// What the admin may do.
    pub role: Role,
    /// The top of what the admin sees.
    pub org_unit_id: i64,
    /// A password to be set, hashed before the transaction; nothing leaves the present one.
    pub password_hash: Option<&'a str>,
}

/// Makes an admin or brings it up to date, found by its login. A new password ends the admin's sessions.
///
/// # Errors
/// [`Error::LoginTaken`] and [`Error::NoPassword`]; the refusals of the database.
pub async fn put_admin(tx: &mut Tx<'_>, admin: &PutAdmin<'_>, now_ms: i64) -> Result<Put, Error> {
    let PutAdmin { merchant_id, new_id, name, email, role, org_unit_id, password_hash, .. } = *admin;
    let login = normal(admin.login);
    let new = Person { merchant_id, person_id: new_id };
    let holder = directory::claim(tx, Kind::AdminLogin, &login, new).await?;
    let Some(holder) = holder else {
        let hash = password_hash.ok_or(Error::NoPassword)?;
        let values = params![merchant_id, new_id, &login, name, email, hash, role.word(), org_unit_id, now_ms];
        tx.execute(sql::INSERT, values).await?;
        return Ok(Put::created(new_id));
    };
    if holder.merchant_id != merchant_id {
        return Err(Error::LoginTaken);
    }
    let id = holder.person_id;
    let row = tx.query_one(sql::BY_LOGIN, params![merchant_id, id]).await?;
    let mut put = Put::compared(
        id,
        [
            ("name", row.get::<String>(2)? != name),
            ("email", row.get::<String>(3)? != email),
            ("role", row.get::<String>(4)? != role.word()),
            ("org_unit", row.get::<i64>(5)? != org_unit_id),
        ],
    );
    if put.is_change() {
        tx.execute(sql::UPDATE, params![merchant_id, id, name, email, role.word(), org_unit_id, now_ms]).await?;
    }
    if let Some(hash) = password_hash {
        tx.execute(sql::SET_PASSWORD, params![merchant_id, id, hash, now_ms]).await?;
        tx.execute(sql::END_SESSIONS_OF, params![merchant_id, id, now_ms]).await?;
        put.changed.push("password");
    }
    Ok(put)
}
