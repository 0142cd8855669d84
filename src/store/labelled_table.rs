//! Makes a table of labelled rows and fills it, for an example that brings its own data.

use super::database::begin_writing;
use super::{Database, DatasetTable, StoreError};
use crate::learning::Schema;
use sea_orm::sea_query::{
    ColumnDef, Expr, InsertStatement, Query, Table, TableCreateStatement, Value,
};
use sea_orm::{ConnectionTrait, DbErr};

/// Values a statement may carry, with room to spare: SQLite takes 32,766.
const MOST_VALUES: usize = 16_000;

/// One row to insert.
#[derive(Debug, Clone)]
pub struct LabelledRow {
    /// The key, where the table has one.
    pub key: Option<i64>,
    /// In the schema's order.
    pub features: Vec<f64>,
    /// The label as text.
    pub label: String,
}

impl Database {
    /// Creates the table (integer key, doubles, text) and fills it, unless it is there already.
    /// Of several processes at once one does it; all or nothing. Gives the number of rows written.
    ///
    /// # Errors
    /// What the database says.
    pub async fn create_labelled_table(
        &self,
        table: &DatasetTable,
        schema: &Schema,
        rows: &[LabelledRow],
    ) -> Result<usize, StoreError> {
        match super::catalog::load_columns(self.own(), table).await {
            Ok(_) => return Ok(0),
            Err(StoreError::UnknownTable { .. }) => {}
            Err(error) => return Err(error),
        }
        let tx = begin_writing(self.own()).await?;
        if super::catalog::load_columns(&tx, table).await.is_ok() {
            return Ok(0);
        }
        tx.execute(&create(table, schema)).await?;
        for batch in rows.chunks(MOST_VALUES / (schema.features().len() + 2)) {
            tx.execute(&insert(table, schema, batch)?).await?;
        }
        tx.commit().await?;
        Ok(rows.len())
    }
}

fn create(table: &DatasetTable, schema: &Schema) -> TableCreateStatement {
    let mut create = Table::create().table(table.reference()).take();
    if let Some(key) = &table.key {
        create.col(
            ColumnDef::new(key.clone())
                .big_integer()
                .not_null()
                .primary_key(),
        );
    }
    for feature in schema.features() {
        create.col(ColumnDef::new(feature.name.clone()).double());
    }
    create.col(ColumnDef::new(schema.target().to_owned()).text());
    create
}

fn insert(
    table: &DatasetTable,
    schema: &Schema,
    rows: &[LabelledRow],
) -> Result<InsertStatement, StoreError> {
    let names = table.key.iter().cloned();
    let names = names.chain(schema.features().iter().map(|feature| feature.name.clone()));
    let mut insert = Query::insert()
        .into_table(table.reference())
        .columns(names.chain([schema.target().to_owned()]))
        .take();
    for row in rows {
        let key = table.key.iter().map(|_| Value::from(row.key));
        let values = key.chain(row.features.iter().map(|value| Value::from(*value)));
        insert
            .values(
                values
                    .chain([Value::from(row.label.clone())])
                    .map(Expr::value),
            )
            .map_err(|error| DbErr::Custom(error.to_string()))?;
    }
    Ok(insert)
}
