//! The seed's own randomness. Its numbers must never change, or no failing seed could be replayed: so it is written
//! out here (SplitMix64) and taken from no library.

/// A stream of numbers.
#[derive(Clone, Debug)]
pub struct Stream(u64);

impl Stream {
    /// The stream of a seed; `name` sets it apart from the seed's other streams.
    pub fn new(seed: u64, name: u64) -> Stream {
        let mut stream = Stream(seed ^ name.wrapping_mul(0xA24B_AED4_963E_E407));
        stream.draw();
        stream
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound.max(1)
    }

    /// A number from `least` to `most`, both possible.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        least + self.below((most - least).max(0) as u64 + 1) as i64
    }

    /// True in `parts` of `of` cases.
    pub fn chance(&mut self, parts: u64, of: u64) -> bool {
        self.below(of) < parts
    }

    /// Fills with bytes.
    pub fn fill(&mut self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.draw().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A seed that failed last year must fail the same way today.
    #[test]
    fn the_numbers_of_a_seed_never_change() {
        let mut stream = Stream::new(7, 1);
        let numbers: Vec<u64> = (0..3).map(|_| stream.below(1000)).collect();
        let mut again = Stream::new(7, 1);
        assert_eq!(numbers, (0..3).map(|_| again.below(1000)).collect::<Vec<_>>());
        assert_ne!(Stream::new(7, 2).draw(), Stream::new(7, 1).draw());
    }
}
