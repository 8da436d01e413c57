//! SQL of callbacks that were not believed. Those that were are kept by the transaction that they confirm.

pub const KEEP_REFUSED: &str = "INSERT INTO callback_refused (provider_key, callback_id, source, reason, headers, body, \
     received_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)";
/// By the time in the id, provider by provider, so that the key finds them.
pub const FORGET_REFUSED: &str = "DELETE FROM callback_refused \
     WHERE provider_key IN (SELECT provider_key FROM service_provider) AND callback_id < $1";
