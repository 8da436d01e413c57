//! SQL of managers.

use crate::org::in_scope;

/// A manager of the scope with its newest mail.
macro_rules! managers {
    ($rest:literal) => {
        in_scope!(
            "SELECT m.manager_id, m.name, m.mobile, m.email, m.org_unit_id, o.name, m.state, m.identity_kind, \
             m.bound_at_ms, m.last_login_at_ms, m.created_at_ms, l.state, l.to_address, l.updated_at_ms, l.reason \
             FROM manager m JOIN scope s ON s.org_unit_id = m.org_unit_id \
             JOIN org_unit o ON o.merchant_id = m.merchant_id AND o.org_unit_id = m.org_unit_id \
             LEFT JOIN mail l ON l.merchant_id = m.merchant_id AND l.manager_id = m.manager_id AND l.mail_id = \
             (SELECT MAX(x.mail_id) FROM mail x WHERE x.merchant_id = m.merchant_id AND x.manager_id = m.manager_id) \
             WHERE m.merchant_id = $1 ",
            $rest
        )
    };
}

pub const FIND: &str = managers!("AND m.manager_id = $3");
pub const LIST: &str = managers!(
    "AND m.manager_id < $3 AND ($4 = '' OR m.state = $4) AND ($5 = '' OR LOWER(m.name) LIKE $5 ESCAPE '!' \
     OR m.mobile LIKE $5 ESCAPE '!' OR LOWER(m.email) LIKE $5 ESCAPE '!') ORDER BY m.manager_id DESC LIMIT $6"
);
pub const PROFILE: &str = "SELECT m.name, m.mobile, m.email, o.name, c.full_name, c.short_name FROM manager m \
     JOIN org_unit o ON o.merchant_id = m.merchant_id AND o.org_unit_id = m.org_unit_id \
     JOIN merchant c ON c.merchant_id = m.merchant_id WHERE m.merchant_id = $1 AND m.manager_id = $2";
pub const STATE: &str = "SELECT state FROM manager WHERE merchant_id = $1 AND manager_id = $2";
pub const INSERT: &str = "INSERT INTO manager (merchant_id, manager_id, org_unit_id, name, mobile, email, password_hash, \
     state, created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, 'active', $8, $8)";
pub const SET_STATE: &str = "UPDATE manager SET state = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND manager_id = $2 AND state <> $3";
pub const IDENTITY: &str = "SELECT identity_kind, identity FROM manager WHERE merchant_id = $1 AND manager_id = $2";
pub const UNBIND: &str = "UPDATE manager SET identity_kind = NULL, identity = NULL, bound_at_ms = NULL, \
     updated_at_ms = $3 WHERE merchant_id = $1 AND manager_id = $2 AND identity IS NOT NULL";
pub const SET_EMAIL: &str =
    "UPDATE manager SET email = $3, updated_at_ms = $4 WHERE merchant_id = $1 AND manager_id = $2";
pub const SET_PASSWORD: &str = "UPDATE manager SET password_hash = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND manager_id = $2";
/// A first password that went astray is replaced; the password of somebody who logged in with it is not.
pub const SET_UNUSED_PASSWORD: &str = "UPDATE manager SET password_hash = $3, updated_at_ms = $4 \
     WHERE merchant_id = $1 AND manager_id = $2 AND last_login_at_ms IS NULL";
pub const PUT: &str = "SELECT name, email, org_unit_id, password_hash FROM manager \
     WHERE merchant_id = $1 AND manager_id = $2";
pub const UPDATE: &str = "UPDATE manager SET name = $3, email = $4, org_unit_id = $5, updated_at_ms = $6 \
     WHERE merchant_id = $1 AND manager_id = $2";
