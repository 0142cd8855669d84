//! Whether a value is what a schema says.
//!
//! Shape: only the keywords that the documents use are known; any other is a fault, so that nothing
//! is passed unchecked. Turned down: a crate for JSON Schema, which is not what OpenAPI 3.0 has.

use super::cases::members;
use super::schemas::resolve;
use serde_json::Value;

/// Keywords that say nothing about which values fit.
const SILENT: [&str; 7] = [
    "title",
    "description",
    "example",
    "default",
    "format",
    "nullable",
    "x-unit",
];

/// What of `value` is not as the schema says; a member that the schema does not name is a fault.
pub(crate) fn faults(document: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    check(document, schema, value, "", &mut faults);
    faults
}

fn check(document: &Value, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    if value.is_null() && schema["nullable"] == true {
        return;
    }
    for (keyword, says) in members(schema) {
        let holds = match keyword {
            "$ref" => {
                let reference = says.as_str().unwrap_or_default();
                check(document, resolve(document, reference), value, place, faults);
                true
            }
            "allOf" => {
                for part in says.as_array().into_iter().flatten() {
                    check(document, part, value, place, faults);
                }
                true
            }
            "oneOf" => {
                let parts = says.as_array().into_iter().flatten();
                let fits = |part: &&Value| self::faults(document, part, value).is_empty();
                parts.filter(fits).count() == 1
            }
            "items" => {
                for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                    check(document, says, item, &format!("{place}/{index}"), faults);
                }
                true
            }
            "properties" | "additionalProperties" => true,
            "type" => is_of_type(value, says),
            "required" => says.as_array().into_iter().flatten().all(|name| {
                let name = name.as_str().unwrap_or_default();
                value.get(name).is_some()
            }),
            "minProperties" => members(value).count() as u64 >= says.as_u64().unwrap_or(u64::MAX),
            "minimum" => value.as_f64() >= says.as_f64(),
            "maximum" => value.as_f64() <= says.as_f64(),
            "minItems" => value.as_array().map(|items| items.len() as u64) >= says.as_u64(),
            "minLength" => value.as_str().map(|text| text.chars().count() as u64) >= says.as_u64(),
            "maxLength" => value.as_str().map(|text| text.chars().count() as u64) <= says.as_u64(),
            "x-extensible-enum" => says.as_array().is_some_and(|all| all.contains(value)),
            _ => SILENT.contains(&keyword),
        };
        if !holds {
            faults.push(format!("{place}: {keyword} {says}, found {value}"));
        }
    }
    if schema["type"] == "object" {
        check_members(document, schema, value, place, faults);
    }
}

fn check_members(
    document: &Value,
    schema: &Value,
    value: &Value,
    place: &str,
    faults: &mut Vec<String>,
) {
    for (name, member) in members(value) {
        let place = format!("{place}/{name}");
        let any = &schema["additionalProperties"];
        match schema["properties"].get(name) {
            Some(property) => check(document, property, member, &place, faults),
            None if any.is_object() => check(document, any, member, &place, faults),
            None => faults.push(format!("{place} is not in the schema")),
        }
    }
}

fn is_of_type(value: &Value, kind: &Value) -> bool {
    match kind.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_fit_is_found() {
        let document = json!({"components": {"schemas": {
            "Small": {"type": "integer", "minimum": 1, "maximum": 3},
            "Whole": {"type": "object", "required": ["a"], "properties": {
                "a": {"allOf": [{"$ref": "#/components/schemas/Small"}]},
                "b": {"type": "array", "items": {"type": "number", "nullable": true}},
                "c": {"type": "object", "additionalProperties": {"type": "boolean"}},
                "d": {"type": "string", "x-extensible-enum": ["x", "y"]},
                "f": {"type": "string", "maxLength": 2},
                "g": {"type": "object", "minProperties": 1, "additionalProperties": {}},
                "h": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
            }},
        }}});
        let schema = json!({"$ref": "#/components/schemas/Whole"});
        let count = |value: Value| faults(&document, &schema, &value).len();
        let fitting = json!({"a": 2, "b": [1, 0.5, null], "c": {"z": true}, "d": "y", "f": "üü",
            "g": {"x": null}});
        assert_eq!(count(fitting), 0);
        for wrong in [
            json!({}),
            json!({"a": 4}),
            json!({"a": 0}),
            json!({"a": 1.5}),
            json!({"a": 1, "b": ["1"]}),
            json!({"a": 1, "c": {"z": 1}}),
            json!({"a": 1, "d": "z"}),
            json!({"a": 1, "e": 1}),
            json!({"a": 1, "f": "xyz"}),
            json!({"a": 1, "g": {}}),
        ] {
            assert_eq!(count(wrong.clone()), 1, "{wrong}");
        }
        let unknown = json!({"pattern": "x"});
        assert_eq!(faults(&document, &unknown, &json!("x")).len(), 1);
    }
}
