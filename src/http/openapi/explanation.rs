//! What an explanation looks like: with two classes a number a feature, with more one a class. Where
//! the configuration fixes the classes, the document says which; otherwise the table decides, and it is
//! one of both.
//!
//! Each form has a name of its own, shared by a prediction and a batch's: a generator makes one type of
//! it, and of two forms an alternative that is called as they are. Neither form is empty, so that a
//! value is never both.

use crate::learning::Schema;
use serde_json::{Value, json};

const PER_FEATURE: &str = "FeatureContributions";
const PER_CLASS: &str = "ClassContributions";
const EITHER: &str = "Contributions";
const CLASS_BASELINES: &str = "ClassBaselines";
const EITHER_BASELINE: &str = "Baseline";

/// Gives `contributions` and `baseline` the form that the configured classes give them.
pub(super) fn describe(document: &mut Value, schema: &Schema) {
    let number = json!({"type": "number", "format": "double"});
    let two = schema.classes().map(|classes| classes.len() == 2);
    let (contributions, baseline) = match two {
        Some(true) => (reference(PER_FEATURE), number.clone()),
        Some(false) => (reference(PER_CLASS), reference(CLASS_BASELINES)),
        None => (reference(EITHER), reference(EITHER_BASELINE)),
    };
    for prediction in ["Prediction", "InstanceAnswer"] {
        let properties = &mut document["components"]["schemas"][prediction]["properties"];
        give(&mut properties["contributions"], &contributions);
        give(&mut properties["baseline"], &baseline);
    }
    let schemas = &mut document["components"]["schemas"];
    schemas[PER_FEATURE] = by_name("What each feature adds, by its name.", number.clone());
    if two == Some(true) {
        return;
    }
    schemas[PER_CLASS] = by_name(
        "What each feature adds to the score of each class, by the class.",
        reference(PER_FEATURE),
    );
    schemas[CLASS_BASELINES] = by_name("The score of each class, by the class.", number.clone());
    if two.is_none() {
        // The narrower first: some generators take the first that does not refuse.
        schemas[EITHER] = json!({
            "description": "With two classes by feature, with more by class.",
            "oneOf": [reference(PER_CLASS), reference(PER_FEATURE)],
        });
        schemas[EITHER_BASELINE] = json!({
            "description": "With two classes one number, with more one a class.",
            "oneOf": [number, reference(CLASS_BASELINES)],
        });
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

fn by_name(description: &str, value: Value) -> Value {
    json!({
        "type": "object",
        "description": description,
        "additionalProperties": value,
        "minProperties": 1,
    })
}

/// A description stays beside the form.
fn give(property: &mut Value, form: &Value) {
    let description = property["description"].take();
    *property = match form.get("$ref") {
        Some(_) => json!({"allOf": [form]}),
        None => form.clone(),
    };
    property["description"] = description;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi::{Surface, document};
    use crate::learning::Feature;

    fn schemas(classes: Option<&[&str]>) -> Value {
        let classes = classes.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let features = vec![Feature::named("a")];
        let schema = Schema::new("class".into(), features, classes, None).unwrap();
        let mut document = document("m", &schema, Surface::default()).unwrap().value;
        document["components"]["schemas"].take()
    }

    #[test]
    fn the_classes_decide_the_form() {
        let form = |classes: Option<&[&str]>, member: &str| {
            let schemas = schemas(classes);
            let forms = ["Prediction", "InstanceAnswer"].map(|schema| {
                let form = schemas[schema]["properties"][member].clone();
                assert!(form["description"].is_string(), "{form}");
                form["type"].as_str().map_or_else(
                    || form["allOf"][0]["$ref"].as_str().unwrap().to_owned(),
                    str::to_owned,
                )
            });
            assert_eq!(forms[0], forms[1]);
            forms[0].replace("#/components/schemas/", "")
        };
        let both = |classes| (form(classes, "contributions"), form(classes, "baseline"));
        let names = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(both(Some(&["0", "1"])), names(PER_FEATURE, "number"));
        let three = Some(&["a", "b", "c"][..]);
        assert_eq!(both(three), names(PER_CLASS, CLASS_BASELINES));
        assert_eq!(both(None), names(EITHER, EITHER_BASELINE));
    }

    #[test]
    fn what_nothing_refers_to_is_not_there() {
        let two = schemas(Some(&["0", "1"]));
        assert!(two.get(PER_CLASS).is_none() && two.get(EITHER).is_none());
        let three = schemas(Some(&["a", "b", "c"]));
        assert!(three.get(PER_CLASS).is_some() && three.get(EITHER_BASELINE).is_none());
    }
}
