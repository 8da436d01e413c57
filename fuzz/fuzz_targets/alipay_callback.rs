//! `POST /callback/alipay/…`: a form as a stranger may send it, and what a genuine one may hold.
#![no_main]

use std::sync::LazyLock;

use channel::{Channel, Headers};
use channel_alipay::fuzzing;
use fuzz::ALIPAY;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { LazyLock::force(&ALIPAY); }, |data: &[u8]| {
    assert!(ALIPAY.read_notice(&Headers::default(), data, fuzz::NOW_MS).is_err(), "nobody guesses a signature");
    fuzzing::callback(data);
});
