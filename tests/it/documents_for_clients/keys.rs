//! Keys are told where there are any, and only there.

use crate::documents::cases::{cases, members, operations};
use serde_json::{Value, json};

#[test]
fn nobody_is_asked_for_a_key_while_there_are_none() {
    for case in cases() {
        if case.config.auth.is_configured() {
            continue;
        }
        let document = &case.document.value;
        assert_eq!(document["security"], json!([]), "{}", case.name);
        assert!(
            document["components"].get("securitySchemes").is_none(),
            "{}",
            case.name
        );
        for operation in operations(document) {
            for (status, _) in operation.responses() {
                assert!(!["401", "403"].contains(&status), "{}", operation.id);
            }
        }
    }
}

#[test]
fn where_there_are_keys_each_operation_says_whether_it_needs_one() {
    let mut with_keys = 0;
    for case in cases()
        .iter()
        .filter(|case| case.config.auth.is_configured())
    {
        with_keys += 1;
        let document = &case.document.value;
        let schemes = members(&document["components"]["securitySchemes"]);
        let schemes: Vec<Value> = schemes.map(|(name, _)| json!({name: []})).collect();
        assert_eq!(document["security"], json!(schemes));
        for operation in operations(document) {
            let open = operation.value.get("security") == Some(&json!([]));
            let words = operation.value["description"].as_str().unwrap();
            let lower = words.contains("the role `predict`");
            let told: Vec<&str> = operation.responses().map(|(status, _)| status).collect();
            assert_eq!(told.contains(&"401"), !open, "{}: {told:?}", operation.id);
            assert_eq!(
                told.contains(&"403"),
                !open && !lower,
                "{}: {told:?}",
                operation.id
            );
            assert_eq!(
                words.contains("Needs a key"),
                !open,
                "{}: {words}",
                operation.id
            );
            assert_eq!(
                open,
                operation.value.get("security").is_some(),
                "{}",
                operation.id
            );
            let probe = [
                "livez",
                "readyz",
                "startupz",
                "explain_error",
                "open_inference_live",
                "open_inference_ready",
            ];
            let probe = probe.contains(&operation.id);
            assert_eq!(open, probe, "{}", operation.id);
            let challenge = &operation.value["responses"]["401"]["headers"]["WWW-Authenticate"];
            assert_eq!(challenge.is_object(), !open, "{}", operation.id);
        }
    }
    assert_eq!(with_keys, 2);
}
