//! SQL of admins and their sessions.

pub const BY_LOGIN: &str = "SELECT admin_id, login, name, email, role, org_unit_id, state, password_hash FROM admin \
     WHERE merchant_id = $1 AND admin_id = $2";
pub const PROFILE: &str = "SELECT a.login, a.name, a.role, m.full_name, m.short_name \
     FROM admin a JOIN merchant m ON m.merchant_id = a.merchant_id WHERE a.merchant_id = $1 AND a.admin_id = $2";
pub const INSERT: &str = "INSERT INTO admin (merchant_id, admin_id, login, name, email, password_hash, role, org_unit_id, \
     state, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'active', $9, $9)";
pub const UPDATE: &str = "UPDATE admin SET name = $3, email = $4, role = $5, org_unit_id = $6, updated_at_ms = $7 \
     WHERE merchant_id = $1 AND admin_id = $2";
pub const SET_PASSWORD: &str = "UPDATE admin SET password_hash = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND admin_id = $2";
/// Holds the account as the password was checked against it.
pub const HOLD: &str = "UPDATE admin SET state = state \
     WHERE merchant_id = $1 AND admin_id = $2 AND state = 'active' AND password_hash = $3";

pub const BEGIN_SESSION: &str = "INSERT INTO admin_session (merchant_id, session_id, admin_id, token_hash, csrf_token, \
     device, network, created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
pub const BY_TOKEN: &str = "SELECT s.session_id, s.admin_id, s.csrf_token, s.expires_at_ms, s.ended_at_ms, a.name, \
     a.org_unit_id, a.role, a.state FROM admin_session s \
     JOIN admin a ON a.merchant_id = s.merchant_id AND a.admin_id = s.admin_id \
     WHERE s.merchant_id = $1 AND s.token_hash = $2";
pub const END_SESSION: &str = "UPDATE admin_session SET ended_at_ms = $3 \
     WHERE merchant_id = $1 AND session_id = $2 AND ended_at_ms IS NULL";
pub const END_SESSIONS_OF: &str = "UPDATE admin_session SET ended_at_ms = $3 \
     WHERE merchant_id = $1 AND admin_id = $2 AND ended_at_ms IS NULL";
