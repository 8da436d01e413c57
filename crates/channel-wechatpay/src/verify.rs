use base64::{Engine, engine::general_purpose::STANDARD};
use channel::NoticeError;
use thiserror::Error;

use crate::{keys::KeyRing, sign::answer_text};

/// Older or newer than this is refused \[D 2,3\].
const MAX_SKEW_S: u64 = 300;

/// Why an answer or a callback is not believed.
#[derive(Debug, PartialEq, Eq, Error)]
pub(crate) enum Distrust {
    #[error("it lacks {0}")]
    Missing(&'static str),
    #[error("its time-stamp is {0} s away")]
    Stale(i64),
    #[error("it is signed with unknown key {0}")]
    UnknownKey(String),
    #[error("its signature is wrong")]
    BadSignature,
}

impl From<Distrust> for NoticeError {
    fn from(why: Distrust) -> Self {
        match why {
            Distrust::Missing(header) => NoticeError::Missing(header),
            Distrust::Stale(skew_s) => NoticeError::Stale { skew_s },
            Distrust::UnknownKey(serial) => NoticeError::UnknownKey(serial),
            Distrust::BadSignature => NoticeError::BadSignature,
        }
    }
}

/// The four headers that prove an answer or a callback.
pub(crate) struct Proof<'a> {
    timestamp: &'a str,
    nonce: &'a str,
    signature: &'a str,
    serial: &'a str,
}

impl<'a> Proof<'a> {
    /// Reads the headers through `header`, which looks a name up without regard to case.
    pub(crate) fn from(header: impl Fn(&str) -> Option<&'a str>) -> Result<Proof<'a>, Distrust> {
        let need = |name: &'static str| header(name).filter(|v| !v.is_empty()).ok_or(Distrust::Missing(name));
        Ok(Proof {
            timestamp: need("Wechatpay-Timestamp")?,
            nonce: need("Wechatpay-Nonce")?,
            signature: need("Wechatpay-Signature")?,
            serial: need("Wechatpay-Serial")?,
        })
    }

    /// What the key is called that it claims to be made with.
    pub(crate) fn serial(&self) -> &'a str {
        self.serial
    }

    /// Whether `body`, exactly as received, is what the institution signed within the last five minutes. Cheap checks
    /// come first. A probe (`WECHATPAY/SIGNTEST/…`) is deliberately wrong and fails like any other forgery \[D 3\].
    pub(crate) fn check(&self, keys: &KeyRing, body: &[u8], now_ms: i64) -> Result<(), Distrust> {
        let at_s: i64 = self.timestamp.parse().map_err(|_| Distrust::Missing("Wechatpay-Timestamp"))?;
        let now_s = now_ms.div_euclid(1000);
        if now_s.abs_diff(at_s) >= MAX_SKEW_S {
            return Err(Distrust::Stale(now_s.saturating_sub(at_s)));
        }
        let signature = STANDARD.decode(self.signature).map_err(|_| Distrust::BadSignature)?;
        let text = answer_text(self.timestamp, self.nonce, body);
        match keys.fits(self.serial, &text, &signature, now_ms) {
            Some(true) => Ok(()),
            Some(false) => Err(Distrust::BadSignature),
            None => Err(Distrust::UnknownKey(self.serial.to_owned())),
        }
    }
}
