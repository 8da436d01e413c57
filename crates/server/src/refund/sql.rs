//! SQL of refunds. Each move of a status is one conditional update; whoever moves one has taken its order's row first
//! ([`crate::order::lock`]), so that all that happens to the refunds of an order happens one after the other.

macro_rules! refund {
    ($rest:literal) => {
        concat!(
            "SELECT r.refund_id, r.order_id, r.attempt, r.out_refund_no, r.kind, r.amount_fen, r.status, r.reason, \
             r.needs_approval, r.asked_by, r.asked_by_name, r.asked_at_ms, r.decided_by, r.decided_by_name, r.decided_at_ms, \
             r.decided_words, r.outside_by, r.outside_by_name, r.outside_at_ms, r.outside_words, r.asks, \
             r.redirect_known_at_ms, r.institution_refund_id, r.received_account, r.success_at_ms, r.note, r.updated_at_ms, \
             p.out_trade_no, p.transaction_id, p.amount_fen, p.success_at_ms, p.provider_key, p.sub_mchid, p.booked, \
             o.manager_id, o.org_unit_id, o.title, m.name, a.channel \
             FROM refund r \
             JOIN payment p ON p.merchant_id = r.merchant_id AND p.order_id = r.order_id AND p.attempt = r.attempt \
             JOIN orders o ON o.merchant_id = r.merchant_id AND o.order_id = r.order_id \
             JOIN manager m ON m.merchant_id = r.merchant_id AND m.manager_id = o.manager_id \
             JOIN channel_account a ON a.merchant_id = r.merchant_id AND a.account_id = p.account_id \
             WHERE r.merchant_id = $1 ",
            $rest
        )
    };
}

pub const BY_NUMBER: &str = refund!("AND r.out_refund_no = $2");
pub const BY_ID: &str = refund!("AND r.refund_id = $2");
pub const BY_SUBMISSION: &str = refund!("AND r.order_id = $2 AND r.submission = $3");
pub const OF_ORDER: &str = refund!("AND r.order_id = $2 ORDER BY r.refund_id");
/// One page, newest first, of the admin's org unit (`$2`) and below; `$3`: below this id; `$4`: a status or nothing.
pub const LIST: &str = concat!(
    "WITH RECURSIVE scope (org_unit_id) AS (SELECT CAST($2 AS BIGINT) UNION \
     SELECT child.org_unit_id FROM org_unit child JOIN scope ON child.parent_id = scope.org_unit_id \
     WHERE child.merchant_id = $1) ",
    refund!(
        "AND r.refund_id < $3 AND ($4 = '' OR r.status = $4) AND o.org_unit_id IN (SELECT org_unit_id FROM scope) \
         ORDER BY r.refund_id DESC LIMIT $5"
    )
);
/// How many wait for another person, in the admin's scope.
pub const TO_APPROVE: &str = crate::org::in_scope!(
    "SELECT COUNT(*) FROM refund r JOIN orders o ON o.merchant_id = r.merchant_id AND o.order_id = r.order_id \
     WHERE r.merchant_id = $1 AND (r.status = 'requested' OR r.status = 'outside') \
     AND o.org_unit_id IN (SELECT org_unit_id FROM scope)"
);

/// A payment as far as its refunds go.
pub const PAYMENT: &str = "SELECT p.status, p.amount_fen, p.refund_reserved_fen, p.refunded_fen, p.success_at_ms, \
     o.manager_id, o.org_unit_id, t.refund_limit_fen, m.name, p.out_trade_no, p.transaction_id, p.provider_key, p.sub_mchid \
     FROM payment p \
     JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = p.order_id \
     JOIN manager m ON m.merchant_id = o.merchant_id AND m.manager_id = o.manager_id \
     JOIN merchant t ON t.merchant_id = p.merchant_id \
     WHERE p.merchant_id = $1 AND p.order_id = $2 AND p.attempt = $3";
pub const ITEM_OPEN: &str = "SELECT 1 FROM inbox WHERE merchant_id = $1 AND inbox_id = $2 AND state = 'open'";
pub const COUNT: &str = "SELECT COUNT(*) FROM refund WHERE merchant_id = $1 AND order_id = $2";
/// Sets money of a payment aside: whoever asks at the same time, the sum never exceeds it (PRODUCT 6.6).
pub const RESERVE: &str = "UPDATE payment SET refund_reserved_fen = refund_reserved_fen + $4 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND status = 'paid' \
     AND refund_reserved_fen + refunded_fen + $4 <= amount_fen";
pub const RELEASE: &str = "UPDATE payment SET refund_reserved_fen = refund_reserved_fen - $4 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND refund_reserved_fen >= $4";
pub const GIVE_BACK: &str = "UPDATE payment SET refund_reserved_fen = refund_reserved_fen - $4, \
     refunded_fen = refunded_fen + $4 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND refund_reserved_fen >= $4";

macro_rules! insert {
    ($kind:literal, $status:literal) => {
        concat!(
            "INSERT INTO refund (merchant_id, refund_id, order_id, attempt, out_refund_no, kind, amount_fen, status, reason, \
             submission, needs_approval, asked_by, asked_by_name, asked_at_ms, updated_at_ms) \
             VALUES ($1, $2, $3, $4, $5, ",
            $kind,
            ", $6, ",
            $status,
            ", $7, $8, $9, $10, $11, $12, $12)"
        )
    };
}
pub const REQUEST: &str = insert!("'channel'", "'requested'");
pub const REQUEST_APPROVED: &str = insert!("'channel'", "'approved'");
pub const REQUEST_OUTSIDE: &str = insert!("'outside'", "'outside'");
/// One that the institution made without us.
pub const INSERT_FOUND: &str = "INSERT INTO refund (merchant_id, refund_id, order_id, attempt, out_refund_no, kind, \
     amount_fen, status, reason, needs_approval, asked_by, asked_by_name, asked_at_ms, updated_at_ms) \
     VALUES ($1, $2, $3, $4, $5, 'found', $6, 'unknown', '', 0, 'institution', '', $7, $7)";

pub const APPROVE: &str = "UPDATE refund SET status = 'approved', decided_by = $3, decided_by_name = $4, decided_at_ms = $5, \
     decided_words = $6, updated_at_ms = $5 WHERE merchant_id = $1 AND refund_id = $2 AND status = 'requested' AND asked_by <> $3";
/// The second person confirms what was settled outside.
pub const CONFIRM_OUTSIDE: &str = "UPDATE refund SET status = 'succeeded', kind = 'outside', decided_by = $3, \
     decided_by_name = $4, decided_at_ms = $5, decided_words = $6, success_at_ms = COALESCE(outside_at_ms, asked_at_ms), \
     updated_at_ms = $5 WHERE merchant_id = $1 AND refund_id = $2 AND status = 'outside' \
     AND COALESCE(outside_by, asked_by) <> $3";
pub const DECLINE: &str = "UPDATE refund SET status = 'declined', decided_by = $3, decided_by_name = $4, decided_at_ms = $5, \
     decided_words = $6, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND refund_id = $2 AND (status = 'requested' OR (status = 'outside' AND outside_by IS NULL))";
/// The second person does not confirm what the first said of an abnormal one: it stands where it stood.
pub const DECLINE_OUTSIDE: &str = "UPDATE refund SET status = 'abnormal', outside_by = NULL, outside_by_name = NULL, \
     outside_at_ms = NULL, outside_words = NULL, note = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status = 'outside' AND outside_by IS NOT NULL";
pub const SAY_OUTSIDE: &str = "UPDATE refund SET status = 'outside', outside_by = $3, outside_by_name = $4, outside_at_ms = $5, \
     outside_words = $6, updated_at_ms = $5 WHERE merchant_id = $1 AND refund_id = $2 AND status = 'abnormal'";
pub const REDIRECT: &str = "UPDATE refund SET status = 'redirecting', redirect_known_at_ms = NULL, outside_by = $3, \
     outside_by_name = $4, outside_at_ms = $5, outside_words = $6, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status = 'abnormal'";

/// Counted before the asking: what was asked may have been made.
pub const COUNT_ASK: &str = "UPDATE refund SET asks = asks + 1, updated_at_ms = $3 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status IN ('approved', 'unknown', 'not_enough')";
pub const NO_ANSWER: &str = "UPDATE refund SET status = 'unknown', note = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status IN ('approved', 'not_enough', 'unknown')";
pub const NOT_ENOUGH: &str = "UPDATE refund SET status = 'not_enough', note = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status IN ('approved', 'unknown', 'not_enough')";
pub const REFUSE: &str = "UPDATE refund SET status = 'refused', note = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status IN ('approved', 'unknown', 'not_enough')";
pub const REDIRECT_KNOWN: &str = "UPDATE refund SET redirect_known_at_ms = $3, updated_at_ms = $3 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status = 'redirecting'";
pub const REDIRECT_REFUSED: &str = "UPDATE refund SET status = 'abnormal', note = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status = 'redirecting'";

/// What the institution says of it, kept with every move that its word makes.
pub const PROCESSING: &str = "UPDATE refund SET status = 'processing', institution_refund_id = COALESCE($3, institution_refund_id), \
     received_account = COALESCE($4, received_account), note = NULL, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status IN ('approved', 'unknown', 'not_enough', 'refused')";
pub const ABNORMAL: &str = "UPDATE refund SET status = 'abnormal', institution_refund_id = COALESCE($3, institution_refund_id), \
     received_account = COALESCE($4, received_account), updated_at_ms = $5 WHERE merchant_id = $1 AND refund_id = $2 \
     AND status IN ('approved', 'unknown', 'not_enough', 'processing', 'refused', 'redirecting')";
pub const CLOSED: &str = "UPDATE refund SET status = 'closed', institution_refund_id = COALESCE($3, institution_refund_id), \
     received_account = COALESCE($4, received_account), updated_at_ms = $5 WHERE merchant_id = $1 AND refund_id = $2 \
     AND status IN ('approved', 'unknown', 'not_enough', 'processing', 'abnormal', 'redirecting')";
pub const SUCCEEDED: &str = "UPDATE refund SET status = 'succeeded', institution_refund_id = COALESCE($3, institution_refund_id), \
     received_account = COALESCE($4, received_account), note = NULL, updated_at_ms = $5, success_at_ms = $6 \
     WHERE merchant_id = $1 AND refund_id = $2 AND status IN ('approved', 'unknown', 'not_enough', 'processing', 'abnormal', \
     'redirecting', 'outside', 'refused', 'closed')";

pub const KEEP_CALLBACK: &str = "INSERT INTO callback (merchant_id, callback_id, provider_key, out_trade_no, headers, body, \
     received_at_ms, transaction_id, amount_fen, out_refund_no) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
/// It got through, or is over: what stood before a person because of it closes by itself.
pub const SETTLE_ITEMS: &str = "UPDATE inbox SET state = 'closed', closed_how = 'settled', closed_at_ms = $3 \
     WHERE merchant_id = $1 AND refund_id = $2 AND state = 'open' \
     AND (kind = 'refund_waiting' OR (kind = 'refund_abnormal' AND $4 = 'over'))";
/// All of a late or duplicate payment went back: that is what was to be done about it.
pub const MONEY_WENT_BACK: &str = "UPDATE inbox SET state = 'closed', closed_how = 'refunded', closed_by = $4, \
     closed_by_name = $5, closed_at_ms = $6, refund_id = $7 WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 \
     AND state = 'open' AND (kind = 'late' OR kind = 'duplicate') AND EXISTS (SELECT 1 FROM payment p \
     WHERE p.merchant_id = $1 AND p.order_id = $2 AND p.attempt = $3 AND p.refunded_fen = p.amount_fen)";
/// The payment of a manager's own record.
pub const RECORD_PAYMENT: &str = "SELECT order_id, attempt FROM record \
     WHERE merchant_id = $1 AND manager_id = $2 AND record_id = $3";
