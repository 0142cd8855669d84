//! What a table holds, column by column: for a configuration that is written from it.
//!
//! Shape: a statement or two a column, all in one snapshot, so the numbers fit each other; nothing
//! but counts, extremes and the median leaves the database. SQLite keeps a type with each value, so
//! there the values are counted by their type and never cast.
//!
//! Turned down: reading every row (the median would need them all in memory), and a sample, whose
//! range and nulls would not be the table's.

use super::catalog::{load_columns, require_column};
use super::cells::{Purpose, Reading, TABLE};
use super::inspected_column::{InspectedColumn, count, inspect_column};
use super::observations::count_rows;
use super::primary_key::load_primary_key;
use super::unique_key::load_unique_columns;
use super::{Database, DatasetTable, StoreError};
use crate::learning::{Cell, Label};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, Func, Query};
use std::collections::BTreeMap;

/// Labels are counted up to one more than any classifier takes.
const MOST_LABELS: u64 = 1_001;

/// What was found in a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Inspection {
    /// How many rows there are.
    pub rows: u64,
    /// Every column, in the table's order.
    pub columns: Vec<InspectedColumn>,
    /// The columns of the primary key.
    pub primary_key: Vec<String>,
    /// The columns with a unique index of their own.
    pub unique_columns: Vec<String>,
    /// The target's values.
    pub labels: LabelCounts,
}

/// The target's values and how often each is there.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LabelCounts {
    /// Each label and its rows, in the order of classes; at most 1,001.
    pub counts: Vec<(Label, u64)>,
    /// Rows without a label.
    pub unlabelled: u64,
    /// Rows whose target is no label: a fraction, a blob.
    pub unusable: u64,
}

impl Database {
    /// Looks at the table that the dataset's URL leads to: `target`, the table's key and `features`
    /// must be there and of a fitting type, the rest is told.
    ///
    /// # Errors
    /// [`StoreError::Unavailable`] when nobody lets us in, for whatever reason; as
    /// [`Database::check_dataset`] otherwise.
    pub async fn inspect(
        &self,
        table: &DatasetTable,
        target: &str,
        features: &[String],
    ) -> Result<Inspection, StoreError> {
        let pinged = self.dataset().ping().await;
        pinged.map_err(StoreError::shut_out)?;
        let snapshot = self.snapshot().await?;
        let columns = load_columns(&snapshot, table).await?;
        for feature in features {
            Reading::of(require_column(&columns, table, feature)?, Purpose::Feature)?;
        }
        if let Some(key) = &table.key {
            require_column(&columns, table, key)?;
        }
        let label = Reading::of(require_column(&columns, table, target)?, Purpose::Label)?;
        let rows = count_rows(&snapshot, table).await? as u64;
        let primary_key = load_primary_key(&snapshot, table).await?;
        let unique_columns = load_unique_columns(&snapshot, table).await?;
        let labels = count_labels(&snapshot, table, &label).await?;
        let mut inspected = Vec::with_capacity(columns.len());
        for column in columns {
            inspected.push(inspect_column(&snapshot, table, column).await?);
        }
        snapshot.rollback().await?;
        Ok(Inspection {
            rows,
            columns: inspected,
            primary_key,
            unique_columns,
            labels,
        })
    }
}

async fn count_labels(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
    label: &Reading,
) -> Result<LabelCounts, StoreError> {
    let select = Query::select()
        .expr(label.expression())
        .expr(Func::count(Expr::val(1)))
        .from_as(table.reference(), TABLE)
        .add_group_by([label.expression()])
        .limit(MOST_LABELS)
        .take();
    let mut labels = LabelCounts::default();
    // SQLite may keep one label in two ways: 1 and 'true' in a boolean column.
    let mut counts: BTreeMap<Label, u64> = BTreeMap::new();
    let mut add = |label, rows| *counts.entry(label).or_default() += rows;
    for row in db.query_all(&select).await? {
        let rows = count(&row, 1)?;
        match label.decode(&row, 0)? {
            Cell::Null => labels.unlabelled += rows,
            Cell::Text(text) => add(Label::Text(text), rows),
            Cell::Integer(value) => add(Label::Integer(value), rows),
            Cell::Boolean(value) => add(Label::Boolean(value), rows),
            Cell::Number(_) | Cell::Moment(_) | Cell::Other(_) => labels.unusable += rows,
        }
    }
    labels.counts = counts.into_iter().collect();
    Ok(labels)
}
