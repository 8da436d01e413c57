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
