//! The schemas of a document: all of them, and those that a request or an answer reaches.

use super::cases::{members, operations};
use serde_json::Value;

/// Where a schema stands, and the schema.
pub(crate) type Found<'a> = (String, &'a Value);

/// Every schema of the document with all that are in it; none is followed through a reference.
pub(crate) fn all(document: &Value) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for (name, schema) in members(&document["components"]["schemas"]) {
        within(name.to_owned(), schema, &mut found);
    }
    for operation in operations(document) {
        for (place, schema) in in_requests_of(operation.value) {
            within(format!("{} {place}", operation.id), schema, &mut found);
        }
        for (place, schema) in in_answers_of(operation.value) {
            within(format!("{} {place}", operation.id), schema, &mut found);
        }
    }
    found
}

/// Every schema that requests reach, through references too.
pub(crate) fn of_requests(document: &Value) -> Vec<Found<'_>> {
    let operations = operations(document);
    let roots = operations
        .iter()
        .flat_map(|operation| in_requests_of(operation.value));
    reached(document, roots.collect())
}

/// Every schema that answers reach, through references too.
pub(crate) fn of_answers(document: &Value) -> Vec<Found<'_>> {
    let operations = operations(document);
    let roots = operations
        .iter()
        .flat_map(|operation| in_answers_of(operation.value));
    reached(document, roots.collect())
}

fn in_requests_of(operation: &Value) -> Vec<Found<'_>> {
    let parameters = operation["parameters"].as_array().into_iter().flatten();
    let mut found: Vec<Found<'_>> = parameters
        .map(|parameter| (parameter["name"].to_string(), &parameter["schema"]))
        .collect();
    for (media, content) in members(&operation["requestBody"]["content"]) {
        found.push((media.to_owned(), &content["schema"]));
    }
    found
}

fn in_answers_of(operation: &Value) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for (status, response) in members(&operation["responses"]) {
        for (media, content) in members(&response["content"]) {
            found.push((format!("{status} {media}"), &content["schema"]));
        }
        for (name, header) in members(&response["headers"]) {
            found.push((format!("{status} {name}"), &header["schema"]));
        }
    }
    found
}

fn within<'a>(place: String, schema: &'a Value, found: &mut Vec<Found<'a>>) {
    for (name, property) in members(&schema["properties"]) {
        within(format!("{place}.{name}"), property, found);
    }
    for keyword in ["items", "additionalProperties"] {
        if schema[keyword].is_object() {
            within(format!("{place}.{keyword}"), &schema[keyword], found);
        }
    }
    for keyword in ["allOf", "oneOf"] {
        for part in schema[keyword].as_array().into_iter().flatten() {
            within(format!("{place}.{keyword}"), part, found);
        }
    }
    found.push((place, schema));
}

fn reached<'a>(document: &'a Value, roots: Vec<Found<'a>>) -> Vec<Found<'a>> {
    let (mut found, mut followed) = (Vec::new(), Vec::new());
    let mut next = roots;
    while let Some((place, schema)) = next.pop() {
        let before = found.len();
        within(place, schema, &mut found);
        for (_, schema) in &found[before..] {
            if let Some(reference) = schema["$ref"].as_str()
                && !followed.contains(&reference)
            {
                followed.push(reference);
                next.push((reference.to_owned(), resolve(document, reference)));
            }
        }
    }
    found
}

/// What a reference leads to.
pub(crate) fn resolve<'a>(document: &'a Value, reference: &str) -> &'a Value {
    let pointer = reference.strip_prefix('#').unwrap_or("none");
    let found = document.pointer(pointer);
    found.unwrap_or_else(|| panic!("{reference} leads nowhere"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn schemas_are_reached_through_references() {
        let document = json!({
            "paths": {"/": {"get": {"operationId": "ask", "responses": {"200": {"content": {
                "application/json": {"schema": {"$ref": "#/components/schemas/List"}}}}}}}},
            "components": {"schemas": {
                "List": {"type": "array", "items": {"$ref": "#/components/schemas/Row"}},
                "Row": {"type": "object", "properties": {"cell": {"type": "string"}}},
            }},
        });
        let places: Vec<String> = of_answers(&document)
            .into_iter()
            .map(|found| found.0)
            .collect();
        assert!(
            places.contains(&"#/components/schemas/Row.cell".to_owned()),
            "{places:?}"
        );
        assert!(of_requests(&document).is_empty());
        assert_eq!(all(&document).len(), 5);
    }
}
