//! The body of a decision about the champion: why, and whether it pins. Every member may be absent,
//! and so may the body: `curl -X POST` alone rolls back.

use super::arrived::{as_text, read_bytes};
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::instance::{Faults, found, invalid_json, pointer};
use super::instance_payload::{is_json, state};
use super::observation_parts::without_nul;
use super::problem::ProblemFault;
use poem::{Request, RequestBody};
use poem_openapi::registry::{MetaMediaType, MetaRequest, Registry};
use poem_openapi::types::Type;
use poem_openapi::{ApiExtractor, ApiExtractorType, ExtractParamOptions, Object};
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// A reason is a sentence, not a report.
const LONGEST_REASON: usize = 1_000;

/// Why, and whether it pins.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "DeploymentOrder")]
pub(super) struct DeploymentOrder {
    /// Why, for whoever reads the history.
    #[oai(default, validator(max_length = 1000))]
    pub(super) reason: String,
    /// Whether automatic promotion is off from then on.
    #[oai(default = "pins")]
    pub(super) pin: bool,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Object)]
#[oai(rename = "PinOrder")]
pub(super) struct PinOrder {
    /// Why, for whoever reads the history.
    #[oai(default, validator(max_length = 1000))]
    pub(super) reason: String,
}

/// A promotion by hand that does not pin is undone by the next run that passes the gate.
fn pins() -> bool {
    true
}

/// Which members a body may have.
trait Order: Type {
    const MEMBERS: &'static [&'static str];
    fn of(order: DeploymentOrder) -> Self;
}

impl Order for DeploymentOrder {
    const MEMBERS: &'static [&'static str] = &["reason", "pin"];
    fn of(order: DeploymentOrder) -> Self {
        order
    }
}

impl Order for PinOrder {
    const MEMBERS: &'static [&'static str] = &["reason"];
    fn of(order: DeploymentOrder) -> Self {
        Self {
            reason: order.reason,
        }
    }
}

/// A body that may be absent.
#[derive(Debug)]
pub(super) struct OrderBody<T>(pub(super) T);

impl<'a, T: Order> ApiExtractor<'a> for OrderBody<T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];
    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType {
            content_type: "application/json",
            schema: T::schema_ref(),
        };
        Some(MetaRequest {
            description: None,
            content: vec![content],
            required: false,
        })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<()>,
    ) -> poem::Result<Self> {
        let body = read_bytes(body, state(request)?, ErrorCode::InvalidJson).await?;
        let text = as_text(&body)?;
        if text.is_empty() {
            return Ok(Self(T::of(parse("{}", &[])?)));
        }
        if !request.content_type().is_some_and(is_json) {
            let detail = "the body must be application/json";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail).into());
        }
        Ok(Self(T::of(parse(text, T::MEMBERS)?)))
    }
}

/// A reason from the query, for a call without a body.
pub(super) fn reason_parameter(text: Option<String>) -> Result<String, ApiError> {
    let text = text.unwrap_or_default();
    match check_reason(&text) {
        Ok(()) => Ok(text),
        Err(detail) => Err(ApiError::parameters(vec![ProblemFault::of(
            "reason", detail,
        )])),
    }
}

fn check_reason(reason: &str) -> Result<(), String> {
    match reason.chars().count() {
        ..=LONGEST_REASON => without_nul(reason),
        length => Err(format!(
            "must have {LONGEST_REASON} characters at most, found {length}"
        )),
    }
}

fn parse(text: &str, members: &'static [&'static str]) -> Result<DeploymentOrder, ApiError> {
    let mut reading = Reading {
        members,
        order: DeploymentOrder {
            reason: String::new(),
            pin: pins(),
        },
        faults: Faults::default(),
    };
    if text.trim_start().starts_with('{') {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        deserializer
            .deserialize_map(&mut reading)
            .and_then(|()| deserializer.end())
            .map_err(|error| invalid_json(&error))?;
    } else {
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| invalid_json(&error))?;
        let detail = format!("expected an object, found {}", found(raw.get()));
        reading.fault(String::new(), detail);
    }
    if reading.faults.is_empty() {
        return Ok(reading.order);
    }
    let (one, many) = ("member of the body", "members of the body");
    Err(reading
        .faults
        .into_error(ErrorCode::InvalidParameter, one, many))
}

struct Reading {
    members: &'static [&'static str],
    order: DeploymentOrder,
    faults: Faults,
}

impl Reading {
    fn fault(&mut self, pointer: String, detail: impl Into<String>) {
        self.faults.add(|| ProblemFault::at(pointer, detail));
    }

    /// Null is no value: what a client leaves open it leaves out, as the document says.
    fn take(&mut self, name: &str, value: &str) -> Result<(), String> {
        match name {
            "reason" => {
                let expected = |_| format!("expected a string, found {}", found(value));
                self.order.reason = serde_json::from_str(value).map_err(expected)?;
                check_reason(&self.order.reason)?;
            }
            _ => {
                let expected = |_| format!("expected true or false, found {}", found(value));
                self.order.pin = serde_json::from_str(value).map_err(expected)?;
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for &mut Reading {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut given: Vec<String> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let value: &RawValue = map.next_value()?;
            let at = pointer("", &name);
            if !self.members.contains(&name.as_str()) {
                let members = self.members.join(" and ");
                self.fault(at, format!("is not expected here; there may be {members}"));
            } else if given.contains(&name) {
                self.fault(at, "is given twice");
            } else if let Err(detail) = self.take(&name, value.get()) {
                self.fault(at, detail);
            }
            given.push(name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<DeploymentOrder, ApiError> {
        parse(text, DeploymentOrder::MEMBERS)
    }

    #[test]
    fn everything_may_be_absent_and_a_decision_pins() {
        let order = read("{}").unwrap();
        assert_eq!((order.reason.as_str(), order.pin), ("", true));
        let order = read(r#"{"pin": false, "reason": "drift \u2713"}"#).unwrap();
        assert_eq!((order.reason.as_str(), order.pin), ("drift ✓", false));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let long = "x".repeat(1_001);
        let text = format!(r#"{{"pin": "yes", "because": 1, "reason": "{long}", "pin": true}}"#);
        let error = read(&text).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidParameter);
        let told = error.faults.iter();
        let told: Vec<_> = told
            .map(|fault| format!("{}: {}", fault.pointer.as_deref().unwrap(), fault.detail))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        /pin: expected true or false, found "yes"
        /because: is not expected here; there may be reason and pin
        /reason: must have 1000 characters at most, found 1001
        /pin: is given twice
        "#);
    }

    #[test]
    fn what_is_no_object_and_what_is_no_json_are_told_apart() {
        assert_eq!(read("[1]").unwrap_err().code, ErrorCode::InvalidParameter);
        for broken in ["{", "{\"pin\": yes}", "{} x"] {
            assert_eq!(read(broken).unwrap_err().code, ErrorCode::InvalidJson);
        }
        assert!(parse(r#"{"pin": true}"#, PinOrder::MEMBERS).is_err());
        let error = read(r#"{"reason": null, "pin": null}"#).unwrap_err();
        let told: Vec<_> = error.faults.iter().map(|fault| &fault.detail).collect();
        let expected = [
            "expected a string, found null",
            "expected true or false, found null",
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn a_reason_can_be_kept_by_either_database() {
        for nul in [r#"{"reason": "a\u0000b"}"#, r#"{"reason": "\u0000"}"#] {
            let error = read(nul).unwrap_err();
            assert_eq!(error.faults[0].detail, "must not hold the character NUL");
        }
        assert!(reason_parameter(Some("a\0".to_owned())).is_err());
        assert_eq!(reason_parameter(None).ok().as_deref(), Some(""));
    }
}
