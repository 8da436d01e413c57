//! 审计日志: who did what to whom, when and from where. Written in the transaction of the act itself, so that neither
//! can exist without the other, and never changed (PRODUCT 5).

mod sql;

use db::{Error, Tx, params};

/// One act.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Whose merchant.
    pub merchant_id: i64,
    /// A minted id.
    pub audit_id: i64,
    /// When, UTC milliseconds.
    pub at_ms: i64,
    /// Who: `admin:<id>`, or `apply` for a set-up file.
    pub actor: &'a str,
    /// What, such as `manager.disable`.
    pub action: &'static str,
    /// To whom or what: `manager:<id>`.
    pub subject: &'a str,
    /// For people; never a password or a whole mobile.
    pub detail: &'a str,
    /// The masked network the request came from, empty for a set-up file.
    pub network: &'a str,
}

/// Writes an act.
///
/// # Errors
/// The refusals of the database.
pub async fn write(tx: &mut Tx<'_>, entry: &Entry<'_>) -> Result<(), Error> {
    let Entry { merchant_id, audit_id, at_ms, actor, action, subject, detail, network } = *entry;
    tx.execute(sql::WRITE, params![merchant_id, audit_id, at_ms, actor, action, subject, detail, network])
        .await
        .map(drop)
}
