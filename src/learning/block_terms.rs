//! What one block of rows adds to the objective and to its derivatives.
//!
//! Shape: the scores `Z = X B'` of the block, then row by row probabilities, then products with the
//! block: residuals for the gradient, weights for the Hessian. With `u = Q'p` the weights of
//! equations `a < b` are `u_a (q_b - u_b)` and of an equation with itself `d_a - u_a^2`
//! ([`Coding`]). Two classes take a way of their own with one `exp` a row. Concurrency: a thread
//! adds to a sum of its own. Turned down: `ndarray`'s matrix times vector (for the scores it strides
//! over a column-major block, for the gradient it keeps to the registers of any machine).

use ndarray::linalg::general_mat_mul;
use ndarray::{Array1, Array2, ArrayView2, Axis, ShapeBuilder, Slice};

use super::coding::Coding;
use super::lanes::{BinaryRows, add_products, add_scaled, multiply};
use super::logistic::softplus;
use super::objective::Local;
use super::softmax::{log_loss, margin, softmax};
use super::standardized::Block;
use super::symmetric::add_upper;

/// The linear functions of one point.
pub(super) struct Terms<'a> {
    coding: &'a Coding,
    /// `(equations, terms)`.
    equations: Array2<f64>,
}

/// Row by row: what the gradient and the Hessian multiply the block with, `(rows, equations)`.
struct RowWeights {
    residuals: Array2<f64>,
    /// `Q'p`.
    means: Array2<f64>,
    /// Diagonal of the weights.
    own: Array2<f64>,
}

impl<'a> Terms<'a> {
    pub(super) fn new(coding: &'a Coding, terms: usize, point: &Array1<f64>) -> Self {
        let shape = (coding.equations(), terms);
        debug_assert_eq!(
            point.len(),
            shape.0 * shape.1,
            "a point has every equation's terms"
        );
        let equations = Array2::from_shape_fn(shape, |(at, term)| point[at * terms + term]);
        Self { coding, equations }
    }

    /// Adds value, gradient and, where `curved`, the upper half of the Hessian.
    pub(super) fn add_block(&self, block: &Block, curved: bool, local: &mut Local) {
        let scores = self.scores(block);
        let weights = self.row_weights(&scores, block, local);
        add_transposed(block, &weights.residuals, &mut local.gradient);
        if curved {
            local.hessian_rows += block.labels().len();
            self.add_hessian(block, &weights, &mut local.hessian);
        }
    }

    /// Adds the Hessian's diagonal.
    pub(super) fn add_diagonal(&self, block: &Block, sum: &mut Array1<f64>) {
        let scores = self.scores(block);
        let weights = self.row_weights(&scores, block, &mut Local::empty(0, 0));
        let squares = block.values().mapv(|value| value * value);
        add_product(squares.view(), &weights.own, sum);
    }

    /// Adds the Hessian at this point times the direction `along`.
    pub(super) fn add_curvature(&self, along: &Self, block: &Block, sum: &mut Array1<f64>) {
        let (scores, changes) = (self.scores(block), along.scores(block));
        let mut weights = Array2::zeros(scores.raw_dim().f());
        let mut room = RowRoom::new(self.coding);
        let mut change = vec![0.0; self.coding.classes()];
        for row in 0..scores.nrows() {
            room.read(self.coding, &scores, row);
            room.read_into(self.coding, &changes, row, &mut change);
            softmax(&room.scores, &mut room.probabilities);
            let terms = room.probabilities.iter().zip(&change);
            let mean: f64 = terms.map(|(p, change)| p * change).sum();
            for (change, p) in change.iter_mut().zip(&room.probabilities) {
                *change = p * (*change - mean);
            }
            self.coding.gather(&change, &mut room.equations);
            room.write(&mut weights, row);
        }
        add_transposed(block, &weights, sum);
    }

    /// Takes the smallest and the largest difference to the own class's score.
    pub(super) fn add_margins(&self, block: &Block, sum: &mut (f64, f64)) {
        let scores = self.scores(block);
        let mut room = RowRoom::new(self.coding);
        for (row, label) in block.labels().iter().enumerate() {
            room.read(self.coding, &scores, row);
            let own = room.scores[usize::from(*label)];
            let least = room.scores.iter().copied().fold(f64::INFINITY, f64::min);
            sum.0 = sum.0.min(margin(&room.scores, usize::from(*label)));
            sum.1 = sum.1.max(own - least);
        }
    }

    /// Adds the rows' log losses and their squares.
    pub(super) fn add_losses(&self, block: &Block, sum: &mut (f64, f64)) {
        let scores = self.scores(block);
        if let Coding::Binary(positive) = self.coding {
            for (z, label) in scores.iter().zip(block.labels()) {
                let is_positive = usize::from(*label) == *positive;
                let loss = softplus(if is_positive { -z } else { *z });
                sum.0 += loss;
                sum.1 += loss * loss;
            }
            return;
        }
        let mut room = RowRoom::new(self.coding);
        for (row, label) in block.labels().iter().enumerate() {
            room.read(self.coding, &scores, row);
            let loss = log_loss(&room.scores, usize::from(*label));
            sum.0 += loss;
            sum.1 += loss * loss;
        }
    }

    /// `(rows, equations)`, column-major.
    fn scores(&self, block: &Block) -> Array2<f64> {
        let values = block.values();
        let mut scores = Array2::zeros((values.nrows(), self.equations.nrows()).f());
        if self.equations.nrows() == 1 {
            let weights: Vec<f64> = self.equations.row(0).to_vec();
            add_scaled(numbers_mut(&mut scores), &weights, block.numbers());
        } else {
            general_mat_mul(1.0, &values, &self.equations.t(), 0.0, &mut scores);
        }
        scores
    }

    fn row_weights(&self, scores: &Array2<f64>, block: &Block, local: &mut Local) -> RowWeights {
        match self.coding {
            Coding::Binary(positive) => binary_rows(scores, block, *positive, local),
            Coding::Helmert(_) => self.softmax_rows(scores, block, local),
        }
    }

    fn softmax_rows(&self, scores: &Array2<f64>, block: &Block, local: &mut Local) -> RowWeights {
        let mut weights = RowWeights::new(scores);
        let mut room = RowRoom::new(self.coding);
        let mut squares = vec![0.0; self.coding.equations()];
        let mut log_losses = 0.0;
        for (row, label) in block.labels().iter().enumerate() {
            let label = usize::from(*label);
            room.read(self.coding, scores, row);
            log_losses += log_loss(&room.scores, label);
            local.smallest_margin = local.smallest_margin.min(margin(&room.scores, label));
            softmax(&room.scores, &mut room.probabilities);
            self.coding.squares(&room.probabilities, &mut squares);
            self.coding.gather(&room.probabilities, &mut room.equations);
            room.write(&mut weights.means, row);
            for (at, square) in squares.iter().enumerate() {
                weights.own[(row, at)] = (square - room.equations[at].powi(2)).max(0.0);
            }
            // p - 1 as the sum of the others: it keeps its digits.
            room.probabilities[label] = 0.0;
            room.probabilities[label] = -room.probabilities.iter().sum::<f64>();
            self.coding.gather(&room.probabilities, &mut room.equations);
            room.write(&mut weights.residuals, row);
        }
        local.log_loss += log_losses;
        weights
    }

    fn add_hessian(&self, block: &Block, weights: &RowWeights, hessian: &mut Array2<f64>) {
        let (values, terms) = (block.values(), self.equations.ncols());
        let mut weighted = Array2::zeros(values.raw_dim().f());
        for right in 0..self.equations.nrows() {
            let from_right = Slice::from(right * terms..(right + 1) * terms);
            for left in 0..=right {
                let weight = weights.between(left, right, self.coding.scale(right));
                let weight = weight.as_slice().unwrap_or_default();
                let rows = values.nrows().max(1);
                let columns = numbers_mut(&mut weighted).chunks_mut(rows);
                for (at, to) in columns.enumerate() {
                    multiply(to, block.numbers().at(at), weight);
                }
                let from_left = Slice::from(left * terms..(left + 1) * terms);
                let mut part = hessian.slice_axis_mut(Axis(0), from_left);
                let mut part = part.slice_axis_mut(Axis(1), from_right);
                if left == right {
                    add_upper(values, weighted.view(), &mut part);
                } else {
                    general_mat_mul(1.0, &values.t(), &weighted, 1.0, &mut part);
                }
            }
        }
    }
}

impl RowWeights {
    fn new(scores: &Array2<f64>) -> Self {
        let empty = || Array2::zeros(scores.raw_dim().f());
        Self {
            residuals: empty(),
            means: empty(),
            own: empty(),
        }
    }

    /// Weights of the rows between two equations, `left` not after `right`.
    fn between(&self, left: usize, right: usize, scale: f64) -> Array1<f64> {
        if left == right {
            return self.own.column(left).to_owned();
        }
        let mut weight = self.means.column(right).mapv(|mean| scale - mean);
        weight *= &self.means.column(left);
        weight
    }
}

/// One `exp` a row: the positive class's log-odds tell everything.
fn binary_rows(
    scores: &Array2<f64>,
    block: &Block,
    positive: usize,
    local: &mut Local,
) -> RowWeights {
    let mut weights = RowWeights::new(scores);
    let rows = BinaryRows {
        scores: scores.as_slice_memory_order().unwrap_or_default(),
        labels: block.labels(),
        positive: positive as u16,
        residuals: numbers_mut(&mut weights.residuals),
        weights: numbers_mut(&mut weights.own),
    };
    let (log_losses, smallest_margin) = rows.weigh();
    local.log_loss += log_losses;
    local.smallest_margin = local.smallest_margin.min(smallest_margin);
    weights
}

/// The numbers of a matrix as they lie: all of them, since it was made whole.
fn numbers_mut(matrix: &mut Array2<f64>) -> &mut [f64] {
    matrix.as_slice_memory_order_mut().unwrap_or_default()
}

/// Adds `X'weights`, an equation after the other.
fn add_transposed(block: &Block, weights: &Array2<f64>, sum: &mut Array1<f64>) {
    if weights.ncols() != 1 {
        add_product(block.values(), weights, sum);
        return;
    }
    let weights = weights.as_slice_memory_order().unwrap_or_default();
    add_products(
        sum.as_slice_mut().unwrap_or_default(),
        block.numbers(),
        weights,
    );
}

/// The same for any matrix of a block's shape.
fn add_product(values: ArrayView2<'_, f64>, weights: &Array2<f64>, sum: &mut Array1<f64>) {
    let shape = (weights.ncols(), values.ncols());
    if let Ok(mut sum) = sum.view_mut().into_shape_with_order(shape) {
        general_mat_mul(1.0, &weights.t(), &values, 1.0, &mut sum);
    }
}

/// Room for one row's numbers.
struct RowRoom {
    equations: Vec<f64>,
    scores: Vec<f64>,
    probabilities: Vec<f64>,
}

impl RowRoom {
    fn new(coding: &Coding) -> Self {
        Self {
            equations: vec![0.0; coding.equations()],
            scores: vec![0.0; coding.classes()],
            probabilities: vec![0.0; coding.classes()],
        }
    }

    /// Takes the class scores of a row.
    fn read(&mut self, coding: &Coding, scores: &Array2<f64>, row: usize) {
        for (to, from) in self.equations.iter_mut().zip(scores.row(row)) {
            *to = *from;
        }
        coding.scores(&self.equations, &mut self.scores);
    }

    /// The same into room of the caller's.
    fn read_into(&mut self, coding: &Coding, from: &Array2<f64>, row: usize, to: &mut [f64]) {
        for (to, from) in self.equations.iter_mut().zip(from.row(row)) {
            *to = *from;
        }
        coding.scores(&self.equations, to);
    }

    fn write(&self, to: &mut Array2<f64>, row: usize) {
        for (to, from) in to.row_mut(row).iter_mut().zip(&self.equations) {
            *to = *from;
        }
    }
}
