//! Randomness is a parameter, as time is.

use std::sync::Arc;

use ring::rand::{SecureRandom, SystemRandom};

/// Letters and digits that nobody mistakes for one another when reading aloud (no 0, 1, i, l, o, u).
const ALPHABET: &[u8; 30] = b"23456789abcdefghjkmnpqrstvwxyz";

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Where random bytes come from.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

impl Random {
    /// A source of the caller's own, for tests.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Random {
        Random(Arc::new(fill))
    }

    /// The operating system's randomness. Without it nothing may go on: the process ends.
    pub fn system() -> Random {
        let system = SystemRandom::new();
        Random::new(move |bytes| {
            if system.fill(bytes).is_err() {
                tracing::error!("the operating system gives no randomness");
                std::process::abort();
            }
        })
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }

    /// Random text of `length` characters, about 4.9 bits each.
    pub fn text(&self, length: usize) -> String {
        let mut out = String::with_capacity(length);
        while out.len() < length {
            // 240 = 8 × 30: a byte above it would favour the first letters
            for byte in self.bytes::<32>().into_iter().filter(|b| *b < 240).take(length - out.len()) {
                out.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            }
        }
        out
    }

    /// A number below `bound` (tiny bounds: the bias is below 2⁻⁵⁰).
    pub fn below(&self, bound: u64) -> u64 {
        u64::from_le_bytes(self.bytes()) % bound.max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_has_the_length_asked_for_and_only_plain_letters() {
        let random = Random::system();
        for length in [0, 1, 12, 43, 100] {
            let text = random.text(length);
            assert_eq!(text.len(), length);
            assert!(text.bytes().all(|b| ALPHABET.contains(&b)));
        }
        assert_ne!(random.text(20), random.text(20));
    }
}
