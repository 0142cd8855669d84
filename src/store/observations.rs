//! Reads the user's rows: one consistent snapshot, one stream, one column-major matrix.
//!
//! Never a struct per row: a row's cells live in one buffer that is used again. The number of rows
//! is counted first, in the same snapshot, so that the matrix is allocated once.

use super::bounded::BoundedTransaction;
use super::catalog::{load_columns, require_column};
use super::cells::{Purpose, Reading, TABLE};
use super::{Database, StoreError};
use crate::learning::{Cell, RowKey, Schema, TrainingSetBuilder};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, Func, IntoTableRef, Query, SelectStatement, TableRef};
use std::fmt;

/// Where the rows are. A name is a name: nothing in it is split or parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetTable {
    /// The table or view.
    pub table: String,
    /// Its schema (PostgreSQL); absent: what the search path finds.
    pub schema: Option<String>,
    /// The column that names a row for good.
    pub key: Option<String>,
    /// The column that says which rows are newer; the newest are then held out.
    pub order: Option<String>,
}

impl fmt::Display for DatasetTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{schema}.{}", self.table),
            None => f.write_str(&self.table),
        }
    }
}

impl DatasetTable {
    /// The order's column, where it is neither the key nor a feature, which are written anyway.
    #[must_use]
    pub fn own_order(&self, schema: &Schema) -> Option<&str> {
        let order = self.order.as_deref()?;
        let is_other = self.key.as_deref() == Some(order) || schema.index_of(order).is_some();
        (!is_other).then_some(order)
    }

    pub(super) fn reference(&self) -> TableRef {
        match &self.schema {
            Some(schema) => (schema.clone(), self.table.clone()).into_table_ref(),
            None => self.table.clone().into_table_ref(),
        }
    }
}

/// The rows as read, judged but not yet ordered or split.
pub type ReadRows = TrainingSetBuilder;

/// How each column of a row is read, in the order of the select: features, label, key, order.
struct Plan {
    features: Vec<Reading>,
    label: Reading,
    key: Option<Reading>,
    order: Option<Reading>,
}

impl Database {
    /// Looks whether the dataset can be read: its table, its columns, their types.
    ///
    /// # Errors
    /// [`StoreError::UnknownTable`], [`StoreError::UnknownColumn`], [`StoreError::UnusableColumn`]
    /// and what the database says.
    pub async fn check_dataset(
        &self,
        table: &DatasetTable,
        schema: &Schema,
    ) -> Result<(), StoreError> {
        plan(self.dataset(), table, schema).await.map(|_| ())
    }

    /// How many rows the dataset has, whatever is in them.
    ///
    /// # Errors
    /// [`StoreError::UnknownTable`] and what the database says.
    pub async fn count_observations(&self, table: &DatasetTable) -> Result<u64, StoreError> {
        // The catalog tells a missing table by its name, and the nearest one there is.
        load_columns(self.dataset(), table).await?;
        let count = count_rows(&self.dataset_rows(), table).await?;
        Ok(count as u64)
    }

    /// Streams every row of the dataset into a training set; of more than `maximum_rows` a sample,
    /// unless that is 0.
    ///
    /// `keep_going` is asked every thousand rows, with the share that is read (from 0 to 1); at its
    /// first no the reading stops with `None`.
    ///
    /// # Errors
    /// As [`Database::check_dataset`].
    pub async fn read_observations(
        &self,
        table: &DatasetTable,
        schema: &Schema,
        maximum_rows: usize,
        keep_going: impl Fn(f64) -> bool + Send,
    ) -> Result<Option<ReadRows>, StoreError> {
        let snapshot = self.snapshot().await?;
        let plan = plan(&snapshot, table, schema).await?;
        let counted = count_rows(&snapshot, table).await?;
        let expected = match maximum_rows {
            0 => counted,
            // As many as are held while a sample is drawn.
            most => counted.min(most.saturating_mul(2)),
        };
        let mut rows = TrainingSetBuilder::new(schema, expected).with_maximum_rows(maximum_rows);
        if let Some(key) = &table.key {
            rows = rows.with_key_column(key);
        }
        if let Some(order) = &table.order {
            rows = rows.with_order_column(order);
        }
        let keep_going = move |read| keep_going((read as f64 / counted.max(1) as f64).min(1.0));
        let complete = stream_rows(&snapshot, table, &plan, &mut rows, keep_going).await?;
        snapshot.rollback().await?;
        Ok(complete.then_some(rows))
    }
}

async fn plan(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
    schema: &Schema,
) -> Result<Plan, StoreError> {
    let columns = load_columns(db, table).await?;
    let reading =
        |name: &str, purpose| Reading::of(require_column(&columns, table, name)?, purpose);
    Ok(Plan {
        features: schema
            .features()
            .iter()
            .map(|feature| reading(&feature.name, Purpose::Feature))
            .collect::<Result<_, _>>()?,
        label: reading(schema.target(), Purpose::Label)?,
        key: table
            .key
            .as_deref()
            .map(|key| reading(key, Purpose::Key))
            .transpose()?,
        order: table
            .order
            .as_deref()
            .map(|order| reading(order, Purpose::Order))
            .transpose()?,
    })
}

/// How many rows the table has.
pub(super) async fn count_rows(
    db: &impl ConnectionTrait,
    table: &DatasetTable,
) -> Result<usize, StoreError> {
    let select = Query::select()
        .expr(Func::count(Expr::val(1)))
        .from_as(table.reference(), TABLE)
        .take();
    let row = db.query_one(&select).await?;
    let count: i64 = row
        .map(|row| row.try_get_by_index(0))
        .transpose()?
        .unwrap_or(0);
    Ok(usize::try_from(count).unwrap_or(0))
}

fn select(table: &DatasetTable, plan: &Plan) -> SelectStatement {
    let mut select = Query::select();
    let named = plan.key.iter().chain(&plan.order);
    for reading in plan.features.iter().chain([&plan.label]).chain(named) {
        select.expr(reading.expression());
    }
    select.from_as(table.reference(), TABLE).take()
}

async fn stream_rows(
    snapshot: &BoundedTransaction,
    table: &DatasetTable,
    plan: &Plan,
    rows: &mut ReadRows,
    keep_going: impl Fn(u64) -> bool + Send,
) -> Result<bool, StoreError> {
    let select = select(table, plan);
    let mut stream = snapshot.stream(&select).await?;
    let mut cells = Vec::with_capacity(plan.features.len());
    let mut read = 0_u64;
    while let Some(row) = snapshot.next(&mut stream).await? {
        cells.clear();
        for (index, reading) in plan.features.iter().enumerate() {
            cells.push(reading.decode(&row, index)?);
        }
        let label = plan.label.decode(&row, cells.len())?;
        let mut next = cells.len() + 1;
        let key = match &plan.key {
            Some(reading) => Some(reading.decode(&row, next)?),
            None => None,
        };
        next += usize::from(key.is_some());
        let order = match &plan.order {
            Some(reading) => reading.decode(&row, next)?,
            None => Cell::Null,
        };
        let key = key.as_ref().map(canonical_key);
        rows.push_ordered(row_key(key.as_ref()), &order, &cells, &label);
        read += 1;
        if read.is_multiple_of(1000) && !keep_going(read) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The key's canonical text, the same on both databases: decimal digits, text as it is.
fn canonical_key(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Text(text) | Cell::Other(text) => Some(text.clone()),
        Cell::Integer(value) | Cell::Moment(value) => Some(value.to_string()),
        Cell::Number(value) => Some(value.to_string()),
        Cell::Boolean(value) => Some(value.to_string()),
    }
}

fn row_key(key: Option<&Option<String>>) -> RowKey<'_> {
    match key {
        None => RowKey::None,
        Some(None) => RowKey::Null,
        Some(Some(text)) => RowKey::Text(text),
    }
}
