//! SQL of refusals.

/// At most so many of one order are kept: `$9`. Whoever tells of them holds the order's address and nothing more.
pub const KEEP: &str = "INSERT INTO refusal (merchant_id, order_id, refusal_id, attempt, channel, code, said, at_ms) \
     SELECT CAST($1 AS BIGINT), CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT), CAST($5 AS TEXT), \
     CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS BIGINT) \
     WHERE (SELECT COUNT(*) FROM refusal WHERE merchant_id = $1 AND order_id = $2) < CAST($9 AS BIGINT)";
pub const OF_ORDER: &str = "SELECT attempt, channel, code, said, at_ms FROM refusal \
     WHERE merchant_id = $1 AND order_id = $2 ORDER BY refusal_id";
