//! What can go wrong in the store, told apart by what a caller can do about it.

use super::untrusted;
use migration::MigrationError;
use sea_orm::{DbErr, RuntimeErr, SqlErr, SqlxError};

/// A failure of the store. Messages are fragments for "failed to ...".
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database cannot be reached or cannot serve now; a later attempt may succeed.
    #[error("reach the database")]
    Unavailable(#[source] DbErr),
    /// The database shows a certificate that is not trusted; somebody has to change something.
    #[error("trust the database: {advice}")]
    Untrusted {
        /// What about it, and what to do.
        advice: &'static str,
        /// What was said.
        #[source]
        source: DbErr,
    },
    /// Somebody else wrote first.
    #[error("write: somebody else wrote first")]
    Conflict(#[source] DbErr),
    /// The claim on a training run is no longer ours.
    #[error("publish: the claim on the training run was lost")]
    ClaimLost,
    /// The dataset's table or view does not exist.
    #[error("find the table {table:?}{}", nearest_hint(.nearest.as_deref()))]
    UnknownTable {
        /// The name as configured.
        table: String,
        /// The most similar name there is.
        nearest: Option<String>,
    },
    /// A column of the dataset does not exist.
    #[error("find the column {column:?} in the table {table:?}{}", nearest_hint(.nearest.as_deref()))]
    UnknownColumn {
        /// The table as configured.
        table: String,
        /// The column as configured.
        column: String,
        /// The most similar name there is.
        nearest: Option<String>,
    },
    /// A column's type cannot serve its purpose.
    #[error("use the column {column:?} of type {found} as {purpose}")]
    UnusableColumn {
        /// The column as configured.
        column: String,
        /// The type the database declares.
        found: String,
        /// What it should have been: "a feature (a numeric type)".
        purpose: &'static str,
    },
    /// Observations cannot be written into the dataset's table.
    #[error("write observations into the table {table:?}: {detail}")]
    UnfitForObservations {
        /// The table as configured.
        table: String,
        /// What about it.
        detail: String,
    },
    /// The schema of our own tables is behind and may not be changed by this process.
    #[error("use the tables: {missing} migration(s) are missing; run `logitd migrate up`")]
    NotMigrated {
        /// How many steps are missing.
        missing: usize,
    },
    /// The steps of our own tables: a newer logitd's stand in the way.
    #[error("use the tables: {0}")]
    Newer(MigrationError),
    /// A URL that no database can be opened by; its text stays untold, for it may hold a password.
    #[error("use {setting}: {detail}")]
    Url {
        /// Where it is configured.
        setting: &'static str,
        /// What is wrong with it.
        detail: &'static str,
    },
    /// A stored document that cannot be decoded.
    #[error("decode what is stored in {table}")]
    Undecodable {
        /// The table of ours.
        table: &'static str,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
    /// Anything else that the database said.
    #[error("use the database")]
    Database(#[source] DbErr),
}

fn nearest_hint(nearest: Option<&str>) -> String {
    nearest
        .map(|name| format!("; the nearest there is: {name:?}"))
        .unwrap_or_default()
}

impl StoreError {
    /// That nobody lets us in, whatever the reason.
    pub(super) fn shut_out(source: DbErr) -> Self {
        match untrusted::advice(&source) {
            Some(advice) => Self::Untrusted { advice, source },
            None => Self::Unavailable(source),
        }
    }

    /// Whether a later attempt may succeed without anybody changing anything here.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::Untrusted { .. })
    }

    /// Whether it was about getting in: nobody answers, or whoever does refuses us.
    #[must_use]
    pub fn is_connecting(&self) -> bool {
        self.is_unavailable() || matches!(self, Self::Database(DbErr::Conn(_)))
    }

    /// Whether the dataset itself is the matter: its table, its columns.
    #[must_use]
    pub fn is_dataset(&self) -> bool {
        matches!(
            self,
            Self::UnknownTable { .. }
                | Self::UnknownColumn { .. }
                | Self::UnusableColumn { .. }
                | Self::UnfitForObservations { .. }
        )
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        if matches!(error.sql_err(), Some(SqlErr::UniqueConstraintViolation(_))) {
            return Self::Conflict(error);
        }
        if is_unavailable(&error) {
            Self::shut_out(error)
        } else {
            Self::Database(error)
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error().map(|said| said.extended_code);
        let said = DbErr::Custom(error.to_string());
        match code {
            Some(code) if is_passing_state(&code.to_string()) => Self::Unavailable(said),
            _ => Self::Database(said),
        }
    }
}

impl From<MigrationError> for StoreError {
    fn from(error: MigrationError) -> Self {
        match error {
            MigrationError::Database(error) => error.into(),
            newer => Self::Newer(newer),
        }
    }
}

fn is_unavailable(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) => true,
        DbErr::Conn(RuntimeErr::SqlxError(inner))
        | DbErr::Exec(RuntimeErr::SqlxError(inner))
        | DbErr::Query(RuntimeErr::SqlxError(inner)) => is_unavailable_in_driver(inner),
        DbErr::Conn(_) => true,
        _ => false,
    }
}

fn is_unavailable_in_driver(error: &SqlxError) -> bool {
    match error {
        SqlxError::Io(_)
        | SqlxError::Tls(_)
        | SqlxError::Protocol(_)
        | SqlxError::PoolTimedOut
        | SqlxError::PoolClosed
        | SqlxError::WorkerCrashed => true,
        SqlxError::Database(inner) => inner.code().is_some_and(|code| is_passing_state(&code)),
        _ => false,
    }
}

/// PostgreSQL: connection (08), resources (53), operator intervention (57), read-only (25006).
/// SQLite, primary code in the low byte: busy, locked, read-only, I/O, full, cannot open.
fn is_passing_state(code: &str) -> bool {
    if code.len() == 5 {
        return ["08", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class))
            || code == "25006";
    }
    matches!(
        code.parse::<i32>().map(|code| code & 0xff),
        Ok(5 | 6 | 8 | 10 | 13 | 14)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passing_states_are_told_from_lasting_ones() {
        for passing in [
            "08006", "53300", "57P01", "57014", "25006", "5", "261", "13", "14",
        ] {
            assert!(is_passing_state(passing), "{passing}");
        }
        for lasting in ["42P01", "23505", "1", "19", "22003"] {
            assert!(!is_passing_state(lasting), "{lasting}");
        }
    }

    #[test]
    fn a_missing_table_is_told_by_name_with_the_nearest() {
        let error = StoreError::UnknownTable {
            table: "dat".into(),
            nearest: Some("data".into()),
        };
        assert_eq!(
            error.to_string(),
            r#"find the table "dat"; the nearest there is: "data""#
        );
    }
}
