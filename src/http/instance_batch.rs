//! `{"instances": [...]}`, from its bytes to one flat vector of rows.

use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::instance::{Faults, invalid_json, parse_instance, pointer};
use super::problem::ProblemFault;
use crate::learning::Schema;
use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// Rows side by side, each as long as the schema has features.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) values: Vec<f64>,
    pub(super) count: usize,
}

/// Parses a batch.
///
/// # Errors
/// `invalid_json`, `payload_too_large` past `most` instances, `invalid_instance` with every fault.
pub(super) fn parse_batch(schema: &Schema, text: &str, most: usize) -> Result<Rows, ApiError> {
    let (mut rows, mut faults) = (Rows::default(), Faults::default());
    if text.trim_start().starts_with('{') {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let body = Body {
            schema,
            most,
            rows: &mut rows,
            faults: &mut faults,
        };
        let parsed = body
            .deserialize(&mut deserializer)
            .and_then(|()| deserializer.end());
        if rows.count > most {
            let detail = format!("a batch may hold {most} instances at most");
            return Err(ApiError::new(ErrorCode::PayloadTooLarge, detail));
        }
        parsed.map_err(|error| invalid_json(&error))?;
    } else {
        let _: &RawValue = serde_json::from_str(text).map_err(|error| invalid_json(&error))?;
        faults
            .add(|| ProblemFault::at(String::new(), r#"expected an object {"instances": [...]}"#));
    }
    if faults.is_empty() {
        return Ok(rows);
    }
    Err(faults.into_error(
        ErrorCode::InvalidInstance,
        "value of the batch",
        "values of the batch",
    ))
}

struct Body<'a> {
    schema: &'a Schema,
    most: usize,
    rows: &'a mut Rows,
    faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Body<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Body<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the member \"instances\"")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let mut given = false;
        while let Some(name) = map.next_key::<String>()? {
            if name == "instances" && !given {
                given = true;
                map.next_value_seed(List(&mut self))?;
                continue;
            }
            let _: &RawValue = map.next_value()?;
            let detail = if name == "instances" {
                "is given twice"
            } else {
                "is not expected here"
            };
            self.faults
                .add(|| ProblemFault::at(pointer("", &name), detail));
        }
        if !given {
            self.faults
                .add(|| ProblemFault::at("/instances".into(), "is missing"));
        }
        Ok(())
    }
}

struct List<'a, 'b>(&'a mut Body<'b>);

impl<'de> DeserializeSeed<'de> for List<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let raw: &RawValue = serde::Deserialize::deserialize(deserializer)?;
        if !raw.get().starts_with('[') {
            let fault = || ProblemFault::at("/instances".into(), "expected an array of instances");
            self.0.faults.add(fault);
            return Ok(());
        }
        let mut inner = serde_json::Deserializer::from_str(raw.get());
        inner.deserialize_seq(self).map_err(D::Error::custom)
    }
}

impl<'de> Visitor<'de> for List<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of instances")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let body = self.0;
        while let Some(raw) = list.next_element::<&RawValue>()? {
            let parent = format!("/instances/{}", body.rows.count);
            body.rows.count += 1;
            if body.rows.count > body.most {
                return Err(A::Error::custom("too many instances"));
            }
            let (values, faults) = (&mut body.rows.values, &mut *body.faults);
            parse_instance(body.schema, raw.get(), &parent, values, faults)
                .map_err(|error| A::Error::custom(error.detail))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::Feature;

    fn parse(text: &str) -> Result<Rows, ApiError> {
        let features = vec![Feature::named("a"), Feature::named("b")];
        let schema = Schema::new("class".into(), features, None, None).unwrap();
        parse_batch(&schema, text, 3)
    }

    #[test]
    fn rows_stand_side_by_side() {
        let rows = parse(r#"{"instances":[{"a":1,"b":2},{"b":4,"a":3}]}"#).unwrap();
        assert_eq!((rows.values, rows.count), (vec![1.0, 2.0, 3.0, 4.0], 2));
        assert_eq!(parse(r#"{"instances":[]}"#).unwrap().count, 0);
    }

    #[test]
    fn faults_of_all_instances_are_told_with_their_place() {
        let error = parse(r#"{"instances":[{"a":1},7,{"a":1,"b":"x"}],"more":1}"#).unwrap_err();
        assert_eq!(error.code, ErrorCode::InvalidInstance);
        let told = error
            .faults
            .iter()
            .map(|fault| fault.pointer.clone().unwrap());
        let told: Vec<String> = told.collect();
        assert_eq!(
            told,
            ["/instances/0/b", "/instances/1", "/instances/2/b", "/more"]
        );
    }

    #[test]
    fn each_way_to_be_no_batch_has_its_code() {
        let code = |text: &str| parse(text).unwrap_err().code;
        assert_eq!(code("["), ErrorCode::InvalidJson);
        assert_eq!(
            code(r#"{"instances":[{"a":1,"b":2}"#),
            ErrorCode::InvalidJson
        );
        assert_eq!(code("[1]"), ErrorCode::InvalidInstance);
        assert_eq!(code("{}"), ErrorCode::InvalidInstance);
        assert_eq!(code(r#"{"instances":7}"#), ErrorCode::InvalidInstance);
        let four = r#"{"instances":[{"a":1,"b":2},{"a":1,"b":2},{"a":1,"b":2},{"a":1,"b":2}]}"#;
        assert_eq!(code(four), ErrorCode::PayloadTooLarge);
    }
}
