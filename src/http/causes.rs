//! Why a run was made and who promoted what it made, in words, the same on every page.

use crate::http::model_version_body::timestamp;
use crate::retraining::TrainingRun;
use crate::serving::{Deployment, DeploymentAction};

/// Why a run was made, and for whom where somebody asked: fits behind "made" and "a run".
pub(in crate::http) fn cause(run: &TrainingRun) -> String {
    let why = match run.trigger.as_str() {
        "schedule" => "by the schedule",
        "request" => "on request",
        "start" => "at a start of the service",
        "new_rows" => "for new rows",
        "command" => "by logitd train",
        other => other,
    };
    match &run.requested_by {
        Some(by) => format!("{why} of {by}"),
        None => why.to_owned(),
    }
}

/// Who promoted: a person by name, or the gate. `run` is the one that made the version.
pub(in crate::http) fn promoter(deployment: &Deployment, run: Option<&TrainingRun>) -> String {
    match run.filter(|run| is_by_the_gate(deployment, run)) {
        Some(run) => format!("the gate, after a run {}", cause(run)),
        None => deployment.deployed_by.clone(),
    }
}

/// What the gate promotes is deployed as its run ends, in one transaction and with one time; a key
/// may well be called as a trigger is.
fn is_by_the_gate(deployment: &Deployment, run: &TrainingRun) -> bool {
    deployment.action == DeploymentAction::Promote.as_str()
        && run.version == Some(deployment.version)
        && run.finished_at.map(timestamp) == Some(timestamp(deployment.deployed_at))
}
