//! The request bodies whose shape the configuration decides: poem-openapi payloads that read the
//! schema from the request's data and parse the bytes themselves.

use super::arrived::{as_text, read_bytes};
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::instance::{Faults, parse_instance};
use super::instance_batch::{Rows, parse_batch};
use super::instance_csv::{CsvInstances, parse_csv};
use super::instance_plain::{plain_batch, plain_instance};
use super::state::ApiState;
use crate::learning::Schema;
use poem::{Request, RequestBody};
use poem_openapi::impl_apirequest_for_payload;
use poem_openapi::payload::{ParsePayload, Payload};
use poem_openapi::registry::{MetaSchema, MetaSchemaRef, Registry};

/// The content type of a CSV, beside that of any file.
pub(super) const CSV: &str = "text/csv";

/// The names under which the document describes the bodies; `openapi::features` fills them in.
pub(super) const INSTANCE: &str = "Instance";
pub(super) const INSTANCE_BATCH: &str = "InstanceBatch";

/// One instance: values in the schema's order, NaN where none was given.
#[derive(Debug)]
pub(super) struct InstanceBody(pub(super) Vec<f64>);

/// Many instances.
#[derive(Debug)]
pub(super) struct InstanceBatchBody(pub(super) Rows);

/// Many instances as a CSV.
#[derive(Debug)]
pub(super) struct CsvBody(pub(super) CsvInstances);

fn is_one_of(content_type: &str, known: &[&str]) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    known
        .iter()
        .any(|known| essence.eq_ignore_ascii_case(known))
}

pub(super) fn is_json(content_type: &str) -> bool {
    is_one_of(content_type, &["application/json"])
}

/// Only the name: the schema itself follows from the configuration.
pub(super) fn placeholder(registry: &mut Registry, name: &str) {
    registry
        .schemas
        .entry(name.to_owned())
        .or_insert_with(|| MetaSchema::new("object"));
}

impl Payload for InstanceBody {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        is_one_of(content_type, &[Self::CONTENT_TYPE])
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
        is_one_of(content_type, &[Self::CONTENT_TYPE])
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Reference(INSTANCE_BATCH.to_owned())
    }

    fn register(registry: &mut Registry) {
        placeholder(registry, INSTANCE);
        placeholder(registry, INSTANCE_BATCH);
    }
}

/// Told as a plain file, since generated clients know no CSV; taken as `text/csv` just as well.
impl Payload for CsvBody {
    const CONTENT_TYPE: &'static str = "application/octet-stream";

    fn check_content_type(content_type: &str) -> bool {
        is_one_of(content_type, &[Self::CONTENT_TYPE, CSV])
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema::new_with_format("string", "binary")))
    }
}

impl ParsePayload for InstanceBody {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let state = state(request)?;
        let body = read_bytes(body, state, ErrorCode::InvalidJson).await?;
        let text = as_text(&body)?;
        Ok(Self(
            state.validating(|| read_instance(&state.schema, text))?,
        ))
    }
}

impl ParsePayload for InstanceBatchBody {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let state = state(request)?;
        let body = read_bytes(body, state, ErrorCode::InvalidJson).await?;
        let text = as_text(&body)?;
        let most = state.limits.max_instances;
        let read = || match plain_batch(&state.schema, text, most) {
            Some(rows) => Ok(rows),
            None => parse_batch(&state.schema, text, most),
        };
        Ok(Self(state.validating(read)?))
    }
}

impl ParsePayload for CsvBody {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let state = state(request)?;
        let body = read_bytes(body, state, ErrorCode::InvalidCsv).await?;
        let (key, most) = (state.key.as_deref(), state.limits.max_instances);
        let read = || parse_csv(&state.schema, key, body, most);
        Ok(Self(state.validating(read)?))
    }
}

impl_apirequest_for_payload!(CsvBody);
impl_apirequest_for_payload!(InstanceBody);
impl_apirequest_for_payload!(InstanceBatchBody);

pub(super) fn state(request: &Request) -> Result<&ApiState, ApiError> {
    request.data::<ApiState>().ok_or_else(ApiError::internal)
}

pub(super) fn read_instance(schema: &Schema, text: &str) -> Result<Vec<f64>, ApiError> {
    if let Some(row) = plain_instance(schema, text) {
        return Ok(row);
    }
    let (mut row, mut faults) = (Vec::new(), Faults::default());
    parse_instance(schema, text, "", &mut row, &mut faults)?;
    if faults.is_empty() {
        return Ok(row);
    }
    let (one, many) = ("value of the instance", "values of the instance");
    Err(faults.into_error(ErrorCode::InvalidInstance, one, many))
}
