//! The page from top to bottom.

use super::standing::Standing;
use super::{replicas, runs};
use crate::health::CheckState;
use crate::http::causes;
use crate::http::model_version_body::card_link;
use crate::http::pages::{HtmlPage, significant, when};
use crate::http::state::ApiState;
use crate::retraining::TrainingRun;
use crate::serving::ServedModel;
use maud::{Markup, html};

/// All of it, for who may see it.
pub(super) fn whole(standing: &Standing<'_>) -> HtmlPage {
    let state = standing.state;
    let content = html! {
        (heading(state))
        (serving(standing))
        (next(standing))
        section aria-labelledby="runs-heading" {
            h2 #runs-heading { "Last training runs" }
            (runs::table(standing))
        }
        section aria-labelledby="replicas-heading" {
            h2 #replicas-heading { "Replicas" }
            (replicas::table(standing))
        }
        (checks(state))
        (links(state, standing.model.as_deref()))
    };
    page(state, content)
}

/// For who shows no key: whether it is ready, and where to go.
pub(super) fn outside(state: &ApiState) -> HtmlPage {
    let content = html! {
        (heading(state))
        p { "More is shown with a key. " a href="/?sign_in" { "Sign in" } ": any name will do, the key is the password." }
        (links(state, None))
    };
    page(state, content)
}

fn page(state: &ApiState, content: Markup) -> HtmlPage {
    HtmlPage {
        title: format!("{}: status", state.model),
        content,
    }
}

fn heading(state: &ApiState) -> Markup {
    let health = &state.health;
    html! {
        h1 {
            (state.model) " "
            @if health.is_draining() { span.badge.bad { "stopping" } }
            @else if health.is_ready() { span.badge.good { "ready" } }
            @else { span.badge.bad { "not ready" } }
        }
        @if !health.is_ready() && !health.is_draining() {
            p { "No trained model is loaded yet: predictions are refused until one is." }
        }
    }
}

fn serving(standing: &Standing<'_>) -> Markup {
    let should = standing
        .state
        .slot
        .champion()
        .map(|champion| champion.version);
    html! {
        section aria-labelledby="serving-heading" {
            h2 #serving-heading { "What serves" }
            @match standing.model.as_deref() {
                Some(model) => (champion(model, standing.made_by.as_ref(), should)),
                None => p { "Nothing yet." },
            }
        }
    }
}

fn champion(model: &ServedModel, run: Option<&TrainingRun>, should: Option<i32>) -> Markup {
    let (number, deployment) = (model.number(), model.deployment());
    let evaluation = model.version().content.trained.evaluation.as_ref();
    html! {
        p.lead {
            a href=(card_link(number)) { "Version " (number) } " predicts "
            strong { (model.version().content.schema.target()) } ", since "
            (when(deployment.deployed_at)) "."
        }
        @if let Some(should) = should.filter(|should| *should != number) {
            p.bad { "Version " (should) " should serve, and could not be loaded here yet." }
        }
        dl.facts {
            dt { "Promoted by" } dd { (causes::promoter(deployment, run)) }
            dt { "Because" } dd { (deployment.reason) }
            dt { "Automatic promotion" } dd { @if deployment.pinned { "off (pinned)" } @else { "on" } }
            @if let Some(evaluation) = evaluation {
                dt { "On held-out rows" }
                dd {
                    "log loss " (significant(evaluation.log_loss)) ", accuracy " (significant(evaluation.accuracy))
                    @if let Some(area) = evaluation.roc_auc { ", ROC area " (significant(area)) }
                    " (" (evaluation.rows) " rows)"
                }
            }
        }
    }
}

fn next(standing: &Standing<'_>) -> Markup {
    html! {
        section aria-labelledby="next-heading" {
            h2 #next-heading { "Next training run" }
            @match (standing.next_run, standing.state.timetable.is_some()) {
                (Some(tick), _) => p { (when(tick)) ", by the schedule." },
                (None, true) => p { "The schedule has no tick to come." },
                (None, false) => p { "No schedule is set: a run comes by request, by new rows or at a start." },
            }
        }
    }
}

fn checks(state: &ApiState) -> Markup {
    html! {
        section aria-labelledby="checks-heading" {
            h2 #checks-heading { "Checks of this process" }
            dl.facts {
                @for (name, check) in state.health.checks() {
                    dt { (name.as_str()) }
                    dd {
                        @match check {
                            CheckState::Up => span.good { "up" },
                            CheckState::Warning(detail) => { span.bad { "warning" } ": " (detail) },
                            CheckState::Down(detail) => { span.bad { "down" } ": " (detail) },
                        }
                    }
                }
            }
        }
    }
}

fn links(state: &ApiState, model: Option<&ServedModel>) -> Markup {
    html! {
        section aria-labelledby="links-heading" {
            h2 #links-heading { "Where to go" }
            ul {
                @if let Some(model) = model {
                    li { a href=(card_link(model.number())) { "The champion's card" } ": how good it is, and why it serves" }
                }
                li { a href="/docs" { "The API" } ", to be tried in the browser" }
                li { a href="/openapi.json" { "The OpenAPI document" } ", to make typed clients from" }
                li { a href="/metrics" { "Metrics" } " for Prometheus" }
                li { a href="/readyz?verbose" { "Readiness" } " for programs" }
                @if !state.keyring.is_asked_for() { li { a href="/v1/models" { "All versions" } ", as JSON" } }
            }
        }
    }
}
