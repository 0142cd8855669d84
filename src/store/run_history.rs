//! What is known of runs: found, listed, and in the end forgotten.
//!
//! A run's id begins with the time at which it was asked for, so that lists go by ids.

use super::entity::training_run::{Column, Entity};
use super::entity::{model_version, trigger};
use super::training_runs::{RunStatus, TrainingRun};
use super::{Database, StoreError};
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};

impl Database {
    /// The run with this id, if there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_run(&self, id: &str) -> Result<Option<TrainingRun>, StoreError> {
        let row = Entity::find_by_id(id.to_owned()).one(self.own()).await?;
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
            .order_by_desc(Column::Id)
            .one(self.own())
            .await?;
        row.map(TrainingRun::decode).transpose()
    }

    /// The newest run of this model and schema that ended promoted or kept, if there is one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_newest_judged_run(
        &self,
        model: &str,
        schema_fingerprint: &str,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let row = runs_of(model, schema_fingerprint)
            .filter(Column::Status.is_in(JUDGED.map(RunStatus::as_str)))
            .order_by_desc(Column::Id)
            .one(self.own())
            .await?;
        row.map(TrainingRun::decode).transpose()
    }

    /// The newest run of this model and schema that judged the version as its champion, if there is
    /// one.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_newest_run_that_judged(
        &self,
        model: &str,
        schema_fingerprint: &str,
        version: i32,
    ) -> Result<Option<TrainingRun>, StoreError> {
        let row = runs_of(model, schema_fingerprint)
            .filter(Column::Status.is_in(JUDGED.map(RunStatus::as_str)))
            .filter(Column::JudgedVersion.eq(version))
            .order_by_desc(Column::Id)
            .one(self.own())
            .await?;
        row.map(TrainingRun::decode).transpose()
    }

    /// At most `limit` runs of a model, of any schema, with an id below `before`, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_runs(
        &self,
        model: &str,
        before: Option<&str>,
        limit: u64,
    ) -> Result<Vec<TrainingRun>, StoreError> {
        let mut select = Entity::find().filter(Column::Model.eq(model));
        if let Some(before) = before {
            select = select.filter(Column::Id.lt(before));
        }
        let rows = select
            .order_by_desc(Column::Id)
            .limit(limit)
            .all(self.own())
            .await?;
        rows.into_iter().map(TrainingRun::decode).collect()
    }

    /// Forgets all but the newest `keep` runs of a model and schema, and what they cover. Stays: what
    /// is queued or running, what made a version, and the last that was judged. Gives their number.
    ///
    /// # Errors
    /// What the database says.
    pub async fn prune_runs(
        &self,
        model: &str,
        schema_fingerprint: &str,
        keep: u64,
    ) -> Result<u64, StoreError> {
        let ids = runs_of(model, schema_fingerprint)
            .select_only()
            .column(Column::Id)
            .order_by_desc(Column::Id);
        let oldest: Option<String> = ids
            .offset(keep.saturating_sub(1))
            .into_tuple()
            .one(self.own())
            .await?;
        let Some(oldest) = oldest else {
            return Ok(0);
        };
        let judged = self
            .find_newest_judged_run(model, schema_fingerprint)
            .await?;
        let pruned = Entity::delete_many()
            .filter(Column::Model.eq(model))
            .filter(Column::SchemaFingerprint.eq(schema_fingerprint))
            .filter(Column::Id.lt(oldest))
            .filter(Column::Active.is_null())
            .filter(Column::Version.is_null())
            .filter(Column::Id.not_in_subquery(runs_of_versions(model)))
            .filter(Column::Id.ne(judged.map(|run| run.id).unwrap_or_default()))
            .exec(self.own())
            .await?;
        if pruned.rows_affected > 0 {
            self.prune_covered(model, schema_fingerprint).await?;
        }
        Ok(pruned.rows_affected)
    }

    /// What covered causes were recorded for runs that are gone; ticks stay, the newest says what is
    /// owed.
    async fn prune_covered(&self, model: &str, schema_fingerprint: &str) -> Result<(), StoreError> {
        let newest = self.find_newest_tick(model, schema_fingerprint).await?;
        let known = Query::select()
            .column(Column::Id)
            .from(Entity)
            .and_where(Column::Model.eq(model))
            .take();
        let mut delete = trigger::Entity::delete_many()
            .filter(trigger::Column::Model.eq(model))
            .filter(trigger::Column::SchemaFingerprint.eq(schema_fingerprint))
            .filter(trigger::Column::TrainingRun.not_in_subquery(known));
        if let Some(newest) = newest {
            let key = super::triggers::tick_key(newest);
            delete = delete.filter(trigger::Column::Key.ne(key));
        }
        delete.exec(self.own()).await?;
        Ok(())
    }
}

/// How a run ends that was judged.
const JUDGED: [RunStatus; 2] = [RunStatus::Promoted, RunStatus::Kept];

fn runs_of_versions(model: &str) -> SelectStatement {
    Query::select()
        .column(model_version::Column::TrainingRun)
        .from(model_version::Entity)
        .and_where(model_version::Column::Model.eq(model))
        .take()
}

/// The run of this model and schema that is queued or running, if there is one.
pub(super) async fn find_active(
    db: &impl ConnectionTrait,
    model: &str,
    schema_fingerprint: &str,
) -> Result<Option<TrainingRun>, StoreError> {
    let row = runs_of(model, schema_fingerprint)
        .filter(Column::Active.eq(true))
        .one(db)
        .await?;
    row.map(TrainingRun::decode).transpose()
}

fn runs_of(model: &str, schema_fingerprint: &str) -> Select<Entity> {
    Entity::find()
        .filter(Column::Model.eq(model))
        .filter(Column::SchemaFingerprint.eq(schema_fingerprint))
}
