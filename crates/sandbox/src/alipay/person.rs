//! People who hold Alipay's wallet: the same names as in the other wallet, with Alipay's own numbers.

use rusqlite::{Connection, OptionalExtension as _, Transaction};
use sha2::{Digest as _, Sha256};

/// One person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub name: String,
    /// 16 digits beginning 2088.
    pub user_id: String,
    /// What applications of the newer kind know instead.
    pub open_id: String,
}

impl Person {
    /// The masked account that answers and notifications show.
    pub fn logon_id(&self) -> String {
        format!("{}***@example.test", self.name.chars().take(3).collect::<String>())
    }
}

/// The person called `name`, who has the same numbers in every sandbox.
///
/// # Errors
/// When the state file fails.
pub(crate) fn called(tx: &Transaction<'_>, name: &str) -> rusqlite::Result<Person> {
    let hash = Sha256::digest(name.as_bytes());
    let number = hash.iter().take(8).fold(0u64, |number, byte| (number << 8) | u64::from(*byte)) % 1_000_000_000_000;
    let person = Person {
        name: name.to_owned(),
        user_id: format!("2088{number:012}"),
        open_id: format!("0{}", &hex::encode(hash)[..46]),
    };
    tx.prepare_cached("INSERT OR IGNORE INTO alipay_person (name, user_id, open_id) VALUES (?1, ?2, ?3)")?
        .execute([&person.name, &person.user_id, &person.open_id])?;
    Ok(person)
}

/// The person with this `user_id` or `open_id`.
///
/// # Errors
/// When the state file fails.
pub(crate) fn numbered(connection: &Connection, number: &str) -> rusqlite::Result<Option<Person>> {
    connection
        .prepare_cached("SELECT name, user_id, open_id FROM alipay_person WHERE user_id = ?1 OR open_id = ?1")?
        .query_row([number], |row| Ok(Person { name: row.get(0)?, user_id: row.get(1)?, open_id: row.get(2)? }))
        .optional()
}
