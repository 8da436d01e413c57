//! An extra code (专用收款码) as a set-up file wants it: one per manager and name, with a form of its own or today's
//! default form. Refreshing never touches it (PRODUCT 3.2).

use db::{Error as DbError, Tx, params};

use super::{issue::Draft, sql};

/// What a set-up file says of an extra code.
#[derive(Clone, Copy, Debug)]
pub struct PutExtra<'a> {
    /// Whose merchant.
    pub merchant_id: i64,
    /// Whose code.
    pub manager_id: i64,
    /// Its name, which identifies it among the manager's.
    pub name: &'a str,
    /// The form it asks for; none: the merchant's default form.
    pub form_id: Option<i64>,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutCode {
    /// The code's token, as in its address.
    pub token: String,
    /// It is new.
    pub created: bool,
    /// It asks for another form now.
    pub changed: bool,
}

/// Issues an extra code or brings it up to date.
///
/// # Errors
/// The refusals of the database; [`DbError::NoRow`] where every short id that was drawn is taken.
pub async fn put_extra(tx: &mut Tx<'_>, draft: &Draft, put: PutExtra<'_>, now_ms: i64) -> Result<PutCode, DbError> {
    let PutExtra { merchant_id, manager_id, name, form_id } = put;
    if let Some(row) = tx.query_opt(sql::EXTRA, params![merchant_id, manager_id, name]).await? {
        let changed = row.get::<Option<i64>>(2)? != form_id;
        if changed {
            tx.execute(sql::SET_FORM, params![merchant_id, row.get::<i64>(0)?, form_id]).await?;
        }
        return Ok(PutCode { token: row.get(1)?, created: false, changed });
    }
    let token = draft.token(merchant_id);
    for short_id in &draft.short_ids {
        let values = params![merchant_id, draft.code_id, &token, short_id, manager_id, name, form_id, now_ms];
        if tx.execute(sql::ISSUE_EXTRA, values).await? == 1 {
            return Ok(PutCode { token, created: true, changed: false });
        }
    }
    Err(DbError::NoRow)
}
