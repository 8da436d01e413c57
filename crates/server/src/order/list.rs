//! The console's list of orders, newest first, within the admin's scope.

use db::{Row, Tx, params};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Error, Status, sql};
use crate::{App, admin::AdminSession};

/// One line of the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderSummary {
    /// Its id.
    pub order_id: String,
    /// Its number on screen.
    pub order_no: String,
    /// When it was made, UTC milliseconds.
    pub created_at_ms: i64,
    /// When it was paid, UTC milliseconds.
    #[schema(required = true)]
    pub paid_at_ms: Option<i64>,
    /// What is owed, fen.
    pub amount_fen: i64,
    /// Where it stands.
    pub status: Status,
    /// Under whom it was made.
    pub manager_name: String,
    /// At which institution.
    #[schema(required = true)]
    pub channel: Option<String>,
    /// The payer's name, or the first text that was filled in.
    pub title: String,
    /// Through which code.
    pub code_name: String,
}

/// A page: orders and where the next one begins.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct OrderPage {
    /// Newest first.
    pub items: Vec<OrderSummary>,
    /// `cursor` of the next page; none: this was the last.
    #[schema(required = true)]
    pub next_cursor: Option<String>,
}

/// Which orders.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// Only of this status.
    pub status: Option<Status>,
    /// Only with this number: of the order, of an attempt, or the institution's.
    pub number: Option<String>,
    /// Only older than this one.
    pub below: i64,
    /// How many.
    pub limit: i64,
}

pub(super) fn summary(row: &Row) -> Result<OrderSummary, Error> {
    let order_id = row.get::<i64>(0)?.to_string();
    Ok(OrderSummary {
        order_no: order_id.clone(),
        order_id,
        created_at_ms: row.get(1)?,
        paid_at_ms: row.get(2)?,
        amount_fen: row.get(3)?,
        status: Status::of_word(&row.get::<String>(4)?).ok_or(Error::Stored)?,
        manager_name: row.get(5)?,
        title: row.get(6)?,
        code_name: row.get(7)?,
        channel: row.get(8)?,
    })
}

/// One page.
///
/// # Errors
/// [`Error`].
pub async fn list(app: &App, who: &AdminSession, wanted: Wanted) -> Result<OrderPage, Error> {
    let (merchant_id, org_unit_id) = (who.merchant_id, who.org_unit_id);
    let read = async move |tx: &mut Tx<'_>| {
        if let Some(number) = &wanted.number {
            let Some(order_id) = order_of(tx, merchant_id, number).await? else {
                return Ok(OrderPage { items: Vec::new(), next_cursor: None });
            };
            let row = tx.query_opt(sql::LINE, params![merchant_id, org_unit_id, order_id]).await?;
            let line = row.as_ref().map(summary).transpose()?;
            let fits = line.filter(|line| wanted.status.is_none_or(|status| status == line.status));
            return Ok(OrderPage { items: fits.into_iter().collect(), next_cursor: None });
        }
        let status = wanted.status.map_or("", Status::word);
        let values = params![merchant_id, org_unit_id, wanted.below, status, wanted.limit + 1];
        let rows = tx.query(sql::LIST, values).await?;
        let more = rows.len() as i64 > wanted.limit;
        let items = rows.iter().take(wanted.limit as usize).map(summary).collect::<Result<Vec<_>, Error>>()?;
        let next_cursor = if more { items.last().map(|last| last.order_id.clone()) } else { None };
        Ok(OrderPage { items, next_cursor })
    };
    app.db.read(read).await
}

/// The order behind any number that a person may hold: ours, an attempt's (`M…O…A…`), or the institution's.
async fn order_of(tx: &mut Tx<'_>, merchant_id: i64, number: &str) -> Result<Option<i64>, Error> {
    let inner = number.strip_prefix(&format!("M{merchant_id}O")).and_then(|rest| rest.split('A').next());
    if let Some(order_id) = inner.and_then(|digits| digits.parse().ok()) {
        return Ok(Some(order_id));
    }
    if let Some(row) = tx.query_opt(sql::BY_TRANSACTION, params![merchant_id, number]).await? {
        return Ok(Some(row.get(0)?));
    }
    Ok(number.parse().ok())
}
