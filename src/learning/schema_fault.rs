//! What can be wrong with a schema.
//!
//! Shape: one function a kind of fault, each adding all it finds. Concurrency: pure. Turned down:
//! an enum of faults; nobody tells them apart, they are told with the field that is wrong.

use std::collections::HashSet;

use thiserror::Error;

use super::feature::Feature;

/// Names that requests use for something else.
const RESERVED: &[&str] = &["explain"];

/// One thing wrong with a schema.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{field}: {detail}")]
pub struct SchemaFault {
    /// The feature's place in the configured order, when the fault is one feature's.
    pub feature: Option<usize>,
    /// The configured field that is wrong.
    pub field: &'static str,
    /// What is wrong, as a fragment.
    pub detail: String,
}

/// A fault of the schema as a whole.
pub(super) fn whole(field: &'static str, detail: impl Into<String>) -> SchemaFault {
    SchemaFault {
        feature: None,
        field,
        detail: detail.into(),
    }
}

/// What is wrong with the names of the features.
pub(super) fn name_faults(target: &str, features: &[Feature], faults: &mut Vec<SchemaFault>) {
    let mut seen = HashSet::new();
    for (place, feature) in features.iter().enumerate() {
        let name = feature.name.as_str();
        let mut fault = |detail: String| {
            faults.push(SchemaFault {
                feature: Some(place),
                field: "name",
                detail,
            });
        };
        if name.is_empty() {
            fault("is empty".to_owned());
        } else if RESERVED.contains(&name) {
            fault(format!("{name:?} is reserved"));
        } else if name == target {
            fault(format!("{name:?} is also the target"));
        } else if !seen.insert(name) {
            fault(format!("{name:?} is there twice"));
        }
    }
}

/// What is wrong with the numbers of one feature.
pub(super) fn value_faults(place: usize, feature: &Feature, faults: &mut Vec<SchemaFault>) {
    let mut fault = |field, detail: String| {
        faults.push(SchemaFault {
            feature: Some(place),
            field,
            detail,
        });
    };
    let given = [
        ("minimum", feature.minimum),
        ("maximum", feature.maximum),
        ("example", feature.example),
    ];
    let mut finite = true;
    for (field, value) in given {
        if value.is_some_and(|value| !value.is_finite()) {
            fault(field, "must be a finite number".to_owned());
            finite = false;
        }
    }
    match (feature.minimum, feature.maximum) {
        _ if !finite => {}
        (Some(minimum), Some(maximum)) if minimum > maximum => {
            fault(
                "minimum",
                format!("{minimum} is above the maximum {maximum}"),
            );
        }
        _ => {
            if let Some(Err(why)) = feature.example.map(|example| feature.check(example)) {
                fault("example", why.to_string());
            }
        }
    }
}

/// What is wrong with the configured classes.
pub(super) fn class_faults(
    classes: Option<&[String]>,
    positive: Option<&str>,
    faults: &mut Vec<SchemaFault>,
) {
    let Some(classes) = classes else { return };
    if classes.len() < 2 {
        faults.push(whole("classes", "at least two classes are needed"));
    }
    let mut seen = HashSet::new();
    for class in classes {
        if !seen.insert(class) {
            faults.push(whole("classes", format!("{class:?} is there twice")));
        }
    }
    let Some(positive) = positive else { return };
    if classes.len() > 2 {
        faults.push(whole("positive", "only two classes have a positive one"));
    }
    if !classes.iter().any(|class| class == positive) {
        faults.push(whole(
            "positive",
            format!("{positive:?} is not one of the classes"),
        ));
    }
}
