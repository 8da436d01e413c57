//! SQL of node numbers. They belong to the installation, not to a merchant.

/// A number that nobody has had for a while; the one free for longest first, so that a number rests between holders.
pub const FREE: &str =
    "SELECT node_id, leased_until_ms FROM node WHERE leased_until_ms <= $1 ORDER BY leased_until_ms, node_id LIMIT 1";
pub const TAKE: &str = "UPDATE node SET holder = $2, leased_until_ms = $3 WHERE node_id = $1 AND leased_until_ms = $4";
pub const NEXT: &str = "SELECT COALESCE(MAX(node_id), 0) + 1 FROM node";
pub const ADD: &str = "INSERT INTO node (node_id, holder, leased_until_ms) VALUES ($1, $2, $3)";
/// Whoever still holds the number may renew it, even late: nobody else took it.
pub const RENEW: &str = "UPDATE node SET leased_until_ms = $3 WHERE node_id = $1 AND holder = $2";
