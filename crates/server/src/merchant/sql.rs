//! SQL of merchants and their accounts at institutions.

pub const TOUCH_PAGES: &str =
    "UPDATE merchant SET pages_epoch = pages_epoch + 1, updated_at_ms = $2 WHERE merchant_id = $1";
pub const PAGE_EPOCHS: &str = "SELECT merchant_id, pages_epoch FROM merchant";
pub const ACCOUNT: &str = "SELECT account_id, channel, provider_key, sub_mchid, sub_appid, ways \
     FROM channel_account WHERE merchant_id = $1 AND account_id = $2";
/// One step up the tree: the unit's own account, or else its parent to ask next.
pub const UNIT_ACCOUNT: &str = "SELECT account_id, parent_id FROM org_unit WHERE merchant_id = $1 AND org_unit_id = $2";
pub const ONLY_ACCOUNT: &str =
    "SELECT account_id FROM channel_account WHERE merchant_id = $1 ORDER BY account_id LIMIT 1";
