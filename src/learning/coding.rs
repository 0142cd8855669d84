//! How the free parameters of a fit become one score a class.
//!
//! Shape: with two classes there is one equation, the positive class's log-odds, and the other
//! class scores 0. With `K` classes there are `K - 1` equations in an orthonormal basis of the
//! vectors that sum to zero (Helmert contrasts), because adding a number to every score changes no
//! probability: in that basis symmetric softmax has as many parameters as the data can tell apart,
//! and the penalty keeps its form, `|Q u| = |u|`. Under a penalty the coefficients of the smallest
//! objective sum to zero over the classes anyway (sum its gradient over them), so nothing is lost.
//! Concurrency: immutable. Turned down: one class as reference (the penalty would depend on which
//! one), and all `K` equations with a singular Hessian.

use super::classes::Classes;

/// From equations to class scores and back.
#[derive(Clone, Debug)]
pub(super) enum Coding {
    /// Two classes: the place of the positive one.
    Binary(usize),
    /// Three classes or more: `1 / sqrt((j + 1)(j + 2))` a column `j`.
    Helmert(Vec<f64>),
}

impl Coding {
    pub(super) fn of(classes: &Classes) -> Self {
        if classes.len() == 2 {
            return Self::Binary(classes.positive_index());
        }
        let scale = |column: usize| 1.0 / (((column + 1) * (column + 2)) as f64).sqrt();
        Self::Helmert((0..classes.len() - 1).map(scale).collect())
    }

    pub(super) fn classes(&self) -> usize {
        self.equations() + 1
    }

    /// Equations that are fitted: one less than classes.
    pub(super) fn equations(&self) -> usize {
        match self {
            Self::Binary(_) => 1,
            Self::Helmert(scales) => scales.len(),
        }
    }

    /// The weight of an equation in a class's score.
    pub(super) fn entry(&self, class: usize, equation: usize) -> f64 {
        match self {
            Self::Binary(positive) => f64::from(u8::from(class == *positive)),
            Self::Helmert(scales) if class <= equation => scales[equation],
            Self::Helmert(scales) if class == equation + 1 => -(class as f64) * scales[equation],
            Self::Helmert(_) => 0.0,
        }
    }

    /// One score a class from one value an equation, in as many steps as there are classes.
    pub(super) fn scores(&self, equations: &[f64], scores: &mut [f64]) {
        match self {
            Self::Binary(positive) => {
                scores.fill(0.0);
                scores[*positive] = equations[0];
            }
            Self::Helmert(scales) => {
                let mut above = 0.0;
                for class in (0..scores.len()).rev() {
                    if class < scales.len() {
                        above += scales[class] * equations[class];
                    }
                    scores[class] = above;
                    if class > 0 {
                        scores[class] -= class as f64 * scales[class - 1] * equations[class - 1];
                    }
                }
            }
        }
    }

    /// The transpose: one value an equation from one a class.
    pub(super) fn gather(&self, scores: &[f64], equations: &mut [f64]) {
        match self {
            Self::Binary(positive) => equations[0] = scores[*positive],
            Self::Helmert(scales) => {
                let mut below = 0.0;
                for (at, scale) in scales.iter().enumerate() {
                    below += scores[at];
                    equations[at] = scale * (below - (at + 1) as f64 * scores[at + 1]);
                }
            }
        }
    }

    /// The diagonal of `Q' diag(p) Q` for the probabilities of a row.
    pub(super) fn squares(&self, probabilities: &[f64], equations: &mut [f64]) {
        match self {
            Self::Binary(positive) => equations[0] = probabilities[*positive],
            Self::Helmert(scales) => {
                let mut below = 0.0;
                for (at, scale) in scales.iter().enumerate() {
                    below += probabilities[at];
                    let step = (at + 1) as f64;
                    equations[at] = scale * scale * (below + step * step * probabilities[at + 1]);
                }
            }
        }
    }

    /// What the column of an equation is on all classes that an earlier one touches: above the
    /// diagonal `Q' diag(p) Q` is this times the earlier equation's `Q' p`.
    pub(super) fn scale(&self, equation: usize) -> f64 {
        match self {
            Self::Binary(_) => 1.0,
            Self::Helmert(scales) => scales[equation],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coding(classes: usize) -> Coding {
        let names = (0..classes).map(|class| class.to_string()).collect();
        Coding::of(&Classes::new(names, 0).unwrap())
    }

    #[test]
    fn its_columns_are_orthonormal_and_sum_to_zero() {
        let coding = coding(5);
        for one in 0..4 {
            let sum: f64 = (0..5).map(|class| coding.entry(class, one)).sum();
            assert!(sum.abs() < 1e-15);
            for two in 0..4 {
                let of = |class| coding.entry(class, one) * coding.entry(class, two);
                let product: f64 = (0..5).map(of).sum();
                assert!((product - f64::from(u8::from(one == two))).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn the_short_ways_are_the_products_with_the_matrix() {
        for coding in [coding(2), coding(3), coding(6)] {
            let (classes, count) = (coding.classes(), coding.equations());
            let values: Vec<f64> = (0..count).map(|at| (at as f64 * 1.7).sin()).collect();
            let shares: Vec<f64> = (0..classes).map(|at| 0.1 + at as f64).collect();
            let mut scores = vec![9.0; classes];
            coding.scores(&values, &mut scores);
            for (class, score) in scores.iter().enumerate() {
                let terms = values.iter().enumerate();
                let full: f64 = terms
                    .map(|(at, value)| coding.entry(class, at) * value)
                    .sum();
                assert!((score - full).abs() < 1e-14);
            }
            let (mut means, mut squares) = (vec![9.0; count], vec![9.0; count]);
            coding.gather(&shares, &mut means);
            coding.squares(&shares, &mut squares);
            for one in 0..count {
                let entry = |class, at| coding.entry(class, at);
                let over = |of: &dyn Fn(usize) -> f64| -> f64 {
                    (0..classes).map(|class| shares[class] * of(class)).sum()
                };
                assert!((means[one] - over(&|class| entry(class, one))).abs() < 1e-13);
                let square = over(&|class| entry(class, one).powi(2));
                assert!((squares[one] - square).abs() < 1e-13);
                for two in one + 1..count {
                    let product = over(&|class| entry(class, one) * entry(class, two));
                    assert!((means[one] * coding.scale(two) - product).abs() < 1e-13);
                }
            }
        }
    }
}
