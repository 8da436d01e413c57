//! SQL of collection codes.

/// A code with what the payer's page needs to know around it.
pub const FIND: &str = "SELECT c.code_id, c.short_id, c.name, c.manager_id, m.name, m.state, m.org_unit_id, \
     COALESCE(c.form_id, t.default_form_id), t.full_name, t.short_name, c.state, c.expires_at_ms, t.pages_epoch \
     FROM collection_code c \
     JOIN manager m ON m.merchant_id = c.merchant_id AND m.manager_id = c.manager_id \
     JOIN merchant t ON t.merchant_id = c.merchant_id \
     WHERE c.merchant_id = $1 AND c.token = $2";
pub const LIVING: &str = "SELECT code_id, short_id, token, name, kind, state, expires_at_ms, last_scanned_at_ms, \
     created_at_ms FROM collection_code WHERE merchant_id = $1 AND manager_id = $2 AND kind = 'default' \
     AND (state = 'live' OR (state = 'superseded' AND expires_at_ms > $3)) ORDER BY code_id DESC";
pub const NAMES: &str = "SELECT t.full_name, m.name, m.org_unit_id FROM manager m \
     JOIN merchant t ON t.merchant_id = m.merchant_id WHERE m.merchant_id = $1 AND m.manager_id = $2";
pub const ISSUE: &str = "INSERT INTO collection_code (merchant_id, code_id, token, short_id, manager_id, org_unit_id, \
     kind, name, state, created_at_ms) VALUES ($1, $2, $3, $4, $5, $6, 'default', $7, 'live', $8) ON CONFLICT DO NOTHING";
pub const EXTRA: &str = "SELECT code_id, token, form_id FROM collection_code \
     WHERE merchant_id = $1 AND manager_id = $2 AND kind = 'extra' AND name = $3 AND state = 'live'";
pub const ISSUE_EXTRA: &str = "INSERT INTO collection_code (merchant_id, code_id, token, short_id, manager_id, org_unit_id, \
     kind, name, form_id, state, created_at_ms) SELECT $1, $2, $3, $4, $5, org_unit_id, 'extra', $6, $7, 'live', $8 \
     FROM manager WHERE merchant_id = $1 AND manager_id = $5 ON CONFLICT DO NOTHING";
pub const SET_FORM: &str = "UPDATE collection_code SET form_id = $3 WHERE merchant_id = $1 AND code_id = $2";
pub const SUPERSEDE: &str = "UPDATE collection_code SET state = 'superseded', expires_at_ms = $4, superseded_by = $5 \
     WHERE merchant_id = $1 AND manager_id = $2 AND code_id = $3 AND kind = 'default' AND state = 'live'";
pub const END_LIVE: &str = "UPDATE collection_code SET state = 'ended', ended_at_ms = $4 \
     WHERE merchant_id = $1 AND manager_id = $2 AND code_id = $3 AND kind = 'default' AND state = 'live'";
pub const RESTORE: &str = "UPDATE collection_code SET state = 'live', expires_at_ms = NULL, superseded_by = NULL \
     WHERE merchant_id = $1 AND manager_id = $2 AND superseded_by = $3 AND state = 'superseded' AND expires_at_ms > $4";
pub const END_SUPERSEDED: &str = "UPDATE collection_code SET state = 'ended', ended_at_ms = $4 \
     WHERE merchant_id = $1 AND manager_id = $2 AND code_id = $3 AND state = 'superseded'";
pub const SCANNED: &str = "UPDATE collection_code SET scans = scans + $3, \
     last_scanned_at_ms = CASE WHEN COALESCE(last_scanned_at_ms, 0) < $4 THEN $4 ELSE last_scanned_at_ms END \
     WHERE merchant_id = $1 AND code_id = $2";
