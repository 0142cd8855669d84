//! How good a classifier is on rows that it was not fitted on.
//!
//! Shape: plain numbers from the scores of the held-out rows. Concurrency: pure; it may take long,
//! run it off any async runtime. Turned down: log loss from clipped probabilities (it would hide
//! how wrong a confident classifier is), and areas weighted by the size of the classes (a rare
//! class is the one that is asked about).

use serde::{Deserialize, Serialize};

use super::class_scores::{ClassScores, Predicted, predicted, row_losses};
use super::classes::Classes;
use super::classifier::Classifier;
use super::compare::base_losses;
use super::estimate::{Estimate, estimates};
use super::roc::roc_auc;
use super::training_set::Part;

/// Bins of equal width over the probabilities.
pub(super) const CALIBRATION_BINS: usize = 10;

/// Quality on held-out rows; losses are means a row, with natural logarithms.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Rows evaluated on.
    pub rows: u64,
    /// Mean log loss, from the scores.
    pub log_loss: f64,
    /// Mean log loss of always answering the classes' shares of the training part; absent when a
    /// class that is held out is not in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rate_log_loss: Option<f64>,
    /// What is gained over always answering the classes' shares, a row; absent as the base rate is,
    /// and in what earlier versions stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gain: Option<Estimate>,
    /// Two classes: mean of `(p - y)^2` of the positive class; more: of their sum over the classes
    /// (Brier 1950).
    pub brier_score: f64,
    /// Share of the rows whose label is predicted.
    pub accuracy: f64,
    /// Area under the ROC curve, ties by midranks; with more than two classes the unweighted mean
    /// of each class against the rest. Absent when a class is not held out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roc_auc: Option<f64>,
    /// Difference between mean probability and share of rows that it came true for, over ten bins
    /// of equal width, weighted by rows. Two classes: of the positive one; more: of the predicted
    /// one (Guo et al. 2017).
    pub calibration_error: f64,
    /// `confusion[actual][predicted]` in rows, classes in order.
    pub confusion: Vec<Vec<u64>>,
}

/// Evaluates on the held-out rows; `training` gives the base rates, `seed` draws the resamples of an
/// interval. `None` when nothing is held out.
pub fn evaluate(
    classifier: &Classifier,
    held_out: Part<'_>,
    training: Part<'_>,
    seed: u64,
) -> Option<Evaluation> {
    if held_out.rows() == 0 {
        return None;
    }
    let (classes, rows) = (classifier.classes(), held_out.rows() as f64);
    let predicted = predicted(classifier, held_out);
    let confusion = confusion(classes, held_out, &predicted);
    let right: u64 = (0..classes.len()).map(|at| confusion[at][at]).sum();
    let (roc_auc, calibration_error) = match classes.len() {
        2 => {
            let scores =
                ClassScores::of(classifier, held_out, &predicted, classes.positive_index());
            (
                roc_auc(&scores.order, &scores.is_class),
                scores.calibration_error(),
            )
        }
        _ => (
            mean_area(classifier, held_out, &predicted),
            predicted.calibration_error(held_out),
        ),
    };
    Some(Evaluation {
        rows: held_out.rows() as u64,
        log_loss: predicted.log_loss / rows,
        base_rate_log_loss: base_rate_log_loss(classes, held_out, training),
        gain: gain(classifier, held_out, training, seed),
        brier_score: predicted.squares / rows,
        accuracy: right as f64 / rows,
        roc_auc,
        calibration_error,
        confusion,
    })
}

fn confusion(classes: &Classes, held_out: Part<'_>, predicted: &Predicted) -> Vec<Vec<u64>> {
    let mut confusion = vec![vec![0; classes.len()]; classes.len()];
    for (label, predicted) in held_out.labels.iter().zip(&predicted.labels) {
        confusion[usize::from(*label)][*predicted] += 1;
    }
    confusion
}

/// Unweighted mean of the areas of each class against the rest.
fn mean_area(classifier: &Classifier, held_out: Part<'_>, predicted: &Predicted) -> Option<f64> {
    let classes = classifier.classes().len();
    let mut sum = 0.0;
    for class in 0..classes {
        let scores = ClassScores::of(classifier, held_out, predicted, class);
        sum += roc_auc(&scores.order, &scores.is_class)?;
    }
    Some(sum / classes as f64)
}

/// The base rate's loss less the classifier's; `None` where a class that is held out has no share.
fn gain(
    classifier: &Classifier,
    held_out: Part<'_>,
    training: Part<'_>,
    seed: u64,
) -> Option<Estimate> {
    let classes = classifier.classes().len();
    let places: Vec<usize> = (0..classes).collect();
    let base = base_losses(held_out, training, classes);
    let own = row_losses(classifier, held_out, &places);
    let gains: Vec<f64> = base.iter().zip(own).map(|(base, own)| base - own).collect();
    let [gain] = estimates([&gains], seed);
    gain.mean.is_finite().then_some(gain)
}

fn base_rate_log_loss(classes: &Classes, held_out: Part<'_>, training: Part<'_>) -> Option<f64> {
    let (actual, known) = (
        held_out.rows_per_class(classes.len()),
        training.rows_per_class(classes.len()),
    );
    let mut sum = 0.0;
    for (actual, known) in actual
        .into_iter()
        .zip(known)
        .filter(|(actual, _)| *actual > 0)
    {
        if known == 0 {
            return None;
        }
        sum -= actual as f64 * (known as f64 / training.rows() as f64).ln();
    }
    Some(sum / held_out.rows() as f64)
}

#[cfg(test)]
mod tests;
