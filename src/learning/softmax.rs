//! Softmax of one row's class scores, without overflow and without cancellation.
//!
//! Shape: functions of the scores of one row, the largest of which is taken out before any `exp`:
//! the row's own largest, never the table's (linfa-logistic takes the table's, and one outlier
//! then empties every other row). Concurrency: pure. Turned down: clipping probabilities.

/// Place of the largest value, the first of equals.
pub(super) fn largest(values: &[f64]) -> usize {
    let mut best = 0;
    for (at, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = at;
        }
    }
    best
}

/// `ln(sum(exp(scores)))`.
pub(super) fn log_sum_exp(scores: &[f64]) -> f64 {
    let top = largest(scores);
    scores[top] + rest(scores, top).ln_1p()
}

/// `-ln softmax(scores)[class]`; tiny losses keep their digits.
pub(super) fn log_loss(scores: &[f64], class: usize) -> f64 {
    let top = largest(scores);
    // Zero where the class is on top.
    (scores[top] - scores[class]) + rest(scores, top).ln_1p()
}

/// Writes the probabilities over `probabilities`.
pub(super) fn softmax(scores: &[f64], probabilities: &mut [f64]) {
    let top = scores[largest(scores)];
    let mut sum = 0.0;
    for (to, score) in probabilities.iter_mut().zip(scores) {
        *to = (score - top).exp();
        sum += *to;
    }
    for to in probabilities.iter_mut() {
        *to /= sum;
    }
}

/// How far the score of a class is above the largest of the others.
pub(super) fn margin(scores: &[f64], class: usize) -> f64 {
    let mut other = f64::NEG_INFINITY;
    for (at, score) in scores.iter().enumerate() {
        if at != class {
            other = other.max(*score);
        }
    }
    scores[class] - other
}

/// `exp` of the distances below the largest score, the largest itself left out.
fn rest(scores: &[f64], top: usize) -> f64 {
    let mut sum = 0.0;
    for (at, score) in scores.iter().enumerate() {
        if at != top {
            sum += (score - scores[top]).exp();
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_scores_keep_their_digits() {
        assert_eq!(log_loss(&[50.0, 0.0, 0.0], 0), 2.0 * (-50.0_f64).exp());
        assert_eq!(log_loss(&[5_000.0, 0.0, -9.0], 1), 5_000.0);
        let mut probabilities = [0.0; 3];
        softmax(&[1e300, 0.0, -1e300], &mut probabilities);
        assert_eq!(probabilities, [1.0, 0.0, 0.0]);
        softmax(&[-800.0, -800.0, -801.0], &mut probabilities);
        assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-15);
        assert_eq!(probabilities[0], probabilities[1]);
        assert!((log_sum_exp(&[0.0, 0.0, 0.0]) - 3.0_f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn a_margin_is_to_the_best_of_the_others() {
        assert_eq!(margin(&[1.0, 4.0, 2.5], 1), 1.5);
        assert_eq!(margin(&[1.0, 4.0, 2.5], 0), -3.0);
        assert_eq!((largest(&[1.0, 1.0]), largest(&[0.0, 2.0, 2.0])), (0, 1));
    }
}
