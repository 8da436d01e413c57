//! 系统管理员: works in the back office, and sees its own org unit and everything below, nothing else (PRODUCT 1).
//!
//! ```text
//!  login ──► session: cookie `mott_admin` (a<merchant>.<random>, stored hashed, 12 hours) + CSRF token in the answers
//! ```

mod authenticate;
mod http_admin;
mod login;
mod permission;
mod put;
mod sql;
#[cfg(test)]
pub(crate) mod tests;

pub use http_admin::router;
pub use permission::Permission;
pub use put::{PutAdmin, put_admin};

use crate::{
    clock::HOUR_MS,
    session,
    web::{Client, FieldProblem, Problem, Words},
};

/// How long an admin stays logged in.
pub const SESSION_MS: i64 = 12 * HOUR_MS;
/// The cookie.
pub const COOKIE: &str = "mott_admin";

/// What an admin may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 系统管理员: everything in its scope.
    Admin,
    /// 财务: deals with money; does not change managers or forms.
    Finance,
    /// 只读: sees, and changes nothing.
    Viewer,
}

impl Role {
    /// The word in tables and messages.
    pub const fn word(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Finance => "finance",
            Role::Viewer => "viewer",
        }
    }

    /// The role of a word.
    pub fn of_word(word: &str) -> Option<Role> {
        [Role::Admin, Role::Finance, Role::Viewer].into_iter().find(|role| role.word() == word)
    }
}

/// An admin who is logged in. As an extractor it refuses everybody else, and whoever changes something without the CSRF
/// token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminSession {
    /// Whose merchant.
    pub merchant_id: i64,
    /// Who.
    pub admin_id: i64,
    /// The name, for audit and forms.
    pub name: String,
    /// The top of what the admin sees.
    pub org_unit_id: i64,
    /// What the admin may do.
    pub role: Role,
    /// Which session.
    pub session_id: i64,
    csrf_token: String,
}

/// Who acts, as the audit log wants to know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// Whose merchant.
    pub merchant_id: i64,
    /// The top of what the actor may touch.
    pub org_unit_id: i64,
    /// `admin:<id>`.
    pub name: String,
    /// The masked network.
    pub network: String,
}

impl AdminSession {
    /// Refuses whoever may only look.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub fn must_manage(&self) -> Result<(), Error> {
        self.must(Permission::Manage)
    }

    /// Whether the role allows it.
    pub const fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// Refuses whoever's role does not allow it.
    ///
    /// # Errors
    /// [`Error::Denied`].
    pub fn must(&self, permission: Permission) -> Result<(), Error> {
        if self.may(permission) { Ok(()) } else { Err(Error::Denied) }
    }

    /// This admin, calling from there.
    pub fn acting_from(&self, client: &Client) -> Actor {
        Actor {
            merchant_id: self.merchant_id,
            org_unit_id: self.org_unit_id,
            name: format!("admin:{}", self.admin_id),
            network: client.network(),
        }
    }
}

/// Why an admin may not go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database.
    #[error(transparent)]
    Db(#[from] db::Error),
    /// The login itself: wrong, throttled, malformed; or no session, an expired or an ended one.
    #[error(transparent)]
    Session(#[from] session::Error),
    /// The CSRF token is missing or not this session's.
    #[error("the CSRF token is missing or wrong")]
    Csrf,
    /// The role does not allow it.
    #[error("the role does not allow it")]
    Denied,
    /// Another merchant's admin has this login.
    #[error("the login belongs to an admin of another merchant")]
    LoginTaken,
    /// A new admin needs a password.
    #[error("a new admin needs a password")]
    NoPassword,
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let field = |field, code, zh, en| Problem::fields(vec![FieldProblem::new(field, code, zh, en)]);
        match error {
            Error::Db(e) => e.into(),
            Error::Session(e) => e.into(),
            Error::Csrf => Problem::new(CSRF),
            Error::Denied => Problem::new(DENIED),
            Error::LoginTaken => field("login", "admin.login_taken", "这个登录名已被使用", "This login is taken"),
            Error::NoPassword => field("password", "password.missing", "请设置密码", "Set a password"),
        }
    }
}

const CSRF: Words = Words {
    status: 403,
    code: "csrf.failed",
    title: ("页面已过期", "The page is out of date"),
    detail: ("请刷新页面后重试。", "Reload the page and try again."),
};
const DENIED: Words = Words {
    status: 403,
    code: "permission.denied",
    title: ("没有权限", "Not permitted"),
    detail: ("您的角色不能进行此操作，请联系系统管理员。", "Your role does not allow this: ask a system admin."),
};
