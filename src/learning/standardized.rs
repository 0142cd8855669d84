//! Standardised rows, a block at a time.
//!
//! Shape: a subset and its scales; [`StandardizedRows::load`] writes one block of rows into a small
//! column-major scratch, so no second matrix is ever made of a column-major part, which a training set's
//! are; one by rows is copied. Concurrency: immutable; every thread
//! loads into a block of its own. Turned down: standardising the matrix in place (the folds of a
//! search and the two fits of a training scale it differently).

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use ndarray::{Array2, ArrayView2, Axis, ShapeBuilder, Slice};

use super::blocks::{block_rows, in_parallel, in_parallel_with, runs};
use super::lanes::{Columns, standardize};
use super::scaler::{BlockScale, Scaler};
use super::subset::{Subset, compact};

/// Rows and how they are scaled.
#[derive(Debug)]
pub(super) struct StandardizedRows<'a> {
    subset: Subset<'a>,
    /// All rows of the part; as they lie where the part is column-major.
    columns: Vec<Cow<'a, [f64]>>,
    scales: Vec<BlockScale>,
    rows: usize,
    threads: usize,
}

/// Room for one block.
#[derive(Debug)]
pub(super) struct Block {
    number: usize,
    /// `(rows, features + 1)`, the last column all ones.
    values: Array2<f64>,
    labels: Vec<u16>,
    /// Which rows of the range are in the subset, by number in the range; of no meaning where all are.
    chosen: Vec<u32>,
    /// Room for a column of the range.
    column: Vec<f64>,
}

impl<'a> StandardizedRows<'a> {
    pub(super) fn new(subset: Subset<'a>, scaler: &Scaler, threads: usize) -> Self {
        let features = subset.part.features.ncols();
        Self {
            subset,
            columns: (0..features)
                .map(|feature| Subset::all(subset.part).column(feature))
                .collect(),
            scales: (0..features)
                .map(|feature| scaler.column(feature).for_blocks())
                .collect(),
            rows: subset.rows(),
            threads,
        }
    }

    /// The same, with what is known of the features that `is_plain` says so of: that their values in
    /// these rows are plain ones and the rows those that the scales were fitted on.
    pub(super) fn knowing(mut self, is_plain: impl Fn(usize) -> bool) -> Self {
        for (feature, scale) in self.scales.iter_mut().enumerate() {
            if is_plain(feature) {
                *scale = scale.of_plain_values();
            }
        }
        self
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

    /// These rows of the part, standardised, column after column; `None` when `stop` was set.
    pub(super) fn gather(&self, rows: &[usize], stop: &AtomicBool) -> Option<Array2<f64>> {
        let columns = self.scales.len();
        let share = columns.div_ceil(self.threads.max(1)).max(1);
        let of_share = |at: usize| {
            let here = at * share..((at + 1) * share).min(columns);
            let mut values = Vec::with_capacity(here.len() * rows.len());
            for column in here {
                if stop.load(Ordering::Relaxed) {
                    return None;
                }
                let (from, scale) = (&self.columns[column], self.scales[column]);
                values.extend(rows.iter().map(|row| scale.standardize(from[*row])));
            }
            Some(values)
        };
        let shares = in_parallel(columns.div_ceil(share), self.threads, of_share)?;
        Array2::from_shape_vec((rows.len(), columns).f(), shares.concat()).ok()
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
        let of_run = |block: &mut Block, at: usize| {
            let mut sum = empty();
            for from in runs[at].clone().step_by(step) {
                if stop.load(Ordering::Relaxed) {
                    return None;
                }
                block.number = from / step;
                self.load(from..(from + step).min(runs[at].end), block);
                add(&mut sum, block);
            }
            Some(sum)
        };
        let sums = in_parallel_with(runs.len(), self.threads, || self.block(), of_run)?;
        let mut sums = sums.into_iter();
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
            number: 0,
            values,
            labels: Vec::with_capacity(rows),
            chosen: Vec::with_capacity(rows),
            column: vec![0.0; rows],
        }
    }

    fn load(&self, rows: Range<usize>, block: &mut Block) {
        self.choose(rows.clone(), block);
        let stride = block.values.nrows();
        let Some(values) = block.values.as_slice_memory_order_mut() else {
            return;
        };
        // One scale fewer than columns of the block: the constant's stays as it is.
        if self.subset.is_whole() {
            let from = self.columns.iter().map(|column| &column[rows.clone()]);
            let from: Vec<&[f64]> = from.collect();
            standardize(values, stride, &from, &self.scales);
            return;
        }
        let columns = self.columns.iter().zip(&self.scales);
        for (to, (column, scale)) in values.chunks_mut(stride.max(1)).zip(columns) {
            // All of them, in the order of memory; then the chosen ones, from the nearest cache.
            let all = &mut block.column[..rows.len()];
            standardize(all, rows.len(), &[&column[rows.clone()]], &[*scale]);
            for (to, at) in to.iter_mut().zip(&block.chosen) {
                *to = all[*at as usize];
            }
        }
    }

    /// Which of these rows are in the subset, and their labels.
    fn choose(&self, rows: Range<usize>, block: &mut Block) {
        let labels = &self.subset.part.labels[rows.clone()];
        block.labels.clear();
        if self.subset.is_whole() {
            block.labels.extend_from_slice(labels);
            return;
        }
        let there = (0..).zip(rows).map(|(at, row)| (at, self.subset.has(row)));
        block.chosen.resize(labels.len(), 0);
        let count = compact(&mut block.chosen, there);
        block.chosen.truncate(count);
        let label = |at: &u32| labels[*at as usize];
        block.labels.extend(block.chosen.iter().map(label));
    }
}

impl Block {
    /// Which of the part's blocks it is, the same on any number of threads.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// `(rows, features + 1)`, the last column all ones.
    pub(super) fn values(&self) -> ArrayView2<'_, f64> {
        self.values
            .slice_axis(Axis(0), Slice::from(..self.labels.len()))
    }

    /// The same as it lies.
    pub(super) fn numbers(&self) -> Columns<'_> {
        Columns {
            numbers: self.values.as_slice_memory_order().unwrap_or_default(),
            stride: self.values.nrows(),
            rows: self.labels.len(),
        }
    }

    /// The class of each row.
    pub(super) fn labels(&self) -> &[u16] {
        &self.labels
    }
}
