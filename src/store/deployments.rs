//! `logitd_deployment`: what serves from when, by whom and why. The newest row of a model and
//! schema fingerprint names the champion and says whether it is pinned; a pin is a row too.
//!
//! Concurrency: whoever appends a row says which row was the newest when the decision was made. If
//! another one is by then, nothing is written: of two writers one gets a conflict, on both engines.

use super::entity::deployment::{Column, Entity, Model};
use super::{Database, StoreError};
use chrono::{DateTime, SubsecRound, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

/// One row: this version serves from now on, because.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// Counts up within a model and schema; two writers of the same number conflict.
    pub sequence: i32,
    /// The version that serves.
    pub version: i32,
    /// What was done: a word of [`DeploymentAction`], or of a newer binary.
    pub action: String,
    /// Whether automatic promotion is off from here on.
    pub pinned: bool,
    /// Since when.
    pub deployed_at: DateTime<Utc>,
    /// Who asked for it.
    pub deployed_by: String,
    /// Why.
    pub reason: String,
}

/// What a deployment row came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeploymentAction {
    /// A version took the place, by the gate or by hand.
    Promote,
    /// The version that served earlier came back.
    RollBack,
    /// Automatic promotion was switched off; the same version serves.
    Pin,
    /// Automatic promotion was switched on; the same version serves.
    Unpin,
}

impl DeploymentAction {
    /// The word that is stored and shown.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::RollBack => "roll_back",
            Self::Pin => "pin",
            Self::Unpin => "unpin",
        }
    }
}

/// A row about to be appended: everything but its number.
#[derive(Debug, Clone)]
pub struct NewDeployment {
    /// The version that serves from now on.
    pub version: i32,
    /// What is done.
    pub action: DeploymentAction,
    /// Whether automatic promotion is off from here on.
    pub pinned: bool,
    /// When.
    pub deployed_at: DateTime<Utc>,
    /// Who asked for it.
    pub deployed_by: String,
    /// Why.
    pub reason: String,
    /// The number of the newest row when the decision was made; another one now is a conflict.
    pub replaces: Option<i32>,
}

/// What of a row the history of a roll back needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastDeployment {
    /// Its number.
    pub sequence: i32,
    /// The version that served.
    pub version: i32,
    /// What was done, see [`Deployment::action`].
    pub action: String,
}

impl From<Model> for Deployment {
    fn from(row: Model) -> Self {
        Self {
            sequence: row.sequence,
            version: row.version,
            action: row.action,
            pinned: row.pinned,
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

    /// At most `limit` deployments with a number below `before`, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_deployments(
        &self,
        model: &str,
        schema_fingerprint: &str,
        before: Option<i32>,
        limit: u64,
    ) -> Result<Vec<Deployment>, StoreError> {
        let mut select = of(model, schema_fingerprint);
        if let Some(before) = before {
            select = select.filter(Column::Sequence.lt(before));
        }
        let newest_first = select.order_by_desc(Column::Sequence).limit(limit);
        let rows = newest_first.all(self.own()).await?;
        Ok(rows.into_iter().map(Deployment::from).collect())
    }

    /// At most `limit` deployments of one version, newest first.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_deployments_of(
        &self,
        model: &str,
        schema_fingerprint: &str,
        version: i32,
        limit: u64,
    ) -> Result<Vec<Deployment>, StoreError> {
        let rows = of(model, schema_fingerprint)
            .filter(Column::Version.eq(version))
            .order_by_desc(Column::Sequence)
            .limit(limit)
            .all(self.own())
            .await?;
        Ok(rows.into_iter().map(Deployment::from).collect())
    }

    /// The deployment before this one, of whichever version.
    ///
    /// # Errors
    /// What the database says.
    pub async fn find_deployment_before(
        &self,
        model: &str,
        schema_fingerprint: &str,
        sequence: i32,
    ) -> Result<Option<Deployment>, StoreError> {
        let row = of(model, schema_fingerprint)
            .filter(Column::Sequence.lt(sequence))
            .order_by_desc(Column::Sequence)
            .one(self.own())
            .await?;
        Ok(row.map(Deployment::from))
    }

    /// Every deployment, oldest first, with what a roll back needs of it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn list_past_deployments(
        &self,
        model: &str,
        schema_fingerprint: &str,
    ) -> Result<Vec<PastDeployment>, StoreError> {
        let rows: Vec<(i32, i32, String)> = of(model, schema_fingerprint)
            .select_only()
            .columns([Column::Sequence, Column::Version, Column::Action])
            .order_by_asc(Column::Sequence)
            .into_tuple()
            .all(self.own())
            .await?;
        let past = rows
            .into_iter()
            .map(|(sequence, version, action)| PastDeployment {
                sequence,
                version,
                action,
            });
        Ok(past.collect())
    }

    /// Appends a row; its version must be stored.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] where somebody appended first, and what the database says.
    pub async fn deploy(
        &self,
        model: &str,
        schema_fingerprint: &str,
        new: NewDeployment,
    ) -> Result<Deployment, StoreError> {
        let tx = self.own().begin_writing().await?;
        let appended = append(&tx, model, schema_fingerprint, new).await?;
        tx.commit().await?;
        Ok(appended)
    }
}

fn of(model: &str, schema_fingerprint: &str) -> Select<Entity> {
    Entity::find()
        .filter(Column::Model.eq(model))
        .filter(Column::SchemaFingerprint.eq(schema_fingerprint))
}

async fn newest(
    db: &impl ConnectionTrait,
    model: &str,
    schema_fingerprint: &str,
) -> Result<Option<Deployment>, StoreError> {
    let row = of(model, schema_fingerprint)
        .order_by_desc(Column::Sequence)
        .one(db)
        .await?;
    Ok(row.map(Deployment::from))
}

/// Appends a row inside a transaction; see [`Database::deploy`].
pub(super) async fn append(
    tx: &impl ConnectionTrait,
    model: &str,
    schema_fingerprint: &str,
    new: NewDeployment,
) -> Result<Deployment, StoreError> {
    let newest = newest(tx, model, schema_fingerprint).await?;
    let sequence = newest.map(|deployment| deployment.sequence);
    if sequence != new.replaces {
        let detail = "another deployment was made meanwhile".to_owned();
        return Err(StoreError::Conflict(sea_orm::DbErr::Custom(detail)));
    }
    let row = Model {
        model: model.to_owned(),
        schema_fingerprint: schema_fingerprint.to_owned(),
        sequence: sequence.unwrap_or(0) + 1,
        version: new.version,
        // What the engines keep and the wire shows, so that this row is the one read back.
        deployed_at: new.deployed_at.trunc_subsecs(3),
        deployed_by: new.deployed_by,
        reason: new.reason,
        action: new.action.as_str().to_owned(),
        pinned: new.pinned,
    };
    Entity::insert(row.clone().into_active_model())
        .exec_without_returning(tx)
        .await?;
    Ok(Deployment::from(row))
}
