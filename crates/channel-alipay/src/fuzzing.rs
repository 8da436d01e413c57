//! The parsers that stand behind a signature, without it, so that a fuzzer gets at them.

use channel::{Account, QueryOutcome};

use crate::{
    bill,
    client::Answer,
    notice, slice,
    translate::{self, Asked},
    wire,
};

/// Reads a callback's form as if it were proven.
pub fn notice(body: &[u8]) {
    drop(notice::unproven(body));
}

/// Cuts an answer open and reads each of its members as a trade, as if it were signed.
pub fn answer(text: &str) {
    for (_, raw) in slice::members(text).unwrap_or_default() {
        let (account, asked) = (Account::of("2088"), Asked::Ours("n"));
        let told = translate::query(Answer::Done(raw.to_owned()), &account, "2021", asked);
        // What is told of a success was there to be read.
        if let QueryOutcome::Succeeded(success) = told {
            assert!(success.total.fen() > 0 && !success.transaction_id.is_empty());
        }
        let _ = serde_json::from_str::<wire::Refunded>(raw);
    }
}

/// Unpacks a bill, within a bound that a fuzzer can afford.
pub fn bill(zip: &[u8]) {
    let most_bytes = 1 << 20;
    if let Ok(files) = bill::unpacked(zip.to_vec(), most_bytes) {
        assert!(files.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>() <= most_bytes);
    }
}
