//! The curves of a card as they go over the wire.

use crate::learning::{CalibrationBin, ClassCurves, PrecisionRecallPoint, RocPoint};
use poem_openapi::Object;
use serde::Serialize;

/// One class against the rest, on the held-out rows. At most 200 points a curve, all of them on it.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "ClassCurves")]
pub(super) struct CurvesBody {
    /// The class.
    class: String,
    /// From (0, 0) to (1, 1); empty where the held-out rows are of one side only.
    roc: Vec<RocPointBody>,
    /// Recall rising; empty where no held-out row is of the class.
    precision_recall: Vec<PrecisionRecallPointBody>,
    /// The reliability diagram: ten bins of equal width.
    calibration: Vec<CalibrationBinBody>,
    /// Rows over twenty bins of equal width of the class's probability, by actual class, classes in
    /// order.
    score_histograms: Vec<Vec<u64>>,
}

/// A threshold on the ROC curve.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "RocPoint")]
struct RocPointBody {
    /// Share of the other rows at or above the threshold.
    false_positive_rate: f64,
    /// Share of the class's rows at or above it.
    true_positive_rate: f64,
    /// The probability; absent at (0, 0), which is above all of them.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    threshold: Option<f64>,
}

/// A threshold on the precision-recall curve.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "PrecisionRecallPoint")]
struct PrecisionRecallPointBody {
    /// Share of the class's rows at or above the threshold.
    recall: f64,
    /// Share of the class among the rows at or above it.
    precision: f64,
    /// The probability.
    threshold: f64,
}

/// A bin of the reliability diagram.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "CalibrationBin")]
struct CalibrationBinBody {
    /// Its lower edge.
    lower: f64,
    /// Its upper edge.
    upper: f64,
    /// Rows in it.
    rows: u64,
    /// Their mean probability; absent without rows.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_probability: Option<f64>,
    /// The share of them that is of the class; absent without rows.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    positive_share: Option<f64>,
}

impl CurvesBody {
    pub(super) fn of(curves: &ClassCurves) -> Self {
        let roc = curves.roc.iter().copied().map(RocPointBody::of);
        let precision_recall = curves.precision_recall.iter().copied();
        let calibration = curves.calibration.iter().copied();
        Self {
            class: curves.class.clone(),
            roc: roc.collect(),
            precision_recall: precision_recall.map(PrecisionRecallPointBody::of).collect(),
            calibration: calibration.map(CalibrationBinBody::of).collect(),
            score_histograms: curves.score_histograms.clone(),
        }
    }
}

impl RocPointBody {
    fn of(point: RocPoint) -> Self {
        Self {
            false_positive_rate: point.false_positive_rate,
            true_positive_rate: point.true_positive_rate,
            threshold: point.threshold,
        }
    }
}

impl PrecisionRecallPointBody {
    fn of(point: PrecisionRecallPoint) -> Self {
        Self {
            recall: point.recall,
            precision: point.precision,
            threshold: point.threshold,
        }
    }
}

impl CalibrationBinBody {
    fn of(bin: CalibrationBin) -> Self {
        Self {
            lower: bin.lower,
            upper: bin.upper,
            rows: bin.rows,
            mean_probability: bin.mean_probability,
            positive_share: bin.positive_share,
        }
    }
}
