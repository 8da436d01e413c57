//! 业务经理: registered by an admin, never by themselves (PRODUCT 3.1).
//!
//! ```text
//!  register ──► active ◄──────► disabled      disabling ends the session; the history and the codes stay
//!                 │ first login binds an identity, unbind frees it
//! ```
//!
//! A mobile is unique among the active managers of an installation: a disabled one gives it up to whoever is registered
//! or enabled with it.

mod disable;
mod http_admin;
mod http_manager;
mod list;
mod mail;
mod mobile;
mod profile;
mod put;
mod register;
mod reset;
mod sql;
#[cfg(test)]
pub(crate) mod tests;
mod unbind;

pub use list::{Bound, Manager, ManagerMail, ManagerPage};
pub use mobile::{masked, mobile};
pub use profile::{ManagerProfile, profile};
pub use put::{PutManager, PutPassword, put_manager};

use crate::{
    session, vault,
    web::{ApiRouter, FieldProblem, Problem, Words},
};

/// The routes of both sides.
pub fn router() -> ApiRouter {
    http_manager::router().merge(http_admin::router())
}

/// What goes wrong with managers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// A password could not be hashed.
    #[error(transparent)]
    Session(#[from] session::Error),
    /// The first password could not be sealed for its mail.
    #[error(transparent)]
    Vault(#[from] vault::Error),
    /// No such manager in the admin's scope.
    #[error("no such manager in the admin's scope")]
    NotFound,
    /// An active manager has this mobile.
    #[error("an active manager has this mobile")]
    MobileTaken,
    /// A new manager needs a password.
    #[error("a new manager needs a password")]
    NoPassword,
    /// What was typed cannot be a manager.
    #[error("the manager is malformed")]
    Fields(Vec<FieldProblem>),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        match error {
            Error::Db(e) => e.into(),
            Error::Session(e) => e.into(),
            Error::Vault(e) => {
                tracing::error!(error = %e, "a first password could not be sealed");
                Problem::internal()
            }
            Error::NotFound => Problem::not_found(),
            Error::MobileTaken => Problem::new(MOBILE_TAKEN).with_errors(vec![FieldProblem::new(
                "mobile",
                "manager.mobile_taken",
                "该手机号已登记",
                "This mobile is registered already",
            )]),
            Error::NoPassword => {
                Problem::fields(vec![FieldProblem::new("password", "password.missing", "请设置密码", "Set a password")])
            }
            Error::Fields(errors) => Problem::fields(errors),
        }
    }
}

const MOBILE_TAKEN: Words = Words {
    status: 409,
    code: "manager.mobile_taken",
    title: ("该手机号已登记给其他业务经理", "Another manager has this mobile"),
    detail: (
        "请核对手机号；如需转用，请先停用原来的账号。",
        "Check the number; to reuse it, disable the other account first.",
    ),
};
