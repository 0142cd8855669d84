//! Standardised rows, a block at a time.
//!
//! Shape: a subset and its scales; [`StandardizedRows::load`] writes one block of rows into a small
//! column-major scratch, so no second matrix is ever made. Concurrency: immutable; every thread
//! loads into a block of its own. Turned down: standardising the matrix in place (the folds of a
//! search and the two fits of a training scale it differently).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Array2, ArrayView2, Axis, ShapeBuilder, Slice};

use super::blocks::{block_rows, in_parallel, runs};
use super::lanes::standardize;
use super::scaler::{BlockScale, Scaler};
use super::subset::{Subset, compact};

/// Rows and how they are scaled.
#[derive(Debug)]
pub(super) struct StandardizedRows<'a> {
    subset: Subset<'a>,
    scales: Vec<BlockScale>,
    rows: usize,
    threads: usize,
}

/// Room for one block.
#[derive(Debug)]
pub(super) struct Block {
    /// `(rows, features + 1)`, the last column all ones.
    values: Array2<f64>,
    labels: Vec<u16>,
    /// Which rows of the range are in the subset; of no meaning where all are.
    present: Vec<bool>,
    /// Room for a column of all of them.
    column: Vec<f64>,
}

impl<'a> StandardizedRows<'a> {
    pub(super) fn new(subset: Subset<'a>, scaler: &Scaler, threads: usize) -> Self {
        let features = subset.part.features.ncols();
        Self {
            subset,
            scales: (0..features)
                .map(|feature| scaler.column(feature).for_blocks())
                .collect(),
            rows: subset.rows(),
            threads,
        }
    }

    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Features plus one for the constant.
    pub(super) fn terms(&self) -> usize {
        self.scales.len() + 1
    }

    pub(super) fn threads(&self) -> usize {
        self.threads
    }

    /// The subset.
    pub(super) fn subset(&self) -> Subset<'a> {
        self.subset
    }

    /// One standardised value of a row of the part.
    pub(super) fn value(&self, row: usize, feature: usize) -> f64 {
        self.scales[feature].standardize(self.subset.part.features[(row, feature)])
    }

    /// Sums over all blocks: `add` takes each block of a run into the run's own sum and `join`
    /// takes the runs together, in a fixed order. `values` is the size of a sum. `None` when
    /// `stop` was set.
    pub(super) fn sum<S: Send>(
        &self,
        values: usize,
        stop: &AtomicBool,
        empty: impl Fn() -> S + Sync,
        add: impl Fn(&mut S, &Block) + Sync,
        join: impl Fn(&mut S, S),
    ) -> Option<S> {
        let runs = runs(self.subset.part.rows(), values);
        let step = block_rows(self.terms());
        let of_run = |at: usize| {
            let (mut sum, mut block) = (empty(), self.block());
            for from in runs[at].clone().step_by(step) {
                if stop.load(Ordering::Relaxed) {
                    return None;
                }
                self.load(from..(from + step).min(runs[at].end), &mut block);
                add(&mut sum, &block);
            }
            Some(sum)
        };
        let mut sums = in_parallel(runs.len(), self.threads, of_run)?.into_iter();
        let mut whole = sums.next().unwrap_or_else(&empty);
        for sum in sums {
            join(&mut whole, sum);
        }
        Some(whole)
    }

    fn block(&self) -> Block {
        let rows = block_rows(self.terms()).min(self.subset.part.rows().max(1));
        let mut values = Array2::zeros((rows, self.terms()).f());
        // The last column belongs to the constant and is never written again.
        values.column_mut(self.terms() - 1).fill(1.0);
        Block {
            values,
            labels: Vec::with_capacity(rows),
            present: Vec::with_capacity(rows),
            column: vec![0.0; rows],
        }
    }

    fn load(&self, rows: Range<usize>, block: &mut Block) {
        let Subset { part, .. } = self.subset;
        let whole = self.subset.is_whole();
        self.choose(rows.clone(), block);
        let here = Slice::from(..block.labels.len());
        let mut to = block.values.slice_axis_mut(Axis(0), here);
        let columns = to.columns_mut().into_iter().zip(part.features.columns());
        // One scale fewer than columns: the constant's stays as it is.
        for ((to, values), scale) in columns.zip(&self.scales) {
            let values = values.slice_axis_move(Axis(0), Slice::from(rows.clone()));
            let values = match values.to_slice() {
                Some(values) => Cow::Borrowed(values),
                None => Cow::Owned(values.to_vec()),
            };
            if whole {
                standardize(to.into_slice().unwrap_or_default(), &values, *scale);
                continue;
            }
            let rows = values.iter().copied();
            let rows = rows.zip(block.present.iter().copied());
            let count = compact(&mut block.column, rows);
            let to = to.into_slice().unwrap_or_default();
            standardize(to, &block.column[..count], *scale);
        }
    }

    /// Which of these rows are in the subset, from the first of them on, and their labels.
    fn choose(&self, rows: Range<usize>, block: &mut Block) {
        let labels = &self.subset.part.labels[rows.clone()];
        block.labels.clear();
        if self.subset.is_whole() {
            block.labels.extend_from_slice(labels);
            return;
        }
        block.present.clear();
        block.present.extend(rows.map(|row| self.subset.has(row)));
        let there = labels.iter().zip(&block.present);
        let there = there.filter(|(_, present)| **present);
        block.labels.extend(there.map(|(label, _)| *label));
    }
}

impl Block {
    /// `(rows, features + 1)`, the last column all ones.
    pub(super) fn values(&self) -> ArrayView2<'_, f64> {
        self.values
            .slice_axis(Axis(0), Slice::from(..self.labels.len()))
    }

    /// The columns of [`values`](Self::values), each as it lies.
    pub(super) fn columns(&self) -> impl Iterator<Item = &[f64]> {
        let numbers = self.values.as_slice_memory_order().unwrap_or_default();
        let columns = numbers.chunks(self.values.nrows().max(1));
        columns.map(|column| &column[..self.labels.len()])
    }

    /// The class of each row.
    pub(super) fn labels(&self) -> &[u16] {
        &self.labels
    }
}
