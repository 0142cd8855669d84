//! Reads the user's rows: one consistent snapshot, one stream, one column-major matrix.
//!
//! Never a struct per row: a row's cells live in one buffer that is used again. The number of rows
//! is counted first, so that the matrix is allocated once. The rows of a SQLite file come from
//! [`super::sqlite_file`], a batch at a time, while the ones before are judged here.

use super::bounded::BoundedTransaction;
use super::catalog::{load_columns, require_column};
use super::cells::{Purpose, Reading, TABLE};
use super::sqlite_file::{FileRows, SqliteFile, Wanted};
use super::{Database, StoreError};
use crate::learning::{Cell, RowKey, Schema, TrainingSetBuilder};
use crate::telemetry::DatabaseCall;
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Expr, Func, IntoTableRef, Query, SelectStatement, TableRef};
use std::fmt;
use std::fmt::Write as _;
use tokio::time::Instant;

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

impl Plan {
    /// In the order of the select.
    fn readings(&self) -> impl Iterator<Item = &Reading> {
        let named = self.key.iter().chain(&self.order);
        self.features.iter().chain([&self.label]).chain(named)
    }

    fn width(&self) -> usize {
        self.readings().count()
    }
}

/// Takes rows one by one, whoever reads them.
struct Judge<'a, K> {
    rows: &'a mut ReadRows,
    features: usize,
    has_key: bool,
    has_order: bool,
    keep_going: K,
    read: u64,
    /// Room for the text of a key.
    key: String,
}

impl<'a, K: Fn(u64) -> bool> Judge<'a, K> {
    fn new(plan: &Plan, rows: &'a mut ReadRows, keep_going: K) -> Self {
        Self {
            rows,
            features: plan.features.len(),
            has_key: plan.key.is_some(),
            has_order: plan.order.is_some(),
            keep_going,
            read: 0,
            key: String::new(),
        }
    }

    /// One row, its cells in the order of the select; false: no more are wanted.
    fn judge(&mut self, cells: &[Cell]) -> bool {
        let (features, named) = cells.split_at(self.features.min(cells.len()));
        let mut named = named.iter();
        let label = named.next().unwrap_or(&Cell::Null);
        let key = match named.next().filter(|_| self.has_key) {
            None => RowKey::None,
            Some(cell) => canonical_key(cell, &mut self.key),
        };
        let order = cells.last().filter(|_| self.has_order);
        self.rows
            .push_ordered(key, order.unwrap_or(&Cell::Null), features, label);
        self.read += 1;
        !self.read.is_multiple_of(1000) || (self.keep_going)(self.read)
    }
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
        let judge = Judge::new(&plan, &mut rows, keep_going);
        let complete = match self.dataset_file() {
            Some(file) => self.read_file(file, table, &plan, judge).await?,
            None => stream_rows(&snapshot, table, &plan, judge).await?,
        };
        snapshot.rollback().await?;
        Ok(complete.then_some(rows))
    }

    /// Judges the rows of a SQLite file as they are read; false where it was told to stop.
    async fn read_file(
        &self,
        file: &SqliteFile,
        table: &DatasetTable,
        plan: &Plan,
        mut judge: Judge<'_, impl Fn(u64) -> bool + Send>,
    ) -> Result<bool, StoreError> {
        let began = Instant::now();
        let wanted = Wanted {
            select: select(table, plan),
            readings: plan.readings().cloned().collect(),
        };
        let reading = file.read(wanted, self.dataset_rows().limit())?;
        let ended = judge_all(reading, plan, &mut judge).await;
        if let Some(instruments) = self.instruments() {
            instruments.called(&DatabaseCall {
                system: "sqlite",
                operation: "SELECT",
                table: &table.table,
                elapsed: began.elapsed(),
                failed: ended.is_err(),
            });
        }
        ended
    }
}

/// False where it was told to stop.
async fn judge_all(
    mut reading: FileRows,
    plan: &Plan,
    judge: &mut Judge<'_, impl Fn(u64) -> bool + Send>,
) -> Result<bool, StoreError> {
    while let Some(batch) = reading.next().await? {
        let mut rows = batch.chunks_exact(plan.width());
        if !rows.all(|cells| judge.judge(cells)) {
            return Ok(false);
        }
    }
    reading.end().await.map(|()| true)
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
    for reading in plan.readings() {
        select.expr(reading.expression());
    }
    select.from_as(table.reference(), TABLE).take()
}

async fn stream_rows(
    snapshot: &BoundedTransaction,
    table: &DatasetTable,
    plan: &Plan,
    mut judge: Judge<'_, impl Fn(u64) -> bool + Send>,
) -> Result<bool, StoreError> {
    let select = select(table, plan);
    let mut stream = snapshot.stream(&select).await?;
    let mut cells = Vec::with_capacity(plan.width());
    while let Some(row) = snapshot.next(&mut stream).await? {
        cells.clear();
        for (index, reading) in plan.readings().enumerate() {
            cells.push(reading.decode(&row, index)?);
        }
        if !judge.judge(&cells) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The key's canonical text, the same on both databases: decimal digits, text as it is.
fn canonical_key<'a>(cell: &'a Cell, room: &'a mut String) -> RowKey<'a> {
    room.clear();
    // Writing into a string cannot fail.
    let _ = match cell {
        Cell::Null => return RowKey::Null,
        Cell::Text(text) | Cell::Other(text) => return RowKey::Text(text),
        Cell::Integer(value) | Cell::Moment(value) => write!(room, "{value}"),
        Cell::Number(value) => write!(room, "{value}"),
        Cell::Boolean(value) => write!(room, "{value}"),
    };
    RowKey::Text(room)
}
