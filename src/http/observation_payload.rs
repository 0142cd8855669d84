//! The bodies that write observations. What is wrong with one does not end its reading: the handler
//! asks the table as well, and tells all of it at once.

use super::arrived::{as_text, read_bytes};
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::instance_payload::{INSTANCE, is_json, placeholder, state};
use super::observation::{ObservationBatch, parse_observations, parse_value};
use poem::{Request, RequestBody};
use poem_openapi::impl_apirequest_for_payload;
use poem_openapi::payload::{ParsePayload, Payload};
use poem_openapi::registry::{MetaSchemaRef, Registry};

/// The names under which the document describes the bodies; `openapi::observations` fills them in.
pub(super) const NEW_OBSERVATION: &str = "NewObservation";
/// Not `New...`, which would begin as the other alternative does: generators cut that off a name.
pub(super) const OBSERVATION_BATCH: &str = "ObservationBatch";
pub(super) const NEW_OBSERVATIONS: &str = "NewObservations";
pub(super) const OBSERVATION_VALUE: &str = "ObservationValue";

/// One observation or many.
#[derive(Debug)]
pub(super) struct ObservationsBody(pub(super) ObservationBatch);

/// What is kept under the key of the address.
#[derive(Debug)]
pub(super) struct ObservationValueBody(pub(super) ObservationBatch);

macro_rules! json_payload {
    ($body:ident, $name:expr, $parts:expr) => {
        impl Payload for $body {
            const CONTENT_TYPE: &'static str = "application/json";

            fn check_content_type(content_type: &str) -> bool {
                is_json(content_type)
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Reference($name.to_owned())
            }

            fn register(registry: &mut Registry) {
                for name in [$name, INSTANCE].iter().chain(&$parts) {
                    placeholder(registry, name);
                }
            }
        }

        impl_apirequest_for_payload!($body);
    };
}

json_payload!(
    ObservationsBody,
    NEW_OBSERVATIONS,
    [NEW_OBSERVATION, OBSERVATION_BATCH]
);
json_payload!(ObservationValueBody, OBSERVATION_VALUE, []);

impl ParsePayload for ObservationsBody {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let state = state(request)?;
        let body = read_bytes(body, state, ErrorCode::InvalidJson).await?;
        let text = as_text(&body)?;
        let most = state.limits.max_instances;
        let parsed: Result<_, ApiError> = parse_observations(state.observation_form(), text, most);
        Ok(Self(parsed?))
    }
}

impl ParsePayload for ObservationValueBody {
    const IS_REQUIRED: bool = true;

    async fn from_request(request: &Request, body: &mut RequestBody) -> poem::Result<Self> {
        let state = state(request)?;
        let body = read_bytes(body, state, ErrorCode::InvalidJson).await?;
        let text = as_text(&body)?;
        Ok(Self(parse_value(state.observation_form(), text)?))
    }
}
