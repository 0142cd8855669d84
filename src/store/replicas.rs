//! `logitd_replica`: which processes answer for a model, which version each serves, and when each was
//! seen last, by the database's clock.
//!
//! Concurrency: a process writes and deletes its own row only; rows that were not written for
//! [`FORGOTTEN_AFTER_SECONDS`] anybody may delete.

use super::database_clock::now_seconds;
use super::entity::replica::{Column, Entity};
use super::{Database, StoreError};
use sea_orm::sea_query::{Condition, Expr, ExprTrait, InsertStatement, OnConflict, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    RuntimeErr,
};

/// How long a process is remembered that ended without a word.
pub const FORGOTTEN_AFTER_SECONDS: u64 = 600;

/// What a process says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// What tells it from others.
    pub instance: String,
    /// The schema that it serves.
    pub schema_fingerprint: String,
    /// The version that it serves, once one is loaded.
    pub version: Option<i32>,
    /// Version and revision of its code.
    pub code_version: String,
}

/// A process and how long ago it was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct SeenReplica {
    /// What it said of itself.
    pub replica: Replica,
    /// How many seconds ago; as many as its time lies ahead where the database's clock was put back:
    /// one that answers writes another within seconds.
    pub seconds_ago: f64,
}

impl Database {
    /// Writes that this process answers for a model, and forgets those that were not seen for long.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tell_replica(&self, model: &str, replica: &Replica) -> Result<(), StoreError> {
        let db = self.own();
        let now = || now_seconds(db.get_database_backend());
        db.execute(&upsert(model, replica, now())?).await?;
        // A row from far ahead was written before the database's clock was put back.
        let long = FORGOTTEN_AFTER_SECONDS as f64;
        let unseen = Condition::any()
            .add(now().sub(Expr::col(Column::SeenAt)).gt(long))
            .add(Expr::col(Column::SeenAt).sub(now()).gt(long));
        Entity::delete_many()
            .filter(Column::Model.eq(model))
            .filter(unseen)
            .exec(db)
            .await?;
        Ok(())
    }

    /// Takes a process away that answers no more.
    ///
    /// # Errors
    /// What the database says.
    pub async fn forget_replica(&self, model: &str, instance: &str) -> Result<(), StoreError> {
        Entity::delete_many()
            .filter(Column::Model.eq(model))
            .filter(Column::Instance.eq(instance))
            .exec(self.own())
            .await?;
        Ok(())
    }

    /// The processes that answer for a model, of any schema, by name; at most `limit`.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_replicas(
        &self,
        model: &str,
        limit: u64,
    ) -> Result<Vec<SeenReplica>, StoreError> {
        let db = self.own();
        let age = now_seconds(db.get_database_backend()).sub(Expr::col(Column::SeenAt));
        let rows: Vec<(String, String, Option<i32>, String, f64)> = Entity::find()
            .filter(Column::Model.eq(model))
            .select_only()
            .columns([
                Column::Instance,
                Column::SchemaFingerprint,
                Column::Version,
                Column::CodeVersion,
            ])
            .expr_as(age, "seconds_ago")
            .order_by_asc(Column::Instance)
            .limit(limit)
            .into_tuple()
            .all(db)
            .await?;
        let seen = rows.into_iter().map(|row| SeenReplica {
            replica: Replica {
                instance: row.0,
                schema_fingerprint: row.1,
                version: row.2,
                code_version: row.3,
            },
            seconds_ago: row.4.abs(),
        });
        Ok(seen.collect())
    }
}

/// The row of a process, new or in the place of its old one.
fn upsert(model: &str, replica: &Replica, now: Expr) -> Result<InsertStatement, DbErr> {
    let values = [
        (Column::Model, Expr::value(model)),
        (Column::Instance, Expr::value(&replica.instance)),
        (
            Column::SchemaFingerprint,
            Expr::value(&replica.schema_fingerprint),
        ),
        (Column::Version, Expr::value(replica.version)),
        (Column::CodeVersion, Expr::value(&replica.code_version)),
        (Column::SeenAt, now),
    ];
    let columns = values.each_ref().map(|(column, _)| *column);
    let (key, rest) = columns.split_at(2);
    let mut insert = Query::insert();
    let insert = insert.into_table(Entity).columns(columns);
    // As many values as columns.
    let insert = insert
        .values(values.map(|(_, value)| value))
        .map_err(|error| DbErr::Query(RuntimeErr::Internal(error.to_string())))?;
    let replace = OnConflict::columns(key.to_vec())
        .update_columns(rest.to_vec())
        .to_owned();
    Ok(insert.on_conflict(replace).to_owned())
}
