//! `logitd_deployment`: what serves from when, by whom and why. The newest row of a model and
//! schema fingerprint names the champion.

use super::entity::deployment::{Column, Entity, Model};
use super::{Database, StoreError};
use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};

/// One row: this version serves from now on, because.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Counts up within a model and schema; two writers of the same number conflict.
    pub sequence: i32,
    /// The version that serves.
    pub version: i32,
    /// Since when.
    pub deployed_at: DateTime<Utc>,
    /// Who asked for it.
    pub deployed_by: String,
    /// Why.
    pub reason: String,
}

impl From<Model> for Deployment {
    fn from(row: Model) -> Self {
        Self {
            sequence: row.sequence,
            version: row.version,
            deployed_at: row.deployed_at,
            deployed_by: row.deployed_by,
            reason: row.reason,
        }
    }
}

impl Database {
    /// The newest deployment of a model and schema: its version is the champion.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_deployment(
        &self,
        model: &str,
        schema_fingerprint: &str,
    ) -> Result<Option<Deployment>, StoreError> {
        newest(self.own(), model, schema_fingerprint).await
    }
}

pub(super) async fn newest(
    db: &impl ConnectionTrait,
    model: &str,
    schema_fingerprint: &str,
) -> Result<Option<Deployment>, StoreError> {
    let row = Entity::find()
        .filter(Column::Model.eq(model))
        .filter(Column::SchemaFingerprint.eq(schema_fingerprint))
        .order_by_desc(Column::Sequence)
        .one(db)
        .await?;
    Ok(row.map(Deployment::from))
}
