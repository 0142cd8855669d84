//! Judges rows one at a time and keeps the usable ones.
//!
//! Shape: a streaming fold over the rows of a table: three outcomes a row (usable, refused,
//! unlabelled), exact counts, the first hundred refusals with key, column and reason. Concurrency:
//! single owner, and no order of the rows changes the result. Turned down: guessing what a cell
//! may have meant (`'12,5'` is no number), and dropping rows without a word.

use super::cell::{Cell, quoted};
use super::columns::Columns;
use super::digest::{DataDigest, RowDigest, canonical};
use super::feature::{Feature, Missing};
use super::label::Label;
use super::not_trainable::NotTrainable;
use super::order::OrderValue;
use super::row_sample::RowSample;
use super::rows::{RefusedRow, RowCounts, RowKey};
use super::schema::Schema;
use super::seen_labels::{MOST_LABELS, SeenLabels};
use super::split::SplitRule;
use super::training_set::{Kept, TrainingSet};

/// Refused rows that are kept with their reason.
const MOST_REFUSED: usize = 100;

/// Collects the rows of one table into a [`TrainingSet`].
#[derive(Debug)]
pub struct TrainingSetBuilder {
    schema: Schema,
    key_column: String,
    order_column: Option<String>,
    counts: RowCounts,
    refused: Vec<RefusedRow>,
    columns: Columns,
    row: Vec<f64>,
    labels: Vec<u16>,
    digests: Vec<RowDigest>,
    orders: Vec<OrderValue>,
    sample: RowSample,
    data: DataDigest,
    seen: SeenLabels,
    too_many_labels: bool,
    has_keys: bool,
}

/// A row at fault: the column, and what is wrong with it.
type Fault = (String, String);

impl TrainingSetBuilder {
    /// A builder for rows of `schema`; `expected_rows` is only a hint for the memory.
    pub fn new(schema: &Schema, expected_rows: usize) -> Self {
        let width = schema.features().len();
        Self {
            schema: schema.clone(),
            key_column: "key".to_owned(),
            order_column: None,
            counts: RowCounts::default(),
            refused: Vec::new(),
            columns: Columns::new(width, expected_rows),
            row: Vec::with_capacity(width),
            labels: Vec::new(),
            digests: Vec::new(),
            orders: Vec::new(),
            sample: RowSample::default(),
            data: DataDigest::default(),
            seen: SeenLabels::default(),
            too_many_labels: false,
            has_keys: false,
        }
    }

    /// What the key column is called in the reason of a row without a key; otherwise `key`.
    #[must_use]
    pub fn with_key_column(mut self, name: impl Into<String>) -> Self {
        self.key_column = name.into();
        self
    }

    /// Orders the rows by a column of this name: the newest are held out, and a row without a value
    /// in it is refused.
    #[must_use]
    pub fn with_order_column(mut self, name: impl Into<String>) -> Self {
        self.order_column = Some(name.into());
        self
    }

    /// Keeps a sample of so many rows at most; 0: all.
    #[must_use]
    pub fn with_maximum_rows(mut self, maximum_rows: usize) -> Self {
        self.sample = RowSample::of(maximum_rows);
        self
    }

    /// Judges one row: its key, its features in the schema's order, its label. A null label is an
    /// unlabelled row, whatever else is in it; otherwise the first fault refuses the row.
    pub fn push(&mut self, key: RowKey<'_>, features: &[Cell], label: &Cell) {
        self.push_ordered(key, &Cell::Null, features, label);
    }

    /// The same with what the row is ordered by; nothing of it counts without an order column.
    pub fn push_ordered(&mut self, key: RowKey<'_>, order: &Cell, features: &[Cell], label: &Cell) {
        self.counts.read += 1;
        match self.judge(key, order, features, label) {
            Ok(None) => self.counts.unlabelled += 1,
            Ok(Some((label, order))) => {
                self.counts.usable += 1;
                self.keep(key, order, label);
            }
            Err((column, reason)) => {
                self.counts.refused += 1;
                if self.refused.len() < MOST_REFUSED {
                    let key = match key {
                        RowKey::Text(text) => Some(text.to_owned()),
                        RowKey::Null | RowKey::None => None,
                    };
                    self.refused.push(RefusedRow {
                        key,
                        column,
                        reason,
                    });
                }
            }
        }
    }

    /// How many rows came so far, and what became of them.
    pub fn counts(&self) -> RowCounts {
        self.counts
    }

    /// The first hundred refused rows, in the order in which they came.
    pub fn refused(&self) -> &[RefusedRow] {
        &self.refused
    }

    /// The training set, if there is something to learn in it.
    ///
    /// # Errors
    /// Why nothing can be learned from these rows.
    pub fn finish(mut self, split: &SplitRule) -> Result<TrainingSet, NotTrainable> {
        self.drop_rows_beyond_the_sample();
        let (found, minimum) = (self.labels.len(), split.minimum_rows.max(2));
        if self.too_many_labels {
            return Err(NotTrainable::ManyLabels { limit: MOST_LABELS });
        }
        if found < minimum {
            return Err(NotTrainable::TooFewRows { found, minimum });
        }
        let classes = self.seen.classes(&self.schema)?;
        let class_of = self.seen.places_in(&classes);
        for label in &mut self.labels {
            *label = class_of[usize::from(*label)];
        }
        let kept = Kept {
            columns: self.columns,
            labels: self.labels,
            digests: self.digests,
            orders: self.orders,
            sample_below: self.sample.below(),
            key_column: self.has_keys.then_some(self.key_column),
        };
        TrainingSet::arrange(
            kept,
            split,
            classes,
            self.counts,
            self.refused,
            self.data.finish(),
        )
    }

    /// `Ok(None)`: unlabelled. `Ok(Some(_))`: usable, its values are in `self.row`.
    fn judge(
        &mut self,
        key: RowKey<'_>,
        order: &Cell,
        features: &[Cell],
        label: &Cell,
    ) -> Result<Option<(Label, Option<OrderValue>)>, Fault> {
        let target = self.schema.target();
        if matches!(label, Cell::Null) {
            return Ok(None);
        }
        if key == RowKey::Null {
            return Err((self.key_column.clone(), "is null".to_owned()));
        }
        let order = match &self.order_column {
            Some(column) => {
                Some(OrderValue::from_cell(order).map_err(|reason| (column.clone(), reason))?)
            }
            None => None,
        };
        self.row.clear();
        for (at, feature) in self.schema.features().iter().enumerate() {
            let value = usable(feature, features.get(at).unwrap_or(&Cell::Null))
                .map_err(|reason| (feature.name.clone(), reason))?;
            self.row.push(canonical(value));
        }
        let label = Label::from_cell(label).map_err(|reason| (target.to_owned(), reason))?;
        if let (Some(label), Some(classes)) = (&label, self.schema.classes()) {
            let text = label.to_string();
            if !classes.contains(&text) {
                let found = quoted(&text);
                let reason = format!("expected one of the classes {classes:?}, found {found}");
                return Err((target.to_owned(), reason));
            }
        }
        Ok(label.map(|label| (label, order)))
    }

    fn keep(&mut self, key: RowKey<'_>, order: Option<OrderValue>, label: Label) {
        if self.too_many_labels {
            return;
        }
        let text = label.to_string();
        let digest = match key {
            RowKey::Text(key) => {
                self.has_keys = true;
                RowDigest::of_key(key)
            }
            RowKey::Null | RowKey::None => RowDigest::of_features(&self.row),
        };
        self.data.add(&self.row, &text, digest, order.as_ref());
        let Some(seen) = self.seen.number_of(label, text) else {
            self.too_many_labels = true;
            return;
        };
        if !self.sample.takes(digest) {
            return;
        }
        self.columns.push(&self.row);
        self.labels.push(seen);
        self.digests.push(digest);
        self.orders.extend(order);
        if self.sample.is_overfull() {
            self.drop_rows_beyond_the_sample();
        }
    }

    fn drop_rows_beyond_the_sample(&mut self) {
        let Some(rows) = self.sample.narrow() else {
            return;
        };
        self.columns.retain(&rows);
        retain(&mut self.labels, &rows);
        retain(&mut self.digests, &rows);
        if self.order_column.is_some() {
            retain(&mut self.orders, &rows);
        }
    }
}

/// Keeps only what stands at these places, which rise.
fn retain<T>(list: &mut Vec<T>, rows: &[usize]) {
    let mut places = rows.iter().copied().peekable();
    let mut at = 0;
    list.retain(|_| {
        at += 1;
        places.next_if_eq(&(at - 1)).is_some()
    });
}

/// The value that a cell stands for; NaN for a missing one that takes the mean.
fn usable(feature: &Feature, cell: &Cell) -> Result<f64, String> {
    let value = match cell {
        Cell::Number(value) => *value,
        Cell::Integer(value) => *value as f64,
        Cell::Null if feature.missing == Missing::Mean => return Ok(f64::NAN),
        Cell::Null => return Err("is null".to_owned()),
        Cell::Moment(_) | Cell::Text(_) | Cell::Boolean(_) | Cell::Other(_) => {
            return Err(format!("expected a number, found {}", cell.found()));
        }
    };
    match feature.check(value) {
        Ok(()) => Ok(value),
        Err(fault) => Err(format!("{fault}, found {}", cell.found())),
    }
}

#[cfg(test)]
mod tests;
