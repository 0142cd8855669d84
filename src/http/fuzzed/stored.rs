//! A stored version: refused by the part that does not fit, or shown and asked without harm.

use crate::corpus::{EDITS_BYTES, corpus, edited};
use crate::http::model_version_body::ModelVersionBody;
use crate::learning::{Prediction, Schema, Trained};
use crate::serving::{ModelVersion, NewModelVersion};
use serde_json::{Value, json};

/// Fewer than elsewhere: each is a document of thousands of bytes.
const CASES: usize = 500;

const PIECES: [&str; 24] = [
    "null",
    "-1",
    "0",
    "1e308",
    "1e-320",
    "-0.0",
    "18446744073709551615",
    "1e400",
    "[]",
    "{}",
    "\"no\"",
    "\"width\"",
    "\"a\"",
    ",",
    "[0.5]",
    "[0.5,0.5,0.5]",
    "\"means\"",
    "\"standardized\"",
    "\"features\"",
    "true",
    "[[1]]",
    "\"\"",
    "\"hash\"",
    "\"order\"",
];

/// As the store decodes it.
fn decoded(document: Value) -> Option<ModelVersion> {
    let part = |name: &str| document.get(name).cloned().unwrap_or_default();
    let schema: Schema = serde_json::from_value(part("schema")).ok()?;
    let trained: Trained = serde_json::from_value(part("trained")).ok()?;
    if let Err(misfit) = trained.check(&schema) {
        assert!(misfit.to_string().ends_with("does not fit the rest of it"));
        return None;
    }
    let content = NewModelVersion {
        model: "m".into(),
        created_at: chrono::DateTime::UNIX_EPOCH,
        training_run: "r".into(),
        schema,
        data_fingerprint: "sha256:0".into(),
        code_version: "0".into(),
        split: serde_json::from_value(part("split")).ok()?,
        trained,
    };
    Some(ModelVersion {
        version: 1,
        content,
    })
}

fn stored_holds(bytes: &[u8]) -> bool {
    let document = serde_json::from_slice(bytes).ok();
    let Some(version) = document.and_then(decoded) else {
        return false;
    };
    let content = &version.content;
    let classifier = &content.trained.served.classifier;
    let features = content.schema.features();
    assert_eq!(classifier.features(), features.len());
    for value in [0.0, f64::NAN, 1e308, -5e-324] {
        let row = vec![value; features.len()];
        let Prediction {
            probabilities,
            label,
            ..
        } = classifier.predict(&row);
        assert!(label < probabilities.len() && probabilities.len() == classifier.classes().len());
        assert!(
            probabilities.iter().all(|one| (0.0..=1.0).contains(one)),
            "{probabilities:?}"
        );
        assert!(
            (probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-9,
            "{probabilities:?}"
        );
        assert_eq!(
            classifier.contributions(&row).len(),
            classifier.scores(&row).len()
        );
    }
    let shown = serde_json::to_value(ModelVersionBody::of(&version, Some(1))).unwrap();
    let equations = shown["equations"].as_array().unwrap();
    assert!(
        equations
            .iter()
            .all(|one| one["coefficients"].as_array().unwrap().len() == features.len())
    );
    let again =
        json!({"schema": content.schema, "split": content.split, "trained": content.trained});
    let again = decoded(again)
        .expect("what is stored again is read again")
        .content;
    assert_eq!(
        (&again.schema, &again.trained),
        (&content.schema, &content.trained)
    );
    true
}

#[test]
fn any_stored_version() {
    let texts = corpus("http", "stored_version");
    assert!(
        texts.iter().all(|text| stored_holds(text)),
        "the corpus is what was stored"
    );
    let any = bolero::check!(name = "stored_version").with_iterations(CASES);
    any.for_each(|bytes| {
        stored_holds(bytes);
    });
}

#[test]
fn edited_stored_versions() {
    let texts = corpus("http", "stored_version");
    let edits = bolero::check!()
        .with_iterations(CASES)
        .with_max_len(EDITS_BYTES);
    edits.for_each(|bytes| {
        stored_holds(&edited(bytes, &texts, &PIECES));
    });
}

#[test]
fn each_part_that_does_not_fit_is_named() {
    let texts = corpus("http", "stored_version");
    let whole: Value = texts
        .iter()
        .map(|text| serde_json::from_slice(text).unwrap())
        .find(|one: &Value| one["trained"]["served"]["inference"]["equation"].is_array())
        .unwrap();
    let two = |of: &str| json!([of, of]);
    for (pointer, value, named) in [
        (
            "/trained/profile/features/0/name",
            json!("else"),
            "the profile",
        ),
        ("/trained/profile/classes", json!([]), "the profile"),
        (
            "/trained/served/inference/equation",
            json!([null]),
            "the served fit",
        ),
        (
            "/trained/gate/classifier/classes/positive",
            json!(0),
            "the gate's fit",
        ),
        (
            "/trained/evaluation/confusion",
            json!([[1, 2], [3]]),
            "the evaluation",
        ),
        ("/trained/curves/0/class", json!("else"), "the curves"),
        (
            "/schema/features",
            json!([{"name": "width", "missing": "mean"}]),
            "the served fit",
        ),
    ] {
        let mut document = whole.clone();
        *document.pointer_mut(pointer).expect(pointer) = value;
        let schema: Schema = serde_json::from_value(document["schema"].clone()).unwrap();
        let trained: Trained = serde_json::from_value(document["trained"].clone()).unwrap();
        let told = trained.check(&schema).unwrap_err().to_string();
        assert!(told.starts_with(named), "{pointer}: {told}");
    }
    let mut document = whole;
    *document
        .pointer_mut("/trained/served/classifier/classes/names")
        .unwrap() = two("no");
    assert!(serde_json::from_value::<Trained>(document["trained"].clone()).is_err());
}
