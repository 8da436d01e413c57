//! SQL of the payer's pages.

pub const DISPUTED: &str = "SELECT inbox_id FROM inbox WHERE merchant_id = $1 AND item_key = $2";
