//! SQL of set-up: what only a merchant file writes.

pub const MERCHANT: &str = "SELECT merchant_id, full_name, short_name, plaque_name, uscc, default_form_id, refund_limit_fen FROM merchant \
     WHERE merchant_key = $1";
pub const NEXT_MERCHANT: &str = "SELECT COALESCE(MAX(merchant_id), 0) + 1 FROM merchant";
pub const INSERT_MERCHANT: &str = "INSERT INTO merchant (merchant_id, merchant_key, full_name, short_name, plaque_name, \
     uscc, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $7)";
pub const UPDATE_MERCHANT: &str = "UPDATE merchant SET full_name = $2, short_name = $3, plaque_name = $4, uscc = $5, \
     updated_at_ms = $6 WHERE merchant_id = $1";
pub const SET_REFUND_LIMIT: &str =
    "UPDATE merchant SET refund_limit_fen = $2, updated_at_ms = $3 WHERE merchant_id = $1";
pub const SET_DEFAULT_FORM: &str =
    "UPDATE merchant SET default_form_id = $2, updated_at_ms = $3 WHERE merchant_id = $1";
pub const ACCOUNT: &str = "SELECT account_id, provider_key, sub_mchid, sub_appid, ways, checklist, channel FROM channel_account \
     WHERE merchant_id = $1 AND account_key = $2";
pub const INSERT_ACCOUNT: &str = "INSERT INTO channel_account (merchant_id, account_id, account_key, channel, provider_key, \
     sub_mchid, sub_appid, ways, checklist, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)";
pub const UPDATE_ACCOUNT: &str = "UPDATE channel_account SET provider_key = $3, sub_mchid = $4, sub_appid = $5, ways = $6, \
     checklist = $7, updated_at_ms = $8 WHERE merchant_id = $1 AND account_id = $2";
pub const ACCOUNT_CHANNEL: &str = "SELECT channel FROM channel_account WHERE merchant_id = $1 AND account_key = $2";
/// One merchant is the legal entity of its sub_mchid's contract: no other may collect to it (PRODUCT 8).
pub const SUB_MCHID_ELSEWHERE: &str = "SELECT t.merchant_key FROM channel_account a \
     JOIN merchant t ON t.merchant_id = a.merchant_id WHERE a.channel = $1 AND a.sub_mchid = $2 AND a.merchant_id <> $3";
pub const FORM: &str = "SELECT form_id, name FROM form WHERE merchant_id = $1 AND form_key = $2";
pub const RENAME_FORM: &str = "UPDATE form SET name = $3, updated_at_ms = $4 WHERE merchant_id = $1 AND form_id = $2";
pub const MANAGER_STATE: &str = "SELECT state FROM manager WHERE merchant_id = $1 AND manager_id = $2";
