//! Managers as an admin sees them: those of the own org unit and everything below (PRODUCT 1).

use db::{Row, Tx, params};
use serde::Serialize;
use utoipa::{ToSchema, openapi::Object};

use super::{Error, sql};
use crate::{admin::Actor, web::one_of};

/// The most that one page brings.
const MAX_LIMIT: i64 = 100;

/// A manager.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Manager {
    /// The id.
    pub manager_id: String,
    /// The name.
    pub name: String,
    /// The mobile number, which is the account.
    pub mobile: String,
    /// The e-mail address.
    pub email: String,
    /// Where the manager belongs.
    pub org_unit_id: String,
    /// Its name.
    pub org_unit_name: String,
    /// `active` or `disabled`.
    #[schema(schema_with = statuses)]
    pub status: String,
    /// Which identity is bound.
    #[schema(required = true)]
    pub bound: Option<Bound>,
    /// UTC milliseconds.
    #[schema(required = true)]
    pub last_login_at_ms: Option<i64>,
    /// UTC milliseconds.
    pub created_at_ms: i64,
    /// The newest mail.
    #[schema(required = true)]
    pub mail: Option<ManagerMail>,
}

/// The identity that a manager's first login bound.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Bound {
    /// `wechat` or `browser`.
    #[schema(schema_with = identity_kinds)]
    pub kind: String,
    /// Since when, UTC milliseconds.
    pub at_ms: i64,
}

/// How the mail with what login needs fares.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ManagerMail {
    /// `queued`, `accepted` (by the other side's server, no more is known) or `refused`.
    #[schema(schema_with = mail_states)]
    pub state: String,
    /// To which address.
    pub to: String,
    /// Since when, UTC milliseconds.
    pub at_ms: i64,
    /// Why it was refused, or why it is tried again, in the other side's words.
    #[schema(required = true)]
    pub reason: Option<String>,
}

fn statuses() -> Object {
    one_of(&["active", "disabled"])
}

fn identity_kinds() -> Object {
    one_of(&["wechat", "browser"])
}

fn mail_states() -> Object {
    one_of(&["queued", "accepted", "refused"])
}

/// A page of managers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ManagerPage {
    /// Newest first.
    pub items: Vec<Manager>,
    /// What to ask for next; nothing at the end.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// What is looked for.
pub(super) struct Filter {
    pub q: String,
    pub status: String,
    pub before: i64,
    pub limit: i64,
}

pub(super) async fn list(tx: &mut Tx<'_>, who: &Actor, filter: &Filter) -> Result<ManagerPage, Error> {
    let limit = filter.limit.clamp(1, MAX_LIMIT);
    let pattern = pattern(&filter.q);
    let values = params![who.merchant_id, who.org_unit_id, filter.before, &filter.status, &pattern, limit + 1];
    let rows = tx.query(sql::LIST, values).await?;
    let mut items = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
    let more = items.len() as i64 > limit;
    items.truncate(limit as usize);
    let next_cursor = items.last().filter(|_| more).map(|manager| manager.manager_id.clone());
    Ok(ManagerPage { items, next_cursor })
}

/// One manager, if the actor may see it.
pub(super) async fn find(tx: &mut Tx<'_>, who: &Actor, manager_id: i64) -> Result<Manager, Error> {
    let row = tx.query_opt(sql::FIND, params![who.merchant_id, who.org_unit_id, manager_id]).await?;
    Ok(read(&row.ok_or(Error::NotFound)?)?)
}

/// What is typed stands for itself: `%` and `_` are no wildcards.
fn pattern(q: &str) -> String {
    let q = q.trim().to_ascii_lowercase();
    if q.is_empty() {
        return String::new();
    }
    format!("%{}%", q.replace('!', "!!").replace('%', "!%").replace('_', "!_"))
}

fn read(row: &Row) -> Result<Manager, db::Error> {
    let bound = row.get::<Option<String>>(7)?.zip(row.get::<Option<i64>>(8)?);
    let (to, at_ms): (Option<String>, Option<i64>) = (row.get(12)?, row.get(13)?);
    let reason: Option<String> = row.get(14)?;
    let mail = row.get::<Option<String>>(11)?.zip(to).zip(at_ms);
    Ok(Manager {
        manager_id: row.get::<i64>(0)?.to_string(),
        name: row.get(1)?,
        mobile: row.get(2)?,
        email: row.get(3)?,
        org_unit_id: row.get::<i64>(4)?.to_string(),
        org_unit_name: row.get(5)?,
        status: row.get(6)?,
        bound: bound.map(|(kind, at_ms)| Bound { kind, at_ms }),
        last_login_at_ms: row.get(9)?,
        created_at_ms: row.get(10)?,
        mail: mail.map(|((state, to), at_ms)| ManagerMail { state, to, at_ms, reason }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_searched_for_stands_for_itself() {
        assert_eq!(pattern("  "), "");
        assert_eq!(pattern("50%_A!"), "%50!%!_a!!%");
    }
}
