//! The scores of held-out rows, as every measure needs them.
//!
//! Shape: one pass over all classes for what is asked of each row (label, loss, normaliser), then
//! one class at a time, so that memory does not grow with the number of classes. Concurrency: pure.
//! Turned down: a matrix of all probabilities (a thousand classes of a million rows are 8 GB).

use ndarray::{Axis, Slice};

use super::blocks::BLOCK_ROWS;
use super::classifier::Classifier;
use super::evaluation::CALIBRATION_BINS;
use super::logistic::{sigmoid, softplus};
use super::prediction::Prediction;
use super::softmax::{log_loss, log_sum_exp};
use super::training_set::Part;

/// What is predicted for each row, and what it costs.
pub(super) struct Predicted {
    pub(super) labels: Vec<usize>,
    /// The probability of the predicted label.
    certainties: Vec<f64>,
    /// More than two classes: `ln(sum(exp(scores)))`.
    normalisers: Vec<f64>,
    /// Sum over the rows.
    pub(super) log_loss: f64,
    /// Sum over the rows of the Brier score's squares.
    pub(super) squares: f64,
}

/// One class against the rest.
pub(super) struct ClassScores {
    /// What puts the rows in order: log-odds with two classes, else log-probabilities.
    pub(super) order: Vec<f64>,
    pub(super) is_class: Vec<bool>,
    scale: Scale,
}

/// What the order is.
#[derive(Clone, Copy)]
enum Scale {
    LogOdds,
    LogProbability,
}

/// Predicts every row of a part.
pub(super) fn predicted(classifier: &Classifier, part: Part<'_>) -> Predicted {
    let mut predicted = Predicted {
        labels: Vec::with_capacity(part.rows()),
        certainties: Vec::with_capacity(part.rows()),
        normalisers: Vec::new(),
        log_loss: 0.0,
        squares: 0.0,
    };
    of_rows(classifier, part, |scores, label| {
        predicted.add(classifier, scores, label);
    });
    predicted
}

/// The log loss of each row of a part, from the scores; `places` are those of the part's classes
/// among the classifier's.
pub(super) fn row_losses(classifier: &Classifier, part: Part<'_>, places: &[usize]) -> Vec<f64> {
    let mut losses = Vec::with_capacity(part.rows());
    of_rows(classifier, part, |scores, label| {
        losses.push(loss(classifier, scores, places[label]));
    });
    losses
}

/// From one row's scores; `label` is a place among the classifier's classes.
fn loss(classifier: &Classifier, scores: &[f64], label: usize) -> f64 {
    match scores {
        [z] => softplus(wrong(classifier, *z, label)),
        _ => log_loss(scores, label),
    }
}

/// Log-odds of the class that the row does not have, of two.
fn wrong(classifier: &Classifier, z: f64, label: usize) -> f64 {
    if label == classifier.classes().positive_index() {
        -z
    } else {
        z
    }
}

/// Calls with the scores and the label of each row, in their order.
fn of_rows(classifier: &Classifier, part: Part<'_>, mut call: impl FnMut(&[f64], usize)) {
    let mut scores = vec![0.0; classifier.equation_count()];
    for from in (0..part.rows()).step_by(BLOCK_ROWS) {
        let rows = from..(from + BLOCK_ROWS).min(part.rows());
        let block = Part {
            features: part
                .features
                .slice_axis_move(Axis(0), Slice::from(rows.clone())),
            labels: &part.labels[rows],
        };
        let of_block: Vec<Vec<f64>> = (0..scores.len())
            .map(|equation| classifier.scores_of(equation, block))
            .collect();
        for (row, label) in block.labels.iter().enumerate() {
            for (to, from) in scores.iter_mut().zip(&of_block) {
                *to = from[row];
            }
            call(&scores, usize::from(*label));
        }
    }
}

impl Predicted {
    fn add(&mut self, classifier: &Classifier, scores: &[f64], label: usize) {
        let classes = classifier.classes();
        let said = Prediction::of_scores(scores, classes);
        self.log_loss += loss(classifier, scores, label);
        if let [z] = scores {
            self.squares += sigmoid(wrong(classifier, *z, label)).powi(2);
        } else {
            let others = said
                .probabilities
                .iter()
                .enumerate()
                .filter(|(at, _)| *at != label);
            // 1 - p as the sum of the others: it keeps its digits.
            let (sum, squares) = others.fold((0.0, 0.0), |(sum, squares), (_, p)| {
                (sum + p, squares + p * p)
            });
            self.squares += sum * sum + squares;
            self.normalisers.push(log_sum_exp(scores));
        }
        self.certainties.push(said.probabilities[said.label]);
        self.labels.push(said.label);
    }

    /// Of the predicted labels' probabilities.
    pub(super) fn calibration_error(&self, part: Part<'_>) -> f64 {
        let rows = self.certainties.iter().zip(&self.labels).zip(part.labels);
        calibration_error(rows.map(|((certainty, said), label)| {
            let came_true = f64::from(u8::from(*said == usize::from(*label)));
            (*certainty, certainty - came_true)
        }))
    }
}

impl ClassScores {
    /// Of one class.
    pub(super) fn of(
        classifier: &Classifier,
        part: Part<'_>,
        predicted: &Predicted,
        class: usize,
    ) -> Self {
        let is_class = part
            .labels
            .iter()
            .map(|label| usize::from(*label) == class)
            .collect();
        if classifier.classes().len() == 2 {
            let mut order = classifier.scores_of(0, part);
            if class != classifier.classes().positive_index() {
                order.iter_mut().for_each(|z| *z = -*z);
            }
            return Self {
                order,
                is_class,
                scale: Scale::LogOdds,
            };
        }
        let mut order = classifier.scores_of(class, part);
        for (score, normaliser) in order.iter_mut().zip(&predicted.normalisers) {
            *score = (*score - normaliser).min(0.0);
        }
        Self {
            order,
            is_class,
            scale: Scale::LogProbability,
        }
    }

    /// The probability at a place of the order.
    pub(super) fn probability(&self, order: f64) -> f64 {
        match self.scale {
            Scale::LogOdds => sigmoid(order),
            Scale::LogProbability => order.exp(),
        }
    }

    /// Naeini, Cooper and Hauskrecht 2015.
    pub(super) fn calibration_error(&self) -> f64 {
        let rows = self.order.iter().zip(&self.is_class);
        calibration_error(rows.map(|(order, is_class)| {
            let p = self.probability(*order);
            // p - 1 as -(1 - p): it keeps its digits.
            (
                p,
                if *is_class {
                    -self.complement(*order)
                } else {
                    p
                },
            )
        }))
    }

    fn complement(&self, order: f64) -> f64 {
        match self.scale {
            Scale::LogOdds => sigmoid(-order),
            Scale::LogProbability => -order.exp_m1(),
        }
    }
}

/// The bin of a probability: a bin holds its lower edge, the last one 1 too.
pub(super) fn bin(probability: f64, bins: usize) -> usize {
    ((probability * bins as f64) as usize).min(bins - 1)
}

/// Of probabilities and what they are above what came true.
fn calibration_error(rows: impl Iterator<Item = (f64, f64)>) -> f64 {
    let (mut excess, mut count) = ([0.0; CALIBRATION_BINS], 0_u64);
    for (probability, residual) in rows {
        excess[bin(probability, CALIBRATION_BINS)] += residual;
        count += 1;
    }
    excess.iter().map(|sum: &f64| sum.abs()).sum::<f64>() / count.max(1) as f64
}
