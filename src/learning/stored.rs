//! What was stored by earlier versions is still read, and predicts the same bits.

use super::fixtures::json_of;
use super::trained::Trained;

#[test]
fn a_training_stored_by_0_1_0_is_read() {
    // Written by the first version; rows of the example with their predictions.
    let stored = json_of("tests/data/trained_v1.json");
    let trained: Trained = serde_json::from_value(stored["trained"].clone()).unwrap();
    for row in stored["predictions"].as_array().unwrap() {
        let numbers = |name: &str| -> Vec<f64> {
            row[name]
                .as_array()
                .unwrap()
                .iter()
                .map(|value| value.as_f64().unwrap())
                .collect()
        };
        let said = trained.served.classifier.predict(&numbers("values"));
        assert_eq!(said.probabilities, numbers("probability"));
    }
    assert!(trained.gate.is_some() && trained.evaluation.is_some() && trained.search.is_none());
    assert!(trained.curves.is_empty() && trained.profile.features[0].quantiles.is_empty());
    let again: Trained = serde_json::from_str(&serde_json::to_string(&trained).unwrap()).unwrap();
    assert_eq!(again, trained);
}
