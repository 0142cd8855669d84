//! The fitted thing: it turns a row into probabilities.
//!
//! Shape: classes, scaler, and one equation on standardised features (two classes need one, the
//! positive class's; a list, because more classes will have one each). It is stored as it is and
//! computes the same bits after loading, so raw coefficients are only derived for reports.
//! Concurrency: immutable, share it behind an `Arc`. Turned down: storing linfa's own struct (its
//! orientation follows the data).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::classes::Classes;
use super::coefficients::EquationReport;
use super::prediction::{Contributions, Prediction};
use super::scaler::Scaler;
use super::training_set::Part;

/// A fitted classifier of two classes.
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
        match <[Equation; 1]>::try_from(equations) {
            Ok([equation]) => Self::new(classes, scaler, equation),
            Err(_) => Err(Misshapen),
        }
    }
}

impl Classifier {
    /// Of two classes, with the equation of the positive one.
    pub(super) fn new(
        classes: Classes,
        scaler: Scaler,
        equation: Equation,
    ) -> Result<Self, Misshapen> {
        let width = equation.standardized.len();
        let alike = scaler.means.len() == width && scaler.deviations.len() == width;
        let mut numbers = scaler.means.iter().chain(&scaler.deviations);
        let finite = numbers.all(|number| number.is_finite())
            && equation.baseline.is_finite()
            && equation
                .standardized
                .iter()
                .all(|number| number.is_finite());
        if classes.len() != 2 || !alike || !finite {
            return Err(Misshapen);
        }
        Ok(Self {
            classes,
            scaler,
            equations: vec![equation],
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
        Prediction::of_log_odds(self.log_odds(row), &self.classes)
    }

    /// Log-odds of the positive class for such a row: the baseline plus, a feature,
    /// `standardized * (value - mean) / deviation`. Finite, whatever the values.
    pub fn log_odds(&self, row: &[f64]) -> f64 {
        debug_assert_eq!(row.len(), self.features(), "a row has one value a feature");
        let equation = self.equation();
        let mut sum = equation.baseline;
        for (feature, (value, weight)) in row.iter().zip(&equation.standardized).enumerate() {
            sum += weight * self.scaler.column(feature).standardize(*value);
        }
        sum
    }

    /// The same log-odds taken apart, feature by feature.
    pub fn contributions(&self, row: &[f64]) -> Contributions {
        debug_assert_eq!(row.len(), self.features(), "a row has one value a feature");
        let equation = self.equation();
        let parts = row.iter().zip(&equation.standardized).enumerate();
        let per_feature = parts
            .map(|(feature, (value, weight))| {
                weight * self.scaler.column(feature).standardize(*value)
            })
            .collect();
        Contributions {
            baseline: equation.baseline,
            per_feature,
        }
    }

    /// The equations for a reader, coefficients in the features' own units too. Two classes: one.
    pub fn equations(&self) -> Vec<EquationReport> {
        vec![EquationReport::of(
            self.classes.positive(),
            &self.scaler,
            self.equation(),
        )]
    }

    /// Log-odds of every row of a part, bit for bit as [`log_odds`](Self::log_odds), column by
    /// column.
    pub(super) fn log_odds_of(&self, part: Part<'_>) -> Vec<f64> {
        let equation = self.equation();
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

    fn equation(&self) -> &Equation {
        // One by construction.
        &self.equations[0]
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
        Classifier::new(classes, scaler, equation).unwrap()
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
            let parts = classifier.contributions(&row);
            let sum = parts
                .per_feature
                .iter()
                .fold(parts.baseline, |sum, part| sum + part);
            assert_eq!(sum.to_bits(), classifier.log_odds(&row).to_bits());
            assert!(sum.is_finite());
        }
        assert_eq!(classifier.log_odds(&[f64::NAN, 0.1]), 0.1);
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
            .map(|row| classifier.log_odds(&row.to_vec()).to_bits())
            .collect();
        let together: Vec<u64> = classifier
            .log_odds_of(part)
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
    }
}
