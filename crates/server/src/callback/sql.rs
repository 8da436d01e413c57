//! SQL of callbacks that were not believed. Those that were are kept by the transaction that they confirm.

pub const KEEP_REFUSED: &str = "INSERT INTO callback_refused (provider_key, callback_id, source, reason, headers, body, \
     received_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)";
