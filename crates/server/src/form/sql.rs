//! SQL of forms and their versions.

pub const LOAD_VERSION: &str = "SELECT form_id, version, definition FROM form_version \
     WHERE merchant_id = $1 AND form_id = $2 AND version = $3";
/// When a version was replaced by the next one.
pub const REPLACED_AT: &str = "SELECT created_at_ms FROM form_version \
     WHERE merchant_id = $1 AND form_id = $2 AND version = $3 + 1";
pub const LOAD_LATEST: &str = "SELECT f.form_id, f.version, v.definition FROM form f JOIN form_version v \
     ON v.merchant_id = f.merchant_id AND v.form_id = f.form_id AND v.version = f.version \
     WHERE f.merchant_id = $1 AND f.form_id = $2";
pub const GET: &str = "SELECT form_id, form_key, name, version, updated_by, updated_at_ms FROM form \
     WHERE merchant_id = $1 AND form_id = $2";
pub const LIST: &str = "SELECT form_id, form_key, name, version, updated_by, updated_at_ms FROM form \
     WHERE merchant_id = $1 ORDER BY form_id";
pub const INSERT: &str = "INSERT INTO form \
     (merchant_id, form_id, form_key, name, version, updated_by, created_at_ms, updated_at_ms) \
     VALUES ($1, $2, $3, $4, 1, $5, $6, $6)";
pub const INSERT_VERSION: &str = "INSERT INTO form_version (merchant_id, form_id, version, definition, created_at_ms) \
     VALUES ($1, $2, $3, $4, $5)";
pub const NEXT_VERSION: &str = "UPDATE form SET version = version + 1, updated_by = $4, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND form_id = $2 AND version = $3";
