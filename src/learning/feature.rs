//! One input column: its name, its bounds, and what is done when a value is missing.
//!
//! Shape: a plain record that the configuration fills and [`Schema`](super::Schema) checks as a
//! whole. Concurrency: immutable. Turned down: a type per unit or kind of column; a feature is a
//! finite number, whatever the SQL type it is read from.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// What happens to a feature that is null or absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Missing {
    /// A row or instance without the value cannot be used.
    #[default]
    Reject,
    /// The value takes the mean of the rows that the classifier was fitted on.
    Mean,
}

/// One input column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Feature {
    /// The column's name, exactly as the table has it.
    pub name: String,
    /// Smallest value allowed, in the feature's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// Largest value allowed, in the feature's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<f64>,
    /// A value to show in documents, in the feature's own unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub example: Option<f64>,
    /// The unit's name, shown and never computed with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// What the column means, for a reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// What happens when the value is not there.
    #[serde(default)]
    pub missing: Missing,
}

/// Why a number cannot be the value of a feature.
#[derive(Clone, Copy, Debug, PartialEq, Error)]
pub enum ValueFault {
    /// NaN or an infinity.
    #[error("expected a finite number")]
    NotFinite,
    /// Below the configured bound.
    #[error("must be at least {minimum}")]
    BelowMinimum {
        /// The bound, in the feature's own unit.
        minimum: f64,
    },
    /// Above the configured bound.
    #[error("must be at most {maximum}")]
    AboveMaximum {
        /// The bound, in the feature's own unit.
        maximum: f64,
    },
}

impl Feature {
    /// A feature of which only the name is known: no bounds, missing values rejected.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            minimum: None,
            maximum: None,
            example: None,
            unit: None,
            description: None,
            missing: Missing::Reject,
        }
    }

    /// The configured example, else the middle of both bounds, else 0 moved inside a single bound.
    pub fn example_value(&self) -> f64 {
        match (self.example, self.minimum, self.maximum) {
            (Some(example), _, _) => example,
            // Halved before they are added: the sum of two large bounds is not finite.
            (None, Some(minimum), Some(maximum)) => minimum / 2.0 + maximum / 2.0,
            (None, Some(minimum), None) => minimum.max(0.0),
            (None, None, Some(maximum)) => maximum.min(0.0),
            (None, None, None) => 0.0,
        }
    }

    /// Whether `value`, in the feature's own unit, is finite and inside the bounds (both included).
    ///
    /// # Errors
    /// The first thing wrong with it.
    pub fn check(&self, value: f64) -> Result<(), ValueFault> {
        if !value.is_finite() {
            return Err(ValueFault::NotFinite);
        }
        match (self.minimum, self.maximum) {
            (Some(minimum), _) if value < minimum => Err(ValueFault::BelowMinimum { minimum }),
            (_, Some(maximum)) if value > maximum => Err(ValueFault::AboveMaximum { maximum }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bounded(minimum: Option<f64>, maximum: Option<f64>) -> Feature {
        Feature {
            minimum,
            maximum,
            ..Feature::named("a")
        }
    }

    #[test]
    fn an_example_is_always_inside_the_bounds() {
        assert_eq!(Feature::named("a").example_value(), 0.0);
        assert_eq!(bounded(Some(2.0), Some(4.0)).example_value(), 3.0);
        assert_eq!(bounded(Some(2.0), None).example_value(), 2.0);
        assert_eq!(bounded(Some(-2.0), None).example_value(), 0.0);
        assert_eq!(bounded(None, Some(-3.0)).example_value(), -3.0);
        assert_eq!(
            bounded(Some(1e308), Some(1.5e308)).example_value(),
            1.25e308
        );
        let given = Feature {
            example: Some(7.5),
            ..bounded(Some(0.0), Some(10.0))
        };
        assert_eq!(given.example_value(), 7.5);
    }

    #[test]
    fn bounds_are_included_and_faults_say_what_is_allowed() {
        let feature = bounded(Some(-10.0), Some(10.5));
        assert_eq!(feature.check(-10.0), Ok(()));
        assert_eq!(feature.check(10.5), Ok(()));
        let words = |value| feature.check(value).map_err(|fault| fault.to_string());
        assert_eq!(words(-10.1), Err("must be at least -10".to_owned()));
        assert_eq!(words(11.0), Err("must be at most 10.5".to_owned()));
        assert_eq!(words(f64::NAN), Err("expected a finite number".to_owned()));
        assert_eq!(
            words(f64::INFINITY),
            Err("expected a finite number".to_owned())
        );
    }

    #[test]
    fn missing_is_written_in_lowercase() {
        assert_eq!(serde_json::to_string(&Missing::Mean).unwrap(), "\"mean\"");
        let read: Feature = serde_json::from_str(r#"{"name":"a"}"#).unwrap();
        assert_eq!(read, Feature::named("a"));
    }
}
