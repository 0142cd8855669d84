//! A seeded table with signal, the same on every machine: no file, no crate of chance.

/// Draws from a seed (Steele, Lea and Flood 2014, splitmix64).
struct Chance(u64);

impl Chance {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// In [0, 1).
    fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// About normal: a sum of twelve shares, less six.
    fn about_normal(&mut self) -> f64 {
        (0..12).map(|_| self.share()).sum::<f64>() - 6.0
    }
}

/// Rows of values, each with a class that follows from a part of them but for chance.
pub(crate) fn rows(rows: usize, features: usize) -> Vec<(Vec<f64>, i64)> {
    let mut chance = Chance(42);
    let weights: Vec<f64> = (0..features).map(|_| chance.about_normal()).collect();
    let length = weights.iter().map(|weight| weight * weight).sum::<f64>();
    let mut row = || {
        let plain: Vec<f64> = (0..features).map(|_| chance.about_normal()).collect();
        let score: f64 = plain.iter().zip(&weights).map(|(one, two)| one * two).sum();
        let odds = 1.0 / (1.0 + (-2.5 * score / length.sqrt()).exp());
        let class = i64::from(chance.share() < odds);
        let scaled = plain.iter().enumerate();
        // Of different scales and centres, as columns of a table are.
        let scaled = scaled.map(|(at, value)| (value + at as f64) * 10_f64.powi(at as i32 % 5 - 2));
        (scaled.collect(), class)
    };
    (0..rows).map(|_| row()).collect()
}
