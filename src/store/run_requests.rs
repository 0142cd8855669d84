//! How a run comes into the queue: once, however many ask.
//!
//! Concurrency: a unique index holds at most one run of a model and schema that is queued or
//! running. Whoever inserts a second one inserts nothing, and is told which run covers it.

use super::entity::training_run::{ActiveModel, Column, Entity};
use super::run_history::find_active;
use super::training_runs::{RunStatus, TrainingRun, Trigger};
use super::{Database, StoreError};
use chrono::{DateTime, Utc};
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::{NoContext, Timestamp, Uuid};

/// A run that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct NewRun<'a> {
    /// The model's name.
    pub model: &'a str,
    /// The schema's fingerprint.
    pub schema_fingerprint: &'a str,
    /// Why.
    pub trigger: Trigger,
    /// Who asked, where somebody did.
    pub requested_by: Option<&'a str>,
    /// The tick, where one asked.
    pub scheduled_for: Option<DateTime<Utc>>,
    /// The span that asks, as a W3C `traceparent`.
    pub trace_parent: Option<&'a str>,
    /// When.
    pub now: DateTime<Utc>,
}

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
    pub async fn enqueue_run(&self, new: NewRun<'_>) -> Result<Enqueued, StoreError> {
        enqueue(self.own(), new).await
    }
}

pub(super) async fn enqueue(
    db: &impl ConnectionTrait,
    new: NewRun<'_>,
) -> Result<Enqueued, StoreError> {
    let id = next_id(db, new).await?;
    loop {
        if let Some(run) = find_active(db, new.model, new.schema_fingerprint).await? {
            return Ok(Enqueued::Covered(run));
        }
        // Another process may make one in between: the next turn finds it, or it is over already.
        if insert(db, &id, new).await?
            && let Some(row) = Entity::find_by_id(id.clone()).one(db).await?
        {
            return Ok(Enqueued::Made(TrainingRun::decode(row)?));
        }
    }
}

async fn insert(db: &impl ConnectionTrait, id: &str, new: NewRun<'_>) -> Result<bool, StoreError> {
    let row = ActiveModel {
        id: Set(id.to_owned()),
        model: Set(new.model.to_owned()),
        schema_fingerprint: Set(new.schema_fingerprint.to_owned()),
        active: Set(Some(true)),
        trigger: Set(new.trigger.as_str().to_owned()),
        requested_by: Set(new.requested_by.map(str::to_owned)),
        scheduled_for: Set(new.scheduled_for),
        trace_parent: Set(new.trace_parent.map(str::to_owned)),
        status: Set(RunStatus::Queued.as_str().to_owned()),
        attempt: Set(0),
        queued_at: Set(new.now),
        ..Default::default()
    };
    let inserted = Entity::insert(row)
        .on_conflict(OnConflict::new().do_nothing().to_owned())
        .exec_without_returning(db)
        .await?;
    Ok(inserted == 1)
}

/// Runs sort by their ids in the order in which they were asked for, though a clock was put back.
async fn next_id(db: &impl ConnectionTrait, new: NewRun<'_>) -> Result<String, StoreError> {
    let newest: Option<String> = Entity::find()
        .select_only()
        .column(Column::Id)
        .filter(Column::Model.eq(new.model))
        .order_by_desc(Column::Id)
        .into_tuple()
        .one(db)
        .await?;
    Ok(run_id(new.now, newest.as_deref()))
}

/// A UUID of version 7, with the time at which the run was asked for; where the newest has that or a
/// later one, with the millisecond after it.
fn run_id(now: DateTime<Utc>, newest: Option<&str>) -> String {
    let now = u64::try_from(now.timestamp_millis()).unwrap_or(0);
    let newest = newest.and_then(|id| Uuid::parse_str(id).ok()?.get_timestamp());
    let after = newest.map_or(0, |time| {
        let (seconds, nanoseconds) = time.to_unix();
        seconds * 1000 + u64::from(nanoseconds / 1_000_000) + 1
    });
    let millis = now.max(after);
    let nanoseconds = u32::try_from(millis % 1000).unwrap_or(0) * 1_000_000;
    let time = Timestamp::from_unix(NoContext, millis / 1000, nanoseconds);
    Uuid::new_v7(time).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_whatever_the_clock_does() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let mut newest: Option<String> = None;
        for now in [
            "2027-03-28T03:00:00.998Z",
            "2027-03-28T03:00:00.998Z",
            "2027-03-28T03:00:00.998Z",
            "2027-03-28T02:00:00Z",
            "2020-01-01T00:00:00Z",
            "2027-03-28T03:00:01.500Z",
        ] {
            let id = run_id(at(now), newest.as_deref());
            assert!(newest.is_none_or(|newest| id > newest), "{now}");
            newest = Some(id);
        }
        // Once the clock is ahead again, the time is the clock's.
        let (seconds, nanoseconds) = Uuid::parse_str(&newest.unwrap())
            .unwrap()
            .get_timestamp()
            .unwrap()
            .to_unix();
        let time = at("2027-03-28T03:00:01.500Z");
        let told = (i64::try_from(seconds).unwrap(), nanoseconds / 1_000_000);
        assert_eq!(told, (time.timestamp(), 500));
    }
}
