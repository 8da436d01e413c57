//! What a search reads. Where the engines must differ, both texts stand side by side. `below` is exclusive, `from`
//! inclusive; six words are compared, the empty one is in every text.

/// The newest of a manager's below `$3`, and which of them are indexed.
pub const NEWEST: &str = "SELECT r.record_id, s.record_id FROM record r \
     LEFT JOIN record_search s \
     ON s.merchant_id = r.merchant_id AND s.manager_id = r.manager_id AND s.record_id = r.record_id \
     WHERE r.merchant_id = $1 AND r.manager_id = $2 AND r.record_id < $3 ORDER BY r.record_id DESC LIMIT $4";

/// SQLite: the index itself goes backwards through the records that have all grams of `$2` (the manager's among them),
/// and each says whether it is meant.
pub const CANDIDATES_SQLITE: &str = "SELECT w.rowid, s.amount_fen >= $6 AND s.amount_fen <= $7 \
     AND instr(s.text, $8) > 0 AND instr(s.text, $9) > 0 AND instr(s.text, $10) > 0 AND instr(s.text, $11) > 0 \
     AND instr(s.text, $12) > 0 AND instr(s.text, $13) > 0 \
     FROM (SELECT rowid FROM record_words WHERE record_words MATCH $2 AND rowid < $3 AND rowid >= $4 \
     ORDER BY rowid DESC LIMIT $5) w \
     CROSS JOIN record_search s WHERE s.merchant_id = $1 AND s.manager_id = $14 AND s.record_id = w.rowid";

/// PostgreSQL: where reading ends and the index is asked: the 2 000th of a manager's from `$4` to below `$3`.
pub const READ_DOWN_TO_POSTGRES: &str = "SELECT record_id FROM record_search \
     WHERE merchant_id = $1 AND manager_id = $2 AND record_id < $3 AND record_id >= $4 \
     ORDER BY record_id DESC LIMIT 1 OFFSET 1999";

macro_rules! meant {
    ($from:literal, $order:literal) => {
        concat!(
            "SELECT record_id FROM record_search WHERE merchant_id = $1 AND ",
            $from,
            " AND amount_fen >= $5 AND amount_fen <= $6 \
             AND strpos(text, $7) > 0 AND strpos(text, $8) > 0 AND strpos(text, $9) > 0 AND strpos(text, $10) > 0 \
             AND strpos(text, $11) > 0 AND strpos(text, $12) > 0 ORDER BY ",
            $order,
            " DESC LIMIT 16"
        )
    };
}

/// PostgreSQL: those of a manager's from `$4` to below `$3` that are meant, by reading.
pub const READ_POSTGRES: &str = meant!("manager_id = $2 AND record_id < $3 AND record_id >= $4", "record_id");
/// PostgreSQL: those with all grams of `$2` (the manager's and a stretch of time's among them) that are meant. `+ 0`
/// keeps the planner from reading in the order of time instead, which takes seconds for what is found only in old rows.
pub const HAVE_ALL_POSTGRES: &str = meant!(
    "string_to_array(words, ' ') @> string_to_array($2, ' ') AND record_id + 0 < $3 AND record_id + 0 >= $4",
    "record_id + 0"
);
/// The same, and at least one of the grams of `$13`.
pub const HAVE_ALL_AND_ANY_POSTGRES: &str = meant!(
    "string_to_array(words, ' ') @> string_to_array($2, ' ') AND string_to_array(words, ' ') && string_to_array($13, ' ') \
     AND record_id + 0 < $3 AND record_id + 0 >= $4",
    "record_id + 0"
);
