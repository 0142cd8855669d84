//! A request's bytes: JSON, and what stands behind it. The content type does not matter: most
//! clients send none.

use super::answer::JSON_LENGTH;
use crate::http::arrived::{as_text, read_bytes};
use crate::http::error::ApiError;
use crate::http::error_codes::ErrorCode;
use crate::http::instance_payload::{placeholder, state};
use crate::http::problem::ProblemFault;
use poem::http::{HeaderMap, header};
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, MetaSchemaRef, Registry};
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions};

/// The name under which the document describes the body; `openapi::open_inference` fills it in.
pub(in crate::http) const INFERENCE_REQUEST: &str = "InferenceRequest";

/// The bytes of a request.
#[derive(Debug)]
pub(super) struct InferBody {
    bytes: bytes::Bytes,
    json_length: usize,
}

impl InferBody {
    /// The JSON, and what stands behind it.
    ///
    /// # Errors
    /// `invalid_json` where it is no UTF-8.
    pub(super) fn parts(&self) -> Result<(&str, &[u8]), ApiError> {
        let (json, binary) = self.bytes.split_at(self.json_length);
        Ok((as_text(json)?, binary))
    }
}

impl<'a> ApiExtractor<'a> for InferBody {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        placeholder(registry, INFERENCE_REQUEST);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType {
            content_type: "application/json",
            schema: MetaSchemaRef::Reference(INFERENCE_REQUEST.to_owned()),
        };
        Some(MetaRequest {
            description: None,
            content: vec![content],
            required: true,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        refuse_compression(request.headers())?;
        let bytes = read_bytes(body, state(request)?, ErrorCode::InvalidJson).await?;
        let json_length = json_length(request.headers(), bytes.len())?;
        Ok(Self { bytes, json_length })
    }
}

fn refuse_compression(headers: &HeaderMap) -> Result<(), ApiError> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => {
            let detail = "the body must not be compressed";
            Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail))
        }
        _ => Ok(()),
    }
}

/// Without the header the whole body is JSON.
fn json_length(headers: &HeaderMap, length: usize) -> Result<usize, ApiError> {
    let Some(given) = headers.get(JSON_LENGTH) else {
        return Ok(length);
    };
    let told = given.to_str().ok().and_then(|text| text.parse().ok());
    told.filter(|told| *told <= length).ok_or_else(|| {
        let detail = format!("expected at most the {length} bytes of the body, found {given:?}");
        let name = "Inference-Header-Content-Length";
        ApiError::parameters(vec![ProblemFault::of(name, detail)])
    })
}
