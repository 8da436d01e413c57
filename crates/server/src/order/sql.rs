//! SQL of orders. Each move of a status is one conditional update (PRODUCT 6.1).

use crate::org::in_scope;

pub const INSERT: &str = "INSERT INTO orders (merchant_id, order_id, token, submission, code_id, manager_id, org_unit_id, \
     form_id, form_version, form_values, title, subtitle, amount_fen, status, created_at_ms, expires_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'created', $14, $15) ON CONFLICT DO NOTHING";
/// What placing an order runs in its transaction, in this order; `make bench` runs the same texts without us.
pub const PLACING: [&str; 3] = [crate::collection_code::FIND, INSERT, jobs::ENQUEUE];
pub const BY_SUBMISSION: &str =
    "SELECT order_id, token FROM orders WHERE merchant_id = $1 AND code_id = $2 AND submission = $3";
pub const GET: &str = "SELECT o.order_id, o.token, o.code_id, o.manager_id, m.name, o.org_unit_id, \
     o.form_values, o.title, o.amount_fen, o.status, o.paid_at_ms, o.created_at_ms, o.expires_at_ms, o.attempts, \
     o.live_attempt, t.full_name, t.short_name, c.token, o.paid_attempt \
     FROM orders o \
     JOIN manager m ON m.merchant_id = o.merchant_id AND m.manager_id = o.manager_id \
     JOIN collection_code c ON c.merchant_id = o.merchant_id AND c.code_id = o.code_id \
     JOIN merchant t ON t.merchant_id = o.merchant_id \
     WHERE o.merchant_id = $1 AND o.order_id = $2";
pub const BEGIN_ATTEMPT: &str = "UPDATE orders SET attempts = attempts + 1, live_attempt = attempts + 1 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempts = $3 AND live_attempt IS NULL \
     AND status IN ('created', 'pending')";
pub const LOCK: &str = "UPDATE orders SET attempts = attempts WHERE merchant_id = $1 AND order_id = $2";
pub const MARK_PENDING: &str =
    "UPDATE orders SET status = 'pending' WHERE merchant_id = $1 AND order_id = $2 AND status = 'created'";
pub const END_ATTEMPT: &str =
    "UPDATE orders SET live_attempt = NULL WHERE merchant_id = $1 AND order_id = $2 AND live_attempt = $3";
pub const CLOSE: &str = "UPDATE orders SET status = 'closed', closed_at_ms = $3 \
     WHERE merchant_id = $1 AND order_id = $2 AND live_attempt IS NULL AND status IN ('created', 'pending')";
/// PostgreSQL and SQLite alike compute the new status from the row as it was.
pub const GIVE_BACK: &str = "UPDATE orders SET refunded_fen = refunded_fen + $4, \
     status = CASE WHEN refunded_fen + $4 = amount_fen THEN 'refunded' ELSE 'partly_refunded' END \
     WHERE merchant_id = $1 AND order_id = $2 AND paid_attempt = $3 AND refunded_fen + $4 <= amount_fen \
     AND status IN ('paid', 'partly_refunded')";

/// One page of the console's list, newest first, within the admin's org unit (`$2`) and below; `$3`: below this id;
/// `$4`: a status or nothing.
pub const LIST: &str = in_scope!(
    "SELECT o.order_id, o.created_at_ms, o.paid_at_ms, o.amount_fen, o.status, m.name, o.title, c.name, a.channel \
     FROM orders o \
     JOIN manager m ON m.merchant_id = o.merchant_id AND m.manager_id = o.manager_id \
     JOIN collection_code c ON c.merchant_id = o.merchant_id AND c.code_id = o.code_id \
     LEFT JOIN payment p ON p.merchant_id = o.merchant_id AND p.order_id = o.order_id \
     AND p.attempt = COALESCE(o.paid_attempt, o.attempts) \
     LEFT JOIN channel_account a ON a.merchant_id = p.merchant_id AND a.account_id = p.account_id \
     WHERE o.merchant_id = $1 AND o.order_id < $3 AND ($4 = '' OR o.status = $4) \
     AND o.org_unit_id IN (SELECT org_unit_id FROM scope) ORDER BY o.order_id DESC LIMIT $5"
);
/// One line of the list, within the admin's scope.
pub const LINE: &str = in_scope!(
    "SELECT o.order_id, o.created_at_ms, o.paid_at_ms, o.amount_fen, o.status, m.name, o.title, c.name, a.channel \
     FROM orders o \
     JOIN manager m ON m.merchant_id = o.merchant_id AND m.manager_id = o.manager_id \
     JOIN collection_code c ON c.merchant_id = o.merchant_id AND c.code_id = o.code_id \
     LEFT JOIN payment p ON p.merchant_id = o.merchant_id AND p.order_id = o.order_id \
     AND p.attempt = COALESCE(o.paid_attempt, o.attempts) \
     LEFT JOIN channel_account a ON a.merchant_id = p.merchant_id AND a.account_id = p.account_id \
     WHERE o.merchant_id = $1 AND o.order_id = $3 AND o.org_unit_id IN (SELECT org_unit_id FROM scope)"
);
pub const BY_TRANSACTION: &str = "SELECT order_id FROM payment WHERE merchant_id = $1 AND transaction_id = $2";
pub const PAYMENTS: &str = "SELECT p.attempt, p.out_trade_no, p.way, p.status, p.booked, p.transaction_id, p.amount_fen, \
     p.payer_total_fen, p.created_at_ms, p.success_at_ms, p.note, p.updated_at_ms, a.channel, \
     p.refunded_fen, p.refund_reserved_fen FROM payment p \
     JOIN channel_account a ON a.merchant_id = p.merchant_id AND a.account_id = p.account_id \
     WHERE p.merchant_id = $1 AND p.order_id = $2 ORDER BY p.attempt";
pub const EXTRA: &str = "SELECT form_version, closed_at_ms, form_values, expires_at_ms FROM orders \
     WHERE merchant_id = $1 AND order_id = $2";
pub const REFUNDS: &str = "SELECT status, kind, amount_fen, asked_by_name, asked_at_ms, decided_by_name, decided_at_ms, \
     success_at_ms, updated_at_ms, needs_approval FROM refund WHERE merchant_id = $1 AND order_id = $2 ORDER BY refund_id";
pub const ITEMS: &str = "SELECT kind, closed_how, COALESCE(closed_by_name, ''), closed_at_ms, COALESCE(closed_words, '') \
     FROM inbox WHERE merchant_id = $1 AND order_id = $2 AND state = 'closed' AND closed_how IN ('claimed', 'explained') \
     AND closed_at_ms IS NOT NULL ORDER BY inbox_id";
/// Payments that may still be paid, or may have been: what is asked about when somebody looks.
pub const OPEN_PAYMENTS: &str = "SELECT out_trade_no FROM payment \
     WHERE merchant_id = $1 AND order_id = $2 AND status IN ('created', 'pending', 'unknown') ORDER BY attempt";
