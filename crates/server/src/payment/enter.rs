//! Money that is the company's is entered as a record, and told to the manager's screen: with the payment that pays its
//! order, or when a person claims what came late or twice.

use db::{Error as DbError, Tx, params};

use super::{Number, sql};
use crate::live;

/// A record to be.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The payment.
    pub number: Number,
    /// A minted id, by which lists are sorted; also the number of the event that tells it.
    pub record_id: i64,
    /// Whose record.
    pub manager_id: i64,
    /// Under which org unit.
    pub org_unit_id: i64,
    /// Fen.
    pub amount_fen: i64,
    /// When the payer paid, UTC milliseconds: the business day that it belongs to.
    pub success_at_ms: i64,
}

/// Enters it.
///
/// # Errors
/// The refusals of the database.
pub async fn enter(tx: &mut Tx<'_>, entry: &Entry) -> Result<(), DbError> {
    let Entry { number: Number { merchant_id, order_id, attempt }, record_id, manager_id, .. } = *entry;
    let values = params![
        merchant_id,
        record_id,
        manager_id,
        entry.org_unit_id,
        order_id,
        attempt,
        entry.amount_fen,
        entry.success_at_ms
    ];
    tx.execute(sql::RECORD, values).await?;
    live::tell_payment(tx, record_id, merchant_id, manager_id, record_id).await
}
