//! Predictions inside their span, counted by the version that made them and the label it gave.

use super::csv_answer::CsvAnswer;
use super::prediction_body::{Prediction, PredictionBatch};
use super::state::ApiState;
use crate::serving::ServedModel;

/// An answer that knows the labels that it gives, by their places among the classes.
pub(super) trait Labelled {
    /// Of each instance.
    fn labels(&self) -> impl Iterator<Item = usize>;
}

impl Labelled for Prediction {
    fn labels(&self) -> impl Iterator<Item = usize> {
        std::iter::once(self.answer.place)
    }
}

impl Labelled for PredictionBatch {
    fn labels(&self) -> impl Iterator<Item = usize> {
        self.predictions.iter().map(|answer| answer.place)
    }
}

impl Labelled for CsvAnswer {
    fn labels(&self) -> impl Iterator<Item = usize> {
        self.labels.iter().copied()
    }
}

/// Predicts with this model.
pub(super) fn measured<T: Labelled>(
    state: &ApiState,
    model: &ServedModel,
    predict: impl FnOnce() -> T,
) -> T {
    let span = state.telemetry.span("prediction.predict");
    let made = span.in_scope(predict);
    let (version, names) = (model.number(), model.classifier().classes().names());
    span.set("model.version", i64::from(version));
    state.telemetry.predicted(version, names, made.labels());
    made
}
