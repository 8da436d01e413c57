//! What is written to make records searchable, and where it is read from. Where the engines must differ, both texts
//! stand side by side.

macro_rules! source {
    ($rest:literal) => {
        concat!(
            "SELECT r.record_id, r.manager_id, r.amount_fen, o.form_values, c.name, c.short_id, p.out_trade_no, \
             p.transaction_id FROM record r CROSS JOIN orders o CROSS JOIN collection_code c CROSS JOIN payment p \
             WHERE o.merchant_id = r.merchant_id AND o.order_id = r.order_id \
             AND c.merchant_id = r.merchant_id AND c.code_id = o.code_id \
             AND p.merchant_id = r.merchant_id AND p.order_id = r.order_id AND p.attempt = r.attempt \
             AND r.merchant_id = $1 ",
            $rest
        )
    };
}

/// The record `$3` of the order `$2`: an order knows its manager, and only with the manager is a record found.
pub const SOURCE: &str = source!(
    "AND r.manager_id = (SELECT manager_id FROM orders WHERE merchant_id = $1 AND order_id = $2) AND r.record_id = $3"
);
pub const SOURCES_BELOW: &str =
    source!("AND (r.manager_id, r.record_id) < ($2, $3) ORDER BY r.manager_id DESC, r.record_id DESC LIMIT $4");
/// Those of a manager's from `$4` to below `$3` that are not indexed.
pub const SOURCES_MISSING: &str = source!(
    "AND r.manager_id = $2 AND r.record_id < $3 AND r.record_id >= $4 AND NOT EXISTS (SELECT 1 FROM record_search s \
     WHERE s.merchant_id = r.merchant_id AND s.manager_id = r.manager_id AND s.record_id = r.record_id) ORDER BY r.record_id DESC"
);
/// Those of a manager's from `$4` to below `$3` that were paid before `$5`.
pub const SOURCES_LATE: &str =
    source!("AND r.manager_id = $2 AND r.record_id < $3 AND r.record_id >= $4 AND r.success_at_ms < $5");

pub const PUT_TEXT_SQLITE: &str = "INSERT INTO record_search (merchant_id, record_id, manager_id, amount_fen, text) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING";
pub const PUT_GRAMS_SQLITE: &str = "INSERT INTO record_words (rowid, words) VALUES ($1, $2)";
pub const PUT_POSTGRES: &str = "INSERT INTO record_search (merchant_id, record_id, manager_id, amount_fen, text, words) \
     VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING";

pub const INDEXED_DOWN_TO: &str =
    "SELECT below_manager_id, below_record_id FROM record_indexing WHERE merchant_id = $1";
pub const NOTE_INDEXED: &str =
    "UPDATE record_indexing SET below_manager_id = $2, below_record_id = $3 WHERE merchant_id = $1";
pub const ALL_INDEXED: &str = "DELETE FROM record_indexing WHERE merchant_id = $1";
