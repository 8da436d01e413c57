//! `POST /callback/wechatpay/…`: headers and body as a stranger may send them, and what a genuine callback may hold.
//!
//! Input: time-stamp, nonce, signature and serial, one a line, then the body.
#![no_main]

use std::sync::LazyLock;

use channel::{Channel, Headers, NoticeError};
use channel_wechatpay::fuzzing;
use fuzz::WECHATPAY;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { LazyLock::force(&WECHATPAY); }, |data: &[u8]| {
    let mut parts = data.splitn(5, |byte| *byte == b'\n');
    let mut headers = Headers::default();
    for name in ["Wechatpay-Timestamp", "Wechatpay-Nonce", "Wechatpay-Signature", "Wechatpay-Serial"] {
        let value = String::from_utf8_lossy(parts.next().unwrap_or_default()).into_owned();
        headers.0.push((name.to_owned(), value));
    }
    let body = parts.next().unwrap_or_default();
    match WECHATPAY.read_notice(&headers, body, fuzz::NOW_MS) {
        Ok(_) | Err(NoticeError::Unreadable(_)) => panic!("nobody guesses a signature"),
        Err(_) => {}
    }
    fuzzing::callback(body);
});
