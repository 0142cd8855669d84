//! A built-in table, made and filled whole: for the demo.

use super::columns::WantedColumns;
use super::command::{AnyError, kinds};
use super::labelled_csv::LabelledCsv;
use crate::app::{database_options, dataset_table};
use crate::cli::examples::Example;
use crate::config::Config;
use crate::store::labelled_rows::DatasetWriter;

/// Creates the configured table with the example's rows, unless it is there already; gives how many
/// rows were written. Of several processes at once one does it; all or nothing.
///
/// # Errors
/// What the database says; an example with a row that cannot be used.
pub(in crate::cli) async fn create_example_table(
    config: &Config,
    example: Example,
) -> Result<usize, AnyError> {
    let (options, table) = (database_options(config), dataset_table(config));
    let schema = &config.dataset.learning_schema;
    let mut writer = DatasetWriter::open(&options, &table, schema).await?;
    let mut written = 0;
    if !writer.has_table() {
        let wanted = WantedColumns::of(config);
        let mut csv = LabelledCsv::open(example.csv().as_bytes(), &wanted)?;
        let mut rows = Vec::new();
        while let Some(row) = csv.next_row()? {
            rows.push(row.map_err(|refused| refused.detail)?);
        }
        if let Some(refused) = writer.create(kinds(&rows), &rows).await? {
            written = rows.len() - refused.len();
        }
    }
    writer.close().await?;
    Ok(written)
}
