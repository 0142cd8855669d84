//! What holds of every row that a reader takes, however it was written.

use crate::learning::{Feature, Missing, Schema};

/// A bounded feature, a plain one, and one that may be missing, by names that other forms have to escape.
pub(in crate::http) fn schema() -> Schema {
    let mut bounded = Feature::named("a/b");
    (bounded.minimum, bounded.maximum) = (Some(-1.0), Some(1000.0));
    named(bounded, "plain", "é,\"")
}

/// The same by names that the path form exists for.
pub(in crate::http) fn plain_schema() -> Schema {
    let mut bounded = Feature::named("a");
    (bounded.minimum, bounded.maximum) = (Some(-1.0), Some(1000.0));
    named(bounded, "b.1~x", "c_-")
}

fn named(bounded: Feature, plain: &str, optional: &str) -> Schema {
    let mut optional = Feature::named(optional);
    optional.missing = Missing::Mean;
    let features = vec![bounded, Feature::named(plain), optional];
    Schema::new("class".into(), features, None, None).unwrap()
}

/// Every value is finite and within its bounds, and NaN only where the training mean stands in.
pub(in crate::http) fn assert_taken(schema: &Schema, values: &[f64]) {
    let features = schema.features();
    assert_eq!(values.len() % features.len(), 0);
    for (value, feature) in values.iter().zip(features.iter().cycle()) {
        if value.is_nan() {
            assert_eq!(feature.missing, Missing::Mean, "{}", feature.name);
            continue;
        }
        assert!(value.is_finite(), "{} is {value}", feature.name);
        assert!(feature.minimum.is_none_or(|least| *value >= least));
        assert!(feature.maximum.is_none_or(|most| *value <= most));
    }
}

/// To the last bit, so that a NaN is itself and a negative zero no other zero.
pub(in crate::http) fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}
