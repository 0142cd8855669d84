//! What an explanation looks like: with two classes a number, with more one a class. Where the
//! configuration fixes the classes, the document says which; otherwise the table decides.

use crate::learning::Schema;
use serde_json::Value;

/// Narrows `contributions` and `baseline` to the form that the configured classes give them.
pub(super) fn narrow(document: &mut Value, schema: &Schema) {
    let Some(classes) = schema.classes() else {
        return;
    };
    let form = usize::from(classes.len() > 2);
    for prediction in ["Prediction", "InstanceAnswer"] {
        for part in ["contributions", "baseline"] {
            let place = format!("/components/schemas/{prediction}/properties/{part}");
            if let Some(property) = document.pointer_mut(&place) {
                take_form(property, form);
            }
        }
    }
}

fn take_form(property: &mut Value, form: usize) {
    let Some(mut taken) = property["oneOf"].get(form).cloned() else {
        return;
    };
    taken["description"] = property["description"].clone();
    *property = taken;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::openapi::{Surface, document};
    use crate::learning::Feature;

    fn baseline(classes: Option<&[&str]>) -> Value {
        let classes = classes.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        let features = vec![Feature::named("a")];
        let schema = Schema::new("class".into(), features, classes, None).unwrap();
        let document = document("m", &schema, Surface::default()).unwrap().value;
        document["components"]["schemas"]["Prediction"]["properties"]["baseline"].clone()
    }

    #[test]
    fn the_classes_decide_the_form() {
        assert_eq!(baseline(Some(&["0", "1"]))["type"], "number");
        assert_eq!(baseline(Some(&["a", "b", "c"]))["type"], "object");
        assert_eq!(baseline(None)["oneOf"].as_array().unwrap().len(), 2);
    }
}
