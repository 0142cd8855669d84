//! One instance, from its bytes to its row, by the configured schema.
//!
//! The object's members are visited once, each value as a borrowed slice of the text that is then
//! read as a number: no tree of values, no allocation a feature. Every fault is told, by its JSON
//! pointer; what only a syntax error can end is JSON itself. Turned down: `serde_json`'s own numbers
//! (`1e400` would end the reading at the first one) and a derived struct (the features are known at
//! run time only).

use super::error::{ApiError, MOST_FAULTS, counted};
use super::error_codes::ErrorCode;
use super::problem::ProblemFault;
use crate::learning::{Feature, Missing, Schema};
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The faults of one request: the first hundred in words, all of them counted.
#[derive(Debug, Default)]
pub(super) struct Faults {
    told: Vec<ProblemFault>,
    count: usize,
}

impl Faults {
    pub(super) fn add(&mut self, fault: impl FnOnce() -> ProblemFault) {
        self.count += 1;
        if self.told.len() < MOST_FAULTS {
            self.told.push(fault());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.count == 0
    }

    pub(super) fn into_error(self, code: ErrorCode, one: &str, many: &str) -> ApiError {
        ApiError::new(code, counted(self.count, one, many)).with_faults(self.told)
    }
}

/// What stands where a number should: in words, shortened.
pub(super) fn found(text: &str) -> String {
    const LONGEST: usize = 40;
    match text.as_bytes().first() {
        Some(b'{') => "an object".into(),
        Some(b'[') => "an array".into(),
        Some(b'"') if text.chars().count() > LONGEST => {
            format!("{}...\"", text.chars().take(LONGEST).collect::<String>())
        }
        None => "nothing".into(),
        _ => text.chars().take(LONGEST).collect(),
    }
}

/// Reads a number in JSON's grammar. `Err` says what was found instead.
pub(super) fn read_number(text: &str) -> Result<f64, String> {
    if !matches!(text.as_bytes().first(), Some(b'-' | b'0'..=b'9')) {
        return Err(found(text));
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value),
        Ok(_) => Err("a number too large for a double".into()),
        Err(_) => Err(found(text)),
    }
}

/// A member's name inside a JSON pointer (RFC 6901).
pub(super) fn pointer(parent: &str, name: &str) -> String {
    format!("{parent}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Parses `{"feature": number, ...}` into `row`, adding faults under the pointer `parent`.
///
/// # Errors
/// `invalid_json` when the text is not JSON at all.
pub(super) fn parse_instance(
    schema: &Schema,
    text: &str,
    parent: &str,
    row: &mut Vec<f64>,
    faults: &mut Faults,
) -> Result<(), ApiError> {
    if !text.trim_start().starts_with('{') {
        let raw: &RawValue = serde_json::from_str(text).map_err(|error| invalid_json(&error))?;
        let detail = format!("expected an object of features, found {}", found(raw.get()));
        faults.add(|| ProblemFault::at(parent.to_owned(), detail));
        row.resize(row.len() + schema.features().len(), f64::NAN);
        return Ok(());
    }
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let members = Members {
        schema,
        parent,
        row,
        faults,
    };
    members
        .deserialize(&mut deserializer)
        .map_err(|error| invalid_json(&error))?;
    deserializer.end().map_err(|error| invalid_json(&error))
}

/// JSON that cannot be read, with the place where it breaks.
pub(super) fn invalid_json(error: &serde_json::Error) -> ApiError {
    ApiError::new(
        ErrorCode::InvalidJson,
        format!("the body is not JSON: {error}"),
    )
}

struct Members<'a> {
    schema: &'a Schema,
    parent: &'a str,
    row: &'a mut Vec<f64>,
    faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of features")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        let features = self.schema.features();
        let start = self.row.len();
        self.row.resize(start + features.len(), f64::NAN);
        let mut given = vec![false; features.len()];
        let mut next = 0;
        while let Some(member) = map.next_key_seed(Name {
            schema: self.schema,
            next,
        })? {
            let value: &RawValue = map.next_value()?;
            match member {
                Member::Feature(index) if given[index] => self.fault(index, "is given twice"),
                Member::Feature(index) => {
                    given[index] = true;
                    next = index + 1;
                    self.row[start + index] = self.value(&features[index], value.get());
                }
                Member::Unknown(name) => self.unknown(&name),
            }
        }
        for (index, feature) in features.iter().enumerate() {
            if !given[index] && feature.missing == Missing::Reject {
                self.fault(index, "is missing");
            }
        }
        Ok(())
    }
}

impl Members<'_> {
    fn fault(&mut self, index: usize, detail: &str) {
        let (parent, features) = (self.parent, self.schema.features());
        self.faults
            .add(|| ProblemFault::at(pointer(parent, &features[index].name), detail));
    }

    fn unknown(&mut self, name: &str) {
        let (parent, schema) = (self.parent, self.schema);
        self.faults
            .add(|| ProblemFault::at(pointer(parent, name), not_a_feature(schema, name)));
    }

    fn value(&mut self, feature: &Feature, text: &str) -> f64 {
        match judge(feature, text) {
            Ok(value) => value,
            Err(detail) => {
                let parent = self.parent;
                self.faults
                    .add(|| ProblemFault::at(pointer(parent, &feature.name), detail));
                f64::NAN
            }
        }
    }
}

/// A value's text as the feature takes it; NaN for a null that the training mean stands in for.
pub(super) fn judge(feature: &Feature, text: &str) -> Result<f64, String> {
    if text == "null" && feature.missing == Missing::Mean {
        return Ok(f64::NAN);
    }
    let expected = |found| format!("expected a finite number, found {found}");
    let value = read_number(text).map_err(expected)?;
    feature
        .check(value)
        .map_err(|fault| format!("{fault}, found {value}"))?;
    Ok(value)
}

/// What is said of a name that the schema does not know.
pub(super) fn not_a_feature(schema: &Schema, name: &str) -> String {
    match schema.nearest(name) {
        Some(nearest) => format!("is not a feature; did you mean {nearest:?}?"),
        None => "is not a feature".into(),
    }
}

enum Member {
    Feature(usize),
    Unknown(String),
}

/// Looks a name up; members mostly come in the schema's order, so the next one is tried first.
struct Name<'a> {
    schema: &'a Schema,
    next: usize,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Member, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Member;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a feature's name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Member, E> {
        let expected = self.schema.features().get(self.next);
        if expected.is_some_and(|feature| feature.name == name) {
            return Ok(Member::Feature(self.next));
        }
        let found = self.schema.index_of(name);
        Ok(found.map_or_else(|| Member::Unknown(name.to_owned()), Member::Feature))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn schema() -> Schema {
        let mut bounded = Feature::named("a/b");
        bounded.minimum = Some(-1.0);
        bounded.maximum = Some(1.0);
        let mut optional = Feature::named("optional");
        optional.missing = Missing::Mean;
        let features = vec![bounded, Feature::named("plain"), optional];
        Schema::new("class".into(), features, None, None).unwrap()
    }

    fn parse(text: &str) -> (Vec<f64>, Vec<(String, String)>) {
        let (mut row, mut faults) = (Vec::new(), Faults::default());
        parse_instance(&schema(), text, "", &mut row, &mut faults).unwrap();
        let told = faults.told.into_iter();
        (
            row,
            told.map(|fault| (fault.pointer.unwrap(), fault.detail))
                .collect(),
        )
    }

    #[test]
    fn a_good_instance_is_its_row_in_the_schemas_order() {
        let (row, faults) = parse(r#"{"plain": -2.5e1, "a\/b": 0.1, "optional": null}"#);
        assert_eq!((row[0], row[1]), (0.1, -25.0));
        assert!(row[2].is_nan() && faults.is_empty(), "{faults:?}");
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let text = r#"{"a/b": 2, "pla1n": 1, "optional": "large", "optional": 1, "plain": 1e400}"#;
        let (_, faults) = parse(text);
        let told: Vec<String> = faults
            .into_iter()
            .map(|(at, what)| format!("{at}: {what}"))
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
        /a~1b: must be at most 1, found 2
        /pla1n: is not a feature; did you mean "plain"?
        /optional: expected a finite number, found "large"
        /optional: is given twice
        /plain: expected a finite number, found a number too large for a double
        "#);
    }

    #[test]
    fn what_is_not_an_object_or_not_json_is_told_apart() {
        assert_eq!(
            parse("[1]").1[0].1,
            "expected an object of features, found an array"
        );
        let (mut row, mut faults) = (Vec::new(), Faults::default());
        for broken in ["", "{", r#"{"plain": NaN}"#, r#"{"plain": 1} x"#, "nul"] {
            let result = parse_instance(&schema(), broken, "", &mut row, &mut faults);
            assert_eq!(result.unwrap_err().code, ErrorCode::InvalidJson, "{broken}");
        }
    }

    proptest! {
        #[test]
        fn every_finite_double_survives_to_the_bit(value in any::<f64>().prop_filter("finite", |v| v.is_finite())) {
            let text = serde_json::to_string(&value).unwrap();
            prop_assert_eq!(read_number(&text).unwrap().to_bits(), value.to_bits());
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let (mut row, mut faults) = (Vec::new(), Faults::default());
            let _ = parse_instance(&schema(), &text, "", &mut row, &mut faults);
        }
    }
}
