//! A mean and its interval as they go over the wire.

use crate::learning::Estimate;
use poem_openapi::Object;
use serde::Serialize;

/// A mean a row with its 95% interval.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Estimate")]
pub(super) struct EstimateBody {
    /// The mean.
    mean: f64,
    /// Lower end of the interval.
    lower: f64,
    /// Its upper end.
    upper: f64,
    /// The mean's standard error.
    standard_error: f64,
}

impl EstimateBody {
    pub(super) fn of(estimate: Estimate) -> Self {
        Self {
            mean: estimate.mean,
            lower: estimate.lower,
            upper: estimate.upper,
            standard_error: estimate.standard_error,
        }
    }
}
