//! Instances to predictions, each by one snapshot of the slot.
//!
//! Pure computation of microseconds: it runs where the request runs and asks nobody.

use super::{ModelSlot, ServedModel};
use crate::learning::{Contributions, Prediction};
use std::sync::Arc;

/// Answers with the model in use.
#[derive(Debug, Clone)]
pub struct Predictor {
    slot: Arc<ModelSlot>,
}

/// Something a caller should know about a prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct RangeWarning {
    /// The feature's place in the schema.
    pub feature: usize,
    /// What about it.
    pub kind: WarningKind,
}

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum WarningKind {
    /// The value lies outside what the model was trained on.
    OutsideTrainingRange {
        /// The smallest value it was trained on.
        minimum: f64,
        /// The largest.
        maximum: f64,
    },
    /// No value was given; the training mean stands in.
    Imputed {
        /// The mean.
        mean: f64,
    },
}

/// One instance's prediction with its warnings.
#[derive(Debug, Clone)]
pub struct InstancePrediction {
    /// Label, probabilities and log-odds.
    pub prediction: Prediction,
    /// In the schema's order.
    pub warnings: Vec<RangeWarning>,
}

impl Predictor {
    /// Answers from this slot.
    #[must_use]
    pub fn new(slot: Arc<ModelSlot>) -> Self {
        Self { slot }
    }

    /// The model that this request is answered by; `None` until there is a champion.
    #[must_use]
    pub fn model(&self) -> Option<Arc<ServedModel>> {
        self.slot.snapshot()
    }

    /// Predicts one instance: values in the schema's order, NaN where none was given.
    #[must_use]
    pub fn predict(model: &ServedModel, instance: &[f64]) -> InstancePrediction {
        InstancePrediction {
            prediction: model.classifier().predict(instance),
            warnings: warnings(model, instance),
        }
    }

    /// What each feature adds to each score against the training mean: with two classes to the
    /// log-odds of the positive one, with more to the score of each.
    #[must_use]
    pub fn explain(model: &ServedModel, instance: &[f64]) -> Vec<Contributions> {
        model.classifier().contributions(instance)
    }
}

fn warnings(model: &ServedModel, instance: &[f64]) -> Vec<RangeWarning> {
    let profiles = model.feature_profiles().iter();
    let judged = instance
        .iter()
        .zip(profiles)
        .enumerate()
        .map(|(feature, (&value, profile))| {
            let kind = match profile.range() {
                _ if value.is_nan() => WarningKind::Imputed { mean: profile.mean },
                Some((minimum, maximum)) if value < minimum || value > maximum => {
                    WarningKind::OutsideTrainingRange { minimum, maximum }
                }
                _ => return None,
            };
            Some(RangeWarning { feature, kind })
        });
    judged.flatten().collect()
}
