//! SQL of org units.

/// Puts `scope (org_unit_id)` before a statement: the unit `$2` of merchant `$1` and everything below it.
macro_rules! in_scope {
    ($($statement:literal),+ $(,)?) => {
        concat!(
            "WITH RECURSIVE scope (org_unit_id) AS (SELECT CAST($2 AS BIGINT) UNION \
             SELECT child.org_unit_id FROM org_unit child JOIN scope ON child.parent_id = scope.org_unit_id \
             WHERE child.merchant_id = $1) ",
            $($statement),+
        )
    };
}
pub(crate) use in_scope;

pub const LIST: &str = in_scope!(
    "SELECT o.org_unit_id, o.parent_id, o.name FROM org_unit o JOIN scope s ON s.org_unit_id = o.org_unit_id \
     WHERE o.merchant_id = $1 ORDER BY o.org_unit_id"
);
pub const PARENT: &str = "SELECT parent_id FROM org_unit WHERE merchant_id = $1 AND org_unit_id = $2";
pub const BY_KEY: &str = "SELECT org_unit_id, parent_id, name FROM org_unit \
     WHERE merchant_id = $1 AND org_unit_key = $2";
pub const INSERT: &str = "INSERT INTO org_unit (merchant_id, org_unit_id, org_unit_key, parent_id, name, \
     created_at_ms, updated_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $6)";
pub const UPDATE: &str = "UPDATE org_unit SET parent_id = $3, name = $4, updated_at_ms = $5 \
     WHERE merchant_id = $1 AND org_unit_id = $2";
