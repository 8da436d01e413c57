//! 组织: a tree inside a merchant, any depth. An admin sees its own unit and everything below, nothing else (PRODUCT 1).

mod http_admin;
mod list;
mod put;
mod sql;
#[cfg(test)]
pub(crate) mod tests;

pub use http_admin::router;
pub use list::{OrgUnit, is_root, list, scope};
pub use put::{Put, PutOrgUnit, put_org_unit};
pub(crate) use sql::in_scope;

use crate::web::{FieldProblem, Problem};

/// What goes wrong with org units.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The parent is the unit itself or stands below it.
    #[error("an org unit cannot stand below itself")]
    Cycle,
    /// There is no such parent in this merchant.
    #[error("the parent is no org unit of this merchant")]
    NoParent,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let parent = |code, zh, en| Problem::fields(vec![FieldProblem::new("parent_id", code, zh, en)]);
        match error {
            Error::Db(e) => e.into(),
            Error::Cycle => parent("org.cycle", "上级组织不能是自己或自己的下级", "A unit cannot stand below itself"),
            Error::NoParent => parent("org.no_parent", "没有这个上级组织", "There is no such parent"),
        }
    }
}
