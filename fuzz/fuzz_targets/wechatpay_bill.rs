//! Bills of WeChat Pay: the answer that promises one, the packed file, the sealed file.
#![no_main]

use std::sync::LazyLock;

use channel_wechatpay::fuzzing;
use fuzz::KEY;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { LazyLock::force(&KEY); }, |data: &[u8]| fuzzing::bill(&KEY.0, data));
