//! The one transaction that publishes: the run ends, its version gets a number, and, if it earned
//! it, a deployment row makes it champion. A worker that lost its claim publishes nothing.

use super::deployments::{DeploymentAction, NewDeployment, append};
use super::entity::{model_version, training_run};
use super::run_queue::end_claimed;
use super::training_runs::{RunEnd, TrainingRun};
use super::{Database, NewModelVersion, StoreError};
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect,
};

/// Who and why of a deployment, for a version that is promoted as it is published. It never pins.
#[derive(Debug, Clone)]
pub struct Promotion {
    /// Who asked for it.
    pub deployed_by: String,
    /// Why.
    pub reason: String,
    /// The deployment that served when the decision was made; another one now, a pin too, is a
    /// conflict.
    pub replaces: Option<i32>,
}

impl Database {
    /// Ends the run, stores the version and, with a promotion, deploys it. Gives its number.
    ///
    /// # Errors
    /// [`StoreError::ClaimLost`], [`StoreError::Conflict`] (somebody deployed or numbered first:
    /// nothing is written), and what the database says.
    pub async fn publish(
        &self,
        run: &TrainingRun,
        end: &RunEnd,
        version: NewModelVersion,
        promotion: Option<Promotion>,
    ) -> Result<i32, StoreError> {
        let tx = self.own().begin_writing().await?;
        end_claimed(&tx, run, end).await?;
        let number = next_number(&tx, &run.model).await?;
        let row = version.encode(number)?;
        model_version::Entity::insert(row.into_active_model())
            .exec_without_returning(&tx)
            .await?;
        training_run::Entity::update_many()
            .col_expr(training_run::Column::Version, Expr::value(number))
            .filter(training_run::Column::Id.eq(&run.id))
            .exec(&tx)
            .await?;
        if let Some(promotion) = promotion {
            let new = NewDeployment {
                version: number,
                action: DeploymentAction::Promote,
                pinned: false,
                deployed_at: end.finished_at,
                deployed_by: promotion.deployed_by,
                reason: promotion.reason,
                replaces: promotion.replaces,
            };
            append(&tx, &run.model, &run.schema_fingerprint, new).await?;
        }
        tx.commit().await?;
        Ok(number)
    }
}

async fn next_number(tx: &impl ConnectionTrait, model: &str) -> Result<i32, StoreError> {
    use model_version::{Column, Entity};
    let newest: Option<i32> = Entity::find()
        .select_only()
        .column(Column::Version)
        .filter(Column::Model.eq(model))
        .order_by_desc(Column::Version)
        .into_tuple()
        .one(tx)
        .await?;
    Ok(newest.unwrap_or(0) + 1)
}
