//! The money rules as questions: each statement answers with the rows that break its rule, one text per row.

/// One rule.
#[derive(Debug)]
pub struct Rule {
    /// Its name, for people and scripts.
    pub name: &'static str,
    /// Where PRODUCT.md says it.
    pub section: &'static str,
    /// The rule in words.
    pub says: &'static str,
    /// Whose data it is asked of.
    pub scope: Scope,
    /// Answers with what breaks it; `$1` is the merchant where the scope is one.
    pub sql: &'static str,
}

/// Whose data a rule is asked of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Each merchant's.
    Merchant,
    /// The whole installation's.
    Installation,
}

const fn rule(name: &'static str, section: &'static str, says: &'static str, sql: &'static str) -> Rule {
    Rule { name, section, says, scope: Scope::Merchant, sql }
}

/// What waits for a person: late and duplicate money, news that does not agree or names nobody's payment.
pub const WAITING: &str = "SELECT merchant_id, kind, COUNT(*), CAST(SUM(amount_fen) AS BIGINT) FROM inbox \
     WHERE state = 'open' GROUP BY merchant_id, kind ORDER BY merchant_id, kind";
/// Whoever has money in the tables, even where the merchant's own row is gone.
pub const MERCHANTS: &str = "SELECT merchant_id FROM merchant UNION SELECT merchant_id FROM orders \
     UNION SELECT merchant_id FROM payment UNION SELECT merchant_id FROM record UNION SELECT merchant_id FROM inbox \
     UNION SELECT merchant_id FROM refund \
     UNION SELECT merchant_id FROM job WHERE merchant_id > 0 ORDER BY 1";

/// Every account at an institution, with its merchant's name and leave.
pub const ACCOUNTS: &str = "SELECT t.full_name, a.merchant_id, a.account_key, a.provider_key, a.sub_mchid, a.sub_appid, \
     z.secret FROM channel_account a JOIN merchant t ON t.merchant_id = a.merchant_id \
     LEFT JOIN channel_authorization z ON z.merchant_id = a.merchant_id AND z.provider_key = a.provider_key \
     AND z.sub_mchid = a.sub_mchid ORDER BY a.merchant_id, a.account_id";

/// Every rule.
pub const RULES: &[Rule] = &[
    rule(
        "known-words",
        "6.1",
        "an order and a payment have a status that exists",
        "SELECT 'order ' || CAST(order_id AS TEXT) || ' is ' || status FROM orders \
         WHERE merchant_id = $1 AND status NOT IN ('created', 'pending', 'paid', 'closed', 'partly_refunded', 'refunded') \
         UNION ALL SELECT 'payment ' || out_trade_no || ' is ' || status FROM payment \
         WHERE merchant_id = $1 AND status NOT IN ('created', 'pending', 'unknown', 'refused', 'closed', 'paid') \
         UNION ALL SELECT 'refund ' || out_refund_no || ' is ' || status FROM refund WHERE merchant_id = $1 \
         AND (kind NOT IN ('channel', 'outside', 'found') OR status NOT IN ('requested', 'approved', 'unknown', 'processing', \
         'not_enough', 'abnormal', 'redirecting', 'outside', 'succeeded', 'declined', 'refused', 'closed'))",
    ),
    rule(
        "order-paid-once",
        "6.1",
        "a paid order has exactly one payment booked on it",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' has ' || CAST(COUNT(p.attempt) AS TEXT) || ' payments booked on it' \
         FROM orders o LEFT JOIN payment p \
         ON p.merchant_id = o.merchant_id AND p.order_id = o.order_id AND p.booked = 'order' \
         WHERE o.merchant_id = $1 AND o.status IN ('paid', 'partly_refunded', 'refunded') \
         GROUP BY o.order_id HAVING COUNT(p.attempt) <> 1",
    ),
    rule(
        "order-names-its-payment",
        "6.1",
        "a paid order names the payment that paid it, with the same amount and time",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' names attempt ' || COALESCE(CAST(o.paid_attempt AS TEXT), 'none') \
         FROM orders o WHERE o.merchant_id = $1 AND o.status IN ('paid', 'partly_refunded', 'refunded') \
         AND NOT EXISTS (SELECT 1 FROM payment p \
         WHERE p.merchant_id = o.merchant_id AND p.order_id = o.order_id AND p.attempt = o.paid_attempt \
         AND p.status = 'paid' AND p.booked = 'order' AND p.amount_fen = o.amount_fen AND p.success_at_ms = o.paid_at_ms)",
    ),
    rule(
        "unpaid-order-has-no-money",
        "6.1",
        "an order that is not paid has nothing booked on it",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' is ' || o.status FROM orders o \
         WHERE o.merchant_id = $1 AND o.status NOT IN ('paid', 'partly_refunded', 'refunded') \
         AND (o.paid_attempt IS NOT NULL OR o.paid_at_ms IS NOT NULL \
         OR EXISTS (SELECT 1 FROM payment p WHERE p.merchant_id = o.merchant_id AND p.order_id = o.order_id \
         AND p.booked = 'order'))",
    ),
    rule(
        "paid-payment-is-booked",
        "6.2",
        "a payment is paid if and only if it is booked, with the institution's number and time",
        "SELECT 'payment ' || out_trade_no || ' is ' || status || ', booked ' || COALESCE(booked, 'nowhere') FROM payment \
         WHERE merchant_id = $1 AND ((status = 'paid') <> (booked IS NOT NULL) \
         OR (status = 'paid') <> (transaction_id IS NOT NULL) OR (status = 'paid') <> (success_at_ms IS NOT NULL) \
         OR booked NOT IN ('order', 'late', 'duplicate'))",
    ),
    rule(
        "late-on-closed",
        "6.2",
        "a late payment lies on a closed order",
        "SELECT 'payment ' || p.out_trade_no || ' is booked late on an order that is ' || o.status FROM payment p \
         JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = p.order_id \
         WHERE p.merchant_id = $1 AND p.booked = 'late' AND o.status <> 'closed'",
    ),
    rule(
        "duplicate-on-paid",
        "6.2",
        "a duplicate payment lies on a paid order",
        "SELECT 'payment ' || p.out_trade_no || ' is booked duplicate on an order that is ' || o.status FROM payment p \
         JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = p.order_id \
         WHERE p.merchant_id = $1 AND p.booked = 'duplicate' \
         AND o.status NOT IN ('paid', 'partly_refunded', 'refunded')",
    ),
    rule(
        "late-and-duplicate-are-raised",
        "6.2",
        "a late or duplicate payment stands before a person, once and with its amount",
        "SELECT 'payment ' || p.out_trade_no || ' is booked ' || p.booked || ', raised ' || CAST(COUNT(i.inbox_id) AS TEXT) \
         || ' times' FROM payment p LEFT JOIN inbox i ON i.merchant_id = p.merchant_id AND i.order_id = p.order_id \
         AND i.attempt = p.attempt AND i.kind = p.booked AND i.amount_fen = p.amount_fen \
         WHERE p.merchant_id = $1 AND p.booked IN ('late', 'duplicate') \
         GROUP BY p.out_trade_no, p.booked HAVING COUNT(i.inbox_id) <> 1",
    ),
    rule(
        "raised-money-exists",
        "6.2",
        "what is raised as late or duplicate is booked so",
        "SELECT 'inbox ' || i.item_key || ' says ' || i.kind FROM inbox i \
         WHERE i.merchant_id = $1 AND i.kind IN ('late', 'duplicate') AND NOT EXISTS (SELECT 1 FROM payment p \
         WHERE p.merchant_id = i.merchant_id AND p.order_id = i.order_id AND p.attempt = i.attempt AND p.booked = i.kind)",
    ),
    rule(
        "attempt-asks-for-the-order",
        "6.3",
        "every payment asks for exactly the amount of an order that exists",
        "SELECT 'payment ' || p.out_trade_no || ' asks for ' || CAST(p.amount_fen AS TEXT) || ' fen, its order for ' \
         || COALESCE(CAST(o.amount_fen AS TEXT), 'nothing: there is none') FROM payment p \
         LEFT JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = p.order_id \
         WHERE p.merchant_id = $1 AND (o.amount_fen IS NULL OR o.amount_fen <> p.amount_fen)",
    ),
    rule(
        "number-names-its-payment",
        "6.3",
        "our number at the institution names merchant, order and attempt, so that news cannot reach another",
        "SELECT 'payment ' || out_trade_no || ' of order ' || CAST(order_id AS TEXT) FROM payment WHERE merchant_id = $1 \
         AND out_trade_no <> 'M' || CAST(merchant_id AS TEXT) || 'O' || CAST(order_id AS TEXT) || 'A' || CAST(attempt AS TEXT)",
    ),
    rule(
        "verified-news-is-booked",
        "6.4",
        "what a verified callback told is booked",
        "SELECT 'callback ' || CAST(c.callback_id AS TEXT) || ' about ' || c.out_trade_no FROM callback c \
         WHERE c.merchant_id = $1 AND c.out_refund_no IS NULL AND c.transaction_id IS NULL \
         AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.merchant_id = c.merchant_id \
         AND p.out_trade_no = c.out_trade_no AND p.status = 'paid') AND NOT EXISTS (SELECT 1 FROM inbox i \
         WHERE i.merchant_id = c.merchant_id AND i.kind IN ('misfit', 'unmatched') AND c.out_trade_no = 'M' || CAST(i.merchant_id AS TEXT) \
         || 'O' || CAST(i.order_id AS TEXT) || 'A' || CAST(i.attempt AS TEXT))",
    ),
    rule(
        "verified-success-to-the-fen",
        "6.8",
        "every success that a kept callback told is booked under its number, or stands before a person, to the fen",
        "SELECT 'callback ' || CAST(c.callback_id AS TEXT) || ' tells ' || CAST(c.amount_fen AS TEXT) || ' fen of ' \
         || c.out_trade_no || ', transaction ' || c.transaction_id FROM callback c \
         WHERE c.merchant_id = $1 AND c.out_refund_no IS NULL AND c.transaction_id IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.merchant_id = c.merchant_id AND p.transaction_id = c.transaction_id \
         AND p.out_trade_no = c.out_trade_no AND p.status = 'paid' AND p.amount_fen = c.amount_fen) \
         AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.merchant_id = c.merchant_id AND i.kind IN ('misfit', 'unmatched') \
         AND i.amount_fen = c.amount_fen AND i.item_key LIKE '%:' || c.transaction_id || ':%')",
    ),
    rule(
        "verified-refund-is-booked",
        "6.8",
        "every refund that a kept callback told is in the books with its amount, or stands before a person",
        "SELECT 'callback ' || CAST(c.callback_id AS TEXT) || ' about refund ' || c.out_refund_no FROM callback c \
         WHERE c.merchant_id = $1 AND c.out_refund_no IS NOT NULL \
         AND NOT EXISTS (SELECT 1 FROM refund r WHERE r.merchant_id = c.merchant_id AND r.out_refund_no = c.out_refund_no \
         AND r.amount_fen = c.amount_fen AND r.status NOT IN ('requested', 'approved', 'declined')) \
         AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.merchant_id = c.merchant_id AND i.amount_fen = c.amount_fen \
         AND i.kind IN ('refund_misfit', 'refund_found', 'unmatched') AND i.item_key LIKE '%' || c.out_refund_no || '%')",
    ),
    rule(
        "refunds-fit-their-payment",
        "6.6",
        "a payment reserves and gave back what its refunds say, and never more than itself",
        "SELECT 'payment ' || p.out_trade_no || ' reserves ' || CAST(p.refund_reserved_fen AS TEXT) || ' and gave back ' \
         || CAST(p.refunded_fen AS TEXT) || ' of ' || CAST(p.amount_fen AS TEXT) || ' fen' FROM payment p \
         LEFT JOIN refund r ON r.merchant_id = p.merchant_id AND r.order_id = p.order_id AND r.attempt = p.attempt \
         WHERE p.merchant_id = $1 \
         GROUP BY p.out_trade_no, p.refund_reserved_fen, p.refunded_fen, p.amount_fen \
         HAVING p.refund_reserved_fen + p.refunded_fen > p.amount_fen \
         OR p.refunded_fen <> CAST(SUM(CASE WHEN r.status = 'succeeded' THEN r.amount_fen ELSE 0 END) AS BIGINT) \
         OR p.refund_reserved_fen <> CAST(SUM(CASE WHEN r.status IN ('requested', 'approved', 'unknown', 'processing', \
         'not_enough', 'abnormal', 'redirecting', 'outside') THEN r.amount_fen ELSE 0 END) AS BIGINT)",
    ),
    rule(
        "order-agrees-with-refunds",
        "6.1",
        "an order is refunded as far as the payment that paid it went back",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' is ' || o.status || ', ' || CAST(o.refunded_fen AS TEXT) \
         || ' fen went back' FROM orders o \
         LEFT JOIN payment p ON p.merchant_id = o.merchant_id AND p.order_id = o.order_id AND p.attempt = o.paid_attempt \
         WHERE o.merchant_id = $1 AND (o.refunded_fen <> COALESCE(p.refunded_fen, 0) \
         OR (o.status = 'refunded') <> (o.refunded_fen = o.amount_fen) \
         OR (o.status = 'partly_refunded') <> (o.refunded_fen > 0 AND o.refunded_fen < o.amount_fen))",
    ),
    rule(
        "refund-has-its-payment",
        "6.6",
        "only money that came goes back, under a number that names its order",
        "SELECT 'refund ' || r.out_refund_no || ' of order ' || CAST(r.order_id AS TEXT) FROM refund r \
         WHERE r.merchant_id = $1 AND (NOT EXISTS (SELECT 1 FROM payment p WHERE p.merchant_id = r.merchant_id \
         AND p.order_id = r.order_id AND p.attempt = r.attempt AND p.status = 'paid') OR (r.kind <> 'found' \
         AND r.out_refund_no NOT LIKE 'M' || CAST(r.merchant_id AS TEXT) || 'O' || CAST(r.order_id AS TEXT) || 'R%'))",
    ),
    rule(
        "refund-has-two-persons",
        "6.6",
        "what needs another person was decided by another person",
        "SELECT 'refund ' || r.out_refund_no || ' is ' || r.status || ', asked for by ' || r.asked_by || ', decided by ' \
         || COALESCE(r.decided_by, 'nobody') FROM refund r WHERE r.merchant_id = $1 AND r.kind <> 'found' \
         AND ((r.kind = 'channel' AND r.needs_approval = 1 AND r.status NOT IN ('requested', 'declined') \
         AND (r.decided_by IS NULL OR r.decided_by = r.asked_by)) OR (r.kind = 'outside' AND r.status = 'succeeded' \
         AND (r.decided_by IS NULL OR r.decided_by = COALESCE(r.outside_by, r.asked_by))))",
    ),
    rule(
        "refund-is-asked-about",
        "6.5",
        "every refund that the institution may have has the job that asks about it, waiting",
        "SELECT 'refund ' || r.out_refund_no || ' is ' || r.status || ', its job ' || COALESCE(j.state, 'missing') \
         FROM refund r LEFT JOIN job j \
         ON j.merchant_id = r.merchant_id AND j.kind = 'refund.ask' AND j.job_key = r.out_refund_no \
         WHERE r.merchant_id = $1 AND r.kind <> 'outside' AND COALESCE(j.state, '') <> 'waiting' \
         AND r.status IN ('approved', 'unknown', 'processing', 'not_enough', 'abnormal', 'redirecting', 'outside')",
    ),
    rule(
        "stuck-refund-is-raised",
        "6.6",
        "a refund that waits for money, came back or was made without us stands before a person",
        "SELECT 'refund ' || r.out_refund_no || ' is ' || r.kind || ' and ' || r.status FROM refund r WHERE r.merchant_id = $1 \
         AND ((r.status = 'not_enough' AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.merchant_id = r.merchant_id \
         AND i.refund_id = r.refund_id AND i.kind = 'refund_waiting' AND i.state = 'open')) \
         OR (r.status IN ('abnormal', 'redirecting') AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.merchant_id = r.merchant_id \
         AND i.refund_id = r.refund_id AND i.kind = 'refund_abnormal' AND i.state = 'open')) \
         OR (r.kind = 'found' AND NOT EXISTS (SELECT 1 FROM inbox i WHERE i.merchant_id = r.merchant_id \
         AND i.refund_id = r.refund_id AND i.kind = 'refund_found')))",
    ),
    rule(
        "closed-item-says-how",
        "6.2",
        "what was put before a person is closed by a person who says how, or by the refund that got through",
        "SELECT 'inbox ' || i.item_key || ' is ' || i.state || ', ' || COALESCE(i.closed_how, 'nobody says how') FROM inbox i \
         WHERE i.merchant_id = $1 AND ((i.state = 'closed' AND (i.closed_how IS NULL OR i.closed_at_ms IS NULL \
         OR (i.closed_how <> 'settled' AND i.closed_by IS NULL))) OR (i.state = 'open' AND i.closed_how IS NOT NULL) \
         OR (i.closed_how = 'refunded' AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.merchant_id = i.merchant_id \
         AND p.order_id = i.order_id AND p.attempt = i.attempt AND p.refunded_fen = p.amount_fen)) \
         OR (i.closed_how = 'settled' AND i.kind NOT IN ('refund_waiting', 'refund_abnormal')))",
    ),
    rule(
        "claimed-money-has-its-record",
        "6.2",
        "late or duplicate money that was claimed has exactly one record, of its amount, time and manager",
        "SELECT 'inbox ' || i.item_key || ' is claimed, records ' || CAST(COUNT(r.record_id) AS TEXT) FROM inbox i \
         JOIN payment p ON p.merchant_id = i.merchant_id AND p.order_id = i.order_id AND p.attempt = i.attempt \
         JOIN orders o ON o.merchant_id = i.merchant_id AND o.order_id = i.order_id \
         LEFT JOIN record r ON r.merchant_id = i.merchant_id AND r.order_id = i.order_id AND r.attempt = i.attempt \
         AND r.amount_fen = i.amount_fen AND r.success_at_ms = p.success_at_ms AND r.manager_id = o.manager_id \
         WHERE i.merchant_id = $1 AND i.closed_how = 'claimed' GROUP BY i.item_key HAVING COUNT(r.record_id) <> 1",
    ),
    rule(
        "live-attempt-is-open",
        "6.5",
        "an order's live attempt is a payment that may still be paid",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' has live attempt ' || CAST(o.live_attempt AS TEXT) FROM orders o \
         WHERE o.merchant_id = $1 AND o.live_attempt IS NOT NULL AND NOT EXISTS (SELECT 1 FROM payment p \
         WHERE p.merchant_id = o.merchant_id AND p.order_id = o.order_id AND p.attempt = o.live_attempt \
         AND p.status IN ('created', 'pending', 'unknown'))",
    ),
    rule(
        "open-attempt-is-live",
        "6.5",
        "a payment that may still be paid is its order's live attempt, so that no second one starts",
        "SELECT 'payment ' || p.out_trade_no || ' is ' || p.status FROM payment p \
         JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = p.order_id \
         WHERE p.merchant_id = $1 AND p.status IN ('created', 'pending', 'unknown') \
         AND COALESCE(o.live_attempt, 0) <> p.attempt",
    ),
    rule(
        "attempts-are-counted",
        "6.5",
        "an order counts its payments, so that each has a number of its own",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' counts ' || CAST(o.attempts AS TEXT) || ' attempts, there are ' \
         || CAST(COUNT(p.attempt) AS TEXT) FROM orders o \
         LEFT JOIN payment p ON p.merchant_id = o.merchant_id AND p.order_id = o.order_id WHERE o.merchant_id = $1 \
         GROUP BY o.order_id, o.attempts HAVING COUNT(p.attempt) <> o.attempts OR COALESCE(MAX(p.attempt), 0) <> o.attempts",
    ),
    rule(
        "closed-order-is-over",
        "6.5",
        "a closed order has no payment that may still be paid, and says when it was closed",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' is closed' FROM orders o \
         WHERE o.merchant_id = $1 AND o.status = 'closed' AND (o.closed_at_ms IS NULL OR EXISTS (SELECT 1 FROM payment p \
         WHERE p.merchant_id = o.merchant_id AND p.order_id = o.order_id \
         AND p.status IN ('created', 'pending', 'unknown')))",
    ),
    rule(
        "attempt-is-asked-about",
        "6.5",
        "every payment has the job that asks what became of it, waiting as long as it may still be paid",
        "SELECT 'payment ' || p.out_trade_no || ' is ' || p.status || ', its job ' || COALESCE(j.state, 'missing') \
         FROM payment p LEFT JOIN job j \
         ON j.merchant_id = p.merchant_id AND j.kind = 'payment.ask' AND j.job_key = p.out_trade_no \
         WHERE p.merchant_id = $1 AND (j.state IS NULL OR j.state = 'failed' \
         OR (p.status IN ('created', 'pending', 'unknown') AND j.state <> 'waiting'))",
    ),
    rule(
        "open-order-ends",
        "6.5",
        "every order that may still be paid has the job that will end it, waiting",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' is ' || o.status || ', its job ' || COALESCE(j.state, 'missing') \
         FROM orders o LEFT JOIN job j \
         ON j.merchant_id = o.merchant_id AND j.kind = 'order.expire' AND j.job_key = CAST(o.order_id AS TEXT) \
         WHERE o.merchant_id = $1 AND o.status IN ('created', 'pending') AND COALESCE(j.state, '') <> 'waiting'",
    ),
    rule(
        "paid-order-is-told",
        "6.7",
        "every paid order has the job that tells of it, once, done or due; no other order has",
        "SELECT 'order ' || CAST(o.order_id AS TEXT) || ' is ' || o.status || ', jobs ' || CAST(COUNT(j.job_key) AS TEXT) \
         FROM orders o LEFT JOIN job j ON j.merchant_id = o.merchant_id AND j.kind = 'order.after_paid' \
         AND j.job_key = CAST(o.order_id AS TEXT) \
         AND (o.status NOT IN ('paid', 'partly_refunded', 'refunded') OR j.state IN ('waiting', 'done')) \
         WHERE o.merchant_id = $1 GROUP BY o.order_id, o.status \
         HAVING COUNT(j.job_key) <> CASE WHEN o.status IN ('paid', 'partly_refunded', 'refunded') THEN 1 ELSE 0 END",
    ),
    rule(
        "booked-order-has-its-record",
        "6.7",
        "a payment booked on its order has exactly one record, of its amount, time and manager",
        "SELECT 'payment ' || p.out_trade_no || ' has ' || CAST(COUNT(r.record_id) AS TEXT) || ' records' FROM payment p \
         JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = p.order_id \
         LEFT JOIN record r ON r.merchant_id = p.merchant_id AND r.order_id = p.order_id AND r.attempt = p.attempt \
         AND r.amount_fen = p.amount_fen AND r.success_at_ms = p.success_at_ms AND r.manager_id = o.manager_id \
         WHERE p.merchant_id = $1 AND p.booked = 'order' GROUP BY p.out_trade_no HAVING COUNT(r.record_id) <> 1",
    ),
    rule(
        "record-has-its-booking",
        "6.7",
        "a record stands for a payment booked on its order or claimed by a person, and for nothing else",
        "SELECT 'record ' || CAST(r.record_id AS TEXT) || ' of order ' || CAST(r.order_id AS TEXT) FROM record r \
         WHERE r.merchant_id = $1 AND NOT EXISTS (SELECT 1 FROM payment p WHERE p.merchant_id = r.merchant_id \
         AND p.order_id = r.order_id AND p.attempt = r.attempt AND p.amount_fen = r.amount_fen AND (p.booked = 'order' \
         OR EXISTS (SELECT 1 FROM inbox i WHERE i.merchant_id = p.merchant_id AND i.order_id = p.order_id \
         AND i.attempt = p.attempt AND i.kind = p.booked AND i.closed_how = 'claimed')))",
    ),
    rule(
        "job-state-is-sane",
        "6.7",
        "a job waits, or has ended at a time",
        "SELECT 'job ' || kind || ' ' || job_key || ' is ' || state FROM job WHERE merchant_id = $1 \
         AND (state NOT IN ('waiting', 'done', 'failed') OR (state = 'waiting' AND ended_at_ms IS NOT NULL) \
         OR (state <> 'waiting' AND ended_at_ms IS NULL) OR attempts < 0)",
    ),
    Rule {
        name: "transaction-booked-once",
        section: "6.8",
        says: "a payment of the institution is booked once, whatever brought the news",
        scope: Scope::Installation,
        sql: "SELECT 'transaction ' || transaction_id || ' is booked ' || CAST(COUNT(*) AS TEXT) || ' times' FROM payment \
              WHERE transaction_id IS NOT NULL GROUP BY transaction_id HAVING COUNT(*) > 1",
    },
    rule(
        "books-balance",
        "6.8",
        "successes = booked + late + duplicate, and orders, records (with what was claimed) and the inbox say the same, to the fen",
        "WITH bank AS (SELECT \
         CAST(COALESCE(SUM(CASE WHEN status = 'paid' THEN amount_fen ELSE 0 END), 0) AS BIGINT) AS successes, \
         CAST(COALESCE(SUM(CASE WHEN booked = 'order' THEN amount_fen ELSE 0 END), 0) AS BIGINT) AS booked, \
         CAST(COALESCE(SUM(CASE WHEN booked IN ('late', 'duplicate') THEN amount_fen ELSE 0 END), 0) AS BIGINT) AS raised \
         FROM payment WHERE merchant_id = $1), \
         owed AS (SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen FROM orders \
         WHERE merchant_id = $1 AND status IN ('paid', 'partly_refunded', 'refunded')), \
         told AS (SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen FROM record WHERE merchant_id = $1), \
         shown AS (SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen FROM inbox \
         WHERE merchant_id = $1 AND kind IN ('late', 'duplicate')), \
         claims AS (SELECT CAST(COALESCE(SUM(amount_fen), 0) AS BIGINT) AS fen FROM inbox \
         WHERE merchant_id = $1 AND closed_how = 'claimed') \
         SELECT 'fen: successes ' || CAST(successes AS TEXT) || ', booked ' || CAST(booked AS TEXT) || ', late and duplicate ' \
         || CAST(raised AS TEXT) || '; paid orders ' || CAST(owed.fen AS TEXT) || ', records ' || CAST(told.fen AS TEXT) \
         || ', inbox ' || CAST(shown.fen AS TEXT) || ', claimed ' || CAST(claims.fen AS TEXT) \
         FROM bank, owed, told, shown, claims \
         WHERE successes <> booked + raised OR booked <> owed.fen OR booked + claims.fen <> told.fen OR raised <> shown.fen",
    ),
    rule(
        "amounts-are-positive",
        "6.9",
        "every amount is a positive number of fen",
        "SELECT 'order ' || CAST(order_id AS TEXT) || ': ' || CAST(amount_fen AS TEXT) || ' fen' FROM orders \
         WHERE merchant_id = $1 AND amount_fen <= 0 \
         UNION ALL SELECT 'payment ' || out_trade_no || ': ' || CAST(amount_fen AS TEXT) || ' fen' FROM payment \
         WHERE merchant_id = $1 AND (amount_fen <= 0 OR payer_total_fen < 0 OR settlement_fen < 0) \
         UNION ALL SELECT 'refund ' || out_refund_no || ': ' || CAST(amount_fen AS TEXT) || ' fen' FROM refund \
         WHERE merchant_id = $1 AND amount_fen <= 0",
    ),
    rule(
        "one-session",
        "3.1",
        "one account, one session",
        "SELECT 'manager ' || CAST(manager_id AS TEXT) || ' has ' || CAST(COUNT(*) AS TEXT) || ' sessions' \
         FROM manager_session WHERE merchant_id = $1 AND state = 'active' GROUP BY manager_id HAVING COUNT(*) > 1",
    ),
    rule(
        "one-default-code",
        "3.2",
        "a manager has one live default code",
        "SELECT 'manager ' || CAST(manager_id AS TEXT) || ' has ' || CAST(COUNT(*) AS TEXT) || ' default codes' \
         FROM collection_code WHERE merchant_id = $1 AND kind = 'default' AND state = 'live' \
         GROUP BY manager_id HAVING COUNT(*) > 1",
    ),
    rule(
        "replaced-code-dies",
        "3.2",
        "a replaced code dies three hours after the refresh that replaced it, never later",
        "SELECT 'code ' || c.short_id || ' lives until ' || COALESCE(CAST(c.expires_at_ms AS TEXT), 'for ever') \
         FROM collection_code c LEFT JOIN collection_code n ON n.merchant_id = c.merchant_id AND n.code_id = c.superseded_by \
         WHERE c.merchant_id = $1 AND c.state = 'superseded' AND (c.expires_at_ms IS NULL OR n.created_at_ms IS NULL \
         OR c.expires_at_ms > n.created_at_ms + 10800000)",
    ),
];
