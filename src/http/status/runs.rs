//! The last runs: why each was made and what became of it.

use super::standing::Standing;
use crate::http::causes::cause;
use crate::http::model_version_body::card_link;
use crate::http::pages::{scrolled, when};
use crate::retraining::gate::Decision;
use crate::retraining::{RunStatus, TrainingRun};
use maud::{Markup, html};
use serde::Deserialize;

pub(super) fn table(standing: &Standing<'_>) -> Markup {
    let Some(runs) = &standing.runs else {
        return html! { p { "The database does not answer now; predictions go on without it." } };
    };
    if runs.is_empty() {
        return html! { p { "There was none yet." } };
    }
    // Behind a key a run is asked for by an operator's program, which sends it: a link would lead
    // to a refusal.
    let linked = !standing.state.keyring.is_asked_for();
    let table = html! {
        table {
            thead {
                tr {
                    th scope="col" { "Asked for" }
                    th scope="col" { "Outcome and reason" }
                }
            }
            tbody { @for run in runs { (line(run, linked)) } }
        }
    };
    scrolled("Table of runs", "Newest first.", &table)
}

fn line(run: &TrainingRun, linked: bool) -> Markup {
    let link = format!("/v1/training-runs/{}", run.id);
    let reason = reason(run);
    html! {
        tr {
            td.asked {
                @if linked { a href=(link) { (when(run.queued_at)) } } @else { (when(run.queued_at)) }
                br; span.quiet { (cause(run)) }
            }
            td.words {
                (outcome(run))
                @if let Some(version) = run.version { " version " a href=(card_link(version)) { (version) } }
                @if !reason.is_empty() { br; (reason) }
            }
        }
    }
}

fn outcome(run: &TrainingRun) -> Markup {
    let class = if run.is(RunStatus::Promoted) {
        "badge good"
    } else if run.is(RunStatus::Failed) {
        "badge bad"
    } else {
        "badge"
    };
    html! { span class=(class) { (run.status) } }
}

/// The gate's words or the error's; of a run that goes on its step.
fn reason(run: &TrainingRun) -> String {
    if let Some(error) = &run.error {
        return error.detail.clone();
    }
    let decision = run
        .gate
        .as_ref()
        .and_then(|gate| Decision::deserialize(gate).ok());
    if let Some(decision) = decision {
        let reasons: Vec<String> = decision.reasons.into_iter().map(|one| one.detail).collect();
        return reasons.join("; ");
    }
    match (&run.step, run.is(RunStatus::Running)) {
        (Some(step), true) => {
            let percent = run.progress.unwrap_or_default() * 100.0;
            format!("{step}, {percent:.0}%")
        }
        _ => String::new(),
    }
}
