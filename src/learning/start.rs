//! Where a fit starts from.
//!
//! Shape: linfa-logistic's L-BFGS on a few rows of a standardised sample and Newton on all of it, or
//! Newton alone with more than two classes, so that neither memory nor the time between two looks at `stop` grows with the table.
//! The answer is only a start: what linfa does not tell (whether it converged) and what follows the
//! data (which class it calls positive) is put right here or by Newton. Concurrency: a slice of
//! iterations cannot be interrupted, so it is kept short; a deadline is the caller's, through
//! `stop`. Turned down: all rows of a large table (a fit makes about five passes an iteration, a
//! Newton step one), and a clock (a fit that depends on the load cannot be repeated).

use std::sync::atomic::{AtomicBool, Ordering};

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use linfa_logistic::error::Error as LinfaError;
use ndarray::{Array1, Array2, ShapeBuilder};

use super::coding::Coding;
use super::descent::{Aim, Unsolved};
use super::objective::Objective;
use super::scaler::Scaler;
use super::solver::{from, is_wide};
use super::splitmix::SplitMix64;
use super::subset::Subset;
use super::training_set::Part;

/// Rows of the sample at most, where Newton can finish on all rows with the Hessian.
const MOST_ROWS: usize = 50_000;
/// Values of the sample at most: 16 MB.
const MOST_VALUES: usize = 2_000_000;
/// The same where the Hessian is too large: all rows of most tables, 64 MB.
const MOST_VALUES_WIDE: usize = 8_000_000;
/// Rows of the sample at least, however many features there are.
const LEAST_ROWS: usize = 1_000;
const MOST_ITERATIONS: u64 = 100;
/// Values times iterations of one slice: about a fifth of a second.
const SLICE_VALUES: usize = 20_000_000;
const LEAST_SLICE: u64 = 2;
/// Far below what a sample's own solution is off by.
const GRADIENT_PER_ROW: f64 = 1e-4;
/// Neighbours that are drawn together: what memory brings along with a value.
const NEIGHBOURS: usize = 8;
/// Rows that linfa-logistic gets where Newton goes on from there, and how flat they are to be.
const FEW_ROWS: usize = 2_000;
const GRADIENT_PER_FEW: f64 = 1e-2;

/// A place to start from.
#[derive(Debug)]
pub(super) struct Start {
    /// An equation after the other, its constant last.
    pub(super) point: Array1<f64>,
    /// What was done, for the report.
    pub(super) told: String,
}

impl Start {
    /// All coefficients zero and, with more than two classes, constants by the shares of the
    /// classes; and why.
    pub(super) fn at_shares(objective: &Objective<'_>, why: &str) -> Self {
        let mut point = Array1::zeros(objective.parameters());
        let (coding, terms) = (objective.coding(), objective.terms());
        if let Coding::Helmert(_) = coding {
            let rows = objective.rows().subset().rows_per_class(coding.classes());
            let scores: Vec<f64> = rows.iter().map(|rows| (*rows as f64 + 0.5).ln()).collect();
            let mut constants = vec![0.0; coding.equations()];
            coding.gather(&scores, &mut constants);
            for (equation, constant) in constants.into_iter().enumerate() {
                point[(equation + 1) * terms - 1] = constant;
            }
        }
        Self {
            point,
            told: format!("start at zero: {why}"),
        }
    }

    /// With more than two classes, and in a search: Newton on a sample drawn with `seed`, where all
    /// rows are many.
    pub(super) fn by_newton(
        objective: &Objective<'_>,
        seed: u64,
        stop: &AtomicBool,
    ) -> Result<Self, Unsolved> {
        let rows = drawn(objective, seed);
        if rows.len() == objective.rows().rows() || is_wide(objective) {
            return Ok(Self::at_shares(objective, "all rows are taken at once"));
        }
        let sample = Sample::of(objective, &rows, stop).ok_or(Unsolved::Stopped)?;
        let smaller = sample.objective(objective);
        match from(
            &smaller,
            Self::at_shares(&smaller, "").point,
            Aim::ROUGH,
            stop,
        ) {
            Ok(solution) => Ok(Self {
                point: solution.point,
                told: format!("start by Newton on {} rows", rows.len()),
            }),
            Err(Unsolved::Stopped) => Err(Unsolved::Stopped),
            Err(_) => Ok(Self::at_shares(objective, "a sample has no solution")),
        }
    }

    /// With two classes: what linfa-logistic makes of a sample drawn with `seed`, zero if it makes
    /// nothing of it. Of a large sample it gets a few rows, and Newton goes on from there on all of
    /// the sample: it has threads, and a pass of linfa's over all takes longer than its own.
    pub(super) fn by_linfa(
        objective: &Objective<'_>,
        seed: u64,
        stop: &AtomicBool,
    ) -> Result<Self, Unsolved> {
        let rows = drawn(objective, seed);
        let sample = Sample::of(objective, &rows, stop).ok_or(Unsolved::Stopped)?;
        if is_wide(objective) || rows.len() <= FEW_ROWS || sample.has_one_class() {
            return sample.started(objective, GRADIENT_PER_ROW, stop);
        }
        let first = sample.thinned(rows.len().div_ceil(FEW_ROWS)).started(
            objective,
            GRADIENT_PER_FEW,
            stop,
        )?;
        match from(
            &sample.objective(objective),
            first.point.clone(),
            Aim::ROUGH,
            stop,
        ) {
            Ok(solution) => Ok(Self {
                point: solution.point,
                told: format!("{}, by Newton on {}", first.told, rows.len()),
            }),
            Err(Unsolved::Stopped) => Err(Unsolved::Stopped),
            Err(_) => Ok(first),
        }
    }

    fn told(objective: &Objective<'_>, rows: usize, mut point: Array1<f64>) -> Self {
        for feature in objective
            .coefficients()
            .filter(|feature| !objective.varies(*feature))
        {
            point[feature] = 0.0;
        }
        Self {
            point,
            told: format!("start by linfa-logistic on {rows} rows"),
        }
    }
}

/// Row numbers of a sample of the whole part.
fn drawn(objective: &Objective<'_>, seed: u64) -> Vec<usize> {
    let features = objective.terms() - 1;
    let within = |values: usize| (values / features.max(1)).max(LEAST_ROWS);
    let most = match is_wide(objective) {
        true => within(MOST_VALUES_WIDE),
        false => MOST_ROWS.min(within(MOST_VALUES)),
    };
    let subset = objective.rows().subset();
    let all = subset.part.rows();
    let mut rows: Vec<usize> = match all <= most {
        true => (0..all).collect(),
        false => sample(all.div_ceil(NEIGHBOURS), most / NEIGHBOURS, seed)
            .into_iter()
            .flat_map(|group| group * NEIGHBOURS..((group + 1) * NEIGHBOURS).min(all))
            .collect(),
    };
    rows.retain(|row| subset.has(*row));
    rows
}

/// Some rows, standardised, with what stands against their sum of log losses.
struct Sample {
    features: Array2<f64>,
    labels: Vec<u16>,
    penalty: f64,
}

impl Sample {
    /// `None` when `stop` was set.
    fn of(objective: &Objective<'_>, rows: &[usize], stop: &AtomicBool) -> Option<Self> {
        let (all, labels) = (objective.rows(), objective.rows().subset().part.labels);
        // The penalty stands against a sum over all rows; here the sum is over fewer.
        let share = rows.len() as f64 / all.rows().max(1) as f64;
        Some(Self {
            features: all.gather(rows, stop)?,
            labels: rows.iter().map(|row| labels[*row]).collect(),
            penalty: objective.penalty() * share,
        })
    }

    /// One row in so many.
    fn thinned(&self, one_in: usize) -> Self {
        let rows: Vec<usize> = (0..self.labels.len()).step_by(one_in.max(1)).collect();
        let columns = self.features.columns().into_iter();
        let values = columns.flat_map(|column| rows.iter().map(move |row| column[*row]));
        let shape = (rows.len(), self.features.ncols());
        let share = rows.len() as f64 / self.labels.len().max(1) as f64;
        Self {
            features: Array2::from_shape_vec(shape.f(), values.collect()).unwrap_or_default(),
            labels: rows.iter().map(|row| self.labels[*row]).collect(),
            penalty: self.penalty * share,
        }
    }

    /// The same objective over these rows alone.
    fn objective(&self, whole: &Objective<'_>) -> Objective<'_> {
        let part = Part {
            features: self.features.view(),
            labels: &self.labels,
        };
        let scaler = Scaler::identity((0..self.features.ncols()).map(|at| whole.varies(at)));
        let coding = whole.coding().clone();
        Objective::new(
            Subset::all(part),
            &scaler,
            coding,
            self.penalty,
            whole.rows().threads(),
        )
        .knowing(|_| true)
    }

    fn has_one_class(&self) -> bool {
        self.labels.windows(2).all(|two| two[0] == two[1])
    }

    /// What linfa-logistic makes of it, or zero.
    fn started(
        &self,
        objective: &Objective<'_>,
        gradient_per_row: f64,
        stop: &AtomicBool,
    ) -> Result<Start, Unsolved> {
        Ok(match self.by_linfa(objective, gradient_per_row, stop)? {
            Ok(point) => Start::told(objective, self.labels.len(), point),
            Err(why) => Start::at_shares(objective, &why),
        })
    }

    /// Where linfa-logistic ends, slice by slice, the constant last; or why it does not.
    fn by_linfa(
        &self,
        objective: &Objective<'_>,
        gradient_per_row: f64,
        stop: &AtomicBool,
    ) -> Result<Result<Array1<f64>, String>, Unsolved> {
        let slice = (SLICE_VALUES / self.features.len().max(1)) as u64;
        let slice = slice.clamp(LEAST_SLICE, MOST_ITERATIONS);
        let mut reached = None;
        for _ in 0..MOST_ITERATIONS.div_ceil(slice) {
            if stop.load(Ordering::Relaxed) {
                return Err(Unsolved::Stopped);
            }
            match self.slice(objective, (slice, gradient_per_row), reached.as_ref()) {
                Ok(point) if point.iter().all(|value| value.is_finite()) => {
                    // It stops moving when it has converged, and says so in no other way.
                    if reached.as_ref() == Some(&point) {
                        break;
                    }
                    reached = Some(point);
                }
                Ok(_) => return Ok(Err("linfa-logistic left the finite numbers".into())),
                Err(why) => {
                    let why = format!("linfa-logistic failed ({why})");
                    return Ok(reached.ok_or(why));
                }
            }
        }
        Ok(Ok(
            reached.unwrap_or_else(|| Array1::zeros(objective.terms()))
        ))
    }

    /// Some iterations of linfa-logistic from where the last ended, the constant last.
    fn slice(
        &self,
        objective: &Objective<'_>,
        (iterations, gradient_per_row): (u64, f64),
        from: Option<&Array1<f64>>,
    ) -> Result<Array1<f64>, LinfaError> {
        let Coding::Binary(positive) = objective.coding() else {
            return Err(LinfaError::TooManyClasses);
        };
        let positives = self
            .labels
            .iter()
            .filter(|label| usize::from(**label) == *positive);
        let is_positive = |label: &u16| usize::from(*label) == *positive;
        let labels: Array1<bool> = self.labels.iter().map(is_positive).collect();
        let (positives, rows) = (positives.count(), self.labels.len());
        let mut parameters = LogisticRegression::default()
            .alpha(self.penalty)
            .gradient_tolerance(gradient_per_row * rows.max(1) as f64)
            .max_iterations(iterations);
        if let Some(from) = from {
            // Its positive class is the larger one, the first seen on a tie.
            let first = labels.first().copied().unwrap_or_default();
            let ours = 2 * positives > rows || (2 * positives == rows && first);
            parameters = parameters.initial_params(if ours { from.clone() } else { -from });
        }
        let fitted = parameters.fit(&DatasetBase::new(self.features.view(), labels))?;
        let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
        let coefficients = fitted.params().iter().copied();
        let point = coefficients.chain([fitted.intercept()]);
        Ok(point.map(|value| sign * value).collect())
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::fixtures::never;

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
    fn a_class_too_rare_for_the_sample_starts_at_zero() {
        let rows = MOST_ROWS + 5_000;
        let features = Array2::from_shape_fn((rows, 1).f(), |(row, _)| (row % 97) as f64);
        let mut labels = vec![0; rows];
        labels[96] = 1;
        let part = Part {
            features: features.view(),
            labels: &labels,
        };
        let (subset, coding) = (Subset::all(part), Coding::Binary(1));
        let objective = Objective::new(subset, &Scaler::fit(part), coding, 1.0, 1);
        let drawn = |seed: &u64| drawn(&objective, *seed).contains(&96);
        let told = |seed| Start::by_linfa(&objective, seed, &never()).unwrap().told;
        let missed = (0..100).find(|seed| !drawn(seed)).unwrap();
        assert!(told(missed).starts_with("start at zero: linfa-logistic failed"));
    }
}
