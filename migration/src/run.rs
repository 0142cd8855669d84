//! Runs the steps: all of them in one locked transaction, and only the steps this binary knows.
//!
//! The applied names are read first. Steps of a newer binary are left as they are, so that an old
//! one runs beside it and after it; only one that says that it breaks us is a refusal.

use crate::beside_newer::BesideNewer;
use crate::{MigrationError, Migrator, Release};
use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    TransactionOptions, TransactionTrait,
};

/// The key of the advisory lock: any number, as long as every version of logitd takes the same.
const LOCK: i64 = 7_160_253_318_441_009_175;

/// One step and whether the database holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepStatus {
    /// The step's file name.
    pub name: String,
    /// Whether the database holds it.
    pub applied: bool,
    /// Whether this binary knows it; a newer binary's step is not known.
    pub known: bool,
}

/// Applies every step that is missing and gives their names. Steps of a newer binary stay.
///
/// # Errors
/// [`MigrationError::TooOld`] where a newer binary's step breaks this one, and what the database
/// said; nothing is half applied.
pub async fn up(db: &DatabaseConnection) -> Result<Vec<String>, MigrationError> {
    let tx = locked(db).await?;
    let steps = status_in(&tx).await?;
    check(&steps, Release::ours())?;
    let missing = names(&steps, |step| !step.applied);
    if !missing.is_empty() {
        BesideNewer::of(&steps).up(&tx).await?;
    }
    tx.commit().await?;
    Ok(missing)
}

/// Takes back the last `steps` steps, and with them what their tables held; gives their names.
///
/// # Errors
/// [`MigrationError::Newer`] where the last one is a newer binary's, and what the database said;
/// nothing is half taken back.
pub async fn down(db: &DatabaseConnection, steps: u32) -> Result<Vec<String>, MigrationError> {
    let tx = locked(db).await?;
    let before = status_in(&tx).await?;
    if let Some(step) = names(&before, |step| !step.known).pop() {
        return Err(MigrationError::Newer { step });
    }
    BesideNewer::of(&before).down(&tx, steps).await?;
    let after = applied_names(&tx).await?;
    tx.commit().await?;
    let mut taken = names(&before, |step| step.applied && !after.contains(&step.name));
    taken.reverse();
    Ok(taken)
}

/// Every step, those of this binary first, without writing anything.
///
/// # Errors
/// What the database said.
pub async fn status(db: &DatabaseConnection) -> Result<Vec<StepStatus>, DbErr> {
    status_in(db).await
}

/// Whether a binary of the release `ours` can work on tables that hold these steps.
///
/// # Errors
/// [`MigrationError::TooOld`] for the first step that breaks it.
pub fn check(steps: &[StepStatus], ours: Release) -> Result<(), MigrationError> {
    let breaks = |step: &&StepStatus| {
        !step.known && Release::needed_by(&step.name).is_some_and(|needed| needed > ours)
    };
    let Some((step, needed)) = steps
        .iter()
        .find(breaks)
        .and_then(|step| Some((step.name.clone(), Release::needed_by(&step.name)?)))
    else {
        return Ok(());
    };
    Err(MigrationError::TooOld { step, needed, ours })
}

fn names(steps: &[StepStatus], wanted: impl Fn(&StepStatus) -> bool) -> Vec<String> {
    let wanted = steps.iter().filter(|step| wanted(step));
    wanted.map(|step| step.name.clone()).collect()
}

async fn status_in<'c, C>(db: C) -> Result<Vec<StepStatus>, DbErr>
where
    C: IntoSchemaManagerConnection<'c>,
{
    let applied = applied_names(db).await?;
    let known: Vec<String> = Migrator::migrations()
        .iter()
        .map(|step| step.name().to_owned())
        .collect();
    let newer = applied
        .iter()
        .filter(|name| !known.contains(name))
        .map(|name| StepStatus {
            name: name.clone(),
            applied: true,
            known: false,
        });
    Ok(known
        .iter()
        .map(|name| StepStatus {
            name: name.clone(),
            applied: applied.contains(name),
            known: true,
        })
        .chain(newer)
        .collect())
}

async fn applied_names<'c, C>(db: C) -> Result<Vec<String>, DbErr>
where
    C: IntoSchemaManagerConnection<'c>,
{
    let manager = SchemaManager::new(db);
    let table = Migrator::migration_table_name();
    if !manager.has_table(table.to_string()).await? {
        return Ok(Vec::new());
    }
    let select = Query::select()
        .column("version")
        .from(table)
        .order_by("version", Order::Asc)
        .take();
    let rows = manager.get_connection().query_all(&select).await?;
    rows.iter()
        .map(|row| row.try_get_by_index::<String>(0))
        .collect()
}

/// A transaction that no second process can be in at the same time.
async fn locked(db: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..Default::default()
    };
    let tx = db.begin_with_options(options).await?;
    if tx.get_database_backend() == DbBackend::Postgres {
        let lock = Func::cust("pg_advisory_xact_lock").arg(LOCK);
        tx.query_one(Query::select().expr(lock)).await?;
    }
    Ok(tx)
}
