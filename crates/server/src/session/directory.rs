//! The login directory: what identifies a person to the whole installation, before any merchant is known.

use db::{Error, Tx, params};

use super::sql;

/// How often a value may slip away while it is claimed.
const TRIES: usize = 3;

/// What a row of the directory is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An admin's login.
    AdminLogin,
    /// A manager's mobile, unique among active managers.
    ManagerMobile,
    /// The identity a manager last bound: WeChat's events name nothing else.
    Identity,
}

impl Kind {
    const fn word(self) -> &'static str {
        match self {
            Kind::AdminLogin => "admin_login",
            Kind::ManagerMobile => "manager_mobile",
            Kind::Identity => "identity",
        }
    }
}

/// Somebody of some merchant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// Whose merchant.
    pub merchant_id: i64,
    /// The admin's or manager's id.
    pub person_id: i64,
}

/// Who is known by `value`.
///
/// # Errors
/// The refusals of the database.
pub async fn find(tx: &mut Tx<'_>, kind: Kind, value: &str) -> Result<Option<Person>, Error> {
    person(tx.query_opt(sql::DIRECTORY_FIND, params![kind.word(), value]).await?)
}

/// Makes `value` mean `who`, or says who holds it. The row stays held until the transaction ends: of two that claim the
/// same value, the second sees what the first did.
///
/// # Errors
/// The refusals of the database.
pub async fn claim(tx: &mut Tx<'_>, kind: Kind, value: &str, who: Person) -> Result<Option<Person>, Error> {
    for _ in 0..TRIES {
        let add = params![kind.word(), value, who.merchant_id, who.person_id];
        if tx.execute(sql::DIRECTORY_ADD, add).await? == 1 {
            return Ok(None);
        }
        // No row: whoever held it gave it up between the two statements.
        if let Some(holder) = person(tx.query_opt(sql::DIRECTORY_HOLD, params![kind.word(), value]).await?)? {
            return Ok(Some(holder).filter(|holder| *holder != who));
        }
    }
    Err(Error::Conflict(format!("{} changes hands all the time", kind.word())))
}

/// Makes a held `value` mean `who` from now on.
///
/// # Errors
/// The refusals of the database.
pub async fn take_over(tx: &mut Tx<'_>, kind: Kind, value: &str, who: Person) -> Result<(), Error> {
    let values = params![kind.word(), value, who.merchant_id, who.person_id];
    tx.execute(sql::DIRECTORY_MOVE, values).await.map(drop)
}

/// Forgets that `value` means `who`.
///
/// # Errors
/// The refusals of the database.
pub async fn release(tx: &mut Tx<'_>, kind: Kind, value: &str, who: Person) -> Result<(), Error> {
    let values = params![kind.word(), value, who.merchant_id, who.person_id];
    tx.execute(sql::DIRECTORY_DROP, values).await.map(drop)
}

fn person(row: Option<db::Row>) -> Result<Option<Person>, Error> {
    row.map(|row| Ok(Person { merchant_id: row.get(0)?, person_id: row.get(1)? })).transpose()
}
