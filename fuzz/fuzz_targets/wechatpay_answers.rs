//! Every answer of WeChat Pay: query, close, payment code, reversal, refund, errors, certificates.
//!
//! Input: a byte that chooses the status, then the body.
#![no_main]

use channel_wechatpay::fuzzing;
use libfuzzer_sys::fuzz_target;

const STATUSES: [u16; 10] = [200, 202, 204, 400, 401, 403, 404, 429, 500, 502];

fuzz_target!(|data: &[u8]| {
    let Some((first, body)) = data.split_first() else { return };
    fuzzing::answer(STATUSES[usize::from(*first) % STATUSES.len()], body);
    fuzzing::certificates(body);
});
