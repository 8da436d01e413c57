//! SQL of what needs a person.

macro_rules! item {
    ($head:literal, $rest:literal) => {
        concat!(
            $head,
            "SELECT i.inbox_id, i.kind, i.state, i.amount_fen, i.detail, i.created_at_ms, i.order_id, i.attempt, i.refund_id, \
             i.closed_how, i.closed_by_name, i.closed_at_ms, i.closed_words, o.title, o.manager_id, o.org_unit_id, m.name, \
             p.out_trade_no, p.refunded_fen, p.refund_reserved_fen, p.success_at_ms, p.amount_fen, r.out_refund_no, r.status, \
             a.channel \
             FROM inbox i \
             LEFT JOIN orders o ON o.merchant_id = i.merchant_id AND o.order_id = i.order_id \
             LEFT JOIN manager m ON m.merchant_id = o.merchant_id AND m.manager_id = o.manager_id \
             LEFT JOIN payment p ON p.merchant_id = i.merchant_id AND p.order_id = i.order_id AND p.attempt = i.attempt \
             LEFT JOIN refund r ON r.merchant_id = i.merchant_id AND r.refund_id = i.refund_id \
             LEFT JOIN channel_account a ON a.merchant_id = p.merchant_id AND a.account_id = p.account_id \
             WHERE i.merchant_id = $1 ",
            $rest
        )
    };
}

/// One page, newest first, of the admin's org unit (`$2`) and below; what names no order of ours only for who sees the whole
/// merchant (`$6`). `$3`: below this id; `$4`: a state, `$5`: a kind, or nothing.
pub const LIST: &str = item!(
    "WITH RECURSIVE scope (org_unit_id) AS (SELECT CAST($2 AS BIGINT) UNION \
     SELECT child.org_unit_id FROM org_unit child JOIN scope ON child.parent_id = scope.org_unit_id \
     WHERE child.merchant_id = $1) ",
    "AND i.inbox_id < $3 AND ($4 = '' OR i.state = $4) AND ($5 = '' OR i.kind = $5) \
     AND (o.org_unit_id IN (SELECT org_unit_id FROM scope) OR (o.order_id IS NULL AND CAST($6 AS BIGINT) = 1)) \
     ORDER BY i.inbox_id DESC LIMIT $7"
);
pub const ONE: &str = item!("", "AND i.inbox_id = $2");
/// What is open of one manager's orders.
pub const OF_MANAGER: &str = item!("", "AND i.state = 'open' AND o.manager_id = $2 ORDER BY i.inbox_id DESC LIMIT 20");
pub const OPEN: &str = crate::org::in_scope!(
    "SELECT COUNT(*) FROM inbox i LEFT JOIN orders o ON o.merchant_id = i.merchant_id AND o.order_id = i.order_id \
     WHERE i.merchant_id = $1 AND i.state = 'open' AND (o.org_unit_id IN (SELECT org_unit_id FROM scope) \
     OR (o.order_id IS NULL AND CAST($3 AS BIGINT) = 1))"
);
/// The news that was kept when it was raised: its id was minted in the same moment.
pub const NEWS: &str = "SELECT received_at_ms, provider_key, out_trade_no, transaction_id, amount_fen, out_refund_no \
     FROM callback WHERE merchant_id = $1 AND callback_id > $2 AND callback_id < $3 AND amount_fen = $4 \
     AND ($5 = '' OR out_trade_no = $5) ORDER BY callback_id LIMIT 20";
pub const CLAIM: &str = "UPDATE inbox SET state = 'closed', closed_how = 'claimed', closed_by = $3, closed_by_name = $4, \
     closed_at_ms = $5, closed_words = $6 WHERE merchant_id = $1 AND inbox_id = $2 AND state = 'open'";
pub const EXPLAIN: &str = "UPDATE inbox SET state = 'closed', closed_how = 'explained', closed_by = $3, closed_by_name = $4, \
     closed_at_ms = $5, closed_words = $6 WHERE merchant_id = $1 AND inbox_id = $2 AND state = 'open'";
