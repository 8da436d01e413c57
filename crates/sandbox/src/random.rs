//! Numbers nobody can guess, in the spellings the institution uses.

use rand::Rng as _;
use rand::distributions::Alphanumeric;

/// `length` letters and digits.
pub(crate) fn alphanumeric(length: usize) -> String {
    rand::thread_rng().sample_iter(Alphanumeric).take(length).map(char::from).collect()
}

/// `length` decimal digits.
pub(crate) fn digits(length: usize) -> String {
    let mut random = rand::thread_rng();
    (0..length).map(|_| char::from(b'0' + random.gen_range(0..10u8))).collect()
}

/// `bytes` random bytes as lower-case hex.
pub(crate) fn hex(bytes: usize) -> String {
    let mut buffer = vec![0u8; bytes];
    rand::thread_rng().fill(buffer.as_mut_slice());
    hex::encode(buffer)
}

/// An event id shaped like a UUID.
pub(crate) fn event_id() -> String {
    let text = hex(16);
    format!("{}-{}-{}-{}-{}", &text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..])
}
