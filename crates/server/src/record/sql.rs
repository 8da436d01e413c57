//! SQL of records. Every text is bounded by merchant and manager.

mod index;
mod search;

pub use index::*;
pub use search::*;

// CROSS JOIN: both engines join the same rows, and SQLite keeps to the order. Left to itself, and told how many rows
// there are (ANALYZE), it would begin with the few codes and accounts and sort every record of the manager.
macro_rules! summary {
    ($rest:literal) => {
        concat!(
            "SELECT r.record_id, r.order_id, r.amount_fen, o.title, o.subtitle, c.name, a.channel, r.success_at_ms, \
             p.refunded_fen, p.booked, p.refund_reserved_fen \
             FROM record r CROSS JOIN payment p CROSS JOIN orders o CROSS JOIN collection_code c CROSS JOIN channel_account a \
             WHERE p.merchant_id = r.merchant_id AND p.order_id = r.order_id AND p.attempt = r.attempt \
             AND o.merchant_id = r.merchant_id AND o.order_id = r.order_id \
             AND c.merchant_id = r.merchant_id AND c.code_id = o.code_id \
             AND a.merchant_id = r.merchant_id AND a.account_id = p.account_id \
             AND r.merchant_id = $1 AND r.manager_id = $2 ",
            $rest
        )
    };
}

/// A page. `$3` and `$4` are [`super::cut::Cut`]'s `below` and `whole_below`.
pub const PAGE: &str =
    summary!("AND r.record_id < $3 AND (r.record_id < $4 OR r.success_at_ms < $5) ORDER BY r.record_id DESC LIMIT $6");
/// The records that a search found, a page of them.
pub const FOUND: &str = summary!(
    "AND r.record_id IN ($3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17) ORDER BY r.record_id DESC"
);
pub const ONE: &str = summary!("AND r.record_id = $3");
pub const DETAIL: &str = "SELECT o.form_values, o.created_at_ms, c.short_id, p.transaction_id, p.payer_total_fen, p.attempt \
     FROM record r \
     JOIN orders o ON o.merchant_id = r.merchant_id AND o.order_id = r.order_id \
     JOIN collection_code c ON c.merchant_id = r.merchant_id AND c.code_id = o.code_id \
     JOIN payment p ON p.merchant_id = r.merchant_id AND p.order_id = r.order_id AND p.attempt = r.attempt \
     WHERE r.merchant_id = $1 AND r.manager_id = $2 AND r.record_id = $3";
/// A payment of today was booked today or later: its record lies above the day's floor.
pub const TODAY: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) FROM record \
     WHERE merchant_id = $1 AND manager_id = $2 AND record_id >= $3 AND success_at_ms >= $4";
