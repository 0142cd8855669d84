//! What was predicted: requests by the version that answered, instances by version and label.
//!
//! Versions follow one another and labels are the configuration's, so the series are few. A version
//! is bound once, when it first answers.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{BoundCounter, Counter, Meter};
use std::sync::{Arc, PoisonError, RwLock};

/// The counters of predictions.
#[derive(Debug)]
pub(super) struct PredictionInstruments {
    model: String,
    requests: Counter<u64>,
    instances: Counter<u64>,
    answering: RwLock<Option<Arc<VersionCounters>>>,
}

/// The series of the version that answers.
#[derive(Debug)]
struct VersionCounters {
    version: i32,
    requests: BoundCounter<u64>,
    labels: Vec<BoundCounter<u64>>,
}

impl PredictionInstruments {
    pub(super) fn new(meter: &Meter, model: &str) -> Self {
        Self {
            model: model.to_owned(),
            requests: meter
                .u64_counter("prediction.requests")
                .with_unit("{request}")
                .with_description(
                    "Requests answered with predictions, by the version that made them.",
                )
                .build(),
            instances: meter
                .u64_counter("prediction.instances")
                .with_unit("{instance}")
                .with_description(
                    "Instances predicted, by the version that did and the label it gave.",
                )
                .build(),
            answering: RwLock::default(),
        }
    }

    /// One request was answered with these labels (places among `names`).
    pub(super) fn predicted(
        &self,
        version: i32,
        names: &[String],
        labels: impl Iterator<Item = usize>,
    ) {
        let counters = self.of(version, names);
        counters.requests.add(1);
        for label in labels {
            if let Some(counter) = counters.labels.get(label) {
                counter.add(1);
            }
        }
    }

    fn of(&self, version: i32, names: &[String]) -> Arc<VersionCounters> {
        let answering = self
            .answering
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let known = answering.as_ref().filter(|known| known.version == version);
        if let Some(known) = known {
            return Arc::clone(known);
        }
        drop(answering);
        let bound = Arc::new(self.bind(version, names));
        let mut answering = self
            .answering
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *answering = Some(Arc::clone(&bound));
        bound
    }

    fn bind(&self, version: i32, names: &[String]) -> VersionCounters {
        let of_version = [
            KeyValue::new("model.name", self.model.clone()),
            KeyValue::new("model.version", i64::from(version)),
        ];
        let of_label = |name: &String| {
            let mut all = of_version.to_vec();
            all.push(KeyValue::new("prediction.label", name.clone()));
            self.instances.bind(&all)
        };
        VersionCounters {
            version,
            requests: self.requests.bind(&of_version),
            labels: names.iter().map(of_label).collect(),
        }
    }
}
