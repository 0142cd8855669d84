//! What can be asked for, and computing what was.

use super::request::InferRequest;
use crate::http::instance::Faults;
use crate::http::instance_batch::Rows;
use crate::http::measured::Labelled;
use crate::http::problem::ProblemFault;
use crate::learning::Classes;
use crate::serving::ServedModel;

/// An output of every model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Output {
    /// The label a row, `BYTES [n]`.
    Predict,
    /// A probability a row and class, in the order of the classes, `FP64 [n, classes]`.
    PredictProba,
    /// The log-odds of the positive class a row, `FP64 [n]`; with two classes only.
    LogOdds,
}

impl Output {
    /// The name in the protocol.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Predict => "predict",
            Self::PredictProba => "predict_proba",
            Self::LogOdds => "log_odds",
        }
    }

    /// The datatype in the protocol.
    pub(super) fn datatype(self) -> &'static str {
        match self {
            Self::Predict => "BYTES",
            Self::PredictProba | Self::LogOdds => "FP64",
        }
    }

    /// All that a model with these classes has.
    pub(super) fn of(classes: &Classes) -> &'static [Self] {
        match classes.len() {
            2 => &[Self::Predict, Self::PredictProba, Self::LogOdds],
            _ => &[Self::Predict, Self::PredictProba],
        }
    }
}

/// The outputs that a request wants, each with whether it is wanted as a binary tensor.
pub(super) fn wanted(
    request: &InferRequest<'_>,
    classes: &Classes,
    faults: &mut Faults,
) -> Vec<(Output, bool)> {
    let known = Output::of(classes);
    if request.outputs.is_empty() {
        let all = known.iter().map(|output| (*output, request.binary_outputs));
        return all.collect();
    }
    let mut wanted: Vec<(Output, bool)> = Vec::new();
    for (place, asked) in request.outputs.iter().enumerate() {
        let at = || format!("/outputs/{place}/name");
        let found = known.iter().find(|output| output.name() == asked.name);
        match found {
            Some(output) if wanted.iter().any(|(one, _)| one == output) => {
                faults.add(|| ProblemFault::at(at(), "is given twice"));
            }
            Some(output) => wanted.push((*output, asked.binary.unwrap_or(request.binary_outputs))),
            None => faults.add(|| {
                let names: Vec<_> = known.iter().map(|output| output.name()).collect();
                let names = names.join(", ");
                ProblemFault::at(
                    at(),
                    format!("is no output of this model; there are {names}"),
                )
            }),
        }
    }
    wanted
}

/// What the rows' predictions are made of.
#[derive(Debug)]
pub(super) struct Computed {
    /// The place of each row's label.
    pub(super) labels: Vec<usize>,
    /// Row after row, a probability a class.
    pub(super) probabilities: Vec<f64>,
    /// A row; none with more than two classes.
    pub(super) log_odds: Vec<f64>,
}

impl Labelled for Computed {
    fn labels(&self) -> impl Iterator<Item = usize> {
        self.labels.iter().copied()
    }
}

/// Predicts every row by one model.
pub(super) fn compute(model: &ServedModel, rows: &Rows) -> Computed {
    let classifier = model.classifier();
    let mut computed = Computed {
        labels: Vec::with_capacity(rows.count),
        probabilities: Vec::with_capacity(rows.count * classifier.classes().len()),
        log_odds: Vec::with_capacity(rows.count),
    };
    for row in rows.values.chunks_exact(classifier.features()) {
        let prediction = classifier.predict(row);
        computed.labels.push(prediction.label);
        computed.probabilities.extend(prediction.probabilities);
        computed.log_odds.extend(prediction.log_odds);
    }
    computed
}
