//! What it is: the sentence at the top, and the facts.

use crate::http::card::story::Story;
use crate::http::card::words;
use crate::http::causes;
use crate::http::model_version_body::shown;
use crate::http::pages::{significant, when};
use crate::serving::DeploymentAction;
use maud::{Markup, html};

/// Its name, whether it serves, and what it does.
pub(super) fn header(story: &Story) -> Markup {
    let (name, number) = (&story.version.content.model, story.version.version);
    html! {
        h1 {
            (name) ", version " (number) " "
            @if story.serves() { span.badge.good { "champion" } }
            @else if story.promotion().is_some() { span.badge { "served before" } }
            @else { span.badge { "never served" } }
        }
        p.lead { (words::summary(story)) }
        p { (words::rows(story)) }
    }
}

/// Where it comes from and by whom it serves.
pub(super) fn facts(story: &Story) -> Markup {
    html! {
        section aria-labelledby="facts-heading" {
            h2 #facts-heading { "Where it comes from" }
            dl.facts {
                dt { "Made" } dd { (when(story.version.content.created_at)) ", " (made_by(story)) }
                dt { "Serves" } dd { (serves(story)) }
                dt { "Table" } dd { (story.version.content.split.table) }
                dt { "Rows" } dd { (rows(story)) }
                dt { "Held out" } dd { (held_out(story)) }
                dt { "Fit" } dd { (fit(story)) }
                dt { "Code" } dd.exact { "logitd " (story.version.content.code_version) }
                dt { "Data" } dd.exact { (story.version.content.data_fingerprint) }
                dt { "Schema" } dd.exact { (story.version.content.schema.fingerprint()) }
            }
        }
    }
}

fn made_by(story: &Story) -> Markup {
    let id = &story.version.content.training_run;
    html! {
        "by training run " span.exact { (id) }
        @if let Some(run) = &story.run {
            " (" (causes::cause(run)) ")"
        }
    }
}

fn serves(story: &Story) -> Markup {
    let Some(promotion) = story.promotion() else {
        return html! { "It has never served." };
    };
    let now = story.serves();
    let pinned = now
        && story
            .deployments
            .first()
            .is_some_and(|newest| newest.pinned);
    html! {
        @if now { "Since " } @else { "Not now; last from " }
        (when(promotion.deployed_at)) ", by " strong { (causes::promoter(promotion, story.run.as_ref())) }
        @if promotion.action == DeploymentAction::RollBack.as_str() { " (a roll back)" }
        @if !promotion.reason.is_empty() { ", because: " (promotion.reason) }
        @if pinned { " Automatic promotion is off (pinned)." }
    }
}

fn rows(story: &Story) -> Markup {
    let trained = &story.version.content.trained;
    let rows = trained.rows;
    let classes = trained.profile.classes.iter();
    let classes: Vec<String> = classes
        .map(|class| format!("{} {}", class.rows, class.label))
        .collect();
    html! {
        (rows.fitted) " fitted (" (classes.join(", ")) "), "
        (rows.gate_training) " seen by the fit that was evaluated, " (rows.held_out) " held out, "
        (rows.refused) " refused, " (rows.unlabelled) " without a label"
    }
}

fn held_out(story: &Story) -> Markup {
    let split = &story.version.content.split;
    let percent = significant(split.division.fraction * 100.0);
    html! {
        @match (&split.column, &split.division.cut) {
            _ if split.division.fraction == 0.0 => "nothing",
            (Some(column), Some(cut)) => {
                "the newest " (percent) "% by " (column) ", after " (shown(cut))
            }
            (Some(column), None) => { (percent) "% by a hash of " (column) }
            (None, _) => { (percent) "% by a hash of the feature values" }
        }
        @if split.division.sample_below.is_some() { ", of a sample of the rows" }
    }
}

fn fit(story: &Story) -> Markup {
    let report = &story.version.content.trained.served.report;
    html! {
        @if report.converged { "converged" } @else { strong { "not converged" } }
        " after " (report.iterations) " steps (gradient " (significant(report.gradient_norm)) "), penalty "
        (significant(report.penalty)) ", log-likelihood " (significant(report.log_likelihood)) " ("
        (significant(report.null_log_likelihood)) " of the class shares alone), seed " (report.seed)
    }
}
