//! What a fit minimises: value, gradient and Hessian in one pass.
//!
//! Shape: for coefficients `w` on standardised features and a baseline `b`, the sum over the rows
//! of `ln(1 + exp(-s (x.w + b)))`, `s` being 1 for the positive class and -1 for the other, plus
//! `penalty / 2 * w.w` (scikit-learn's objective times C, C = 1 / penalty; Hastie, Tibshirani and
//! Friedman, The Elements of Statistical Learning, 4.4). Rows are standardised block by block into
//! a small scratch, so no second matrix is ever made. Concurrency: single-threaded; `stop` is
//! looked at before every block. Turned down: linfa's gradient for certifying (the certificate
//! would come from the code it certifies).

use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::linalg::{general_mat_mul, general_mat_vec_mul};
use ndarray::{Array1, Array2, Axis, ShapeBuilder, Slice, Zip};

use super::logistic::{sigmoid, softplus};
use super::scaler::{ColumnScale, Scaler};
use super::training_set::Part;

/// Rows standardised at a time: with twenty features a block stays in the second-level cache.
const BLOCK_ROWS: usize = 2_048;

/// The objective of one fit, with two classes.
#[derive(Debug)]
pub(super) struct Objective<'a> {
    part: Part<'a>,
    scales: Vec<ColumnScale>,
    varies: Vec<bool>,
    positive: u16,
    penalty: f64,
}

/// The objective about one point. The baseline is the last of the parameters.
#[derive(Debug)]
pub(super) struct Local {
    /// Sum of log losses plus penalty.
    pub(super) value: f64,
    /// Sum of log losses.
    pub(super) log_loss: f64,
    pub(super) gradient: Array1<f64>,
    pub(super) hessian: Array2<f64>,
    /// Smallest log-odds of a row's own class: above 0 every row is on the right side.
    pub(super) smallest_margin: f64,
}

impl Local {
    /// Euclidean norm of the gradient.
    pub(super) fn gradient_norm(&self) -> f64 {
        self.gradient.dot(&self.gradient).sqrt()
    }

    pub(super) fn is_finite(&self) -> bool {
        let mut numbers = self.gradient.iter().chain(&self.hessian);
        self.value.is_finite() && numbers.all(|number| number.is_finite())
    }
}

/// Room for one block; nothing is allocated between blocks.
struct Scratch {
    rows: Array2<f64>,
    weighted: Array2<f64>,
    log_odds: Array1<f64>,
    residuals: Array1<f64>,
    weights: Array1<f64>,
}

impl<'a> Objective<'a> {
    pub(super) fn new(part: Part<'a>, scaler: &Scaler, positive: usize, penalty: f64) -> Self {
        let features = part.features.ncols();
        Self {
            part,
            scales: (0..features)
                .map(|feature| scaler.column(feature))
                .collect(),
            varies: (0..features)
                .map(|feature| scaler.varies(feature))
                .collect(),
            positive: positive as u16,
            penalty,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.part.rows()
    }

    /// Features plus one for the baseline.
    pub(super) fn parameters(&self) -> usize {
        self.scales.len() + 1
    }

    pub(super) fn penalty(&self) -> f64 {
        self.penalty
    }

    pub(super) fn varies(&self, feature: usize) -> bool {
        self.varies[feature]
    }

    /// Whether the row is of the positive class.
    pub(super) fn is_positive(&self, row: usize) -> bool {
        self.part.labels[row] == self.positive
    }

    /// One standardised value.
    pub(super) fn standardized(&self, row: usize, feature: usize) -> f64 {
        self.scales[feature].standardize(self.part.features[(row, feature)])
    }

    /// Value, gradient and Hessian at a point; `None` when `stop` was set.
    pub(super) fn at(&self, point: &Array1<f64>, stop: &AtomicBool) -> Option<Local> {
        let size = self.parameters();
        let mut local = Local {
            value: 0.0,
            log_loss: 0.0,
            gradient: Array1::zeros(size),
            hessian: Array2::zeros((size, size)),
            smallest_margin: f64::INFINITY,
        };
        let mut scratch = Scratch::new(BLOCK_ROWS.min(self.rows().max(1)), size);
        for from in (0..self.rows()).step_by(BLOCK_ROWS) {
            if stop.load(Ordering::Relaxed) {
                return None;
            }
            self.add_block(from, point, &mut scratch, &mut local);
        }
        let weights = point.slice_axis(Axis(0), Slice::from(..size - 1));
        local.value = local.log_loss + 0.5 * self.penalty * weights.dot(&weights);
        for (feature, weight) in weights.iter().enumerate() {
            local.gradient[feature] += self.penalty * weight;
            local.hessian[(feature, feature)] += self.penalty;
        }
        Some(local)
    }

    fn add_block(
        &self,
        from: usize,
        point: &Array1<f64>,
        scratch: &mut Scratch,
        local: &mut Local,
    ) {
        let rows = BLOCK_ROWS.min(self.rows() - from);
        self.standardize_block(from, rows, scratch);
        // `s!` would need unsafe code to be allowed.
        let here = Slice::from(..rows);
        let block = scratch.rows.slice_axis(Axis(0), here);
        let mut log_odds = scratch.log_odds.slice_axis_mut(Axis(0), here);
        general_mat_vec_mul(1.0, &block, point, 0.0, &mut log_odds);
        let mut log_loss = 0.0;
        for (row, z) in log_odds.iter().enumerate() {
            let (right, wrong) = (sigmoid(*z), sigmoid(-z));
            let margin = if self.is_positive(from + row) { *z } else { -z };
            scratch.residuals[row] = if self.is_positive(from + row) {
                -wrong
            } else {
                right
            };
            scratch.weights[row] = right * wrong;
            log_loss += softplus(-margin);
            local.smallest_margin = local.smallest_margin.min(margin);
        }
        local.log_loss += log_loss;
        let residuals = scratch.residuals.slice_axis(Axis(0), here);
        general_mat_vec_mul(1.0, &block.t(), &residuals, 1.0, &mut local.gradient);
        let weights = scratch.weights.slice_axis(Axis(0), here);
        let mut weighted = scratch.weighted.slice_axis_mut(Axis(0), here);
        for (mut to, column) in weighted.columns_mut().into_iter().zip(block.columns()) {
            to.assign(&column);
            to *= &weights;
        }
        general_mat_mul(1.0, &block.t(), &weighted, 1.0, &mut local.hessian);
    }

    fn standardize_block(&self, from: usize, rows: usize, scratch: &mut Scratch) {
        let values = self
            .part
            .features
            .slice_axis(Axis(0), Slice::from(from..from + rows));
        let mut block = scratch.rows.slice_axis_mut(Axis(0), Slice::from(..rows));
        let columns = block.columns_mut().into_iter().zip(values.columns());
        // One scale fewer than columns: the baseline's stays as it is.
        for ((to, values), scale) in columns.zip(&self.scales) {
            Zip::from(to)
                .and(values)
                .for_each(|to, value| *to = scale.standardize(*value));
        }
    }
}

impl Scratch {
    fn new(rows: usize, parameters: usize) -> Self {
        let mut block = Array2::zeros((rows, parameters).f());
        // The last column belongs to the baseline and is never written again.
        block.column_mut(parameters - 1).fill(1.0);
        Self {
            rows: block,
            weighted: Array2::zeros((rows, parameters).f()),
            log_odds: Array1::zeros(rows),
            residuals: Array1::zeros(rows),
            weights: Array1::zeros(rows),
        }
    }
}

#[cfg(test)]
mod tests;
