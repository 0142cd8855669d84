//! How training runs end, and what they read.

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Counter, Histogram, Meter};

/// From a table of a hundred rows to hours.
const DURATION_SECONDS: [f64; 12] = [
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0,
];

/// The instruments of training runs.
#[derive(Debug)]
pub(super) struct TrainingInstruments {
    model: String,
    duration: Histogram<f64>,
    read: Counter<u64>,
    refused: Counter<u64>,
}

impl TrainingInstruments {
    pub(super) fn new(meter: &Meter, model: &str) -> Self {
        let rows = |name: &'static str, description: &'static str| {
            let counter = meter.u64_counter(name).with_unit("{row}");
            counter.with_description(description).build()
        };
        Self {
            model: model.to_owned(),
            duration: meter
                .f64_histogram("training.run.duration")
                .with_unit("s")
                .with_description(
                    "Duration of training runs worked off here, by how they ended and why.",
                )
                .with_boundaries(DURATION_SECONDS.to_vec())
                .build(),
            read: rows(
                "training.rows.read",
                "Rows of the dataset read for training.",
            ),
            refused: rows("training.rows.refused", "Rows read that could not be used."),
        }
    }

    /// A run ended so: the outcome is the run's last status, the reason the gate's or the error's
    /// first code.
    pub(super) fn ended(&self, outcome: &str, reason: &str, seconds: f64) {
        let labels = [
            self.model(),
            KeyValue::new("training.run.outcome", outcome.to_owned()),
            KeyValue::new("training.run.reason", reason.to_owned()),
        ];
        self.duration.record(seconds, &labels);
    }

    /// So many rows were read, and so many of them refused.
    pub(super) fn rows(&self, read: u64, refused: u64) {
        self.read.add(read, &[self.model()]);
        self.refused.add(refused, &[self.model()]);
    }

    fn model(&self) -> KeyValue {
        KeyValue::new("model.name", self.model.clone())
    }
}
