//! What the manager sees of the codes.

use db::{Row, Tx, params};
use serde::Serialize;
use utoipa::{ToSchema, openapi::Object};

use super::{Error, sql};
use crate::web::one_of;

/// One code.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Code {
    /// Its id.
    pub code_id: String,
    /// What is printed under it, `A3-0172`.
    pub short_id: String,
    /// What the picture says.
    pub url: String,
    /// Its name, `默认收款码`.
    pub name: String,
    /// `default`, `extra` or `plaque`.
    #[schema(schema_with = kinds)]
    pub kind: String,
    /// `live` or `superseded`.
    #[schema(schema_with = states)]
    pub state: String,
    /// When it dies, if it does, UTC milliseconds.
    #[schema(required = true)]
    pub expires_at_ms: Option<i64>,
    /// When it was last scanned, UTC milliseconds.
    #[schema(required = true)]
    pub last_scanned_at_ms: Option<i64>,
    /// When it was issued, UTC milliseconds.
    pub created_at_ms: i64,
}

fn kinds() -> Object {
    one_of(&["default", "extra", "plaque"])
}

fn states() -> Object {
    one_of(&["live", "superseded"])
}

/// The 收款码 page.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CodeScreen {
    /// The default code.
    pub code: Code,
    /// Older codes that still take orders, newest first.
    pub superseded: Vec<Code>,
    /// The company's full registered name.
    pub merchant_full_name: String,
    /// Whose code it is.
    pub manager_name: String,
}

/// Reads the screen; nothing where no default code was issued yet.
pub(super) async fn read(
    tx: &mut Tx<'_>,
    public_url: &str,
    merchant_id: i64,
    manager_id: i64,
    now_ms: i64,
) -> Result<Option<CodeScreen>, Error> {
    let names = tx.query_opt(sql::NAMES, params![merchant_id, manager_id]).await?.ok_or(Error::Gone)?;
    let rows = tx.query(sql::LIVING, params![merchant_id, manager_id, now_ms]).await?;
    let codes = rows.iter().map(|row| code(row, public_url)).collect::<Result<Vec<_>, _>>()?;
    let (live, superseded): (Vec<_>, Vec<_>) = codes.into_iter().partition(|code| code.state == "live");
    Ok(live.into_iter().next().map(|code| {
        let merchant_full_name = names.get(0).unwrap_or_default();
        CodeScreen { code, superseded, merchant_full_name, manager_name: names.get(1).unwrap_or_default() }
    }))
}

fn code(row: &Row, public_url: &str) -> Result<Code, Error> {
    Ok(Code {
        code_id: row.get::<i64>(0)?.to_string(),
        short_id: row.get(1)?,
        url: format!("{public_url}/pay/{}", row.get::<String>(2)?),
        name: row.get(3)?,
        kind: row.get(4)?,
        state: row.get(5)?,
        expires_at_ms: row.get(6)?,
        last_scanned_at_ms: row.get(7)?,
        created_at_ms: row.get(8)?,
    })
}
