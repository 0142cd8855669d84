//! The calls by which a person decides what serves, and the history of it.

use super::answer::JsonAnswer;
use super::caller::Caller;
use super::deployment_body::DeploymentBody;
use super::deployment_order::{DeploymentOrder, OrderBody, PinOrder, reason_parameter};
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::models::version_parameter;
use super::openapi::ApiTag;
use super::page::Page;
use super::state::ApiState;
use crate::serving::{Order, PromotionError};
use poem::web::Data;
use poem_openapi::param::{Path, Query};
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

/// Deployments, newest first.
#[derive(Debug, Object, Serialize)]
struct DeploymentList {
    /// A page of deployments.
    items: Vec<DeploymentBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

pub(super) struct DeploymentApi;

#[OpenApi(tag = "ApiTag::Deployments")]
impl DeploymentApi {
    /// List the deployments
    ///
    /// What served from when on, by whom and why, newest first, a page at a time. The first of them
    /// is what serves. Pins are deployments of the version that serves.
    #[oai(
        path = "/v1/deployments",
        method = "get",
        operation_id = "list_deployments"
    )]
    async fn list_deployments(
        &self,
        state: Data<&ApiState>,
        /// How many to a page, from 1 to 100; 20 unless told.
        limit: Query<Option<String>>,
        /// Where the page begins: `next_cursor` of the page before.
        cursor: Query<Option<String>>,
    ) -> Result<JsonAnswer<DeploymentList>, ApiError> {
        let page = Page::parse('d', limit.0.as_deref(), cursor.0.as_deref())?;
        let listed = state.registry.list_deployments(page.before, page.fetched());
        let mut deployments = listed.await?;
        let next_cursor = page.cut(&mut deployments, |deployment| deployment.sequence);
        Ok(JsonAnswer(DeploymentList {
            items: deployments.iter().map(DeploymentBody::of).collect(),
            next_cursor,
        }))
    }

    /// Roll back the model
    ///
    /// Makes the version champion that served before the one that serves. A second roll back goes
    /// one further back, never forth to what the first one left. It pins and is followed as a
    /// promotion is.
    #[oai(
        path = "/v1/models/rollback",
        method = "post",
        operation_id = "roll_back_model"
    )]
    async fn roll_back_model(
        &self,
        state: Data<&ApiState>,
        caller: Caller,
        order: OrderBody<DeploymentOrder>,
    ) -> Result<JsonAnswer<DeploymentBody>, ApiError> {
        state.refuse_while_draining()?;
        let (pin, order) = (order.0.pin, ordered(&caller, order.0.reason));
        let deployed = state.promoter.roll_back(order, pin).await?;
        Ok(JsonAnswer(DeploymentBody::of(&deployed)))
    }

    /// Promote a version
    ///
    /// Makes it champion, whatever the gate thought of it. When this is answered it serves here;
    /// other replicas follow within `[serving] follow_interval_seconds`. It also pins, unless told
    /// not to: else the next training run that passes the gate would take the place.
    #[oai(
        path = "/v1/models/:version/promote",
        method = "post",
        operation_id = "promote_model"
    )]
    async fn promote_model(
        &self,
        state: Data<&ApiState>,
        caller: Caller,
        /// The version's number.
        version: Path<String>,
        order: OrderBody<DeploymentOrder>,
    ) -> Result<JsonAnswer<DeploymentBody>, ApiError> {
        let version = version_parameter(&version.0)?;
        state.refuse_while_draining()?;
        let (pin, order) = (order.0.pin, ordered(&caller, order.0.reason));
        let promoted = state.promoter.promote(version, order, pin).await?;
        Ok(JsonAnswer(DeploymentBody::of(&promoted)))
    }

    /// Switch automatic promotion off
    ///
    /// The champion stays until a person promotes another version or takes the pin away; training
    /// goes on, and its versions are kept. Where it is off already nothing changes.
    #[oai(path = "/v1/models/pin", method = "put", operation_id = "pin_model")]
    async fn pin_model(
        &self,
        state: Data<&ApiState>,
        caller: Caller,
        order: OrderBody<PinOrder>,
    ) -> Result<JsonAnswer<DeploymentBody>, ApiError> {
        state.refuse_while_draining()?;
        let order = ordered(&caller, order.0.reason);
        let deployed = state.promoter.pin(order, true).await?;
        Ok(JsonAnswer(DeploymentBody::of(&deployed)))
    }

    /// Switch automatic promotion on
    ///
    /// The champion goes on serving until a training run passes the gate. Where it is on already
    /// nothing changes.
    #[oai(
        path = "/v1/models/pin",
        method = "delete",
        operation_id = "unpin_model"
    )]
    async fn unpin_model(
        &self,
        state: Data<&ApiState>,
        caller: Caller,
        /// Why, for whoever reads the history.
        reason: Query<Option<String>>,
    ) -> Result<JsonAnswer<DeploymentBody>, ApiError> {
        let order = ordered(&caller, reason_parameter(reason.0)?);
        state.refuse_while_draining()?;
        let deployed = state.promoter.pin(order, false).await?;
        Ok(JsonAnswer(DeploymentBody::of(&deployed)))
    }
}

fn ordered(caller: &Caller, reason: String) -> Order {
    Order {
        by: caller.name().to_owned(),
        reason,
    }
}

impl ApiState {
    /// What serves is decided by a process that goes on serving.
    fn refuse_while_draining(&self) -> Result<(), ApiError> {
        if self.health.is_draining() {
            let detail = "the service is about to stop; ask again, another process will answer";
            return Err(ApiError::new(ErrorCode::Conflict, detail));
        }
        Ok(())
    }
}

impl From<PromotionError> for ApiError {
    fn from(error: PromotionError) -> Self {
        let code = match error {
            PromotionError::Registry(error) => return error.into(),
            PromotionError::NoSuchVersion { .. } => ErrorCode::NotFound,
            _ => ErrorCode::Conflict,
        };
        let mut refused = Self::new(code, error.to_string());
        if let PromotionError::Unreadable { source, .. } = error {
            refused.source = Some(source.into());
        }
        refused
    }
}
