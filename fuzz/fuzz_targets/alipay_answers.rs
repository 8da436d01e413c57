//! Every answer of Alipay's gateway: cut open as it came, then read.
#![no_main]

use std::sync::LazyLock;

use channel_alipay::fuzzing;
use fuzz::ALIPAY;
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { LazyLock::force(&ALIPAY); }, |data: &[u8]| fuzzing::answer(&ALIPAY, data));
