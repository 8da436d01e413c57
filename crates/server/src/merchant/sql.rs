//! SQL of merchants and their accounts at institutions.

pub const TOUCH_PAGES: &str =
    "UPDATE merchant SET pages_epoch = pages_epoch + 1, updated_at_ms = $2 WHERE merchant_id = $1";
pub const PAGE_EPOCHS: &str = "SELECT merchant_id, pages_epoch FROM merchant";
/// What the unit and those above it say of each institution, the nearest first. A tree is never that deep; the bound
/// keeps a damaged one from turning in circles.
pub const ACCOUNTS_OF_UNIT: &str = "WITH RECURSIVE up (org_unit_id, parent_id, height) AS (\
     SELECT org_unit_id, parent_id, 0 FROM org_unit WHERE merchant_id = $1 AND org_unit_id = $2 \
     UNION ALL SELECT o.org_unit_id, o.parent_id, up.height + 1 FROM org_unit o JOIN up ON o.org_unit_id = up.parent_id \
     WHERE o.merchant_id = $1 AND up.height < 100) \
     SELECT c.channel, c.account_id, a.provider_key, a.sub_mchid, a.sub_appid, a.ways, a.checklist \
     FROM up JOIN unit_channel c ON c.merchant_id = $1 AND c.org_unit_id = up.org_unit_id \
     LEFT JOIN channel_account a ON a.merchant_id = $1 AND a.account_id = c.account_id ORDER BY up.height";
pub const UNIT_CHANNELS: &str =
    "SELECT channel, account_id FROM unit_channel WHERE merchant_id = $1 AND org_unit_id = $2";
pub const FORGET_UNIT_CHANNELS: &str = "DELETE FROM unit_channel WHERE merchant_id = $1 AND org_unit_id = $2";
pub const PUT_UNIT_CHANNEL: &str =
    "INSERT INTO unit_channel (merchant_id, org_unit_id, channel, account_id) VALUES ($1, $2, $3, $4)";
pub const AUTHORIZATION: &str = "SELECT secret FROM channel_authorization \
     WHERE merchant_id = $1 AND provider_key = $2 AND sub_mchid = $3";
pub const AUTHORIZATIONS: &str = "SELECT merchant_id, provider_key, sub_mchid, secret FROM channel_authorization";
pub const PUT_AUTHORIZATION: &str = "INSERT INTO channel_authorization (merchant_id, provider_key, sub_mchid, secret, \
     updated_at_ms) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (merchant_id, provider_key, sub_mchid) DO UPDATE SET \
     secret = excluded.secret, updated_at_ms = excluded.updated_at_ms";
pub const RESEAL_AUTHORIZATION: &str = "UPDATE channel_authorization SET secret = $4, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND provider_key = $2 AND sub_mchid = $3 AND secret = $6";
