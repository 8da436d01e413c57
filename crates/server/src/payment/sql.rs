//! SQL of payments. Each move of a status is one conditional update; the two that write paid belong to `confirm`.

pub const GET: &str = "SELECT p.order_id, p.attempt, p.account_id, p.provider_key, p.sub_mchid, a.sub_appid, p.way, p.payer_id, \
     p.client_ip, p.description, p.amount_fen, p.status, p.credential, p.credential_until_ms, p.created_at_ms, \
     p.expires_at_ms, a.channel, z.secret, p.updated_at_ms FROM payment p \
     JOIN channel_account a ON a.merchant_id = p.merchant_id AND a.account_id = p.account_id \
     LEFT JOIN channel_authorization z ON z.merchant_id = p.merchant_id AND z.provider_key = p.provider_key \
     AND z.sub_mchid = p.sub_mchid \
     WHERE p.merchant_id = $1 AND p.order_id = $2 AND p.attempt = $3";
pub const OPEN_ATTEMPTS: &str = "SELECT attempt FROM payment \
     WHERE merchant_id = $1 AND order_id = $2 AND status IN ('created', 'pending', 'unknown') ORDER BY attempt";
pub const INSERT: &str = "INSERT INTO payment (merchant_id, order_id, attempt, out_trade_no, account_id, provider_key, \
     sub_mchid, way, payer_id, client_ip, description, amount_fen, status, created_at_ms, expires_at_ms, updated_at_ms) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'created', $13, $14, $13)";
pub const READY: &str = "UPDATE payment SET status = 'pending', credential = $4, credential_until_ms = $5, updated_at_ms = $6 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND status IN ('created', 'unknown', 'pending')";
pub const NO_ANSWER: &str = "UPDATE payment SET status = 'unknown', note = $4, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND status = 'created'";
pub const REFUSE: &str = "UPDATE payment SET status = 'refused', note = $4, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND status IN ('created', 'unknown')";
pub const CLOSE: &str = "UPDATE payment SET status = 'closed', note = $4, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND status IN ('created', 'pending', 'unknown')";
/// It is about to be sent again: until that call can be over, nobody may conclude that it was never made.
pub const SENDING: &str = "UPDATE payment SET updated_at_ms = $4 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND status IN ('created', 'unknown')";
/// Given up because the institution has never heard of it: only while nobody was handed what it takes to pay. A call
/// that was under way meanwhile may have made it after all.
pub const NEVER_MADE: &str = "UPDATE payment SET status = 'closed', note = $4, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND status IN ('created', 'unknown')";

pub const NOTE: &str = "UPDATE payment SET note = $4, updated_at_ms = $5 WHERE merchant_id = $1 AND order_id = $2 \
     AND attempt = $3 AND (status = 'created' OR status = 'pending' OR status = 'unknown')";

/// What must agree with a success before it is booked, and whom it is told to.
pub const EXPECTED: &str = "SELECT p.status, p.transaction_id, p.amount_fen, p.sub_mchid, p.provider_key, o.status, \
     o.manager_id, o.org_unit_id FROM payment p JOIN orders o ON o.merchant_id = p.merchant_id AND o.order_id = p.order_id \
     WHERE p.merchant_id = $1 AND p.order_id = $2 AND p.attempt = $3";
pub const KEEP_CALLBACK: &str = "INSERT INTO callback (merchant_id, callback_id, provider_key, out_trade_no, headers, body, \
     received_at_ms, transaction_id, amount_fen) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub const PAY_ORDER: &str = "UPDATE orders SET status = 'paid', paid_attempt = $3, paid_at_ms = $4, \
     live_attempt = CASE WHEN live_attempt = $3 THEN NULL ELSE live_attempt END \
     WHERE merchant_id = $1 AND order_id = $2 AND status IN ('created', 'pending')";
pub const PAY: &str = "UPDATE payment SET status = 'paid', booked = $4, transaction_id = $5, payer_total_fen = $6, \
     settlement_fen = $7, trade_type = $8, success_at_ms = $9, credential = NULL, updated_at_ms = $10 \
     WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 AND status <> 'paid'";
pub const RECORD: &str = "INSERT INTO record (merchant_id, record_id, manager_id, org_unit_id, order_id, attempt, \
     amount_fen, success_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
/// What booking a callback's success runs, in this order; `make bench` runs the same texts without us.
pub const BOOKING: [&str; 7] = [EXPECTED, KEEP_CALLBACK, PAY_ORDER, PAY, RECORD, crate::live::TELL, jobs::ENQUEUE];
pub const RAISE: &str = "INSERT INTO inbox (merchant_id, inbox_id, kind, item_key, order_id, attempt, amount_fen, detail, \
     created_at_ms, refund_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
     ON CONFLICT (merchant_id, item_key) DO NOTHING";
