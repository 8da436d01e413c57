//! Answers of WeChat Pay's older interface.
#![no_main]

use channel_wechatpay::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzzing::older_answer(data));
