//! A JSON answer: documented by its poem-openapi type, written by serde straight into bytes.
//!
//! Turned down: poem-openapi's `Json`, which builds a tree of values first and knows no number but
//! through it.

use poem::http::{HeaderValue, StatusCode, header};
use poem::{IntoResponse, Response};
use poem_openapi::ApiResponse;
use poem_openapi::payload::Payload;
use poem_openapi::registry::{
    MetaHeader, MetaMediaType, MetaResponse, MetaResponses, MetaSchema, MetaSchemaRef, Registry,
};
use poem_openapi::types::{ParseError, ParseFromJSON, ParseResult, ToJSON, Type};
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
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

/// A 202 with this value as `application/json`, and where to follow what was accepted.
#[derive(Debug)]
pub(super) struct Accepted<T> {
    pub(super) location: String,
    pub(super) body: T,
}

impl<T: Serialize + Send> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        let mut response = JsonAnswer(self.body).into_response();
        response.set_status(StatusCode::ACCEPTED);
        // A path of ours: letters, digits, hyphens.
        if let Ok(location) = HeaderValue::try_from(self.location) {
            response.headers_mut().insert(header::LOCATION, location);
        }
        response
    }
}

impl<T: Type> ApiResponse for Accepted<T> {
    fn meta() -> MetaResponses {
        let mut meta = JsonAnswer::<T>::meta();
        for response in &mut meta.responses {
            response.description = "Accepted";
            response.status = Some(202);
            response.headers = vec![MetaHeader {
                name: "Location".to_owned(),
                description: Some("Where to follow it.".to_owned()),
                required: true,
                deprecated: false,
                schema: String::schema_ref(),
            }];
        }
        meta
    }

    fn register(registry: &mut Registry) {
        T::register(registry);
    }
}

/// Values by name, in an order of their own: probabilities a class, contributions a feature.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Named<T>(pub(super) Vec<(String, T)>);

/// Numbers by name.
pub(super) type NamedNumbers = Named<f64>;

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// One value where there is one score (two classes: the log-odds), else one a class.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub(super) enum PerScore<T> {
    One(T),
    PerClass(Named<T>),
}

/// The part of poem-openapi's `Type` that is the same for every answer of ours, which is written and
/// never read.
macro_rules! answer_type {
    ($type:ident, $name:literal, $schema:expr) => {
        impl<T: Type> Type for $type<T> {
            const IS_REQUIRED: bool = true;
            type RawValueType = Self;
            type RawElementValueType = T;

            fn name() -> Cow<'static, str> {
                format!(concat!($name, "_{}"), T::name()).into()
            }

            fn schema_ref() -> MetaSchemaRef {
                MetaSchemaRef::Inline(Box::new($schema))
            }

            fn register(registry: &mut Registry) {
                T::register(registry);
            }

            fn as_raw_value(&self) -> Option<&Self> {
                Some(self)
            }

            fn raw_element_iter<'a>(&'a self) -> Box<dyn Iterator<Item = &'a T> + 'a> {
                Box::new(std::iter::empty())
            }
        }

        impl<T: Type + Serialize> ToJSON for $type<T> {
            fn to_json(&self) -> Option<serde_json::Value> {
                serde_json::to_value(self).ok()
            }
        }

        impl<T: Type> ParseFromJSON for $type<T> {
            fn parse_from_json(_: Option<serde_json::Value>) -> ParseResult<Self> {
                Err(ParseError::expected_input())
            }
        }
    };
}

answer_type!(
    Named,
    "named",
    MetaSchema {
        additional_properties: Some(Box::new(T::schema_ref())),
        ..MetaSchema::new("object")
    }
);
answer_type!(
    PerScore,
    "per_score",
    MetaSchema {
        one_of: vec![T::schema_ref(), Named::<T>::schema_ref()],
        ..MetaSchema::ANY
    }
);
