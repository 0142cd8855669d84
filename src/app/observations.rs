//! The table that clients may write observations into, judged before anybody does.

use super::AppError;
use super::workshop::{Workshop, database_options};
use crate::config::Config;
use crate::store::{ObservationTable, StoreError, within};
use crate::telemetry::with_causes;
use std::sync::Arc;
use std::time::Duration;

/// Opens the table where `[observations]` is enabled, and looks whether rows can be written into it.
///
/// # Errors
/// A table that does not fit. A database that cannot be reached is none: the service comes up
/// without it, and each call judges the table anew.
pub(super) async fn open(
    config: &Config,
    workshop: &Workshop,
) -> Result<Option<ObservationTable>, AppError> {
    if !config.observations.enabled {
        return Ok(None);
    }
    let opened = open_and_check(config, workshop).await;
    opened.map_err(AppError::Observations)
}

async fn open_and_check(
    config: &Config,
    workshop: &Workshop,
) -> Result<Option<ObservationTable>, StoreError> {
    let (table, schema) = (workshop.table.clone(), Arc::clone(&workshop.schema));
    let opened = ObservationTable::open(&database_options(config), table, schema).await?;
    if let Some(table) = &opened {
        // A database that says nothing holds the start up no longer than one that is not there.
        let limit = Duration::from_millis(config.database.acquire_timeout_ms) * 2;
        match within(limit, table.check()).await {
            Err(error) if error.is_unavailable() => {
                let error = with_causes(&error);
                tracing::warn!(
                    error,
                    "the table of observations could not be looked at yet"
                );
            }
            checked => checked?,
        }
    }
    Ok(opened)
}
