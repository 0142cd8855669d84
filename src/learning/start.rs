//! A first solution by linfa-logistic, for Newton to finish.
//!
//! Shape: L-BFGS on a standardised sample, so that neither memory nor the time without a look at
//! `stop` grows with the table. Its answer is only a place to start from: what it does not tell
//! (whether it converged) and what follows the data (which class it calls positive) is put right
//! here or by Newton. Concurrency: single-threaded. Turned down: all rows of a large table (a fit
//! makes about five passes an iteration, a Newton step one).

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2, ShapeBuilder};

use super::objective::Objective;

/// Rows of the sample at most.
const MOST_ROWS: usize = 50_000;
/// Values of the sample at most: 16 MB.
const MOST_VALUES: usize = 2_000_000;
/// Rows of the sample at least, however many features there are.
const LEAST_ROWS: usize = 1_000;
const MOST_ITERATIONS: u64 = 100;
const GRADIENT_PER_ROW: f64 = 1e-6;

/// A place to start from.
#[derive(Debug)]
pub(super) struct Start {
    /// Coefficients, the baseline last.
    pub(super) point: Array1<f64>,
    /// What was done, for the report.
    pub(super) told: String,
}

impl Start {
    /// All coefficients zero, and why.
    pub(super) fn at_zero(objective: &Objective<'_>, why: &str) -> Self {
        let point = Array1::zeros(objective.parameters());
        Self {
            point,
            told: format!("start at zero: {why}"),
        }
    }

    /// What linfa-logistic makes of a sample drawn with `seed`; zero if it makes nothing of it.
    pub(super) fn by_linfa(objective: &Objective<'_>, seed: u64) -> Self {
        let features = objective.parameters() - 1;
        let most = MOST_ROWS.min((MOST_VALUES / features.max(1)).max(LEAST_ROWS));
        let rows = sample(objective.rows(), most, seed);
        match linfa(objective, &rows) {
            Ok(point) if point.iter().all(|value| value.is_finite()) => Self {
                point,
                told: format!("start by linfa-logistic on {} rows", rows.len()),
            },
            Ok(_) => Self::at_zero(objective, "linfa-logistic left the finite numbers"),
            Err(why) => Self::at_zero(objective, &format!("linfa-logistic failed ({why})")),
        }
    }
}

fn linfa(
    objective: &Objective<'_>,
    rows: &[usize],
) -> Result<Array1<f64>, linfa_logistic::error::Error> {
    let features = objective.parameters() - 1;
    let standardized = Array2::from_shape_fn((rows.len(), features).f(), |(at, feature)| {
        objective.standardized(rows[at], feature)
    });
    let labels: Array1<bool> = rows.iter().map(|row| objective.is_positive(*row)).collect();
    let share = rows.len() as f64 / objective.rows().max(1) as f64;
    let fitted = LogisticRegression::default()
        // The penalty stands against a sum over all rows; here the sum is over fewer.
        .alpha(objective.penalty() * share)
        .gradient_tolerance(GRADIENT_PER_ROW * rows.len().max(1) as f64)
        .max_iterations(MOST_ITERATIONS)
        .fit(&DatasetBase::new(standardized, labels))?;
    // Its positive class is the larger one.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let mut point = Array1::zeros(features + 1);
    for feature in (0..features).filter(|feature| objective.varies(*feature)) {
        point[feature] = sign * fitted.params()[feature];
    }
    point[features] = sign * fitted.intercept();
    Ok(point)
}

/// `wanted` of `rows` row numbers in rising order, each set equally likely (selection sampling:
/// Knuth, The Art of Computer Programming, 3.4.2 S); all of them when they are not more.
fn sample(rows: usize, wanted: usize, seed: u64) -> Vec<usize> {
    if rows <= wanted {
        return (0..rows).collect();
    }
    let mut random = SplitMix64(seed);
    let mut chosen = Vec::with_capacity(wanted);
    for row in 0..rows {
        let (left, needed) = ((rows - row) as u128, (wanted - chosen.len()) as u128);
        if (u128::from(random.draw()) * left) >> 64 < needed {
            chosen.push(row);
        }
    }
    chosen
}

/// Steele, Lea and Flood 2014; enough for a sample, and the same on every machine.
struct SplitMix64(u64);

impl SplitMix64 {
    fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::scaler::Scaler;
    use crate::learning::training_set::Part;

    #[test]
    fn a_sample_has_its_size_and_follows_the_seed() {
        let rows = sample(10_000, 500, 42);
        assert_eq!(rows.len(), 500);
        assert!(rows.windows(2).all(|two| two[0] < two[1]));
        assert_eq!(rows, sample(10_000, 500, 42));
        assert_ne!(rows, sample(10_000, 500, 43));
        let early = rows.iter().filter(|row| **row < 5_000).count();
        assert!((180..320).contains(&early), "{early}");
        assert_eq!(sample(3, 500, 42), [0, 1, 2]);
    }

    #[test]
    fn draws_are_those_of_splitmix64() {
        // The reference implementation's first values for seed 0.
        let mut random = SplitMix64(0);
        assert_eq!(random.draw(), 0xe220_a839_7b1d_cdaf);
        assert_eq!(random.draw(), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn a_class_too_rare_for_the_sample_starts_at_zero() {
        let rows = MOST_ROWS + 5_000;
        let features = Array2::from_shape_fn((rows, 1).f(), |(row, _)| (row % 97) as f64);
        let mut labels = vec![0; rows];
        labels[96] = 1;
        let part = Part {
            features: features.view(),
            labels: &labels,
        };
        let objective = Objective::new(part, &Scaler::fit(part), 1, 1.0);
        let drawn = |seed: &u64| sample(rows, MOST_ROWS, *seed).contains(&96);
        let told = |seed| Start::by_linfa(&objective, seed).told;
        let missed = (0..100).find(|seed| !drawn(seed)).unwrap();
        assert!(told(missed).starts_with("start at zero: linfa-logistic failed"));
    }
}
