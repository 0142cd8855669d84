//! Observations one by one: written, found, listed and deleted by their key, in the user's table.
//!
//! Shape: [`ObservationTable`] holds a pool that may write; each call first looks at the columns, so
//! that a table which was altered under way is judged as it is. Writing is [`DatasetWriter`]'s, all
//! or nothing; [`ObservationWriter`] is the table as one request sees it.
//!
//! Concurrency: a transaction a request. Rows are written in the order of their keys, so that two
//! requests with the same keys wait for each other and never in a circle.
//!
//! Turned down: keeping the columns from the start (a type that changed would be written wrongly).

use super::catalog::{load_columns, require_column};
use super::cells::{Purpose, Reading, TABLE, unusable};
use super::database::is_sqlite;
use super::labelled_rows::{DatasetWriter, IncomingRow, RefusedRow};
use super::observation::{NewObservation, Observation, ObservationFault, ObservationPart};
use super::observation_key::{KeyKind, ObservationKey};
use super::open_pools::connect_for_observations;
use super::order_column::OrderPlacement;
use super::required_columns::{is_base_table, load_required_columns};
use super::{DatabaseOptions, DatasetTable, StoreError};
use crate::learning::{Cell, Schema};
use sea_orm::sea_query::{Expr, ExprTrait, Func, Order, Query, SelectStatement};
use sea_orm::{ConnectionTrait, DatabaseConnection, QueryResult};
use std::sync::Arc;

/// The dataset's table, for observations.
#[derive(Debug, Clone)]
pub struct ObservationTable {
    db: DatabaseConnection,
    table: DatasetTable,
    key: String,
    schema: Arc<Schema>,
}

/// The columns as one call found them: the key, the features, the label, the order.
struct Layout {
    kind: KeyKind,
    readings: Vec<Reading>,
    order: Option<OrderPlacement>,
}

impl ObservationTable {
    /// Prepares the pool without asking the database. `None`: no key is configured.
    ///
    /// # Errors
    /// [`StoreError::Url`] for a URL that cannot be read.
    pub async fn open(
        options: &DatabaseOptions,
        table: DatasetTable,
        schema: Arc<Schema>,
    ) -> Result<Option<Self>, StoreError> {
        let Some(key) = table.key.clone() else {
            return Ok(None);
        };
        let db = connect_for_observations(options).await?;
        Ok(Some(Self {
            db,
            table,
            key,
            schema,
        }))
    }

    /// Whether an observation says what it is ordered by.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.table.own_order(&self.schema).is_some()
    }

    /// Checks that observations can be written: a base table, a unique key of a type that keeps it,
    /// columns of fitting types, and no other column that must be given.
    ///
    /// # Errors
    /// [`StoreError::UnfitForObservations`], as [`DatasetWriter::open`], and what the database says.
    pub async fn check(&self) -> Result<(), StoreError> {
        self.layout().await?;
        if !is_base_table(&self.db, &self.table).await? {
            return Err(self.unfit("it is a view, and rows go into a table".to_owned()));
        }
        self.writer().await?;
        let required = load_required_columns(&self.db, &self.table).await?;
        let given = |name: &String| {
            *name == self.key
                || name == self.schema.target()
                || Some(name.as_str()) == self.table.own_order(&self.schema)
                || self.schema.index_of(name).is_some()
        };
        let others = required.into_iter().filter(|name| !given(name));
        let others: Vec<String> = others.map(|name| format!("{name:?}")).collect();
        if others.is_empty() {
            return Ok(());
        }
        let others = others.join(", ");
        Err(self.unfit(format!(
            "{others} must be given and is neither key, feature, target nor order; give it a \
             default, or let it be null"
        )))
    }

    /// The table as a request that writes sees it.
    ///
    /// # Errors
    /// As [`ObservationTable::check`], but for columns that must be given.
    pub async fn writer(&self) -> Result<ObservationWriter, StoreError> {
        let kind = self.layout().await?.kind;
        let writer = DatasetWriter::over(self.db.clone(), &self.table, &self.schema).await?;
        if !writer.upserts() {
            let key = &self.key;
            return Err(self.unfit(format!("its key {key:?} has no unique index of its own")));
        }
        let (table, schema) = (self.table.clone(), Arc::clone(&self.schema));
        Ok(ObservationWriter {
            writer,
            kind,
            table,
            schema,
        })
    }

    /// The key that an address spells; none where none can.
    ///
    /// # Errors
    /// What the database says.
    pub async fn spelled_key(&self, text: &str) -> Result<Option<ObservationKey>, StoreError> {
        Ok(self.layout().await?.kind.spelled(text))
    }

    /// The observation with this key.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find(&self, key: &ObservationKey) -> Result<Option<Observation>, StoreError> {
        let layout = self.layout().await?;
        let mut select = self.select(&layout);
        let value = layout.kind.value(key);
        select.and_where(Expr::col((TABLE, self.key.clone())).eq(value));
        let found = self.db.query_one(&select).await?;
        found.map_or(Ok(None), |row| decode(&row, &layout))
    }

    /// At most `limit` observations behind `after`, in the order of their keys. Rows without a key
    /// that could name them are left out.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list(
        &self,
        after: Option<&ObservationKey>,
        limit: u64,
    ) -> Result<Vec<Observation>, StoreError> {
        let layout = self.layout().await?;
        let mut select = self.select(&layout);
        let key = || Expr::col((TABLE, self.key.clone()));
        if is_sqlite(self.db.get_database_backend()) {
            let kind = Expr::expr(Func::cust("typeof").arg(key()));
            select.and_where(kind.is_in(["integer", "text"]));
        } else {
            select.and_where(key().is_not_null());
        }
        if let Some(after) = after {
            select.and_where(key().gt(layout.kind.value(after)));
        }
        select.order_by((TABLE, self.key.clone()), Order::Asc);
        let rows = self.db.query_all(select.limit(limit)).await?;
        let decoded = rows.iter().map(|row| decode(row, &layout));
        let decoded: Vec<_> = decoded.collect::<Result<_, StoreError>>()?;
        Ok(decoded.into_iter().flatten().collect())
    }

    /// Deletes the observation with this key; false: there is none.
    ///
    /// # Errors
    /// What the database says.
    pub async fn delete(&self, key: &ObservationKey) -> Result<bool, StoreError> {
        // That the column is there has to be known: SQLite takes an unknown name for a text.
        let layout = self.layout().await?;
        let same = Expr::col(self.key.clone()).eq(layout.kind.value(key));
        let delete = Query::delete()
            .from_table(self.table.reference())
            .and_where(same)
            .take();
        Ok(self.db.execute(&delete).await?.rows_affected() > 0)
    }

    /// Closes the pool.
    ///
    /// # Errors
    /// What the driver said.
    pub async fn close(self) -> Result<(), StoreError> {
        Ok(self.db.close().await?)
    }

    async fn layout(&self) -> Result<Layout, StoreError> {
        let there = load_columns(&self.db, &self.table).await?;
        let column = |name: &str| require_column(&there, &self.table, name);
        let key = column(&self.key)?;
        let kind = KeyKind::of(key)?;
        let mut readings = vec![Reading::of(key, Purpose::Key)?];
        for feature in self.schema.features() {
            readings.push(Reading::of(column(&feature.name)?, Purpose::Feature)?);
        }
        let target = column(self.schema.target())?;
        readings.push(Reading::of(target, Purpose::Label)?);
        let mut order = None;
        if let Some(name) = self.table.own_order(&self.schema) {
            let column = column(name)?;
            readings.push(Reading::of(column, Purpose::Order)?);
            let placed = OrderPlacement::of(column);
            order = Some(placed.ok_or_else(|| unusable(column, Purpose::Order))?);
        }
        Ok(Layout {
            kind,
            readings,
            order,
        })
    }

    fn select(&self, layout: &Layout) -> SelectStatement {
        let mut select = Query::select();
        for reading in &layout.readings {
            select.expr(reading.expression());
        }
        select.from_as(self.table.reference(), TABLE).take()
    }

    fn unfit(&self, detail: String) -> StoreError {
        let table = self.table.to_string();
        StoreError::UnfitForObservations { table, detail }
    }
}

fn decode(row: &QueryResult, layout: &Layout) -> Result<Option<Observation>, StoreError> {
    let mut cells = Vec::with_capacity(layout.readings.len());
    for (place, reading) in layout.readings.iter().enumerate() {
        cells.push(reading.decode(row, place)?);
    }
    let order = layout.order.and_then(|order| order.shown(&cells.pop()?));
    let label = cells.pop().unwrap_or(Cell::Null);
    let key = layout.kind.of_cell(cells.remove(0));
    let features = cells.iter().map(number).collect();
    Ok(key.map(|key| Observation {
        key,
        features,
        label: label_text(label),
        order,
    }))
}

fn number(cell: &Cell) -> Option<f64> {
    match cell {
        Cell::Number(value) => Some(*value).filter(|value| value.is_finite()),
        Cell::Integer(value) => Some(*value as f64),
        _ => None,
    }
}

fn label_text(cell: Cell) -> Option<String> {
    match cell {
        Cell::Text(text) => Some(text),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Boolean(value) => Some(value.to_string()),
        _ => None,
    }
}

/// The table as one request that writes sees it.
#[derive(Debug)]
pub struct ObservationWriter {
    writer: DatasetWriter,
    kind: KeyKind,
    table: DatasetTable,
    schema: Arc<Schema>,
}

impl ObservationWriter {
    /// Every value that its column does not take, in the order of the observations.
    #[must_use]
    pub fn judge(&self, observations: &[NewObservation]) -> Vec<ObservationFault> {
        let mut faults = Vec::new();
        for (place, observation) in observations.iter().enumerate() {
            let mut row = incoming((place, observation));
            let key = observation.key.as_ref();
            if let Some(Err(detail)) = key.map(|key| self.kind.check(key)) {
                let part = ObservationPart::Key;
                faults.push(ObservationFault {
                    place,
                    part,
                    detail,
                });
                row.key = None;
            }
            // Any that every column takes, in the place of one that is refused already.
            row.key.get_or_insert_with(|| "0".to_owned());
            let refused = self.writer.judge(&row).into_iter();
            let found = refused.map(|refused| self.fault(refused));
            // One that is missing was refused already.
            let new = |fault: &ObservationFault| {
                fault.part != ObservationPart::Order || observation.order.is_some()
            };
            faults.extend(found.filter(new));
        }
        faults
    }

    /// Writes all of them, or none: then gives those that the database refused. Each replaces the
    /// one with its key.
    ///
    /// # Errors
    /// What the database says of all of them.
    pub async fn write(
        &self,
        observations: &[NewObservation],
    ) -> Result<Vec<ObservationFault>, StoreError> {
        let mut rows: Vec<IncomingRow> = observations.iter().enumerate().map(incoming).collect();
        rows.sort_by(|one, other| one.key.cmp(&other.key));
        let refused = self.writer.write_all_or_none(&rows).await?;
        Ok(refused.into_iter().map(|row| self.fault(row)).collect())
    }

    fn fault(&self, refused: RefusedRow) -> ObservationFault {
        let part = match refused.column {
            None => ObservationPart::Whole,
            Some(name) if self.table.key.as_ref() == Some(&name) => ObservationPart::Key,
            Some(name) if name == self.schema.target() => ObservationPart::Label,
            Some(name) => self
                .schema
                .index_of(&name)
                .map_or(ObservationPart::Order, ObservationPart::Feature),
        };
        ObservationFault {
            place: usize::try_from(refused.line).unwrap_or(usize::MAX),
            part,
            detail: refused.detail,
        }
    }
}

/// Its place among the others stands for the line of a file.
fn incoming((place, observation): (usize, &NewObservation)) -> IncomingRow {
    IncomingRow {
        line: place as u64,
        key: observation.key.as_ref().map(ToString::to_string),
        features: observation.features.clone(),
        label: observation.label.clone(),
        order: observation.order.clone(),
    }
}
