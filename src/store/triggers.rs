//! `logitd_trigger`: every tick, once over all replicas; and every other cause of a run that found
//! one queued or running, once a run.
//!
//! Concurrency: a tick's row is inserted first, by its moment: who comes second waits for the first
//! and then inserts nothing. The run is asked for in the same transaction, so that a tick is either
//! recorded with what came of it, or not at all and owed.

use super::entity::trigger::{ActiveModel, Column, Entity, Model};
use super::run_requests::{Enqueued, NewRun, enqueue};
use super::training_runs::{TrainingRun, Trigger};
use super::{Database, StoreError};
use chrono::{DateTime, SecondsFormat, Utc};
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

/// How many covered causes of a run are told.
const MOST_COVERED: u64 = 100;

/// What came of a tick.
#[derive(Debug, Clone, PartialEq)]
pub enum Ticked {
    /// It made this run.
    Made(TrainingRun),
    /// This run was queued or running.
    Covered(TrainingRun),
    /// Another replica was first.
    Known,
}

/// A cause that made no run, for this one covers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoveredTrigger {
    /// Why a run would have been made.
    pub trigger: String,
    /// The tick, where it was one.
    pub scheduled_for: Option<DateTime<Utc>>,
    /// When.
    pub recorded_at: DateTime<Utc>,
}

impl From<Model> for CoveredTrigger {
    fn from(row: Model) -> Self {
        Self {
            trigger: row.trigger,
            scheduled_for: row.scheduled_for,
            recorded_at: row.recorded_at,
        }
    }
}

impl Database {
    /// Records a tick, and makes its run unless one is queued or running; of many callers one does.
    ///
    /// # Errors
    /// What the database says; then the tick is still owed.
    pub async fn enqueue_tick(
        &self,
        new: NewRun<'_>,
        tick: DateTime<Utc>,
    ) -> Result<Ticked, StoreError> {
        let tx = self.own().begin_writing().await?;
        let (key, trigger) = (tick_key(tick), Trigger::Schedule);
        let row = ActiveModel {
            scheduled_for: Set(Some(tick)),
            ..row(&new, trigger, &key)
        };
        if !insert(&tx, row).await? {
            tx.rollback().await?;
            return Ok(Ticked::Known);
        }
        let enqueued = enqueue(&tx, new).await?;
        let (run, covered) = match &enqueued {
            Enqueued::Made(run) => (run, false),
            Enqueued::Covered(run) => (run, true),
        };
        Entity::update_many()
            .col_expr(Column::TrainingRun, Expr::value(&run.id))
            .col_expr(Column::Covered, Expr::value(covered))
            .filter(Column::Model.eq(new.model))
            .filter(Column::SchemaFingerprint.eq(new.schema_fingerprint))
            .filter(Column::Trigger.eq(trigger.as_str()))
            .filter(Column::Key.eq(key))
            .exec(&tx)
            .await?;
        tx.commit().await?;
        Ok(match enqueued {
            Enqueued::Made(run) => Ticked::Made(run),
            Enqueued::Covered(run) => Ticked::Covered(run),
        })
    }

    /// Marks where a schedule begins: ticks up to this moment are not owed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn begin_schedule(
        &self,
        new: NewRun<'_>,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let beginning = ActiveModel {
            scheduled_for: Set(Some(at)),
            ..row(&new, Trigger::Schedule, &tick_key(at))
        };
        insert(self.own(), beginning).await.map(drop)
    }

    /// The newest tick that was recorded, or where the schedule began.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_newest_tick(
        &self,
        model: &str,
        schema_fingerprint: &str,
    ) -> Result<Option<DateTime<Utc>>, StoreError> {
        // By the key, whose text sorts as the moments do.
        let row = Entity::find()
            .filter(Column::Model.eq(model))
            .filter(Column::SchemaFingerprint.eq(schema_fingerprint))
            .filter(Column::Trigger.eq(Trigger::Schedule.as_str()))
            .order_by_desc(Column::Key)
            .one(self.own())
            .await?;
        Ok(row.and_then(|row| row.scheduled_for))
    }

    /// Records that a cause found this run queued or running; once a run and cause.
    ///
    /// # Errors
    /// What the database says.
    pub async fn record_covered(
        &self,
        new: NewRun<'_>,
        by: &TrainingRun,
    ) -> Result<(), StoreError> {
        let covered = ActiveModel {
            training_run: Set(Some(by.id.clone())),
            covered: Set(true),
            ..row(&new, new.trigger, &by.id)
        };
        insert(self.own(), covered).await.map(drop)
    }

    /// The causes that this run covers, newest first, the first hundred.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_covered(&self, run: &TrainingRun) -> Result<Vec<CoveredTrigger>, StoreError> {
        let rows = Entity::find()
            .filter(Column::Model.eq(&run.model))
            .filter(Column::SchemaFingerprint.eq(&run.schema_fingerprint))
            .filter(Column::TrainingRun.eq(&run.id))
            .filter(Column::Covered.eq(true))
            .order_by_desc(Column::RecordedAt)
            .limit(MOST_COVERED)
            .all(self.own())
            .await?;
        Ok(rows.into_iter().map(CoveredTrigger::from).collect())
    }
}

/// A tick's moment as it is stored: the same text for the same second, in the order of time.
pub(super) fn tick_key(tick: DateTime<Utc>) -> String {
    tick.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn row(new: &NewRun<'_>, trigger: Trigger, key: &str) -> ActiveModel {
    ActiveModel {
        model: Set(new.model.to_owned()),
        schema_fingerprint: Set(new.schema_fingerprint.to_owned()),
        trigger: Set(trigger.as_str().to_owned()),
        key: Set(key.to_owned()),
        scheduled_for: Set(None),
        recorded_at: Set(new.now),
        training_run: Set(None),
        covered: Set(false),
    }
}

/// Whether the row is new.
async fn insert(db: &impl ConnectionTrait, row: ActiveModel) -> Result<bool, StoreError> {
    let inserted = Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}
