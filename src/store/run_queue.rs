//! What is done to the queue's rows: enqueue, claim, beat, requeue, end.

use super::database_clock::now_seconds;
use super::entity::training_run::{ActiveModel, Column, Entity};
use super::training_runs::{MOST_ATTEMPTS, RunEnd, RunFault, RunStatus, TrainingRun, Trigger};
use super::{Database, StoreError};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, Select,
    UpdateMany,
};
use uuid::{NoContext, Timestamp, Uuid};

/// What came of asking for a run.
#[derive(Debug, Clone, PartialEq)]
pub enum Enqueued {
    /// A new run waits.
    Made(TrainingRun),
    /// One is queued or running already.
    Covered(TrainingRun),
}

impl Database {
    /// Makes a run unless one of the same model and schema is queued or running.
    ///
    /// # Errors
    /// What the database says.
    pub async fn enqueue_run(
        &self,
        model: &str,
        schema_fingerprint: &str,
        trigger: Trigger,
        now: DateTime<Utc>,
    ) -> Result<Enqueued, StoreError> {
        loop {
            if let Some(run) = self.find_active_run(model, schema_fingerprint).await? {
                return Ok(Enqueued::Covered(run));
            }
            let id = run_id(now);
            let row = ActiveModel {
                id: Set(id.clone()),
                model: Set(model.to_owned()),
                schema_fingerprint: Set(schema_fingerprint.to_owned()),
                active: Set(Some(true)),
                trigger: Set(trigger.as_str().to_owned()),
                status: Set(RunStatus::Queued.as_str().to_owned()),
                attempt: Set(0),
                queued_at: Set(now),
                ..Default::default()
            };
            match Entity::insert(row)
                .exec_without_returning(self.own())
                .await
                .map_err(Into::into)
            {
                // Another process made one in between: the next turn finds it, or it is over already.
                Err(StoreError::Conflict(_)) => {}
                Err(error) => return Err(error),
                Ok(_) => {
                    if let Some(run) = self.find_run(&id).await? {
                        return Ok(Enqueued::Made(run));
                    }
                }
            }
        }
    }

    /// The run with this id, if there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_run(&self, id: &str) -> Result<Option<TrainingRun>, StoreError> {
        let row = Entity::find_by_id(id.to_owned()).one(self.own()).await?;
        row.map(TrainingRun::decode).transpose()
    }

    /// The run of this model and schema that is queued or running, if there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_active_run(
        &self,
        model: &str,
        schema_fingerprint: &str,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let row = runs_of(model, schema_fingerprint)
            .filter(Column::Active.eq(true))
            .one(self.own())
            .await?;
        row.map(TrainingRun::decode).transpose()
    }

    /// The newest run of this model and schema, if there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_newest_run(
        &self,
        model: &str,
        schema_fingerprint: &str,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let row = runs_of(model, schema_fingerprint)
            .order_by_desc(Column::QueuedAt)
            .order_by_desc(Column::Id)
            .one(self.own())
            .await?;
        row.map(TrainingRun::decode).transpose()
    }

    /// Takes the run that waits, or whose worker's heart stopped more than `ttl_seconds` ago.
    /// Of many callers one gets it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn claim_run(
        &self,
        model: &str,
        schema_fingerprint: &str,
        worker: &str,
        ttl_seconds: u64,
        now: DateTime<Utc>,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let Some(run) = self.find_active_run(model, schema_fingerprint).await? else {
            return Ok(None);
        };
        if run.status == RunStatus::Running.as_str() && run.attempt >= MOST_ATTEMPTS {
            self.give_up(&run, ttl_seconds, now).await?;
            return Ok(None);
        }
        let beat = now_seconds(self.own().get_database_backend());
        let claimed = Entity::update_many()
            .col_expr(Column::Status, Expr::value(RunStatus::Running.as_str()))
            .col_expr(Column::ClaimedBy, Expr::value(worker))
            .col_expr(Column::Attempt, Expr::value(run.attempt + 1))
            .col_expr(Column::StartedAt, Expr::value(now))
            .col_expr(Column::Heartbeat, beat)
            .filter(Column::Id.eq(&run.id))
            .filter(Column::Attempt.eq(run.attempt))
            .filter(self.claimable(ttl_seconds))
            .exec(self.own())
            .await?;
        if claimed.rows_affected == 1 {
            self.find_run(&run.id).await
        } else {
            Ok(None)
        }
    }

    fn claimable(&self, ttl_seconds: u64) -> Condition {
        Condition::any()
            .add(Column::Status.eq(RunStatus::Queued.as_str()))
            .add(self.heart_stopped(ttl_seconds))
    }

    fn heart_stopped(&self, ttl_seconds: u64) -> Condition {
        let age = now_seconds(self.own().get_database_backend()).sub(Expr::col(Column::Heartbeat));
        Condition::all()
            .add(Column::Status.eq(RunStatus::Running.as_str()))
            .add(age.gt(ttl_seconds as f64))
    }

    async fn give_up(
        &self,
        run: &TrainingRun,
        ttl_seconds: u64,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let fault = RunFault {
            code: "internal".into(),
            detail: format!("its worker died {} times", run.attempt),
        };
        let end = RunEnd {
            error: Some(fault),
            ..RunEnd::at(RunStatus::Failed, now)
        };
        let update = ending(&end)?.filter(self.heart_stopped(ttl_seconds));
        update.filter(run.held()).exec(self.own()).await?;
        Ok(())
    }

    /// A sign of life with the step reached; false when the claim was lost.
    ///
    /// # Errors
    /// What the database says.
    pub async fn beat_heart(&self, run: &TrainingRun, step: &str) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(
                Column::Heartbeat,
                now_seconds(self.own().get_database_backend()),
            )
            .col_expr(Column::Step, Expr::value(step))
            .filter(run.held())
            .exec(self.own())
            .await?;
        Ok(updated.rows_affected == 1)
    }

    /// Gives a claimed run back at shutdown; it does not count as an attempt.
    ///
    /// # Errors
    /// What the database says.
    pub async fn requeue_run(&self, run: &TrainingRun) -> Result<(), StoreError> {
        Entity::update_many()
            .col_expr(Column::Status, Expr::value(RunStatus::Queued.as_str()))
            .col_expr(Column::ClaimedBy, Expr::value(None::<String>))
            .col_expr(Column::Attempt, Expr::value(run.attempt - 1))
            .filter(run.held())
            .exec(self.own())
            .await?;
        Ok(())
    }

    /// Ends a claimed run that made no version.
    ///
    /// # Errors
    /// [`StoreError::ClaimLost`] and what the database says.
    pub async fn end_run(&self, run: &TrainingRun, end: &RunEnd) -> Result<(), StoreError> {
        end_claimed(self.own(), run, end).await
    }
}

fn runs_of(model: &str, schema_fingerprint: &str) -> Select<Entity> {
    Entity::find()
        .filter(Column::Model.eq(model))
        .filter(Column::SchemaFingerprint.eq(schema_fingerprint))
}

/// A UUID of version 7: runs sort by the time at which they were asked for.
fn run_id(now: DateTime<Utc>) -> String {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let time = Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos());
    Uuid::new_v7(time).to_string()
}

pub(super) async fn end_claimed(
    db: &impl ConnectionTrait,
    run: &TrainingRun,
    end: &RunEnd,
) -> Result<(), StoreError> {
    let updated = ending(end)?.filter(run.held()).exec(db).await?;
    if updated.rows_affected == 1 {
        Ok(())
    } else {
        Err(StoreError::ClaimLost)
    }
}

fn ending(end: &RunEnd) -> Result<UpdateMany<Entity>, StoreError> {
    let undecodable = |source| StoreError::Undecodable {
        table: "logitd_training_run",
        source,
    };
    let rows = end
        .rows
        .map(serde_json::to_value)
        .transpose()
        .map_err(undecodable)?;
    let refused = serde_json::to_value(&end.refused).map_err(undecodable)?;
    let error = end
        .error
        .as_ref()
        .map(serde_json::to_value)
        .transpose()
        .map_err(undecodable)?;
    Ok(Entity::update_many()
        .col_expr(Column::Status, Expr::value(end.status.as_str()))
        .col_expr(Column::Active, Expr::value(None::<bool>))
        .col_expr(Column::FinishedAt, Expr::value(end.finished_at))
        .col_expr(Column::Rows, Expr::value(rows))
        .col_expr(Column::Refused, Expr::value(refused))
        .col_expr(Column::Gate, Expr::value(end.gate.clone()))
        .col_expr(Column::Error, Expr::value(error)))
}
