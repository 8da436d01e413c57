//! What a manager sees of themselves.

use db::{Tx, params};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Error, masked, sql};
use crate::App;

/// A manager, as the mini program shows it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ManagerProfile {
    /// The id.
    pub manager_id: String,
    /// The name.
    pub name: String,
    /// The mobile number, masked: `138****2176`.
    pub mobile: String,
    /// The e-mail address.
    pub email: String,
    /// Where the manager belongs.
    pub org_unit_name: String,
    /// The company's full registered name.
    pub merchant_full_name: String,
    /// The company's short name.
    pub merchant_short_name: String,
    /// What this installation is called.
    pub platform_name: String,
}

/// A manager's own profile.
///
/// # Errors
/// [`Error::NotFound`]; the refusals of the database.
pub async fn profile(app: &App, merchant_id: i64, manager_id: i64) -> Result<ManagerProfile, Error> {
    let read = async move |tx: &mut Tx<'_>| tx.query_opt(sql::PROFILE, params![merchant_id, manager_id]).await;
    let row = app.db.read::<_, db::Error, _>(read).await?.ok_or(Error::NotFound)?;
    Ok(ManagerProfile {
        manager_id: manager_id.to_string(),
        name: row.get(0)?,
        mobile: masked(&row.get::<String>(1)?),
        email: row.get(2)?,
        org_unit_name: row.get(3)?,
        merchant_full_name: row.get(4)?,
        merchant_short_name: row.get(5)?,
        platform_name: crate::notification::platform_name(app),
    })
}
