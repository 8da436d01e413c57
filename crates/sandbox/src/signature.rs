//! The `Wechatpay-*` headers that stand over every answer and callback (PROTOCOLS 1.3).

use crate::institution::Pen;
use crate::{crypto, random};

/// Headers over `body` for `at_ms`: the signed text is timestamp, nonce and body, each line ended.
pub(crate) fn headers(pen: &Pen, at_ms: i64, body: &[u8]) -> [(&'static str, String); 5] {
    let timestamp = at_ms.div_euclid(1000).to_string();
    let nonce = random::alphanumeric(32);
    let mut text = format!("{timestamp}\n{nonce}\n").into_bytes();
    text.extend_from_slice(body);
    text.push(b'\n');
    [
        ("wechatpay-timestamp", timestamp),
        ("wechatpay-nonce", nonce),
        ("wechatpay-signature", crypto::sign(&pen.key, &text)),
        ("wechatpay-serial", pen.serial.clone()),
        ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
    ]
}
