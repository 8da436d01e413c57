//! What the auditor asks the books. Its own texts: it trusts none of the product's.

/// How often a transaction is booked.
pub const BOOKED_BY: &str = "SELECT COUNT(*) FROM payment WHERE transaction_id = $1";
/// How often a transaction lies before a person.
pub const RAISED_BY: &str = "SELECT COUNT(*) FROM inbox WHERE item_key LIKE '%:' || $1 || ':%'";
/// How often a refund is in the books, or before a person.
pub const GIVEN_BACK: &str = "SELECT (SELECT COUNT(*) FROM refund WHERE out_refund_no = $1 AND status = 'succeeded') \
     + (SELECT COUNT(*) FROM inbox WHERE item_key LIKE '%' || $1 || ':%')";
/// Every refund.
pub const REFUNDS: &str = "SELECT r.out_refund_no, p.out_trade_no, r.status, r.amount_fen FROM refund r JOIN payment p \
     ON p.merchant_id = r.merchant_id AND p.order_id = r.order_id AND p.attempt = r.attempt ORDER BY r.out_refund_no";
/// Refunds that somebody must decide on.
pub const OPEN_REFUNDS: &str = "SELECT COUNT(*) FROM refund WHERE status IN ('requested', 'abnormal', 'outside')";
/// What payments say of their refunds.
pub const PAYMENTS: &str =
    "SELECT out_trade_no, amount_fen, refunded_fen, refund_reserved_fen FROM payment ORDER BY out_trade_no";
/// Every booked payment.
pub const BOOKED: &str = "SELECT p.transaction_id, p.out_trade_no, p.booked, p.amount_fen, p.success_at_ms, p.merchant_id, \
     p.order_id, p.attempt FROM payment p WHERE p.transaction_id IS NOT NULL ORDER BY p.transaction_id";
/// What lies before a person.
pub const RAISED: &str = "SELECT kind, item_key, amount_fen FROM inbox ORDER BY item_key";
/// Every order.
pub const ORDERS: &str =
    "SELECT merchant_id, order_id, status, title, amount_fen FROM orders ORDER BY merchant_id, order_id";
/// Every record, with its live events.
pub const RECORDS: &str = "SELECT r.merchant_id, r.record_id, r.manager_id, r.order_id, r.amount_fen, \
     (SELECT COUNT(*) FROM live_event e WHERE e.merchant_id = r.merchant_id AND e.manager_id = r.manager_id \
     AND e.kind = 'payment' AND e.subject_id = r.record_id) FROM record r ORDER BY r.merchant_id, r.record_id";
/// Jobs that are not done.
pub const UNDONE: &str = "SELECT kind, job_key, state, COALESCE(last_error, '') FROM job WHERE state <> 'done' \
     ORDER BY kind, job_key";
/// When the next job is due.
pub const NEXT_DUE: &str = "SELECT MIN(CASE WHEN due_at_ms > leased_until_ms THEN due_at_ms ELSE leased_until_ms END) \
     FROM job WHERE state = 'waiting'";
