//! The fitted thing: it turns a row into probabilities.
//!
//! Shape: classes, scaler, and equations on standardised features: two classes need one, the
//! positive class's; more have one each, centred over the classes. It is stored as it is and
//! computes the same bits after loading, so raw coefficients are only derived for reports.
//! Concurrency: immutable, share it behind an `Arc`. Turned down: storing linfa's own struct (its
//! orientation follows the data).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::classes::Classes;
use super::coefficients::EquationReport;
use super::prediction::{Contributions, Prediction};
use super::scaler::{LARGEST_STANDARDIZED, Scaler};
use super::training_set::Part;

/// A fitted classifier of two classes or more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "PlainClassifier")]
pub struct Classifier {
    classes: Classes,
    scaler: Scaler,
    equations: Vec<Equation>,
}

/// The log-odds of one class on standardised features.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Equation {
    /// The log-odds where every feature has its mean.
    pub(super) baseline: f64,
    /// One coefficient a feature, per standard deviation.
    pub(super) standardized: Vec<f64>,
}

/// What of a [`Classifier`] is stored.
#[derive(Deserialize)]
struct PlainClassifier {
    classes: Classes,
    scaler: Scaler,
    equations: Vec<Equation>,
}

/// A stored classifier whose parts do not belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the classifier's parts do not fit each other")]
pub(super) struct Misshapen;

impl TryFrom<PlainClassifier> for Classifier {
    type Error = Misshapen;

    fn try_from(plain: PlainClassifier) -> Result<Self, Misshapen> {
        let PlainClassifier {
            classes,
            scaler,
            equations,
        } = plain;
        Self::new(classes, scaler, equations)
    }
}

/// Whether no row makes a score that is no number: a sum of a double's size may overflow both ways. No fit comes near.
fn is_bounded(equation: &Equation) -> bool {
    let terms = equation
        .standardized
        .iter()
        .map(|weight| weight.abs() * LARGEST_STANDARDIZED);
    terms
        .fold(equation.baseline.abs(), |sum, term| sum + term)
        .is_finite()
}

impl Classifier {
    /// Of two classes with the equation of the positive one, or of more with one each.
    pub(super) fn new(
        classes: Classes,
        scaler: Scaler,
        equations: Vec<Equation>,
    ) -> Result<Self, Misshapen> {
        let width = scaler.means.len();
        let wanted = if classes.len() == 2 { 1 } else { classes.len() };
        let alike = scaler.deviations.len() == width
            && equations.len() == wanted
            && equations
                .iter()
                .all(|equation| equation.standardized.len() == width);
        let of_equations = equations.iter().flat_map(|equation| {
            equation
                .standardized
                .iter()
                .chain(std::iter::once(&equation.baseline))
        });
        let mut numbers = scaler
            .means
            .iter()
            .chain(&scaler.deviations)
            .chain(of_equations);
        if !alike || !numbers.all(|number| number.is_finite()) || !equations.iter().all(is_bounded)
        {
            return Err(Misshapen);
        }
        Ok(Self {
            classes,
            scaler,
            equations,
        })
    }

    /// The classes in the order of every list of probabilities.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// How many features a row has.
    pub fn features(&self) -> usize {
        self.scaler.means.len()
    }

    /// Probabilities of a row of [`features`](Self::features) values in the features' own units;
    /// NaN is a missing value and takes the training mean. A shorter row counts as missing the
    /// rest, what is too much of a longer one is left out; both are the caller's mistake.
    pub fn predict(&self, row: &[f64]) -> Prediction {
        Prediction::of_scores(&self.scores(row), &self.classes)
    }

    /// The score of each equation for such a row: the baseline plus, a feature,
    /// `standardized * (value - mean) / deviation`. Finite, whatever the values. Two classes: one,
    /// the log-odds of the positive class; more: one a class, whose softmax are the probabilities.
    pub fn scores(&self, row: &[f64]) -> Vec<f64> {
        debug_assert_eq!(row.len(), self.features(), "a row has one value a feature");
        let of = |equation: &Equation| {
            let mut sum = equation.baseline;
            for (feature, (value, weight)) in row.iter().zip(&equation.standardized).enumerate() {
                sum += weight * self.scaler.column(feature).standardize(*value);
            }
            sum
        };
        self.equations.iter().map(of).collect()
    }

    /// The same scores taken apart, feature by feature: one entry an equation.
    pub fn contributions(&self, row: &[f64]) -> Vec<Contributions> {
        debug_assert_eq!(row.len(), self.features(), "a row has one value a feature");
        let part = |(feature, (value, weight)): (usize, (&f64, &f64))| {
            weight * self.scaler.column(feature).standardize(*value)
        };
        let of = |(at, equation): (usize, &Equation)| Contributions {
            class: self.class_of(at).to_owned(),
            baseline: equation.baseline,
            per_feature: row
                .iter()
                .zip(&equation.standardized)
                .enumerate()
                .map(part)
                .collect(),
        };
        self.equations.iter().enumerate().map(of).collect()
    }

    /// The equations for a reader, coefficients in the features' own units too. Two classes: one,
    /// with odds ratios; more: one a class.
    pub fn equations(&self) -> Vec<EquationReport> {
        let of = |(at, equation): (usize, &Equation)| {
            EquationReport::of(
                self.class_of(at),
                &self.scaler,
                equation,
                self.classes.len() == 2,
            )
        };
        self.equations.iter().enumerate().map(of).collect()
    }

    /// The largest difference of two numbers that this classifier and another compute with: 0 where
    /// all are the same to the last bit, the sign of a zero apart. `None`: they are of other classes
    /// or of another number of features.
    pub fn largest_difference(&self, other: &Self) -> Option<f64> {
        let alike = self.classes == other.classes && self.features() == other.features();
        let pairs = self.numbers().zip(other.numbers());
        let largest = |so_far: f64, (one, two): (f64, f64)| so_far.max((one - two).abs());
        alike.then(|| pairs.fold(0.0, largest))
    }

    fn numbers(&self) -> impl Iterator<Item = f64> {
        let of_equations = self.equations.iter().flat_map(|equation| {
            let baseline = std::iter::once(&equation.baseline);
            equation.standardized.iter().chain(baseline)
        });
        let scales = self.scaler.means.iter().chain(&self.scaler.deviations);
        scales.chain(of_equations).copied()
    }

    /// How many equations there are.
    pub(super) fn equation_count(&self) -> usize {
        self.equations.len()
    }

    /// The score of one equation for every row of a part, bit for bit as [`scores`](Self::scores),
    /// column by column.
    pub(super) fn scores_of(&self, equation: usize, part: Part<'_>) -> Vec<f64> {
        let equation = &self.equations[equation];
        let mut sums = vec![equation.baseline; part.rows()];
        let columns = part
            .features
            .columns()
            .into_iter()
            .zip(&equation.standardized);
        for (feature, (column, weight)) in columns.enumerate() {
            let scale = self.scaler.column(feature);
            for (sum, value) in sums.iter_mut().zip(column) {
                *sum += weight * scale.standardize(*value);
            }
        }
        sums
    }

    /// The class that an equation is of.
    fn class_of(&self, equation: usize) -> &str {
        match self.classes.len() {
            2 => self.classes.positive(),
            _ => &self.classes.names()[equation],
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    fn classifier() -> Classifier {
        let classes = Classes::new(vec!["a".to_owned(), "b".to_owned()], 1).unwrap();
        let scaler = Scaler {
            means: vec![1.0, 0.1],
            deviations: vec![2.0, 0.0],
        };
        let equation = Equation {
            baseline: 0.1,
            standardized: vec![0.7, 0.0],
        };
        Classifier::new(classes, scaler, vec![equation]).unwrap()
    }

    #[test]
    fn contributions_add_up_to_the_last_bit() {
        let classifier = classifier();
        for row in [
            [4.7, 0.3],
            [f64::NAN, 0.1],
            [f64::MAX, -1.0],
            [f64::MIN, f64::MAX],
        ] {
            let [parts] = <[_; 1]>::try_from(classifier.contributions(&row)).unwrap();
            let sum = parts
                .per_feature
                .iter()
                .fold(parts.baseline, |sum, part| sum + part);
            assert_eq!(sum.to_bits(), classifier.scores(&row)[0].to_bits());
            assert!(sum.is_finite());
        }
        assert_eq!(classifier.scores(&[f64::NAN, 0.1])[0], 0.1);
    }

    #[test]
    fn a_difference_of_one_bit_is_seen_wherever_it_is() {
        let one = classifier();
        assert_eq!(one.largest_difference(&one), Some(0.0));
        let changes: [fn(&mut Classifier); 4] = [
            |other| other.scaler.means[0] = 1.0_f64.next_up(),
            |other| other.scaler.deviations[0] = 2.0_f64.next_up(),
            |other| other.equations[0].baseline = 0.1_f64.next_down(),
            |other| other.equations[0].standardized[1] = f64::from_bits(1),
        ];
        for change in changes {
            let mut other = one.clone();
            change(&mut other);
            let difference = other.largest_difference(&one).unwrap();
            assert!(difference > 0.0 && difference < 1e-15, "{difference}");
        }
        let mut other = one.clone();
        other.classes = Classes::new(vec!["a".to_owned(), "b".to_owned()], 0).unwrap();
        assert_eq!(other.largest_difference(&one), None);
    }

    #[test]
    fn a_part_is_predicted_as_its_rows_are() {
        let classifier = classifier();
        let features = array![[4.7, 0.3], [f64::NAN, 0.1], [-3.3, 0.0]];
        let part = Part {
            features: features.view(),
            labels: &[0, 1, 0],
        };
        let singly: Vec<u64> = features
            .rows()
            .into_iter()
            .map(|row| classifier.scores(&row.to_vec())[0].to_bits())
            .collect();
        let together: Vec<u64> = classifier
            .scores_of(0, part)
            .into_iter()
            .map(f64::to_bits)
            .collect();
        assert_eq!(together, singly);
    }

    #[test]
    fn a_stored_classifier_is_checked_when_it_is_read() {
        let text = serde_json::to_string(&classifier()).unwrap();
        assert_eq!(
            serde_json::from_str::<Classifier>(&text).unwrap(),
            classifier()
        );
        let wrong = text.replace("\"means\":[1.0,0.1]", "\"means\":[1.0]");
        assert_ne!(wrong, text);
        let why = serde_json::from_str::<Classifier>(&wrong)
            .unwrap_err()
            .to_string();
        assert!(why.contains("do not fit each other"), "{why}");
        // Of a value far away, and of another, the score would be the difference of two infinities.
        let huge = text.replace(
            "\"standardized\":[0.7,0.0]",
            "\"standardized\":[1e300,-1e300]",
        );
        assert_ne!(huge, text);
        assert!(serde_json::from_str::<Classifier>(&huge).is_err());
    }
}
