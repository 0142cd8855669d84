//! What a fit minimises: value, gradient and Hessian in one pass over all threads.
//!
//! Shape: each row's class scores are a linear function of its standardised features
//! ([`Coding`]); the value is the sum of `-ln softmax(scores)[label]` plus `penalty / 2` times the
//! squared coefficients, constants apart (scikit-learn's objective times C, C = 1 / penalty;
//! Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 4.4). A point is a flat
//! vector: an equation after the other, each with its coefficients and its constant last.
//! Concurrency: blocks over threads as `blocks.rs` says; `stop` is looked at before every block.
//! Turned down: linfa's gradient for certifying (the certificate would come from the code it
//! certifies).

use std::sync::atomic::AtomicBool;

use ndarray::{Array1, Array2};

use super::block_terms::Terms;
use super::coding::Coding;
use super::scaler::Scaler;
use super::softmax::log_loss;
use super::standardized::StandardizedRows;
use super::subset::Subset;
use super::symmetric::mirror;

/// Parameters at which a Hessian costs as much as the rest of a pass.
const PASS_PARAMETERS: usize = 50;
/// Rows a parameter, at least, of a Hessian that stands for all of them.
const ROWS_A_PARAMETER: usize = 125;

/// The objective of one fit.
#[derive(Debug)]
pub(super) struct Objective<'a> {
    rows: StandardizedRows<'a>,
    varies: Vec<bool>,
    coding: Coding,
    penalty: f64,
}

/// The objective about one point.
#[derive(Clone, Debug)]
pub(super) struct Local {
    /// Sum of log losses plus penalty.
    pub(super) value: f64,
    /// Sum of log losses.
    pub(super) log_loss: f64,
    pub(super) gradient: Array1<f64>,
    /// Without a row where it was not asked for.
    pub(super) hessian: Array2<f64>,
    /// How far from here the Hessian was made, relative to the largest coefficient; 0: here, of all
    /// rows.
    pub(super) hessian_from: f64,
    /// Rows that the Hessian was made of.
    pub(super) hessian_rows: usize,
    /// Smallest distance of a row's own score above the others: above 0 every row is on the right
    /// side.
    pub(super) smallest_margin: f64,
}

impl Local {
    /// A sum of nothing, of so many parameters and so large a Hessian.
    pub(super) fn empty(size: usize, side: usize) -> Self {
        Self {
            value: 0.0,
            log_loss: 0.0,
            gradient: Array1::zeros(size),
            hessian: Array2::zeros((side, side)),
            hessian_from: 0.0,
            hessian_rows: 0,
            smallest_margin: f64::INFINITY,
        }
    }

    /// Euclidean norm of the gradient.
    pub(super) fn gradient_norm(&self) -> f64 {
        self.gradient.dot(&self.gradient).sqrt()
    }

    pub(super) fn is_finite(&self) -> bool {
        let mut numbers = self.gradient.iter().chain(&self.hessian);
        self.value.is_finite() && numbers.all(|number| number.is_finite())
    }

    fn add(&mut self, other: Self) {
        self.log_loss += other.log_loss;
        self.gradient += &other.gradient;
        self.hessian += &other.hessian;
        self.hessian_rows += other.hessian_rows;
        self.smallest_margin = self.smallest_margin.min(other.smallest_margin);
    }
}

impl<'a> Objective<'a> {
    pub(super) fn new(
        subset: Subset<'a>,
        scaler: &Scaler,
        coding: Coding,
        penalty: f64,
        threads: usize,
    ) -> Self {
        let features = subset.part.features.ncols();
        Self {
            rows: StandardizedRows::new(subset, scaler, threads),
            varies: (0..features)
                .map(|feature| scaler.varies(feature))
                .collect(),
            coding,
            penalty,
        }
    }

    /// The same rows, with what is known of some features ([`StandardizedRows::knowing`]): a pass takes
    /// a quarter less.
    pub(super) fn knowing(self, is_plain: impl Fn(usize) -> bool) -> Self {
        let rows = self.rows.knowing(is_plain);
        Self { rows, ..self }
    }

    /// The same rows under another penalty.
    pub(super) fn with_penalty(self, penalty: f64) -> Self {
        Self { penalty, ..self }
    }

    pub(super) fn rows(&self) -> &StandardizedRows<'a> {
        &self.rows
    }

    pub(super) fn coding(&self) -> &Coding {
        &self.coding
    }

    /// Parameters of an equation: features plus one for the constant, which is the last.
    pub(super) fn terms(&self) -> usize {
        self.rows.terms()
    }

    /// Parameters of a point: equations times terms.
    pub(super) fn parameters(&self) -> usize {
        self.coding.equations() * self.terms()
    }

    pub(super) fn penalty(&self) -> f64 {
        self.penalty
    }

    pub(super) fn varies(&self, feature: usize) -> bool {
        self.varies[feature]
    }

    /// The places of the coefficients in a point, constants left out.
    pub(super) fn coefficients(&self) -> impl Iterator<Item = usize> + use<> {
        let terms = self.terms();
        (0..self.parameters()).filter(move |at| at % terms != terms - 1)
    }

    /// Value, gradient and Hessian at a point; `None` when `stop` was set.
    pub(super) fn at(&self, point: &Array1<f64>, stop: &AtomicBool) -> Option<Local> {
        self.about(point, 1, stop)
    }

    /// Value and gradient, and a Hessian that is of some of the rows and stands for all where it
    /// would cost several passes: no more than one pass then, and enough for steps that are mended
    /// by the gradient. Without a penalty it is of all rows.
    pub(super) fn roughly_at(&self, point: &Array1<f64>, stop: &AtomicBool) -> Option<Local> {
        let (parameters, rows) = (self.parameters(), self.rows.rows());
        let share = (parameters / PASS_PARAMETERS).min(rows / (parameters * ROWS_A_PARAMETER));
        let share = if self.penalty > 0.0 { share } else { 1 };
        self.about(point, share.max(1), stop)
    }

    /// Value and gradient alone.
    pub(super) fn slope_at(&self, point: &Array1<f64>, stop: &AtomicBool) -> Option<Local> {
        self.about(point, 0, stop)
    }

    /// With a Hessian of one block in so many; 0: without.
    fn about(&self, point: &Array1<f64>, one_in: usize, stop: &AtomicBool) -> Option<Local> {
        let size = self.parameters();
        let side = if one_in > 0 { size } else { 0 };
        let empty = || Local::empty(size, side);
        let terms = Terms::new(&self.coding, self.terms(), point);
        let mut local = self.rows.sum(
            size + side * side,
            stop,
            empty,
            |local, block| {
                let curved = one_in > 0 && block.number() % one_in == 0;
                terms.add_block(block, curved, local);
            },
            Local::add,
        )?;
        mirror(&mut local.hessian);
        if one_in > 1 {
            self.extend_hessian(&mut local);
        }
        local.value = local.log_loss;
        self.add_penalty(&mut local, point, self.penalty);
        Some(local)
    }

    /// From some rows to all. The eigenvalues are off by twice the root of parameters over rows, about
    /// (Marchenko and Pastur 1967), as if it came from so far away.
    fn extend_hessian(&self, local: &mut Local) {
        let seen = local.hessian_rows.max(1) as f64;
        local.hessian *= self.rows.rows() as f64 / seen;
        local.hessian_from = (self.parameters() as f64 / seen).sqrt();
    }

    /// The value at a point whose coefficients are 0, from the rows of each class alone.
    pub(super) fn of_constants(&self, point: &Array1<f64>) -> f64 {
        let constants: Vec<f64> = (1..=self.coding.equations())
            .map(|equation| point[equation * self.terms() - 1])
            .collect();
        let mut scores = vec![0.0; self.coding.classes()];
        self.coding.scores(&constants, &mut scores);
        let rows = self.rows.subset().rows_per_class(scores.len());
        let losses = rows.into_iter().enumerate();
        losses
            .map(|(class, rows)| rows as f64 * log_loss(&scores, class))
            .sum()
    }

    /// What is known at a point under the penalty `before`, under this one: no pass over the rows.
    pub(super) fn repenalised(&self, mut local: Local, point: &Array1<f64>, before: f64) -> Local {
        self.add_penalty(&mut local, point, self.penalty - before);
        local
    }

    fn add_penalty(&self, local: &mut Local, point: &Array1<f64>, penalty: f64) {
        let mut squares = 0.0;
        for at in self.coefficients() {
            squares += point[at] * point[at];
            local.gradient[at] += penalty * point[at];
            if let Some(own) = local.hessian.get_mut((at, at)) {
                *own += penalty;
            }
        }
        local.value += 0.5 * penalty * squares;
    }

    /// The Hessian at a point times a direction, without the Hessian; `None` when `stop` was set.
    pub(super) fn curvature(
        &self,
        point: &Array1<f64>,
        direction: &Array1<f64>,
        stop: &AtomicBool,
    ) -> Option<Array1<f64>> {
        let size = self.parameters();
        let at_point = Terms::new(&self.coding, self.terms(), point);
        let along = Terms::new(&self.coding, self.terms(), direction);
        let mut product = self.rows.sum(
            size,
            stop,
            || Array1::zeros(size),
            |sum, block| at_point.add_curvature(&along, block, sum),
            |whole, sum| *whole += &sum,
        )?;
        for at in self.coefficients() {
            product[at] += self.penalty * direction[at];
        }
        Some(product)
    }

    /// The diagonal of the Hessian at a point; `None` when `stop` was set.
    pub(super) fn diagonal(&self, point: &Array1<f64>, stop: &AtomicBool) -> Option<Array1<f64>> {
        let size = self.parameters();
        let terms = Terms::new(&self.coding, self.terms(), point);
        let mut diagonal = self.rows.sum(
            size,
            stop,
            || Array1::zeros(size),
            |sum, block| terms.add_diagonal(block, sum),
            |whole, sum| *whole += &sum,
        )?;
        for at in self.coefficients() {
            diagonal[at] += self.penalty;
        }
        Some(diagonal)
    }

    /// Over all rows, the smallest difference between the score of the row's own class and another
    /// along a direction, and the largest; `None` when `stop` was set.
    pub(super) fn margins(&self, direction: &Array1<f64>, stop: &AtomicBool) -> Option<(f64, f64)> {
        let along = Terms::new(&self.coding, self.terms(), direction);
        self.rows.sum(
            1,
            stop,
            || (f64::INFINITY, f64::NEG_INFINITY),
            |sum, block| along.add_margins(block, sum),
            |whole, sum| *whole = (whole.0.min(sum.0), whole.1.max(sum.1)),
        )
    }

    /// Sum of the rows' log losses at each point, and of their squares, in one pass; `None` when
    /// `stop` was set.
    pub(super) fn losses(
        &self,
        points: &[&Array1<f64>],
        stop: &AtomicBool,
    ) -> Option<Vec<(f64, f64)>> {
        let terms = points.iter();
        let terms: Vec<Terms<'_>> = terms
            .map(|point| Terms::new(&self.coding, self.terms(), point))
            .collect();
        self.rows.sum(
            terms.len(),
            stop,
            || vec![(0.0, 0.0); terms.len()],
            |sums, block| {
                let of_points = terms.iter().zip(sums);
                of_points.for_each(|(terms, sum)| terms.add_losses(block, sum));
            },
            |whole: &mut Vec<(f64, f64)>, sums| {
                for (whole, sum) in whole.iter_mut().zip(sums) {
                    *whole = (whole.0 + sum.0, whole.1 + sum.1);
                }
            },
        )
    }
}

#[cfg(test)]
mod tests;
