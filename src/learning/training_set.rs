//! The rows that can be learned from, as one matrix.
//!
//! Shape: `(rows, features)` column-major, because every pass of a fit runs down the columns, and
//! one class number a row. The rows are sorted by side of the split and digest, so both parts are
//! contiguous and the result does not depend on the order in which the rows came. Concurrency:
//! immutable; parts are views. Turned down: copies of the two parts, and lists of row numbers (a
//! fit would jump about in memory).

use ndarray::{Array2, ArrayView2, Axis, Slice};

use super::classes::Classes;
use super::columns::Columns;
use super::digest::RowDigest;
use super::division::{Division, contents, remembered};
use super::not_trainable::NotTrainable;
use super::order::OrderValue;
use super::row_order::RowOrder;
use super::rows::{RefusedRow, RowCounts};
use super::split::SplitRule;

/// Rows to fit or to evaluate on: a view.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    /// `(rows, features)` in the features' own units; NaN is a missing value.
    pub features: ArrayView2<'a, f64>,
    /// One class number a row, as [`Classes`] orders them.
    pub labels: &'a [u16],
}

impl Part<'_> {
    /// How many rows there are.
    pub fn rows(&self) -> usize {
        self.labels.len()
    }

    /// Rows of each of `classes` classes.
    pub(super) fn rows_per_class(&self, classes: usize) -> Vec<u64> {
        let mut rows = vec![0; classes];
        for label in self.labels {
            if let Some(count) = rows.get_mut(usize::from(*label)) {
                *count += 1;
            }
        }
        rows
    }
}

/// Everything that one training learns from.
#[derive(Clone, Debug)]
pub struct TrainingSet {
    features: Array2<f64>,
    labels: Vec<u16>,
    digests: Vec<RowDigest>,
    /// What each row is ordered by; empty where nothing orders them.
    orders: Vec<OrderValue>,
    division: Division,
    /// Rows that come first and are fitted on; the others are held out.
    training_rows: usize,
    classes: Classes,
    counts: RowCounts,
    refused: Vec<RefusedRow>,
    fingerprint: String,
}

/// The usable rows in the order in which they came.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) columns: Columns,
    pub(super) labels: Vec<u16>,
    pub(super) digests: Vec<RowDigest>,
    /// What each row is ordered by; empty where nothing orders them.
    pub(super) orders: Vec<OrderValue>,
    /// Where the rows are a sample of more: what their places in it are below.
    pub(super) sample_below: Option<u64>,
    /// The column that names the rows, where one does: no two may have the same name.
    pub(super) key_column: Option<String>,
}

/// By this rule; what is remembered of the rows comes once they are in order.
fn division(split: &SplitRule, kept: &Kept) -> Division {
    Division {
        fraction: split.held_out_fraction,
        cut: split.cut(&kept.orders),
        sample_below: kept.sample_below,
        remembered: Vec::new(),
    }
}

impl TrainingSet {
    /// Sorts the rows and checks that no name comes twice and each class is among those to fit on.
    pub(super) fn arrange(
        kept: Kept,
        split: &SplitRule,
        classes: Classes,
        counts: RowCounts,
        refused: Vec<RefusedRow>,
        fingerprint: String,
    ) -> Result<Self, NotTrainable> {
        let mut division = division(split, &kept);
        let order = RowOrder::of(&kept, &division);
        order.refuse_repeated_keys(&kept)?;
        let RowOrder {
            rows: order,
            training_rows,
        } = order;
        let labels = in_order(kept.labels, &order);
        let orders = in_order(kept.orders, &order);
        let mut digests = kept.digests;
        RowDigest::arrange(&mut digests, &order);
        let features = kept.columns.into_matrix(&order);
        let features = features.map_err(|_| NotTrainable::NotFinite)?;
        drop(order);
        division.remembered = remembered(&contents(features.view()), training_rows);
        let set = Self {
            features,
            labels,
            digests,
            orders,
            division,
            training_rows,
            classes,
            counts,
            refused,
            fingerprint,
        };
        set.with_every_class_among_those_to_fit_on()
    }

    fn with_every_class_among_those_to_fit_on(self) -> Result<Self, NotTrainable> {
        let per_class = self.training().rows_per_class(self.classes.len());
        match per_class.iter().position(|rows| *rows == 0) {
            Some(at) => Err(NotTrainable::ClassMissingFromTraining {
                class: self.classes.names()[at].clone(),
            }),
            None => Ok(self),
        }
    }

    /// The rows to fit on.
    pub fn training(&self) -> Part<'_> {
        self.range(0, self.training_rows)
    }

    /// The rows that only the evaluation sees; there may be none.
    pub fn held_out(&self) -> Part<'_> {
        self.range(self.training_rows, self.labels.len())
    }

    /// What names each row of the training part.
    pub(super) fn training_digests(&self) -> &[RowDigest] {
        &self.digests[..self.training_rows]
    }

    /// How the rows were divided, to be kept with what is learned from them.
    pub fn division(&self) -> &Division {
        &self.division
    }

    /// Whether a fit of another division saw each of the held-out rows.
    pub(super) fn held_out_seen_by(&self, other: &Division) -> Vec<bool> {
        let rows = self.training_rows..self.labels.len();
        rows.map(|row| self.seen_by(other, row)).collect()
    }

    /// Whether a fit of another division saw a row.
    pub(super) fn seen_by(&self, other: &Division, row: usize) -> bool {
        other.saw(self.digests[row], self.orders.get(row))
    }

    /// Both parts together.
    pub fn all(&self) -> Part<'_> {
        self.range(0, self.labels.len())
    }

    /// The classes in their fixed order.
    pub fn classes(&self) -> &Classes {
        &self.classes
    }

    /// How many rows were read, and what became of them.
    pub fn counts(&self) -> RowCounts {
        self.counts
    }

    /// The first hundred refused rows.
    pub fn refused(&self) -> &[RefusedRow] {
        &self.refused
    }

    /// `sha256:<hex>` over the usable rows (values, label, key), whatever their order and split.
    pub fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn range(&self, from: usize, to: usize) -> Part<'_> {
        let features = self.features.slice_axis(Axis(0), Slice::from(from..to));
        Part {
            features,
            labels: &self.labels[from..to],
        }
    }
}

/// A list with one entry a row, or none at all, in another order.
fn in_order<T: Clone>(list: Vec<T>, order: &[usize]) -> Vec<T> {
    let rows = order.iter().filter_map(|row| list.get(*row));
    rows.cloned().collect()
}
