//! Seeded rows of one distribution.
//!
//! Shape: a generator written out, so that a seed means the same rows for good, and a logistic
//! distribution drawn from it. Concurrency: each history owns its own.

use logitd::learning::{Feature, Schema};

/// SplitMix64 with what is drawn from it here.
pub(crate) struct Draws(pub(crate) u64);

impl Draws {
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn unit(&mut self) -> f64 {
        ((self.bits() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// Box and Muller.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * self.unit().ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// Two to five features whose log-odds spread by 0.5 to 2, and a share of positives that follows from an intercept.
pub(crate) struct Distribution {
    pub(crate) coefficients: Vec<f64>,
    pub(crate) intercept: f64,
}

pub(crate) struct Row {
    pub(crate) values: Vec<f64>,
    pub(crate) positive: bool,
}

impl Distribution {
    pub(crate) fn draw(draws: &mut Draws) -> Self {
        let features = 2 + (draws.bits() % 4) as usize;
        let strength = 0.5 + 1.5 * draws.unit();
        let direction: Vec<f64> = (0..features).map(|_| draws.normal()).collect();
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        Self {
            coefficients: direction.iter().map(|x| strength * x / length).collect(),
            intercept: 2.0 * draws.unit() - 1.0,
        }
    }

    pub(crate) fn row(&self, draws: &mut Draws) -> Row {
        let values: Vec<f64> = self.coefficients.iter().map(|_| draws.normal()).collect();
        let pairs = values.iter().zip(&self.coefficients);
        let z = pairs.fold(self.intercept, |sum, (x, weight)| sum + x * weight);
        let positive = draws.unit() < 1.0 / (1.0 + (-z).exp());
        Row { values, positive }
    }

    pub(crate) fn rows(&self, draws: &mut Draws, count: usize) -> Vec<Row> {
        (0..count).map(|_| self.row(draws)).collect()
    }

    pub(crate) fn schema(&self) -> Schema {
        let features = (0..self.coefficients.len()).map(|at| Feature::named(format!("f{at}")));
        Schema::new("label".to_owned(), features.collect(), None, None).unwrap()
    }
}
