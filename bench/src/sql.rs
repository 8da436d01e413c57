//! SQL of the bench itself: what it reads of the merchant, the orders that wait, and what it counts afterwards.

pub const WORLD: &str = "SELECT c.merchant_id, c.token, c.code_id, c.manager_id, c.org_unit_id, f.form_id, f.version, \
     a.account_id, a.provider_key, a.sub_mchid FROM collection_code c \
     JOIN merchant t ON t.merchant_id = c.merchant_id \
     JOIN form f ON f.merchant_id = c.merchant_id AND f.form_id = t.default_form_id \
     JOIN channel_account a ON a.merchant_id = c.merchant_id AND a.channel = 'wechatpay' WHERE c.state = 'live'";
/// Nothing of the set-up is left to be done while something is measured.
pub const NOTHING_DUE: &str = "UPDATE job SET state = 'done', ended_at_ms = $1 WHERE state = 'waiting'";
pub const ORDER: &str = "INSERT INTO orders (merchant_id, order_id, token, submission, code_id, manager_id, org_unit_id, \
     form_id, form_version, form_values, title, subtitle, amount_fen, status, attempts, live_attempt, \
     created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, '', $12, 'pending', 1, 1, $13, $14)";
pub const PAYMENT: &str = "INSERT INTO payment (merchant_id, order_id, attempt, out_trade_no, account_id, provider_key, \
     sub_mchid, way, payer_id, client_ip, description, amount_fen, status, credential, credential_until_ms, created_at_ms, \
     expires_at_ms, updated_at_ms) VALUES ($1, $2, 1, $3, $4, $5, $6, 'jsapi', $7, '203.0.113.9', $8, $9, 'pending', $10, $12, \
     $11, $12, $11)";
pub const BOOKED: &str = "SELECT COUNT(*) FROM orders o \
     JOIN payment p ON p.merchant_id = o.merchant_id AND p.order_id = o.order_id AND p.booked = 'order' \
     JOIN record r ON r.merchant_id = o.merchant_id AND r.order_id = o.order_id WHERE o.status = 'paid'";
pub const KEPT: &str = "SELECT COUNT(*) FROM callback";
pub const EVENTS: &str = "SELECT COUNT(*) FROM live_event";
pub const FOLLOWING: &str = "SELECT COUNT(*) FROM job WHERE kind = 'order.after_paid'";
pub const PLACED: &str = "SELECT COUNT(*) FROM orders o \
     JOIN job j ON j.merchant_id = o.merchant_id AND j.kind = 'order.expire' AND j.job_key = CAST(o.order_id AS TEXT) \
     WHERE o.status = 'created'";

/// A session of the manager (`$2`) with the token of hash `$3`, for as long as the bench runs.
pub const SESSION: &str = "INSERT INTO manager_session (merchant_id, session_id, manager_id, token_hash, identity, device, \
     network, state, created_at_ms, expires_at_ms) VALUES ($1, 1, $2, $3, 'bench', 'bench', '127.0.*.*', 'active', $4, \
     $4 + 86400000)";
pub const PAID_ORDER: &str = "INSERT INTO orders (merchant_id, order_id, token, code_id, manager_id, org_unit_id, form_id, \
     form_version, form_values, title, subtitle, amount_fen, status, attempts, paid_attempt, paid_at_ms, created_at_ms, \
     expires_at_ms) VALUES ($1, $2, 'o' || $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'paid', 1, 1, $12, $12, $12)";
pub const PAID_PAYMENT: &str = "INSERT INTO payment (merchant_id, order_id, attempt, out_trade_no, account_id, provider_key, \
     sub_mchid, way, client_ip, description, amount_fen, status, booked, transaction_id, success_at_ms, created_at_ms, \
     expires_at_ms, updated_at_ms) VALUES ($1, $2, 1, $3, $4, $5, $6, 'jsapi', '203.0.113.9', '云杉教育', $7, 'paid', 'order', \
     $8, $9, $9, $9, $9)";
pub const RECORD: &str = "INSERT INTO record (merchant_id, record_id, manager_id, org_unit_id, order_id, attempt, amount_fen, \
     success_at_ms) VALUES ($1, $2, $3, $4, $5, 1, $6, $7)";
pub const SEARCH_TEXT: &str =
    "INSERT INTO record_search (merchant_id, record_id, manager_id, amount_fen, text) VALUES ($1, $2, $3, $4, $5)";
pub const SEARCH_GRAMS: &str = "INSERT INTO record_words (rowid, words) VALUES ($1, $2)";
pub const COPY_ORDERS: &str = "COPY orders (merchant_id, order_id, token, code_id, manager_id, org_unit_id, form_id, \
     form_version, form_values, title, subtitle, amount_fen, status, attempts, paid_attempt, paid_at_ms, created_at_ms, \
     expires_at_ms) FROM STDIN";
pub const COPY_PAYMENTS: &str = "COPY payment (merchant_id, order_id, attempt, out_trade_no, account_id, provider_key, \
     sub_mchid, way, client_ip, description, amount_fen, status, booked, transaction_id, success_at_ms, created_at_ms, \
     expires_at_ms, updated_at_ms) FROM STDIN";
pub const COPY_RECORDS: &str = "COPY record (merchant_id, record_id, manager_id, org_unit_id, order_id, attempt, amount_fen, \
     success_at_ms) FROM STDIN";
pub const COPY_SEARCH: &str =
    "COPY record_search (merchant_id, record_id, manager_id, amount_fen, text, words) FROM STDIN";
pub const GRAMS_INDEX: &str = "SELECT pg_get_indexdef('record_search_words'::regclass)";
