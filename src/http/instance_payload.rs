//! The request bodies whose shape the configuration decides: poem-openapi payloads that read the
//! schema from the request's data and parse the bytes themselves.

use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::instance::{Faults, parse_instance};
use super::instance_batch::{Rows, parse_batch};
use super::state::{ApiState, RequestLimits};
use poem::error::ReadBodyError;
use poem::{Request, RequestBody};
use poem_openapi::impl_apirequest_for_payload;
use poem_openapi::payload::{ParsePayload, Payload};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};

/// The names under which the document describes the bodies; `openapi::features` fills them in.
pub(super) const INSTANCE: &str = "Instance";
pub(super) const INSTANCE_BATCH: &str = "InstanceBatch";

/// One instance: values in the schema's order, NaN where none was given.
#[derive(Debug)]
pub(super) struct InstanceBody(pub(super) Vec<f64>);

/// Many instances.
#[derive(Debug)]
pub(super) struct InstanceBatchBody(pub(super) Rows);

fn is_json(content_type: &str) -> bool {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    essence == "application/json"
}

/// Only the name: the schema itself follows from the configuration.
fn placeholder(registry: &mut Registry, name: &str) {
    registry
        .schemas
        .entry(name.to_owned())
        .or_insert_with(|| MetaSchema::new("object"));
}

impl Payload for InstanceBody {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        is_json(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(INSTANCE.to_owned())
    }

    fn register(registry: &mut Registry) {
        placeholder(registry, INSTANCE);
    }
}

impl Payload for InstanceBatchBody {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        is_json(content_type)
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(INSTANCE_BATCH.to_owned())
    }

    fn register(registry: &mut Registry) {
        placeholder(registry, INSTANCE);
        placeholder(registry, INSTANCE_BATCH);
    }
}

impl ParsePayload for InstanceBody {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let state = state(request)?;
        let text = read_text(body, state.limits).await?;
        let (mut row, mut faults) = (Vec::new(), Faults::default());
        parse_instance(&state.schema, &text, "", &mut row, &mut faults)?;
        if faults.is_empty() {
            return Ok(Self(row));
        }
        let (one, many) = ("value of the instance", "values of the instance");
        Err(faults
            .into_error(ErrorCode::InvalidInstance, one, many)
            .into())
    }
}

impl ParsePayload for InstanceBatchBody {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let state = state(request)?;
        let text = read_text(body, state.limits).await?;
        Ok(Self(parse_batch(
            &state.schema,
            &text,
            state.limits.max_instances,
        )?))
    }
}

impl_apirequest_for_payload!(InstanceBody);
impl_apirequest_for_payload!(InstanceBatchBody);

fn state(request: &Request) -> Result<&ApiState, ApiError> {
    request.data::<ApiState>().ok_or_else(ApiError::internal)
}

/// The body as text, within its size and its time.
async fn read_text(body: &mut RequestBody, limits: RequestLimits) -> Result<String, ApiError> {
    let body = body.take().map_err(|_| ApiError::internal())?;
    let reading = body.into_bytes_limit(limits.max_body_bytes);
    let read = tokio::time::timeout(limits.body_read_timeout, reading)
        .await
        .map_err(|_| ApiError::new(ErrorCode::RequestTimeout, "the body did not arrive in time"))?;
    let bytes = read.map_err(|error| match error {
        ReadBodyError::PayloadTooLarge => {
            let detail = format!("the body exceeds {} bytes", limits.max_body_bytes);
            ApiError::new(ErrorCode::PayloadTooLarge, detail)
        }
        _ => ApiError::new(ErrorCode::InvalidJson, "the body ended before it was whole"),
    })?;
    String::from_utf8(bytes.into()).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        ApiError::new(
            ErrorCode::InvalidJson,
            format!("the body is not UTF-8 at byte {at}"),
        )
    })
}
