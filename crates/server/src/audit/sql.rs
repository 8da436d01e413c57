//! SQL of the audit log. There is no text that changes or deletes a row: nobody can (PRODUCT 5).

pub const WRITE: &str = "INSERT INTO audit (merchant_id, audit_id, at_ms, actor, action, subject, detail, network) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
