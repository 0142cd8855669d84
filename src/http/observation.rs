//! Observations, from the bytes of a request to what is to be written.
//!
//! `{"key": ..., "features": {...}, "label": ...}` alone, with `"order"` where a column orders the rows,
//! or many as `{"observations": [...]}`. The features are read as an instance is, by the same code; every fault is told by its JSON pointer.
//! What a column of the table does not take is told by the store, for the same request: so faults do
//! not end the reading, and a part that is at fault is left out of what is read.

use super::error::{ApiError, MOST_FAULTS};
use super::error_codes::ErrorCode;
use super::instance::{Faults, found, invalid_json, parse_instance, pointer};
use super::observation_parts::{read_key, read_label, read_order};
use super::problem::ProblemFault;
use crate::learning::Schema;
use crate::retraining::NewObservation;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;

/// The member that holds many.
pub(super) const MANY: &str = "observations";

/// What an observation is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct ObservationForm<'a> {
    pub(super) schema: &'a Schema,
    /// Whether it says what it is ordered by.
    pub(super) ordered: bool,
}

impl ObservationForm<'_> {
    fn members(self) -> &'static [&'static str] {
        match self.ordered {
            true => &["key", "features", "label", "order"],
            false => &["key", "features", "label"],
        }
    }
}

/// What a request asks to write, and what is wrong with it so far.
#[derive(Debug, Default)]
pub(super) struct ObservationBatch {
    pub(super) rows: Vec<NewObservation>,
    /// The JSON pointer of each.
    pub(super) pointers: Vec<String>,
    pub(super) faults: Faults,
}

/// Parses one observation or many.
///
/// # Errors
/// `invalid_json`, and `payload_too_large` past `most` observations.
pub(super) fn parse_observations(
    form: ObservationForm<'_>,
    text: &str,
    most: usize,
) -> Result<ObservationBatch, ApiError> {
    let mut batch = ObservationBatch::default();
    let Some(members) = members(text, "", &mut batch.faults)? else {
        return Ok(batch);
    };
    if !members.0.iter().any(|(name, _)| name == MANY) {
        let row = one(form, members, "", true, &mut batch.faults)?;
        batch.push(row, String::new());
        return Ok(batch);
    }
    let listed = take(members, &[MANY], "", &mut batch.faults);
    let many = format!("/{MANY}");
    let list = listed.get(MANY).map_or("[]", |list| list.get());
    if !list.starts_with('[') {
        let detail = format!("expected an array of observations, found {}", found(list));
        batch.faults.add(|| ProblemFault::at(many, detail));
        return Ok(batch);
    }
    let list: Vec<&RawValue> = serde_json::from_str(list).map_err(|error| invalid_json(&error))?;
    if list.len() > most {
        let detail = format!("a request may hold {most} observations at most");
        return Err(ApiError::new(ErrorCode::PayloadTooLarge, detail));
    }
    for (place, text) in list.into_iter().enumerate() {
        let at = format!("{many}/{place}");
        let members = self::members(text.get(), &at, &mut batch.faults)?;
        let row = members.map(|members| one(form, members, &at, true, &mut batch.faults));
        batch.push(row.transpose()?.unwrap_or_default(), at);
    }
    batch.refuse_repeated_keys();
    Ok(batch)
}

/// Parses one observation whose key stands in the address. The body may repeat it, so that what was
/// read can be sent back.
///
/// # Errors
/// `invalid_json`.
pub(super) fn parse_value(
    form: ObservationForm<'_>,
    text: &str,
) -> Result<ObservationBatch, ApiError> {
    let mut batch = ObservationBatch::default();
    if let Some(members) = members(text, "", &mut batch.faults)? {
        let row = one(form, members, "", false, &mut batch.faults)?;
        batch.push(row, String::new());
    }
    Ok(batch)
}

impl ObservationBatch {
    fn push(&mut self, row: NewObservation, pointer: String) {
        self.rows.push(row);
        self.pointers.push(pointer);
    }

    /// Which of two is meant to stay is not for us to say.
    fn refuse_repeated_keys(&mut self) {
        let mut first: HashMap<String, &str> = HashMap::new();
        for (row, at) in self.rows.iter().zip(&self.pointers) {
            let Some(key) = &row.key else { continue };
            match first.entry(key.to_string()) {
                Entry::Vacant(entry) => _ = entry.insert(at),
                Entry::Occupied(entry) => self.faults.add(|| {
                    let detail = format!("is the key of {} too", entry.get());
                    ProblemFault::at(pointer(at, "key"), detail)
                }),
            }
        }
    }
}

/// One observation; a part that is missing or at fault is told and left out.
fn one(
    form: ObservationForm<'_>,
    members: Members<'_>,
    at: &str,
    with_key: bool,
    faults: &mut Faults,
) -> Result<NewObservation, ApiError> {
    let schema = form.schema;
    let given = take(members, form.members(), at, faults);
    let mut text = |name: &str, required: bool| {
        let value = given.get(name).map(|value| value.get());
        if value.is_none() && required {
            faults.add(|| ProblemFault::at(pointer(at, name), "is missing"));
        }
        value
    };
    let (key, features, label, order) = (
        text("key", with_key),
        text("features", true),
        text("label", true),
        text("order", form.ordered),
    );
    let mut values = Vec::with_capacity(schema.features().len());
    match features {
        Some(text) => parse_instance(schema, text, &pointer(at, "features"), &mut values, faults)?,
        None => values.resize(schema.features().len(), f64::NAN),
    }
    let label = label.map(|text| read_label(schema, text));
    let label = label.and_then(|read| judged(read, &pointer(at, "label"), faults));
    let order = order.map(read_order);
    let order = order.and_then(|read| judged(read, &pointer(at, "order"), faults));
    let key = key.and_then(|text| judged(read_key(text), &pointer(at, "key"), faults));
    let given = |value: f64| (!value.is_nan()).then_some(value);
    Ok(NewObservation {
        key,
        features: values.into_iter().map(given).collect(),
        label,
        order,
    })
}

fn judged<T>(read: Result<T, String>, at: &str, faults: &mut Faults) -> Option<T> {
    read.map_err(|detail| faults.add(|| ProblemFault::at(at.to_owned(), detail)))
        .ok()
}

/// The members of an object in their order, equal names too.
#[derive(Debug)]
struct Members<'a>(Vec<(String, &'a RawValue)>);

/// None: it is no object, which is told.
fn members<'a>(
    text: &'a str,
    at: &str,
    faults: &mut Faults,
) -> Result<Option<Members<'a>>, ApiError> {
    if text.trim_start().starts_with('{') {
        let read = serde_json::from_str(text).map_err(|error| invalid_json(&error))?;
        return Ok(Some(read));
    }
    let raw: &RawValue = serde_json::from_str(text).map_err(|error| invalid_json(&error))?;
    let detail = format!("expected an observation, found {}", found(raw.get()));
    faults.add(|| ProblemFault::at(at.to_owned(), detail));
    Ok(None)
}

/// The members that are known, each once; the others are told.
fn take<'a>(
    members: Members<'a>,
    known: &[&'static str],
    at: &str,
    faults: &mut Faults,
) -> HashMap<&'static str, &'a RawValue> {
    let mut taken = HashMap::new();
    for (name, value) in members.0 {
        let detail = match known.iter().find(|known| **known == name) {
            Some(known) if !taken.contains_key(known) => {
                taken.insert(*known, value);
                continue;
            }
            Some(_) => "is given twice",
            None => "is not expected here",
        };
        faults.add(|| ProblemFault::at(pointer(at, &name), detail));
    }
    taken
}

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ReadMembers)
    }
}

struct ReadMembers;

impl<'de> Visitor<'de> for ReadMembers {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
        let mut members = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
            // More than are ever told say no more.
            if members.len() < 2 * MOST_FAULTS {
                members.push((name, value));
            }
        }
        Ok(Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::{Feature, Missing};
    use crate::retraining::ObservationKey;
    use proptest::prelude::*;

    fn schema() -> Schema {
        let mut optional = Feature::named("b/c");
        optional.missing = Missing::Mean;
        let features = vec![Feature::named("a"), optional];
        let classes = Some(vec!["no".to_owned(), "yes".to_owned()]);
        Schema::new("class".into(), features, classes, None).unwrap()
    }

    fn form(schema: &Schema) -> ObservationForm<'_> {
        ObservationForm {
            schema,
            ordered: false,
        }
    }

    fn told(batch: ObservationBatch) -> Vec<String> {
        let error = batch.faults.into_error(ErrorCode::InvalidInstance, "", "");
        let faults = error.faults.into_iter();
        faults
            .map(|fault| format!("{}: {}", fault.pointer.unwrap(), fault.detail))
            .collect()
    }

    #[test]
    fn one_and_many_are_read_alike() {
        let row = r#"{"key":7,"features":{"a":0.1,"b/c":null},"label":"yes"}"#;
        let one = parse_observations(form(&schema()), row, 2).unwrap();
        let many = format!("{{\"observations\":[{row}]}}");
        let many = parse_observations(form(&schema()), &many, 2).unwrap();
        let expected = NewObservation {
            key: Some(ObservationKey::Integer(7)),
            features: vec![Some(0.1), None],
            label: Some("yes".into()),
            order: None,
        };
        assert_eq!((&one.rows[0], &one.rows), (&expected, &many.rows));
        assert_eq!(many.pointers, ["/observations/0"]);
        assert!(one.faults.is_empty() && many.faults.is_empty());
        let none = parse_observations(form(&schema()), r#"{"observations":[]}"#, 2).unwrap();
        assert!(none.rows.is_empty() && none.faults.is_empty());
    }

    #[test]
    fn every_fault_of_every_observation_is_told_at_once() {
        let text = r#"{"observations":[
            {"key":"x","features":{"a":"large","d":1},"label":"maybe","more":1},
            {"key":"x","features":{"a":1},"label":"no"},
            {"key":1.5,"label":null}, 7,
            {"key":"","key":"y","features":[],"label":["no"]}], "key":1}"#;
        let batch = parse_observations(form(&schema()), text, 9).unwrap();
        assert_eq!(batch.rows.len(), 5);
        insta::assert_snapshot!(told(batch).join("\n"), @r#"
        /key: is not expected here
        /observations/0/more: is not expected here
        /observations/0/features/a: expected a finite number, found "large"
        /observations/0/features/d: is not a feature
        /observations/0/label: is none of the classes "no", "yes"
        /observations/2/features: is missing
        /observations/2/label: expected a label as text, found null
        /observations/2/key: expected an integer or a text, found 1.5
        /observations/3: expected an observation, found 7
        /observations/4/key: is given twice
        /observations/4/features: expected an object of features, found an array
        /observations/4/label: expected a label as text, found an array
        /observations/4/key: must not be empty
        /observations/1/key: is the key of /observations/0 too
        "#);
    }

    #[test]
    fn an_order_is_asked_for_where_rows_are_ordered_and_else_refused() {
        let schema = schema();
        let ordered = |ordered| ObservationForm {
            ordered,
            ..form(&schema)
        };
        let with = r#"{"key":7,"features":{"a":1},"label":"no","order":"2026-11-22"}"#;
        let read = parse_observations(ordered(true), with, 1).unwrap();
        let order = Some(crate::retraining::IncomingOrder::Text("2026-11-22".into()));
        assert_eq!(
            (read.rows[0].order.clone(), read.faults.is_empty()),
            (order, true)
        );
        let refused = parse_observations(ordered(false), with, 1).unwrap();
        assert_eq!(told(refused), ["/order: is not expected here"]);
        let without = r#"{"features":{"a":1},"label":"no"}"#;
        let missing = parse_value(ordered(true), without).unwrap();
        assert_eq!(told(missing), ["/order: is missing"]);
        let null = with.replace("\"2026-11-22\"", "null");
        let null = parse_observations(ordered(true), &null, 1).unwrap();
        let expected = "expected a time as RFC 3339, a number or a text, found null";
        assert_eq!(told(null), [format!("/order: {expected}")]);
    }

    #[test]
    fn each_way_to_be_no_observation_has_its_code() {
        let code = |text: &str| {
            let parsed = parse_observations(form(&schema()), text, 1);
            parsed.err().map(|error| error.code)
        };
        for broken in ["", "{", "{\"key\":}", "{} x", "[1"] {
            assert_eq!(code(broken), Some(ErrorCode::InvalidJson), "{broken}");
        }
        assert_eq!(
            code("{\"observations\":[{},{}]}"),
            Some(ErrorCode::PayloadTooLarge)
        );
        for told in ["[]", "7", "{}", "{\"observations\":{}}"] {
            assert_eq!(code(told), None, "{told}");
            assert!(
                !parse_observations(form(&schema()), told, 1)
                    .unwrap()
                    .faults
                    .is_empty()
            );
        }
    }

    #[test]
    fn a_value_may_repeat_its_key() {
        let without = r#"{"features":{"a":1},"label":"no"}"#;
        let batch = parse_value(form(&schema()), without).unwrap();
        assert!(batch.faults.is_empty() && batch.rows[0].key.is_none());
        let with = r#"{"key":"k","features":{"a":1},"label":"no"}"#;
        let batch = parse_value(form(&schema()), with).unwrap();
        assert_eq!(batch.rows[0].key, Some(ObservationKey::Text("k".into())));
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".*") {
            let _ = parse_observations(form(&schema()), &text, 3);
            let _ = parse_observations(form(&schema()), &format!("{{\"observations\":[{text}]}}"), 3);
            let _ = parse_value(form(&schema()), &text);
        }
    }
}
