//! SQL of stored settings. They belong to the installation, not to a merchant.

pub const LOAD: &str = "SELECT provider_key, settings, secret, updated_at_ms, channel FROM service_provider \
     UNION ALL SELECT name, settings, secret, updated_at_ms, '' FROM platform_setting";
pub const PUT_PROVIDER: &str = "INSERT INTO service_provider (provider_key, channel, settings, secret, updated_at_ms) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (provider_key) DO UPDATE SET \
     channel = excluded.channel, settings = excluded.settings, secret = excluded.secret, updated_at_ms = excluded.updated_at_ms";
pub const PUT_SETTING: &str = "INSERT INTO platform_setting (name, settings, secret, updated_at_ms) \
     VALUES ($1, $2, $3, $4) ON CONFLICT (name) DO UPDATE SET \
     settings = excluded.settings, secret = excluded.secret, updated_at_ms = excluded.updated_at_ms";
pub const RESEAL_PROVIDER: &str =
    "UPDATE service_provider SET secret = $2, updated_at_ms = $3 WHERE provider_key = $1 AND secret = $4";
pub const RESEAL_SETTING: &str =
    "UPDATE platform_setting SET secret = $2, updated_at_ms = $3 WHERE name = $1 AND secret = $4";
