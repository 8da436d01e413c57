//! Bills of Alipay: a zip of CSV files with names in GBK.
#![no_main]

use channel_alipay::fuzzing;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| fuzzing::bill(data));
