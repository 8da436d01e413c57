//! `mott check`: the money rules (PRODUCT 6) asked of the data itself. Read-only, safe beside a serving node: a rule is
//! one statement, so it sees one moment.
//!
//! ```text
//!   RULES × merchants ──► rows that break a rule ──► named, printed, exit 1
//! ```

pub mod channels;
mod sql;
#[cfg(test)]
mod tests;

pub use sql::{RULES, Rule, Scope};

use db::{Db, Error, Tx, params};

/// Rows named per rule and merchant; more are only counted.
const NAMED: usize = 20;

/// A rule that the data breaks.
#[derive(Clone, Debug)]
pub struct Broken {
    /// The rule.
    pub rule: &'static Rule,
    /// Whose data; nothing where the rule is about the whole installation.
    pub merchant_id: Option<i64>,
    /// What breaks it, in words.
    pub rows: Vec<String>,
}

impl std::fmt::Display for Broken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whose = self.merchant_id.map_or("installation".to_owned(), |id| format!("merchant {id}"));
        write!(f, "{} (PRODUCT {}), {whose}: {}", self.rule.name, self.rule.section, self.rule.says)?;
        for row in self.rows.iter().take(NAMED) {
            write!(f, "\n    {row}")?;
        }
        match self.rows.len().saturating_sub(NAMED) {
            0 => Ok(()),
            more => write!(f, "\n    and {more} more"),
        }
    }
}

/// What waits for a person, a line per merchant and kind. It breaks no rule, and nobody may overlook it (PRODUCT 6.2).
///
/// # Errors
/// The refusals of the database.
pub async fn waiting(db: &Db) -> Result<Vec<String>, Error> {
    let rows = db.read(async |tx: &mut Tx<'_>| tx.query(sql::WAITING, &[]).await).await?;
    let line = |row: &db::Row| {
        let (merchant_id, kind, count, fen): (i64, String, i64, i64) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        Ok(format!("merchant {merchant_id}: {count} {kind}, {} yuan", money::Amount::from_fen(fen)))
    };
    rows.iter().map(line).collect()
}

/// Asks every rule of every merchant. Nothing broken: the books are right.
///
/// # Errors
/// The refusals of the database.
pub async fn run(db: &Db) -> Result<Vec<Broken>, Error> {
    let merchants: Vec<i64> = db
        .read(async |tx: &mut Tx<'_>| tx.query(sql::MERCHANTS, &[]).await?.iter().map(|row| row.get(0)).collect())
        .await?;
    let mut found = Vec::new();
    for rule in RULES {
        match rule.scope {
            Scope::Installation => found.extend(ask(db, rule, None).await?),
            Scope::Merchant => {
                for merchant_id in &merchants {
                    found.extend(ask(db, rule, Some(*merchant_id)).await?);
                }
            }
        }
    }
    Ok(found)
}

async fn ask(db: &Db, rule: &'static Rule, merchant_id: Option<i64>) -> Result<Option<Broken>, Error> {
    let rows = db
        .read(async move |tx: &mut Tx<'_>| match merchant_id {
            Some(merchant_id) => tx.query(rule.sql, params![merchant_id]).await,
            None => tx.query(rule.sql, &[]).await,
        })
        .await?;
    let rows = rows.iter().map(|row| row.get(0)).collect::<Result<Vec<String>, Error>>()?;
    Ok((!rows.is_empty()).then_some(Broken { rule, merchant_id, rows }))
}
