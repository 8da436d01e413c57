//! 通知: what goes out to people. So far: the mail with what a manager's first login needs (PRODUCT 3.1).
//!
//! ```text
//!            another server took it
//!  queued ──────────────────────────► accepted    the sealed password is wiped
//!    │  ▲ not now: again later
//!    │  └┘
//!    └─ 5xx, three days of trying, or withdrawn ──► refused    in the other side's words
//! ```

mod compose;
mod job;
mod lifecycle;
mod mail;
mod sql;
#[cfg(test)]
mod tests;

pub use job::{SEND_MAIL, send_mail};
pub use mail::{NewMail, RekeyError, queue_mail, rekey, seal_password, withdraw_mail};

use crate::App;

/// What this installation is called on screen.
pub fn platform_name(app: &App) -> String {
    app.outside.links().mini_program.as_ref().map_or_else(|| "星收付".into(), |mini| mini.name.clone())
}
