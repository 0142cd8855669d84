//! What a worker does to the queue's rows: claim, beat, requeue, end; and cancelling, which ends
//! what a worker does.

use super::database_clock::now_seconds;
use super::entity::training_run::{Column, Entity};
use super::run_history::find_active;
use super::training_runs::{MOST_ATTEMPTS, RunEnd, RunFault, RunStatus, TrainingRun};
use super::{Database, StoreError};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::{Condition, Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, UpdateMany};

impl Database {
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
        let Some(run) = find_active(self.own(), model, schema_fingerprint).await? else {
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

    /// A beat that lies ahead was written before the database's clock was put back: one that still
    /// beats would have written another by now.
    fn heart_stopped(&self, ttl_seconds: u64) -> Condition {
        let now = || now_seconds(self.own().get_database_backend());
        let ttl = ttl_seconds as f64;
        let stopped = Condition::any()
            .add(now().sub(Expr::col(Column::Heartbeat)).gt(ttl))
            .add(Expr::col(Column::Heartbeat).sub(now()).gt(ttl));
        Condition::all()
            .add(Column::Status.eq(RunStatus::Running.as_str()))
            .add(stopped)
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

    /// A sign of life with the step reached and the share of it that is done; false when the claim
    /// was lost.
    ///
    /// # Errors
    /// What the database says.
    pub async fn beat_heart(
        &self,
        run: &TrainingRun,
        step: &str,
        progress: f64,
    ) -> Result<bool, StoreError> {
        let updated = Entity::update_many()
            .col_expr(
                Column::Heartbeat,
                now_seconds(self.own().get_database_backend()),
            )
            .col_expr(Column::Step, Expr::value(step))
            .col_expr(Column::Progress, Expr::value(progress))
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
            .col_expr(Column::Step, Expr::value(None::<String>))
            .col_expr(Column::Progress, Expr::value(None::<f64>))
            .col_expr(Column::StartedAt, Expr::value(None::<DateTime<Utc>>))
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

    /// Takes a run back that is queued or running, whoever works on it: its claim is lost with it.
    /// Gives whether it was; the run itself is found afterwards.
    ///
    /// # Errors
    /// What the database says.
    pub async fn cancel_run(
        &self,
        model: &str,
        id: &str,
        now: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let cancelled = ending(&RunEnd::at(RunStatus::Cancelled, now))?
            .filter(Column::Id.eq(id))
            .filter(Column::Model.eq(model))
            .filter(Column::Active.eq(true))
            .exec(self.own())
            .await?;
        Ok(cancelled.rows_affected == 1)
    }
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
        .col_expr(Column::Settings, Expr::value(end.made_of.settings.clone()))
        .col_expr(
            Column::SettingsFingerprint,
            Expr::value(end.made_of.settings_fingerprint.clone()),
        )
        .col_expr(
            Column::DataFingerprint,
            Expr::value(end.made_of.data_fingerprint.clone()),
        )
        .col_expr(Column::JudgedVersion, Expr::value(end.judged_version))
        .col_expr(Column::Error, Expr::value(error)))
}
