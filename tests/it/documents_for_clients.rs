//! What clients generated from the document need, a test a rule; `openapi/README.md` tells them.
//!
//! Shape: every rule over every case, since names and missing values are where a rule breaks.
//! Turned down: running the generators here (minutes, and a package registry).

mod keys;

use crate::documents::cases::{Case, Operation, cases, members, operations};
use crate::documents::schemas::{self, Found};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PROBLEM: &str = "#/components/schemas/Problem";
const OPEN_INFERENCE_PROBLEM: &str = "#/components/schemas/OpenInferenceProblem";

/// What generated clients leave out, and all that they leave out.
fn is_of_protocol(operation: &Operation<'_>) -> bool {
    let of_protocol = operation.path == "/v2" || operation.path.starts_with("/v2/");
    let tagged = operation.value["tags"] == json!(["open-inference"]);
    assert_eq!(of_protocol, tagged, "{}", operation.id);
    of_protocol
}

/// Runs `check` on every operation of every case.
fn on_every_operation(check: impl Fn(&Operation<'_>, &str)) {
    for case in cases() {
        for operation in operations(&case.document.value) {
            check(&operation, &format!("{}: {}", case.name, operation.id));
        }
    }
}

/// Runs `check` on every schema that `choose` finds in every case.
fn on_schemas(choose: fn(&Value) -> Vec<Found<'_>>, check: impl Fn(&Value, &str)) {
    for case in cases() {
        let found = choose(&case.document.value);
        assert!(found.len() > 10, "{}: too few schemas", case.name);
        for (place, schema) in found {
            check(schema, &format!("{}: {place}: {schema}", case.name));
        }
    }
}

fn is_failure(status: &str) -> bool {
    status.starts_with(['4', '5'])
}

#[test]
fn every_failure_is_the_same_problem_under_both_media_types() {
    let mut failures = 0;
    for case in cases() {
        for operation in operations(&case.document.value) {
            let both = ["application/json", "application/problem+json"];
            let (expected, problem) = if is_of_protocol(&operation) {
                (&both[..1], OPEN_INFERENCE_PROBLEM)
            } else {
                (&both[..], PROBLEM)
            };
            for (status, response) in operation.responses().filter(|(s, _)| is_failure(s)) {
                let place = format!("{}: {} {status}", case.name, operation.id);
                let media: BTreeSet<&str> = members(&response["content"]).map(|(m, _)| m).collect();
                let expected: BTreeSet<&str> = expected.iter().copied().collect();
                assert_eq!(media, expected, "{place}");
                for (_, content) in members(&response["content"]) {
                    assert_eq!(content["schema"], json!({"$ref": problem}), "{place}");
                }
                failures += 1;
            }
        }
    }
    assert!(failures > 100);
}

#[test]
fn statuses_are_explicit_and_every_operation_can_fail() {
    on_every_operation(|operation, place| {
        let statuses: Vec<&str> = operation.responses().map(|(status, _)| status).collect();
        let explicit = |status: &&str| {
            status
                .parse::<u16>()
                .is_ok_and(|status| (200..600).contains(&status))
        };
        assert!(statuses.iter().all(explicit), "{place}: {statuses:?}");
        assert!(statuses.contains(&"500"), "{place}: {statuses:?}");
    });
}

#[test]
fn an_operation_has_one_success_with_one_schema_and_one_request_media_type() {
    on_every_operation(|operation, place| {
        let successes = operation.responses().filter(|(s, _)| s.starts_with('2'));
        let successes: Vec<&Value> = successes.map(|(_, response)| response).collect();
        assert_eq!(successes.len(), 1, "{place}");
        let deleted = operation.id == "delete_observation";
        let schemas = members(&successes[0]["content"]).count();
        assert_eq!(schemas, usize::from(!deleted), "{place}");
        let request = &operation.value["requestBody"];
        let media = members(&request["content"]).count();
        assert_eq!(media, usize::from(request.is_object()), "{place}");
        // Asking for a run says everything by itself.
        let with_body = matches!(operation.method, "post" | "put");
        let with_body = with_body && operation.id != "request_training_run";
        assert_eq!(request.is_object(), with_body, "{place}");
    });
}

#[test]
fn a_csv_is_an_operation_of_its_own_and_goes_as_bytes() {
    on_every_operation(|operation, place| {
        let json = |content: &Value| members(content).all(|(media, _)| media == "application/json");
        let request = &operation.value["requestBody"]["content"];
        let mut successes = operation.responses().filter(|(s, _)| s.starts_with('2'));
        let answers_json = successes.all(|(_, response)| json(&response["content"]));
        let table = operation.id == "predict_csv";
        assert_eq!(json(request) && answers_json, !table, "{place}");
        if table {
            let bytes = json!({"type": "string", "format": "binary"});
            assert_eq!(
                request["application/octet-stream"]["schema"], bytes,
                "{place}"
            );
        }
    });
    for case in cases() {
        let found = operations(&case.document.value);
        let tables = found.iter().filter(|o| o.id == "predict_csv").count();
        assert_eq!(tables, 1, "{}", case.name);
    }
}

#[test]
fn content_types_have_no_charset_and_headers_canonical_names() {
    on_every_operation(|operation, place| {
        let request = members(&operation.value["requestBody"]["content"]);
        let answers = operation
            .responses()
            .flat_map(|(_, r)| members(&r["content"]));
        for (media, _) in request.chain(answers) {
            assert!(!media.contains([';', ' ']), "{place}: {media}");
        }
        for (status, response) in operation.responses() {
            for (name, header) in members(&response["headers"]) {
                let own = name.starts_with("x-") && name == name.to_lowercase();
                let known =
                    ["Retry-After", "Location", "WWW-Authenticate", "Allow"].contains(&name);
                let known = own || known;
                assert!(known, "{place} {status}: {name}");
                assert!(
                    header["schema"]["type"].is_string(),
                    "{place} {status}: {name}"
                );
            }
            assert!(
                response["headers"]["x-request-id"].is_object(),
                "{place} {status}"
            );
        }
    });
}

#[test]
fn another_method_is_refused_by_those_that_are_taken() {
    on_every_operation(|operation, place| {
        for (status, response) in operation.responses() {
            let told = response["headers"].get("Allow").is_some();
            assert_eq!(told, status == "405", "{place} {status}");
        }
        let refused = operation.responses().any(|(status, _)| status == "405");
        assert!(refused, "{place}");
    });
}

#[test]
fn what_may_be_retried_says_when() {
    on_every_operation(|operation, place| {
        for (status, response) in operation.responses() {
            let told = response["headers"].get("Retry-After").is_some();
            let examples = &response["content"]["application/json"]["examples"];
            let passes = status == "503" || examples.get("training_in_progress").is_some();
            assert_eq!(told, passes, "{place} {status}");
        }
    });
}

#[test]
fn a_reference_stands_alone_and_is_not_nullable() {
    on_schemas(schemas::all, |schema, place| {
        if let Some(parts) = schema.get("allOf") {
            let parts = parts.as_array().unwrap();
            assert_eq!(parts.len(), 1, "{place}");
            assert!(parts[0]["$ref"].is_string(), "{place}");
            let beside = members(schema).all(|(name, _)| ["allOf", "description"].contains(&name));
            assert!(beside, "{place}");
        }
        if schema.get("$ref").is_some() {
            assert_eq!(members(schema).count(), 1, "{place}");
        }
    });
}

#[test]
fn what_may_be_one_of_several_has_a_name_and_so_has_each_part() {
    let begins = |whole: &str, part: &str| {
        let rest = whole.strip_prefix(part);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c.is_uppercase()))
    };
    on_schemas(schemas::all, |schema, place| {
        assert!(schema.get("anyOf").is_none(), "{place}");
        let Some(parts) = schema["oneOf"].as_array() else {
            return;
        };
        let whole = place.split(": ").nth(1).unwrap();
        assert!(!whole.contains(['.', ' ']), "{place}");
        let mut named: Vec<&str> = Vec::new();
        for part in parts {
            let plain = ["string", "integer", "number", "boolean"];
            match part["$ref"].as_str() {
                Some(reference) => named.push(reference.rsplit('/').next().unwrap()),
                None => assert!(plain.iter().any(|kind| part["type"] == *kind), "{place}"),
            }
        }
        for (at, one) in named.iter().enumerate() {
            let others = named.iter().enumerate().filter(|(other, _)| *other != at);
            let apart = others.clone().all(|(_, other)| !begins(one, other));
            assert!(apart, "{place}: {named:?}");
        }
    });
}

#[test]
fn an_answer_leaves_out_what_it_has_not() {
    on_schemas(schemas::of_answers, |schema, place| {
        assert!(schema.get("nullable").is_none(), "{place}");
    });
}

#[test]
fn every_object_says_what_its_members_are() {
    on_schemas(schemas::all, |schema, place| {
        assert!(schema.get("required") != Some(&json!([])), "{place}");
        if schema["type"] == "object" {
            let named = members(&schema["properties"]).count() > 0;
            assert!(
                named || schema["additionalProperties"].is_object(),
                "{place}"
            );
        }
        assert!(
            schema["type"] != "array" || schema["items"].is_object(),
            "{place}"
        );
    });
}

#[test]
fn only_requests_are_closed_to_further_members() {
    on_schemas(schemas::of_requests, |schema, place| {
        let closed = schema["additionalProperties"] == false;
        // That protocol's clients send members of their own.
        let of_protocol = ["Inference", "open_inference"];
        let of_protocol = of_protocol.iter().any(|name| place.contains(name));
        assert_eq!(
            closed,
            schema["type"] == "object" && !of_protocol,
            "{place}"
        );
    });
    on_schemas(schemas::of_answers, |schema, place| {
        assert!(schema["additionalProperties"] != false, "{place}");
    });
}

#[test]
fn sets_of_values_may_grow() {
    on_schemas(schemas::all, |schema, place| {
        assert!(schema.get("enum").is_none(), "{place}");
        if let Some(values) = schema.get("x-extensible-enum") {
            assert_eq!(schema["type"], "string", "{place}");
            let values = values.as_array().unwrap();
            let texts = values.iter().all(Value::is_string);
            assert!(texts && !values.is_empty(), "{place}");
        }
    });
    for case in cases() {
        let schemas = &case.document.value["components"]["schemas"];
        for (schema, property) in [
            ("Problem", "code"),
            ("ErrorMeaning", "code"),
            ("PredictionWarning", "kind"),
            ("HealthReport", "status"),
            ("HealthCheck", "state"),
        ] {
            let told = &schemas[schema]["properties"][property]["x-extensible-enum"];
            assert!(told.is_array(), "{}: {schema}.{property}", case.name);
        }
    }
}

/// What generated code already calls something else, in one language or another.
const TAKEN: [&str; 26] = [
    "Any",
    "Array",
    "Box",
    "Client",
    "Date",
    "Dict",
    "Error",
    "Exception",
    "File",
    "Function",
    "List",
    "Map",
    "Model",
    "None",
    "Object",
    "Option",
    "Promise",
    "Record",
    "Response",
    "Result",
    "Set",
    "Some",
    "String",
    "Type",
    "Vec",
    "Warning",
];

#[test]
fn schemas_are_called_what_no_language_has() {
    for case in cases() {
        let schemas = &case.document.value["components"]["schemas"];
        assert!(schemas["PredictionWarning"].is_object(), "{}", case.name);
        for (name, _) in members(schemas) {
            assert!(!TAKEN.contains(&name), "{}: {name}", case.name);
            let camel = name.starts_with(|c: char| c.is_ascii_uppercase());
            assert!(camel && !name.contains('_'), "{}: {name}", case.name);
        }
    }
}

#[test]
fn lists_tell_the_next_page_by_next_cursor() {
    on_schemas(schemas::of_answers, |schema, place| {
        let properties = &schema["properties"];
        assert!(properties.get("next").is_none(), "{place}");
        let list = properties.get("items").is_some();
        assert_eq!(list, properties.get("next_cursor").is_some(), "{place}");
    });
}

#[test]
fn what_an_answer_names_a_call_takes() {
    let kind = |schema: &Value| ["type", "format", "minimum"].map(|word| schema[word].clone());
    for case in cases() {
        let document = &case.document.value;
        let schemas = &document["components"]["schemas"];
        let named = |schema: &str, property: &str| kind(&schemas[schema]["properties"][property]);
        let (version, run) = (named("ModelVersion", "version"), named("TrainingRun", "id"));
        assert_eq!(run, [json!("string"), json!("uuid"), Value::Null]);
        assert_eq!(named("TrainingRun", "version"), version);
        assert_eq!(named("ModelReference", "version"), version);
        assert_eq!(named("ModelVersion", "training_run"), run);
        let mut taken = 0;
        for operation in operations(document) {
            for parameter in operation.parameters() {
                let expected = match parameter["name"].as_str() {
                    Some("version") if parameter["in"] == "path" => &version,
                    Some("id") if parameter["in"] == "path" => &run,
                    _ => continue,
                };
                assert_eq!(&kind(&parameter["schema"]), expected, "{}", operation.id);
                taken += 1;
            }
        }
        assert!(taken >= 5, "{}: {taken}", case.name);
    }
}

#[test]
fn operations_are_called_once_and_not_as_a_group() {
    for case in cases() {
        let Case { name, document, .. } = &case;
        let operations = operations(&document.value);
        let ids: BTreeSet<&str> = operations.iter().map(|o| o.id).collect();
        assert_eq!(ids.len(), operations.len(), "{name}: {ids:?}");
        for id in &ids {
            let plain = id.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            assert!(plain && !id.is_empty(), "{name}: {id:?}");
        }
        for operation in &operations {
            for tag in operation.value["tags"].as_array().unwrap() {
                assert!(!ids.contains(tag.as_str().unwrap()), "{name}: {tag}");
            }
        }
    }
}
