//! A JSON answer: documented by its poem-openapi type, written by serde straight into bytes.
//!
//! Turned down: poem-openapi's `Json`, which builds a tree of values first and knows no number but
//! through it.

use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{
    MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::borrow::Cow;

/// A 200 with this value as `application/json`.
#[derive(Debug)]
pub(super) struct JsonAnswer<T>(pub(super) T);

impl<T: Type> Payload for JsonAnswer<T> {
    const CONTENT_TYPE: &'static str = "application/json";

    fn check_content_type(content_type: &str) -> bool {
        content_type == Self::CONTENT_TYPE
    }

    fn schema_ref() -> MetaSchemaRef {
        T::schema_ref()
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

impl<T: Serialize + Send> IntoResponse for JsonAnswer<T> {
    fn into_response(self) -> Response {
        // Only a map with keys that are no strings, or an own error, cannot be written: no type here.
        let body = serde_json::to_vec(&self.0).unwrap_or_default();
        Response::builder()
            .content_type("application/json")
            .body(body)
    }
}

impl<T: Type> ApiResponse for JsonAnswer<T> {
    fn meta() -> MetaResponses {
        MetaResponses {
            responses: vec![MetaResponse {
                description: "The answer",
                status: Some(200),
                status_range: None,
                content: vec![MetaMediaType {
                    content_type: Self::CONTENT_TYPE,
                    schema: Self::schema_ref(),
                }],
                headers: vec![],
            }],
        }
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// Numbers by name, in an order of their own: probabilities a class, contributions a feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct NamedNumbers(pub(super) Vec<(String, f64)>);

impl Serialize for NamedNumbers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Type for NamedNumbers {
    const IS_REQUIRED: bool = true;
    type RawValueType = Self;
    type RawElementValueType = f64;

    fn name() -> Cow<'static, str> {
        "map_of_numbers".into()
    }

    fn schema_ref() -> MetaSchemaRef {
        MetaSchemaRef::Inline(Box::new(MetaSchema {
            additional_properties: Some(Box::new(f64::schema_ref())),
            ..MetaSchema::new("object")
        }))
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }

    fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a f64> + 'a> {
        Box::new(self.0.iter().map(|(_, value)| value))
    }
}

impl ToJSON for NamedNumbers {
    fn to_json(&self) -> Option<serde_json::Value> {
        serde_json::to_value(self).ok()
    }
}

impl ParseFromJSON for NamedNumbers {
    fn parse_from_json(value: Option<serde_json::Value>) -> ParseResult<Self> {
        let Some(serde_json::Value::Object(members)) = value else {
            return Err(ParseError::expected_type(value.unwrap_or_default()));
        };
        let read = members
            .into_iter()
            .map(|(name, value)| Some((name, value.as_f64()?)));
        read.collect::<Option<_>>()
            .map(Self)
            .ok_or_else(ParseError::expected_input)
    }
}
