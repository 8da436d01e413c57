//! SQL of the payer's pages.

pub const DISPUTED: &str = "SELECT inbox_id FROM inbox WHERE merchant_id = $1 AND item_key = $2";
pub const PAID_AS: &str = "SELECT transaction_id FROM payment WHERE merchant_id = $1 AND order_id = $2 AND attempt = $3 \
     AND status = 'paid' AND booked = 'order'";
