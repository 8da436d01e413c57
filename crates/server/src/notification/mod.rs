//! 通知: what goes out to people. So far: the mail with what a manager's first login needs, and the short message with
//! the code that a login from another identity needs (PRODUCT 3.1).
//!
//! ```text
//!            another server took it
//!  queued ──────────────────────────► accepted    the sealed password is wiped
//!    │  ▲ not now: again later
//!    │  └┘
//!    └─ 5xx, three days of trying, or withdrawn ──► refused    in the other side's words
//! ```
//!
//! ```text
//!            the provider took it
//!  queued ──────────────────────────► sent        whatever its end, what it said is wiped
//!    │  ▲ no answer: again, twice
//!    │  └┘
//!    ├─ a code that will stay ──► refused         in the provider's words
//!    └─ too late, no answer ────► given_up
//! ```

mod compose;
mod job;
mod lifecycle;
mod mail;
mod short_message;
mod short_message_job;
mod sql;
#[cfg(test)]
mod tests;

pub use job::{SEND_MAIL, send_mail};
pub use mail::{NewMail, RekeyError, queue_mail, rekey, seal_password, withdraw_mail};
pub use short_message::{NewSms, Sealed, SmsText, forget_sms, queue_sms, seal_sms, sms_failed};
pub use short_message_job::{SEND_SMS, send_sms};

use crate::App;

/// What this installation is called on screen.
pub fn platform_name(app: &App) -> String {
    app.outside.links().mini_program.as_ref().map_or_else(|| "星收付".into(), |mini| mini.name.clone())
}
