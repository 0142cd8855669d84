//! Curves of the held-out rows, to be drawn: ROC, precision and recall, calibration, scores.
//!
//! Shape: a class against the rest (two classes: the positive one alone). A curve is what it is at
//! every threshold; points on a straight line between others are left out first, which moves
//! nothing, and of what is left at most 200 are kept, evenly along the curve and all of them on it.
//! Concurrency: pure. Turned down: smoothing, and thresholds at even probabilities (most rows sit
//! at the ends).

use serde::{Deserialize, Serialize};

use super::class_scores::{ClassScores, Predicted, bin, predicted};
use super::classifier::Classifier;
use super::evaluation::CALIBRATION_BINS;
use super::training_set::Part;

/// Points of a curve at most.
const MOST_POINTS: usize = 200;
/// Bins of the score histograms.
const SCORE_BINS: usize = 20;
/// Classes beyond which no curves are kept: nobody looks at more, and a version stays small.
const MOST_CLASSES: usize = 20;

/// The curves of one class against the rest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassCurves {
    /// The class.
    pub class: String,
    /// False against true positive rate, from (0, 0) to (1, 1); empty when one side has no row.
    pub roc: Vec<RocPoint>,
    /// Precision at each recall, recall rising; empty when the class has no row.
    pub precision_recall: Vec<PrecisionRecallPoint>,
    /// Ten bins of equal width over the probabilities.
    pub calibration: Vec<CalibrationBin>,
    /// Rows over twenty bins of equal width over the probability of this class, by actual class in
    /// class order.
    pub score_histograms: Vec<Vec<u64>>,
}

/// A point of a ROC curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RocPoint {
    /// Share of the other rows at or above the threshold.
    pub false_positive_rate: f64,
    /// Share of the class's rows at or above the threshold.
    pub true_positive_rate: f64,
    /// The probability from which on a row counts as the class; absent at (0, 0).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
}

/// A point of a precision-recall curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrecisionRecallPoint {
    /// Share of the class's rows at or above the threshold.
    pub recall: f64,
    /// Share of the class among the rows at or above the threshold.
    pub precision: f64,
    /// The probability from which on a row counts as the class.
    pub threshold: f64,
}

/// A bin of a calibration curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    /// Its lower edge.
    pub lower: f64,
    /// Its upper edge.
    pub upper: f64,
    /// Rows in it.
    pub rows: u64,
    /// Their mean probability; absent without rows, as the next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean_probability: Option<f64>,
    /// Share of them that are of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub positive_share: Option<f64>,
}

/// Rows at or above a threshold: of the class, of the others.
#[derive(Clone, Copy, PartialEq)]
struct Above {
    positives: u64,
    negatives: u64,
    threshold: f64,
}

/// The curves on held-out rows; empty without rows, and with more than twenty classes.
pub fn curves(classifier: &Classifier, held_out: Part<'_>) -> Vec<ClassCurves> {
    let classes = classifier.classes();
    if held_out.rows() == 0 || classes.len() > MOST_CLASSES {
        return Vec::new();
    }
    let predicted = predicted(classifier, held_out);
    let of = |class| of_class(classifier, held_out, &predicted, class);
    match classes.len() {
        2 => vec![of(classes.positive_index())],
        many => (0..many).map(of).collect(),
    }
}

fn of_class(
    classifier: &Classifier,
    part: Part<'_>,
    predicted: &Predicted,
    class: usize,
) -> ClassCurves {
    let scores = ClassScores::of(classifier, part, predicted, class);
    let steps = steps(&scores);
    let classes = classifier.classes();
    let mut score_histograms = vec![vec![0; SCORE_BINS]; classes.len()];
    for (order, label) in scores.order.iter().zip(part.labels) {
        score_histograms[usize::from(*label)][bin(scores.probability(*order), SCORE_BINS)] += 1;
    }
    ClassCurves {
        class: classes.names()[class].clone(),
        roc: roc(&steps),
        precision_recall: precision_recall(&steps),
        calibration: calibration(&scores),
        score_histograms,
    }
}

/// What is above each threshold, from the highest down: one entry a probability.
fn steps(scores: &ClassScores) -> Vec<Above> {
    let mut rows: Vec<(f64, bool)> = scores
        .order
        .iter()
        .copied()
        .zip(scores.is_class.iter().copied())
        .collect();
    rows.sort_unstable_by(|one, two| two.0.total_cmp(&one.0));
    let (mut positives, mut negatives) = (0, 0);
    let tied = rows.chunk_by(|one, two| one.0 == two.0);
    tied.map(|tied| {
        let here = tied.iter().filter(|(_, is_class)| *is_class).count() as u64;
        positives += here;
        negatives += tied.len() as u64 - here;
        Above {
            positives,
            negatives,
            threshold: scores.probability(tied[0].0),
        }
    })
    .collect()
}

fn roc(steps: &[Above]) -> Vec<RocPoint> {
    let Some(all) = steps
        .last()
        .filter(|all| all.positives > 0 && all.negatives > 0)
    else {
        return Vec::new();
    };
    let start = Above {
        positives: 0,
        negatives: 0,
        threshold: f64::INFINITY,
    };
    let steps: Vec<Above> = std::iter::once(start)
        .chain(steps.iter().copied())
        .collect();
    let place = |step: &Above| (step.negatives, step.positives);
    let corners = thinned(corners(&steps, place), |step| {
        (
            step.negatives as f64 / all.negatives as f64,
            step.positives as f64 / all.positives as f64,
        )
    });
    let point = |step: Above| RocPoint {
        false_positive_rate: step.negatives as f64 / all.negatives as f64,
        true_positive_rate: step.positives as f64 / all.positives as f64,
        threshold: Some(step.threshold).filter(|threshold| threshold.is_finite()),
    };
    corners.into_iter().map(point).collect()
}

fn precision_recall(steps: &[Above]) -> Vec<PrecisionRecallPoint> {
    let Some(all) = steps.last().filter(|all| all.positives > 0) else {
        return Vec::new();
    };
    let recall = |step: &Above| step.positives as f64 / all.positives as f64;
    let precision =
        |step: &Above| step.positives as f64 / (step.positives + step.negatives).max(1) as f64;
    // Between two thresholds that only others lie between, recall stands still and precision falls:
    // a vertical line, of which the ends are enough.
    let ends = steps.iter().enumerate().filter(|(at, step)| {
        let same = |other: Option<&Above>| other.is_some_and(|one| one.positives == step.positives);
        !(same(at.checked_sub(1).map(|before| &steps[before])) && same(steps.get(at + 1)))
    });
    let ends: Vec<Above> = ends.map(|(_, step)| *step).collect();
    let kept = thinned(ends, |step| (recall(step), precision(step)));
    let point = |step: Above| PrecisionRecallPoint {
        recall: recall(&step),
        precision: precision(&step),
        threshold: step.threshold,
    };
    kept.into_iter().map(point).collect()
}

fn calibration(scores: &ClassScores) -> Vec<CalibrationBin> {
    let mut sums = [(0_u64, 0.0, 0_u64); CALIBRATION_BINS];
    for (order, is_class) in scores.order.iter().zip(&scores.is_class) {
        let probability = scores.probability(*order);
        let sum = &mut sums[bin(probability, CALIBRATION_BINS)];
        *sum = (sum.0 + 1, sum.1 + probability, sum.2 + u64::from(*is_class));
    }
    let edge = |at: usize| at as f64 / CALIBRATION_BINS as f64;
    let of = |(at, (rows, sum, positives)): (usize, (u64, f64, u64))| CalibrationBin {
        lower: edge(at),
        upper: edge(at + 1),
        rows,
        mean_probability: (rows > 0).then(|| sum / rows as f64),
        positive_share: (rows > 0).then(|| positives as f64 / rows as f64),
    };
    sums.into_iter().enumerate().map(of).collect()
}

/// The points at which a rising curve of whole numbers changes its direction, and its ends.
fn corners(steps: &[Above], place: impl Fn(&Above) -> (u64, u64)) -> Vec<Above> {
    let mut corners: Vec<Above> = Vec::new();
    for step in steps {
        while let [.., before, last] = corners.as_slice() {
            let (from, over, to) = (place(before), place(last), place(step));
            let (right, up) = (u128::from(over.0 - from.0), u128::from(over.1 - from.1));
            let on_line = right * u128::from(to.1 - over.1) == up * u128::from(to.0 - over.0);
            if !on_line {
                break;
            }
            corners.pop();
        }
        corners.push(*step);
    }
    corners
}

/// At most [`MOST_POINTS`] of the points, evenly along the curve, the first and the last included.
fn thinned(points: Vec<Above>, place: impl Fn(&Above) -> (f64, f64)) -> Vec<Above> {
    if points.len() <= MOST_POINTS {
        return points;
    }
    let length = |pair: &[Above]| {
        let (one, two) = (place(&pair[0]), place(&pair[1]));
        (one.0 - two.0).hypot(one.1 - two.1)
    };
    let whole: f64 = points.windows(2).map(length).sum();
    let last = points.len() - 1;
    let (mut gone, mut passed, mut kept) = (0.0, 0, vec![points[0]]);
    for at in 1..last {
        gone += length(&points[at - 1..=at]);
        // The first point of each of equal stretches; the last point has a place of its own.
        let stretch = (gone / whole * (MOST_POINTS - 2) as f64) as usize;
        if stretch > passed {
            kept.push(points[at]);
            passed = stretch;
        }
    }
    kept.truncate(MOST_POINTS - 1);
    kept.push(points[last]);
    kept
}

#[cfg(test)]
mod tests;
