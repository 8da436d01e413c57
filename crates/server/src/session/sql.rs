//! SQL of managers' sessions, of login codes, of the login directory and of throttled logins.

/// By token: the present one, or the one that it replaced.
pub const BY_TOKEN: &str = "SELECT s.session_id, s.manager_id, s.state, s.expires_at_ms, s.ended_at_ms, \
     s.displaced_device, s.displaced_network, CASE WHEN s.token_hash = $2 THEN 0 ELSE 1 END, m.state, m.org_unit_id \
     FROM manager_session s JOIN manager m ON m.merchant_id = s.merchant_id AND m.manager_id = s.manager_id \
     WHERE s.merchant_id = $1 AND (s.token_hash = $2 OR s.previous_hash = $2)";
pub const BY_ID: &str = "SELECT s.session_id, s.manager_id, s.state, s.expires_at_ms, s.ended_at_ms, \
     s.displaced_device, s.displaced_network, 0, m.state, m.org_unit_id \
     FROM manager_session s JOIN manager m ON m.merchant_id = s.merchant_id AND m.manager_id = s.manager_id \
     WHERE s.merchant_id = $1 AND s.session_id = $2";
/// Changes nothing, and holds the row: whoever wants to end this session waits for the transaction, and a transaction
/// that waited for its end finds no row.
pub const HOLD: &str = "UPDATE manager_session SET state = state \
     WHERE merchant_id = $1 AND session_id = $2 AND state = 'active'";
pub const INSERT: &str = "INSERT INTO manager_session (merchant_id, session_id, manager_id, token_hash, identity, device, \
     network, state, created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', $8, $9)";
pub const DISPLACE: &str = "UPDATE manager_session SET state = 'displaced', ended_at_ms = $3, displaced_device = $4, \
     displaced_network = $5 WHERE merchant_id = $1 AND manager_id = $2 AND state = 'active' RETURNING session_id";
pub const END_OF_MANAGER: &str = "UPDATE manager_session SET state = 'ended', ended_at_ms = $3 \
     WHERE merchant_id = $1 AND manager_id = $2 AND state = 'active' RETURNING session_id";
pub const END_BY_TOKEN: &str = "UPDATE manager_session SET state = 'ended', ended_at_ms = $3 \
     WHERE merchant_id = $1 AND (token_hash = $2 OR previous_hash = $2) AND state = 'active' \
     RETURNING session_id, manager_id";
pub const RENEW: &str = "UPDATE manager_session SET token_hash = $4, previous_hash = $3, device = $5, network = $6, \
     expires_at_ms = $7 WHERE merchant_id = $1 AND session_id = $2 AND (token_hash = $3 OR previous_hash = $3) \
     AND identity = $8 AND state = 'active'";
/// The account as the password was checked against it: whoever changed it since makes this find nothing.
pub const LOGGED_IN: &str = "UPDATE manager SET identity_kind = $3, identity = $4, \
     bound_at_ms = COALESCE(bound_at_ms, $5), last_login_at_ms = $5 WHERE merchant_id = $1 AND manager_id = $2 \
     AND state = 'active' AND password_hash = $6 \
     AND (identity IS NULL OR (identity_kind = $3 AND identity = $4))";
pub const ACCOUNT: &str = "SELECT password_hash, state FROM manager WHERE merchant_id = $1 AND manager_id = $2";
/// Changes nothing, and holds the account's row until the transaction ends.
pub const HOLD_ACCOUNT: &str = "UPDATE manager SET state = state WHERE merchant_id = $1 AND manager_id = $2 \
     RETURNING state, password_hash, mobile, name, identity_kind, identity";
/// A right code binds another identity.
pub const REBIND: &str = "UPDATE manager SET identity_kind = $3, identity = $4, bound_at_ms = $5 \
     WHERE merchant_id = $1 AND manager_id = $2";

pub const CODES_SINCE: &str = "SELECT created_at_ms FROM login_code \
     WHERE merchant_id = $1 AND manager_id = $2 AND created_at_ms > $3 ORDER BY created_at_ms DESC";
pub const INSERT_CODE: &str = "INSERT INTO login_code (merchant_id, code_id, manager_id, identity, code_mac, tries, \
     created_at_ms, expires_at_ms) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)";
pub const NEWEST_CODE: &str = "SELECT code_id, identity, code_mac, tries, expires_at_ms, used_at_ms FROM login_code \
     WHERE merchant_id = $1 AND manager_id = $2 ORDER BY code_id DESC LIMIT 1";
pub const COUNT_TRY: &str = "UPDATE login_code SET tries = tries + 1 WHERE merchant_id = $1 AND code_id = $2";
pub const USE_CODE: &str = "UPDATE login_code SET used_at_ms = $3 WHERE merchant_id = $1 AND code_id = $2";
pub const FORGET_CODES: &str = "DELETE FROM login_code WHERE created_at_ms <= $1";

pub const DIRECTORY_FIND: &str = "SELECT merchant_id, person_id FROM login_directory WHERE kind = $1 AND value = $2";
pub const DIRECTORY_ADD: &str = "INSERT INTO login_directory (kind, value, merchant_id, person_id) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (kind, value) DO NOTHING";
/// Changes nothing, and holds the row until the transaction ends.
pub const DIRECTORY_HOLD: &str = "UPDATE login_directory SET value = value WHERE kind = $1 AND value = $2 \
     RETURNING merchant_id, person_id";
pub const DIRECTORY_MOVE: &str =
    "UPDATE login_directory SET merchant_id = $3, person_id = $4 WHERE kind = $1 AND value = $2";
pub const DIRECTORY_DROP: &str =
    "DELETE FROM login_directory WHERE kind = $1 AND value = $2 AND merchant_id = $3 AND person_id = $4";

/// Counts an attempt as a failure until it has proved otherwise; finds nothing while the subject has to wait.
pub const RESERVE: &str = "INSERT INTO login_throttle (subject, failures, last_at_ms, locked_until_ms) \
     VALUES ($1, 1, $2, 0) ON CONFLICT (subject) DO UPDATE SET \
     failures = CASE WHEN login_throttle.last_at_ms < $3 THEN 1 ELSE login_throttle.failures + 1 END, \
     last_at_ms = excluded.last_at_ms WHERE login_throttle.locked_until_ms <= $2 RETURNING failures";
pub const WAIT_UNTIL: &str = "UPDATE login_throttle SET locked_until_ms = $2 WHERE subject = $1";
pub const WAITING: &str = "SELECT failures, locked_until_ms FROM login_throttle WHERE subject = $1";
pub const FORGIVE_ACCOUNT: &str = "DELETE FROM login_throttle WHERE subject = $1";
pub const FORGIVE_ADDRESS: &str = "UPDATE login_throttle SET failures = failures - 1, locked_until_ms = 0 \
     WHERE subject = $1 AND failures > 0";
pub const SWEEP: &str = "DELETE FROM login_throttle WHERE last_at_ms < $1 AND locked_until_ms < $1";
