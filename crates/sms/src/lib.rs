//! Short messages to mobiles in mainland China, through Aliyun or Tencent Cloud.
//!
//! Rules come from PROTOCOLS section 4; each item names its source grade: **\[D\]** the provider's own document,
//! **\[M\]** general knowledge. The base URL is a setting, so the same code talks to the real provider or to anybody's
//! emulator. Neither a secret, nor a mobile, nor what a message says reaches a log or a `Debug` output.
//!
//! ```text
//!  Sms (trait) ◄── aliyun.rs   ACS3-HMAC-SHA256, SendSms 2017-05-25  ──┐
//!              ◄── tencent.rs  TC3-HMAC-SHA256,  SendSms 2021-01-11  ──┴─► http.rs   one request, one bounded answer
//! ```
//!
//! Neither provider knows a key against sending twice \[M\]: what is sent again after [`Outcome::Unknown`] may arrive
//! twice. So send again only what may be read twice, such as the same code.

mod aliyun;
mod hmac;
mod http;
mod settings;
mod tencent;

use std::{fmt, sync::Arc};

use async_trait::async_trait;

pub use settings::{Provider, Settings, SetupError};

/// The clock: UTC milliseconds.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The source of nonces: up to 64 random letters and digits, never the same twice.
pub type Nonce = Arc<dyn Fn() -> String + Send + Sync>;

/// One message.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// 11 digits, without +86.
    pub mobile: String,
    /// The provider's number of the template.
    pub template: String,
    /// What the template's variables say, by name and in the template's order: one provider looks at the names, the other
    /// at the order.
    pub values: Vec<(String, String)>,
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("mobile", &masked(&self.mobile))
            .field("template", &self.template)
            .finish_non_exhaustive()
    }
}

/// What came of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took it. Whether the phone got it is another matter.
    Sent {
        /// The provider's number of it.
        id: String,
    },
    /// The provider will not send it, however often it is asked.
    Refused {
        /// The provider's code, such as `isv.SMS_SIGNATURE_ILLEGAL`.
        code: String,
        /// The provider's words.
        message: String,
    },
    /// No trustworthy answer, or not now: it may or may not have been sent.
    Unknown(String),
}

/// A provider of short messages.
#[async_trait]
pub trait Sms: Send + Sync {
    /// Sends one message, once.
    async fn send(&self, message: &Message) -> Outcome;
}

/// The provider that the settings name.
///
/// # Errors
/// The setting that is wrong, and the cure.
pub fn open(settings: Settings, clock: Clock, nonce: Nonce) -> Result<Arc<dyn Sms>, SetupError> {
    let settings = settings.checked()?;
    let http = http::Http::new(&settings)?;
    Ok(match settings.provider {
        Provider::Aliyun => Arc::new(aliyun::Aliyun { settings, http, clock, nonce }),
        Provider::Tencent => Arc::new(tencent::Tencent { settings, http, clock }),
    })
}

/// `138****2176`, for logs and people.
pub fn masked(mobile: &str) -> String {
    match (mobile.get(..3), mobile.get(7..)) {
        (Some(head), Some(tail)) => format!("{head}****{tail}"),
        _ => "****".to_owned(),
    }
}

/// A provider's words, cut, and without the mobile that some of them repeat.
fn told(words: &str, mobile: &str) -> String {
    const MAX: usize = 200;
    let hidden = if mobile.is_empty() { words.to_owned() } else { words.replace(mobile, &masked(mobile)) };
    hidden.chars().take(MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_message_shows_its_mobile_or_its_values_product_8() {
        let message = Message {
            mobile: "13800002176".into(),
            template: "SMS_1".into(),
            values: vec![("code".into(), "427913".into())],
        };
        let shown = format!("{message:?}");
        assert!(
            shown.contains("138****2176") && !shown.contains("13800002176") && !shown.contains("427913"),
            "{shown}"
        );
        assert_eq!(told("13800002176invalid mobile number", "13800002176"), "138****2176invalid mobile number");
    }
}
