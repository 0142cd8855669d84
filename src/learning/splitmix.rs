//! Numbers that only look random, the same on every machine.
//!
//! Shape: one multiplication-and-shift generator for samples and resamples. Concurrency: single
//! owner. Turned down: a crate (its stream may change with its version; a stored run could not be
//! repeated).

/// Steele, Lea and Flood 2014.
pub(super) struct SplitMix64(pub(super) u64);

impl SplitMix64 {
    /// The next 64 bits.
    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// A number below `limit`, each equally likely but for less than `limit` in 2^64.
    pub(super) fn below(&mut self, limit: usize) -> usize {
        ((u128::from(self.draw()) * limit as u128) >> 64) as usize
    }
}

/// The generator's finaliser: every bit of the result depends on every bit of `value`.
pub(super) fn mixed(value: u64) -> u64 {
    let mut z = value;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_are_those_of_splitmix64() {
        // The reference implementation's first values for seed 0.
        let mut random = SplitMix64(0);
        assert_eq!(random.draw(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(random.draw(), 0x6e78_9e6a_a1b9_65f4);
        let mut counts = [0; 7];
        for _ in 0..70_000 {
            counts[random.below(7)] += 1;
        }
        assert!(counts.iter().all(|count| (9_600..10_400).contains(count)));
    }
}
