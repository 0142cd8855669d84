//! Observations as they go over the wire, and the cursor that says where a list of them goes on.

use super::answer::{Named, NamedNumbers};
use crate::learning::{OrderValue, Schema};
use crate::retraining::{Observation, ObservationKey};
use chrono::{DateTime, SecondsFormat};
use poem_openapi::{ApiResponse, Object};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// One stored labelled row.
#[derive(Debug, Object, Serialize)]
#[oai(rename = "Observation")]
pub(super) struct ObservationBody {
    /// What names it, as the table keeps it: an integer or a text.
    key: Value,
    /// The features by name; one that is null, or no number, is left out.
    features: NamedNumbers,
    /// Its class; left out where the row has none.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    /// What it is ordered by: a time as RFC 3339, a number or a text, as the column is; left out where
    /// the row has none.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    order: Option<Value>,
}

/// Observations in the order of their keys.
#[derive(Debug, Object, Serialize)]
pub(super) struct ObservationList {
    /// A page of observations.
    pub(super) items: Vec<ObservationBody>,
    /// Give it as `cursor` for the next page; absent on the last.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
}

/// How much was written.
#[derive(Debug, Object, Serialize)]
pub(super) struct ObservationsWritten {
    /// How many observations: all of the request.
    pub(super) written: u32,
}

/// There is nothing more to say.
#[derive(ApiResponse)]
pub(super) enum ObservationDeleted {
    /// It is deleted.
    #[oai(status = 204)]
    Deleted,
}

impl ObservationBody {
    pub(super) fn of(schema: &Schema, observation: Observation) -> Self {
        let features = schema.features().iter().zip(observation.features);
        let features = features.filter_map(|(feature, value)| Some((feature.name.clone(), value?)));
        Self {
            key: match observation.key {
                ObservationKey::Integer(value) => value.into(),
                ObservationKey::Text(text) => text.into(),
            },
            features: Named(features.collect()),
            label: observation.label,
            order: observation.order.and_then(order),
        }
    }
}

/// None for a moment that no RFC 3339 can tell.
fn order(order: OrderValue) -> Option<Value> {
    Some(match order {
        OrderValue::Moment(micros) => {
            let moment = DateTime::from_timestamp_micros(micros)?;
            moment.to_rfc3339_opts(SecondsFormat::AutoSi, true).into()
        }
        OrderValue::Integer(value) => value.into(),
        OrderValue::Number(value) => value.into(),
        OrderValue::Text(text) => text.into(),
    })
}

/// A key in a cursor; its first letter says which kind of key it is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct KeyMark(pub(super) ObservationKey);

impl KeyMark {
    /// What `Display` wrote.
    pub(super) fn read(text: &str) -> Option<Self> {
        let key = match (text.chars().next()?, text.get(1..)?) {
            ('i', digits) => digits.parse().ok().map(ObservationKey::Integer),
            ('t', text) if !text.contains('\0') => Some(ObservationKey::Text(text.to_owned())),
            _ => None,
        };
        key.map(Self)
    }
}

impl fmt::Display for KeyMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letter = match &self.0 {
            ObservationKey::Integer(_) => 'i',
            ObservationKey::Text(_) => 't',
        };
        write!(f, "{letter}{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cursor_comes_back(text in "[^\0]*", value in any::<i64>()) {
            for key in [ObservationKey::Text(text.clone()), ObservationKey::Integer(value)] {
                let mark = KeyMark(key);
                prop_assert_eq!(KeyMark::read(&mark.to_string()), Some(mark));
            }
        }

        #[test]
        fn no_cursor_panics(text in ".*") {
            let _ = KeyMark::read(&text);
        }
    }
}
