//! A model version as it goes over the wire.

use super::equation_body::{ContrastBody, Equation};
use super::estimate_body::EstimateBody;
use crate::learning::{Classes, Evaluation, OrderValue, SearchTable, TrainedRows, Warning};
use crate::serving::{ModelVersion, NewModelVersion};
use chrono::{DateTime, SecondsFormat, Utc};
use poem_openapi::Object;
use serde::Serialize;

/// A version of the model: what was learned, from what, how well, and by which code.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "ModelVersion")]
pub(super) struct ModelVersionBody {
    /// The model's name.
    name: String,
    /// The version's number, counted from 1.
    version: i32,
    /// When it was made.
    created_at: String,
    /// The training run that made it.
    training_run: String,
    /// Whether it is what should serve.
    champion: bool,
    /// Where its card is: for a browser a page with plots.
    card: String,
    /// Every class, in order.
    classes: Vec<String>,
    /// The class whose probability is `probability`; with two classes only.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    positive: Option<String>,
    /// How many rows went where.
    rows: TrainingRows,
    /// L2 on standardised features, on the sum of log losses (scikit-learn's 1/C).
    penalty: f64,
    /// The seed of whatever was drawn.
    seed: u64,
    /// Whether the served fit reached its optimum, by the norm of its gradient.
    converged: bool,
    /// Steps of the served fit after its start.
    iterations: u32,
    /// The norm of the gradient at the served fit.
    gradient_norm: f64,
    /// Of the served fit, on the rows that it was fitted on.
    log_likelihood: f64,
    /// Of class shares alone, on the same rows.
    null_log_likelihood: f64,
    /// On the held-out rows, by the fit that never saw them; absent where nothing was held out.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation: Option<EvaluationBody>,
    /// With two classes one, of the positive class; with more one a class (symmetric softmax).
    equations: Vec<Equation>,
    /// With more than two classes and no penalty: each class against the first, with inference.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    contrasts: Option<Vec<ContrastBody>>,
    /// How the penalty was chosen; absent where one was given.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<PenaltySearch>,
    /// What somebody should know about this version.
    warnings: Vec<ModelWarning>,
    /// What the solver did, in words.
    steps: Vec<String>,
    /// How rows were held out.
    split: SplitBody,
    /// Of the rows, whatever their order.
    data_fingerprint: String,
    /// Of target, features and how missing values are taken.
    schema_fingerprint: String,
    /// Version and revision of the code that fitted.
    code_version: String,
}

/// How many rows went where.
#[derive(Debug, Clone, Object, Serialize)]
struct TrainingRows {
    /// Seen by the served fit.
    fitted: u64,
    /// Seen by the fit that was evaluated.
    gate_training: u64,
    /// Held out for the evaluation.
    held_out: u64,
    /// Not usable.
    refused: u64,
    /// Without a label.
    unlabelled: u64,
}

/// How good a fit is on rows it never saw.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Evaluation")]
pub(super) struct EvaluationBody {
    /// The held-out rows.
    rows: u64,
    /// The mean log loss, from log-odds without clipping.
    log_loss: f64,
    /// The mean log loss of the class shares of the training part.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    base_rate_log_loss: Option<f64>,
    /// What is gained over the base rate, a row.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    gain: Option<EstimateBody>,
    /// The mean of (p - y)^2.
    brier_score: f64,
    /// The share of rows whose label was right.
    accuracy: f64,
    /// The area under the ROC curve; absent where a class is missing.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    roc_auc: Option<f64>,
    /// The distance between probability and frequency over 10 bins of equal width.
    calibration_error: f64,
    /// Rows are actual classes, columns predicted ones, both in the order of `classes`.
    confusion: Vec<Vec<u64>>,
}

/// Something that a person should know about a version.
#[derive(Debug, Clone, Object, Serialize)]
struct ModelWarning {
    /// A stable word for it.
    code: String,
    /// What it is, and what can be done.
    detail: String,
    /// The columns that it is about; there may be none.
    columns: Vec<String>,
}

/// How the penalty was chosen: over stratified folds of the rows that were not held out.
#[derive(Debug, Clone, Object, Serialize)]
struct PenaltySearch {
    /// Into how many parts the rows were divided.
    folds: u64,
    /// The penalty that was taken.
    chosen: f64,
    /// Every penalty that was looked at, the largest first.
    entries: Vec<PenaltySearchEntry>,
}

/// One penalty of a search.
#[derive(Debug, Clone, Object, Serialize)]
struct PenaltySearchEntry {
    /// The penalty.
    penalty: f64,
    /// The mean log loss on rows outside each fit.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    mean_log_loss: Option<f64>,
    /// Its standard error.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    standard_error: Option<f64>,
    /// Why it was left out, if it was.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<String>,
}

/// How rows were held out.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "Split")]
struct SplitBody {
    /// `hash`: by a hash of the row's key. `order`: the newest by a column.
    rule: String,
    /// The table.
    table: String,
    /// By which column: the key's (absent where a row is known by its feature values), or the order.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    column: Option<String>,
    /// The share held out.
    fraction: f64,
    /// Of the rule `order`: strictly newer rows are held out. A time is in UTC.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    cut: Option<String>,
    /// Whether the rows were a sample, by a hash of the key.
    sampled: bool,
}

/// Where a version's card is.
pub(super) fn card_link(version: i32) -> String {
    format!("/v1/models/{version}/card")
}

/// A value of the order column, for people.
pub(super) fn shown(order: &OrderValue) -> String {
    match order {
        OrderValue::Moment(micros) => DateTime::from_timestamp_micros(*micros).map_or_else(
            || micros.to_string(),
            |time| time.to_rfc3339_opts(SecondsFormat::Micros, true),
        ),
        OrderValue::Integer(value) => value.to_string(),
        OrderValue::Number(value) => value.to_string(),
        OrderValue::Text(text) => text.clone(),
    }
}

/// RFC 3339 in UTC with milliseconds.
pub(super) fn timestamp(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

impl ModelVersionBody {
    /// Shows a version; `champion` is the number of the version that should serve.
    pub(super) fn of(version: &ModelVersion, champion: Option<i32>) -> Self {
        let content = &version.content;
        let served = &content.trained.served;
        let report = &served.report;
        let classes = served.classifier.classes();
        Self {
            name: content.model.clone(),
            version: version.version,
            created_at: timestamp(content.created_at),
            training_run: content.training_run.clone(),
            champion: champion == Some(version.version),
            card: card_link(version.version),
            classes: classes.names().to_vec(),
            positive: positive(classes),
            rows: TrainingRows::of(content.trained.rows),
            penalty: report.penalty,
            seed: report.seed,
            converged: report.converged,
            iterations: report.iterations,
            gradient_norm: report.gradient_norm,
            log_likelihood: report.log_likelihood,
            null_log_likelihood: report.null_log_likelihood,
            evaluation: content.trained.evaluation.as_ref().map(EvaluationBody::of),
            equations: equations(content),
            contrasts: contrasts(content),
            search: content.trained.search.as_ref().map(PenaltySearch::of),
            warnings: warnings(content),
            steps: report.steps.clone(),
            split: SplitBody::of(version),
            data_fingerprint: content.data_fingerprint.clone(),
            schema_fingerprint: content.schema.fingerprint(),
            code_version: content.code_version.clone(),
        }
    }
}

/// The positive class, where there is one.
pub(super) fn positive(classes: &Classes) -> Option<String> {
    (classes.len() == 2).then(|| classes.positive().to_owned())
}

fn equations(content: &NewModelVersion) -> Vec<Equation> {
    let shown = content.trained.served.equations();
    let shown = shown
        .iter()
        .map(|shown| Equation::of(&content.schema, shown));
    shown.collect()
}

fn contrasts(content: &NewModelVersion) -> Option<Vec<ContrastBody>> {
    let known = content.trained.served.inference.as_ref()?;
    let shown = known.contrasts.iter();
    let shown: Vec<_> = shown
        .map(|contrast| ContrastBody::of(&content.schema, contrast))
        .collect();
    (!shown.is_empty()).then_some(shown)
}

fn warnings(content: &NewModelVersion) -> Vec<ModelWarning> {
    let told = content.trained.all_warnings();
    told.into_iter().map(ModelWarning::of).collect()
}

impl TrainingRows {
    fn of(rows: TrainedRows) -> Self {
        Self {
            fitted: rows.fitted,
            gate_training: rows.gate_training,
            held_out: rows.held_out,
            refused: rows.refused,
            unlabelled: rows.unlabelled,
        }
    }
}

impl EvaluationBody {
    pub(super) fn of(evaluation: &Evaluation) -> Self {
        Self {
            rows: evaluation.rows,
            log_loss: evaluation.log_loss,
            base_rate_log_loss: evaluation.base_rate_log_loss,
            gain: evaluation.gain.map(EstimateBody::of),
            brier_score: evaluation.brier_score,
            accuracy: evaluation.accuracy,
            roc_auc: evaluation.roc_auc,
            calibration_error: evaluation.calibration_error,
            confusion: evaluation.confusion.clone(),
        }
    }
}

impl SplitBody {
    fn of(version: &ModelVersion) -> Self {
        let split = &version.content.split;
        Self {
            rule: split.rule.clone(),
            table: split.table.clone(),
            column: split.column.clone(),
            fraction: split.division.fraction,
            cut: split.division.cut.as_ref().map(shown),
            sampled: split.division.sample_below.is_some(),
        }
    }
}

impl ModelWarning {
    fn of(warning: Warning) -> Self {
        Self {
            code: warning.code,
            detail: warning.detail,
            columns: warning.columns,
        }
    }
}

impl PenaltySearch {
    fn of(table: &SearchTable) -> Self {
        let entries = table.entries.iter().map(|entry| PenaltySearchEntry {
            penalty: entry.penalty,
            mean_log_loss: entry.mean_log_loss,
            standard_error: entry.standard_error,
            left_out: entry.left_out.clone(),
        });
        Self {
            folds: table.folds as u64,
            chosen: table.chosen,
            entries: entries.collect(),
        }
    }
}
