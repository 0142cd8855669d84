//! A card as it goes over the wire.

use super::curves_body::CurvesBody;
use super::story::Story;
use super::words;
use crate::http::deployment_body::DeploymentBody;
use crate::http::gate_body::GateBody;
use crate::http::model_version_body::{EvaluationBody, ModelVersionBody, timestamp};
use crate::http::schema::FeatureBody;
use crate::learning::{ClassCount, Warning};
use crate::retraining::TrainingRun;
use crate::serving::ModelVersion;
use poem_openapi::Object;
use serde::Serialize;

/// A version for whoever answers for it: what it predicts and from what, how good it is and beside
/// which champion, who promoted it and why, and everything that its plots show.
#[derive(Debug, Clone, Object, Serialize)]
#[oai(rename = "ModelCard")]
pub(super) struct CardBody {
    /// What it predicts, in words.
    summary: String,
    /// From which rows it was learned, and on which it was looked at, in words.
    rows_in_words: String,
    /// The version.
    model: ModelVersionBody,
    /// The column that is predicted.
    target: String,
    /// The rows of each class that the served fit saw, classes in order.
    class_rows: Vec<ClassRows>,
    /// The training run that made it; absent where it was forgotten.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<CardRun>,
    /// What the gate said of it; absent where nothing was judged.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    gate: Option<GateBody>,
    /// By which it served, newest first, the first hundred; empty where it never did.
    deployments: Vec<DeploymentBody>,
    /// The champion whose place it took or, where it never served, the one that it was judged beside.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    replaced: Option<ReplacedVersion>,
    /// What somebody should know about it, and can do.
    warnings: Vec<CardWarning>,
    /// On the held-out rows: with two classes one, of the positive class; with more one a class, up
    /// to twenty. Empty where nothing was held out, and in versions stored before there were any.
    curves: Vec<CurvesBody>,
    /// The features, with what the rows of the served fit looked like.
    features: Vec<FeatureBody>,
    /// How to name this version so that somebody else can find out what it was.
    citation: String,
    /// The command that makes the same run again and compares.
    reproduction: String,
}

/// How many rows a class has.
#[derive(Debug, Clone, Object, Serialize)]
struct ClassRows {
    /// The class.
    class: String,
    /// Its rows.
    rows: u64,
}

/// What made a version.
#[derive(Debug, Clone, Object, Serialize)]
struct CardRun {
    /// Its id.
    id: String,
    /// Why it was made.
    trigger: String,
    /// Who asked for it; absent where nobody did.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    requested_by: Option<String>,
    /// When it was asked for.
    queued_at: String,
    /// When it ended.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    finished_at: Option<String>,
}

/// Another version, as far as a comparison needs it.
#[derive(Debug, Clone, Object, Serialize)]
struct ReplacedVersion {
    /// Its number.
    version: i32,
    /// On its own held-out rows; `gate` compares both on the same ones.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation: Option<EvaluationBody>,
}

/// Something that a person should know about a version.
#[derive(Debug, Clone, Object, Serialize)]
struct CardWarning {
    /// A stable word for it.
    code: String,
    /// What it is.
    detail: String,
    /// The columns that it is about; there may be none.
    columns: Vec<String>,
    /// What to do.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl CardBody {
    pub(super) fn of(story: &Story) -> Self {
        let content = &story.version.content;
        let trained = &content.trained;
        let gate = story.run.as_ref().and_then(|run| run.gate.as_ref());
        let classes = trained.profile.classes.iter().map(ClassRows::of);
        let profiles = &trained.profile.features;
        let features = content.schema.features().iter().enumerate();
        let features = features.map(|(at, feature)| FeatureBody::of(feature, profiles.get(at)));
        Self {
            summary: words::summary(story),
            rows_in_words: words::rows(story),
            model: ModelVersionBody::of(&story.version, story.champion),
            target: content.schema.target().to_owned(),
            class_rows: classes.collect(),
            run: story.run.as_ref().map(CardRun::of),
            gate: gate.and_then(|gate| GateBody::of(gate, Some(story.version.version))),
            deployments: story.deployments.iter().map(DeploymentBody::of).collect(),
            replaced: story.replaced.as_ref().map(ReplacedVersion::of),
            warnings: warnings(trained.all_warnings()),
            curves: trained.curves.iter().map(CurvesBody::of).collect(),
            features: features.collect(),
            citation: words::citation(story),
            reproduction: words::reproduction(story),
        }
    }
}

fn warnings(told: Vec<Warning>) -> Vec<CardWarning> {
    told.into_iter().map(CardWarning::of).collect()
}

impl ClassRows {
    fn of(count: &ClassCount) -> Self {
        Self {
            class: count.label.clone(),
            rows: count.rows,
        }
    }
}

impl CardRun {
    fn of(run: &TrainingRun) -> Self {
        Self {
            id: run.id.clone(),
            trigger: run.trigger.clone(),
            requested_by: run.requested_by.clone(),
            queued_at: timestamp(run.queued_at),
            finished_at: run.finished_at.map(timestamp),
        }
    }
}

impl ReplacedVersion {
    fn of(version: &ModelVersion) -> Self {
        let evaluation = version.content.trained.evaluation.as_ref();
        Self {
            version: version.version,
            evaluation: evaluation.map(EvaluationBody::of),
        }
    }
}

impl CardWarning {
    fn of(warning: Warning) -> Self {
        Self {
            remedy: words::remedy(&warning.code).map(str::to_owned),
            code: warning.code,
            detail: warning.detail,
            columns: warning.columns,
        }
    }
}
