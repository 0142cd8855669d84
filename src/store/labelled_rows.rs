//! Writes labelled rows into the dataset's table, a batch in a transaction.
//!
//! A row with a known key replaces what the table has under it, where the key's column has a unique
//! index of its own; otherwise rows are appended. A batch goes in as few statements; if a row of it
//! is at fault (a constraint, a number too large for its column), the batch goes in again row by row,
//! each behind a savepoint, and only the faulty ones are refused.
//!
//! Concurrency: a transaction a batch, so what [`DatasetWriter::write`] has returned from stays,
//! whatever happens next. Turned down: one transaction for the whole file, which would hold locks for
//! minutes and lose everything to one signal.

use super::catalog::load_columns;
use super::cells::Purpose;
use super::database::begin_writing;
use super::enumerations::load_enumerations;
use super::labelled_columns::{Fault, Placements};
use super::open_pools::connect_for_writing;
use super::order_column::{IncomingOrder, OrderKind};
use super::unique_key::load_unique_columns;
use super::{DatabaseOptions, DatasetTable, StoreError};
use crate::learning::Schema;
use sea_orm::sea_query::{
    ColumnDef, Expr, InsertStatement, OnConflict, Query, Table, TableCreateStatement,
};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, RuntimeErr, SqlxError,
    TransactionTrait,
};
use std::collections::HashMap;

/// Values a statement may carry, with room to spare: SQLite takes 32,766.
const MOST_VALUES: usize = 16_000;

/// A row on its way into the table.
#[derive(Debug, Clone, PartialEq)]
pub struct IncomingRow {
    /// The line of the file that it begins on.
    pub line: u64,
    /// What names it, where the dataset has a key.
    pub key: Option<String>,
    /// In the schema's order; absent: null.
    pub features: Vec<Option<f64>>,
    /// The label as text; absent: an unlabelled row.
    pub label: Option<String>,
    /// What it is ordered by, where a column of its own orders the rows.
    pub order: Option<IncomingOrder>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// The line of the file that it begins on.
    pub line: u64,
    /// The column that is the matter, where one is.
    pub column: Option<String>,
    /// What is wrong.
    pub detail: String,
}

/// What the columns of a new table hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewColumns {
    /// The key is a bigint, else text.
    pub integer_key: bool,
    /// The target is a bigint, else text.
    pub integer_target: bool,
    /// The order's column, where it has one of its own.
    pub order: OrderKind,
}

/// The dataset's table, open for writing.
#[derive(Debug)]
pub struct DatasetWriter {
    db: DatabaseConnection,
    table: DatasetTable,
    /// Key, features, target, order.
    columns: Vec<String>,
    purposes: Vec<Purpose>,
    placements: Option<Placements>,
    upserts: bool,
}

impl DatasetWriter {
    /// Opens the database that the dataset is in and looks for the table. A SQLite file that is not
    /// there is made.
    ///
    /// # Errors
    /// [`StoreError::UnknownColumn`], [`StoreError::UnusableColumn`] for a table that does not fit,
    /// and what the database says. That there is no table is no error.
    pub async fn open(
        options: &DatabaseOptions,
        table: &DatasetTable,
        schema: &Schema,
    ) -> Result<Self, StoreError> {
        let mut writer = Self::unseen(connect_for_writing(options).await?, table, schema);
        match writer.look(&writer.db).await {
            Ok(seen) => writer.take(seen),
            Err(StoreError::UnknownTable { .. }) => {}
            Err(error) => return Err(error),
        }
        Ok(writer)
    }

    /// The same over a pool that is open already; here the table has to be there.
    ///
    /// # Errors
    /// As [`DatasetWriter::open`], and [`StoreError::UnknownTable`].
    pub(super) async fn over(
        db: DatabaseConnection,
        table: &DatasetTable,
        schema: &Schema,
    ) -> Result<Self, StoreError> {
        let mut writer = Self::unseen(db, table, schema);
        let seen = writer.look(&writer.db).await?;
        writer.take(seen);
        Ok(writer)
    }

    fn unseen(db: DatabaseConnection, table: &DatasetTable, schema: &Schema) -> Self {
        let key = table.key.as_deref().map(|key| (key, Purpose::Key));
        let features = schema
            .features()
            .iter()
            .map(|feature| feature.name.as_str());
        let features = features.map(|name| (name, Purpose::Feature));
        let order = table.own_order(schema).map(|name| (name, Purpose::Order));
        let target = (schema.target(), Purpose::Label);
        let columns = key.into_iter().chain(features).chain([target]).chain(order);
        let columns = columns.map(|(name, purpose)| (name.to_owned(), purpose));
        let (columns, purposes) = columns.unzip();
        Self {
            db,
            table: table.clone(),
            columns,
            purposes,
            placements: None,
            upserts: false,
        }
    }

    /// Whether the table is there.
    #[must_use]
    pub fn has_table(&self) -> bool {
        self.placements.is_some()
    }

    /// Whether a row replaces the one with its key; false: rows are appended.
    #[must_use]
    pub fn upserts(&self) -> bool {
        self.upserts
    }

    /// Creates the table (the key, if there is one, as primary key, doubles, the target, the order)
    /// with its first rows, all or nothing; gives those that were refused. `None`: somebody else has
    /// made the table meanwhile, and nothing was written.
    ///
    /// # Errors
    /// What the database says.
    pub async fn create(
        &mut self,
        kinds: NewColumns,
        first: &[IncomingRow],
    ) -> Result<Option<Vec<RefusedRow>>, StoreError> {
        let tx = begin_writing(&self.db).await?;
        match self.look(&tx).await {
            Err(StoreError::UnknownTable { .. }) => {}
            there => {
                tx.rollback().await?;
                self.take(there?);
                return Ok(None);
            }
        }
        tx.execute(&self.new_table(kinds)).await?;
        let seen = self.look(&tx).await?;
        self.take(seen);
        let refused = self.write_in(&tx, first).await?;
        tx.commit().await?;
        Ok(Some(refused))
    }

    fn new_table(&self, kinds: NewColumns) -> TableCreateStatement {
        let mut create = Table::create().table(self.table.reference()).take();
        for (name, purpose) in self.columns.iter().zip(&self.purposes) {
            let mut column = ColumnDef::new(name.clone());
            match purpose {
                Purpose::Key if kinds.integer_key => _ = column.big_integer(),
                Purpose::Label if kinds.integer_target => _ = column.big_integer(),
                Purpose::Key | Purpose::Label => _ = column.text(),
                Purpose::Feature => _ = column.double(),
                Purpose::Order => kinds.order.define(&mut column),
            }
            if *purpose == Purpose::Key {
                column.not_null().primary_key();
            }
            create.col(column);
        }
        create
    }

    /// Writes the rows and commits; gives those that were refused.
    ///
    /// # Errors
    /// What the database says of all of them; then none of these rows is written.
    pub async fn write(&self, rows: &[IncomingRow]) -> Result<Vec<RefusedRow>, StoreError> {
        let tx = begin_writing(&self.db).await?;
        let refused = self.write_in(&tx, rows).await?;
        tx.commit().await?;
        Ok(refused)
    }

    /// Writes all of the rows and commits, or none: then gives those that were refused.
    ///
    /// # Errors
    /// What the database says of all of them.
    pub(super) async fn write_all_or_none(
        &self,
        rows: &[IncomingRow],
    ) -> Result<Vec<RefusedRow>, StoreError> {
        let tx = begin_writing(&self.db).await?;
        let refused = self.write_in(&tx, rows).await?;
        if refused.is_empty() {
            tx.commit().await?;
        } else {
            tx.rollback().await?;
        }
        Ok(refused)
    }

    /// Every value of the row that its column does not take, without asking the database.
    pub(super) fn judge(&self, row: &IncomingRow) -> Vec<RefusedRow> {
        let faults = self
            .placements
            .iter()
            .flat_map(|placements| placements.faults(row));
        faults.map(|fault| self.refusal(row.line, fault)).collect()
    }

    async fn write_in(
        &self,
        tx: &DatabaseTransaction,
        rows: &[IncomingRow],
    ) -> Result<Vec<RefusedRow>, StoreError> {
        let mut refused = Vec::new();
        let mut placed = Vec::with_capacity(rows.len());
        for row in rows {
            match self.place(row) {
                Ok(values) => placed.push((row, values)),
                Err(fault) => refused.push(self.refusal(row.line, fault)),
            }
        }
        if let Some(fault) = self.insert(tx, &self.last_of_each_key(&placed)).await? {
            tracing::debug!(fault, "a row is at fault, writing row by row");
            for (row, values) in &placed {
                if let Some(detail) = self.insert(tx, &[values.as_slice()]).await? {
                    refused.push(self.refusal(row.line, (None, detail)));
                }
            }
        }
        refused.sort_by_key(|row| row.line);
        Ok(refused)
    }

    /// Closes the connection.
    ///
    /// # Errors
    /// What the driver said.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }

    fn take(&mut self, (placements, upserts): (Placements, bool)) {
        (self.placements, self.upserts) = (Some(placements), upserts);
    }

    /// How the columns take their values, and whether the key has a unique index.
    async fn look(&self, db: &impl ConnectionTrait) -> Result<(Placements, bool), StoreError> {
        let there = load_columns(db, &self.table).await?;
        let purposes = self.purposes.iter().copied();
        let wanted = self.columns.iter().map(String::as_str).zip(purposes);
        let enumerations = load_enumerations(db, &self.table).await?;
        let placements = Placements::of(&there, &enumerations, &self.table, wanted)?;
        let upserts = match &self.table.key {
            Some(key) => load_unique_columns(db, &self.table).await?.contains(key),
            None => false,
        };
        Ok((placements, upserts))
    }

    fn place(&self, row: &IncomingRow) -> Result<Vec<Expr>, Fault> {
        let placements = self.placements.as_ref();
        placements.map_or_else(|| Ok(Vec::new()), |placements| placements.values(row))
    }

    fn refusal(&self, line: u64, (place, detail): Fault) -> RefusedRow {
        RefusedRow {
            line,
            column: place.and_then(|place| self.columns.get(place).cloned()),
            detail,
        }
    }

    /// One statement cannot replace a row twice, so of equal keys only the last goes into it.
    fn last_of_each_key<'a>(&self, placed: &'a [(&IncomingRow, Vec<Expr>)]) -> Vec<&'a [Expr]> {
        if !self.upserts {
            return placed.iter().map(|(_, values)| values.as_slice()).collect();
        }
        let keys = placed.iter().map(|(row, _)| row.key.as_deref());
        let last: HashMap<_, _> = keys.clone().zip(0..).collect();
        keys.zip(placed)
            .enumerate()
            .filter(|(place, (key, _))| last.get(key) == Some(place))
            .map(|(_, (_, (_, values)))| values.as_slice())
            .collect()
    }

    /// Inserts the rows behind a savepoint, or none of them: then gives what the database said of a
    /// row that is at fault.
    async fn insert(
        &self,
        tx: &DatabaseTransaction,
        rows: &[&[Expr]],
    ) -> Result<Option<String>, StoreError> {
        let savepoint = tx.begin().await?;
        for rows in rows.chunks((MOST_VALUES / self.columns.len()).max(1)) {
            match savepoint.execute(&self.statement(rows)?).await {
                Ok(_) => {}
                Err(error) => {
                    savepoint.rollback().await?;
                    return row_fault(&error).map(Some).ok_or_else(|| error.into());
                }
            }
        }
        savepoint.commit().await?;
        Ok(None)
    }

    fn statement(&self, rows: &[&[Expr]]) -> Result<InsertStatement, StoreError> {
        let mut insert = Query::insert();
        insert.into_table(self.table.reference());
        insert.columns(self.columns.iter().cloned());
        for values in rows {
            insert
                .values(values.iter().cloned())
                .map_err(|error| DbErr::Custom(error.to_string()))?;
        }
        if let (true, Some(key)) = (self.upserts, &self.table.key) {
            let rest = self.columns.iter().skip(1).cloned();
            let mut replace = OnConflict::column(key.clone());
            replace.update_columns(rest);
            insert.on_conflict(replace);
        }
        Ok(insert)
    }
}

/// What the database said, if it said it of a row and not of the statement or itself. PostgreSQL:
/// a row twice (21), data (22) and constraints (23). SQLite: too large (18), constraint (19), mismatch (20).
fn row_fault(error: &DbErr) -> Option<String> {
    let (DbErr::Exec(RuntimeErr::SqlxError(inner)) | DbErr::Query(RuntimeErr::SqlxError(inner))) =
        error
    else {
        return None;
    };
    let SqlxError::Database(said) = &**inner else {
        return None;
    };
    let code = said.code()?;
    let of_a_row = if code.len() == 5 {
        ["21", "22", "23"]
            .iter()
            .any(|class| code.starts_with(class))
    } else {
        let primary = code.parse::<i32>().map(|code| code & 0xff);
        matches!(primary, Ok(18..=20))
    };
    of_a_row.then(|| said.message().to_owned())
}
