//! How good it is: the numbers of the evaluation beside those of the champion that it replaced, what
//! the gate said, and which classes are taken for which.

use crate::http::card::story::Story;
use crate::http::model_version_body::card_link;
use crate::http::pages::{known, or_dash, scrolled, significant};
use crate::learning::{Estimate, Evaluation};
use crate::retraining::gate::{Contender, Decision, Verdict};
use maud::{Markup, html};

pub(super) fn section(story: &Story) -> Markup {
    let evaluation = story.version.content.trained.evaluation.as_ref();
    html! {
        section aria-labelledby="quality-heading" {
            h2 #quality-heading { "How good it is" }
            @if let Some(evaluation) = evaluation {
                (numbers(story, evaluation))
                (confusion(story, evaluation))
            } @else {
                p { "No row was held out, so nothing was measured." }
            }
            @if let Some(decision) = &story.decision { (gate(story, decision)) }
        }
    }
}

/// A measure: its name, its value and how it is read.
type Measure = (&'static str, fn(&Evaluation) -> Option<f64>, &'static str);

const MEASURES: [Measure; 6] = [
    (
        "Log loss",
        |of| Some(of.log_loss),
        "nats a row; lower is better, a confident mistake costs most",
    ),
    (
        "Log loss of the class shares",
        |of| of.base_rate_log_loss,
        "what always answering the shares of the classes would lose",
    ),
    (
        "Brier score",
        |of| Some(of.brier_score),
        "squared error of the probabilities; lower is better",
    ),
    (
        "Accuracy",
        |of| Some(of.accuracy),
        "share of rows whose label was predicted",
    ),
    (
        "ROC area",
        |of| of.roc_auc,
        "1 is perfect order, 0.5 is chance",
    ),
    (
        "Calibration error",
        |of| Some(of.calibration_error),
        "how far probabilities are from what came true, on average",
    ),
];

fn numbers(story: &Story, evaluation: &Evaluation) -> Markup {
    let other = story.replaced.as_ref();
    let others = other.and_then(|other| other.content.trained.evaluation.as_ref());
    let cell = |value: Option<f64>| html! { td.number { (known(value)) } };
    let table = html! {
        table {
            (head(story, other.map(|other| other.version)))
            tbody {
                tr {
                    (measure("Held-out rows", "the more, the surer the numbers below"))
                    td.number { (evaluation.rows) }
                    @if other.is_some() { td.number { (or_dash(others.map(|of| of.rows.to_string()))) } }
                }
                @for (name, value, reading) in MEASURES {
                    tr {
                        (measure(name, reading))
                        (cell(value(evaluation)))
                        @if other.is_some() { (cell(others.and_then(value))) }
                    }
                }
            }
        }
    };
    scrolled(
        "Numbers of the evaluation",
        "Each version on its own held-out rows, by a fit that had not seen them.",
        &table,
    )
}

fn measure(name: &str, reading: &str) -> Markup {
    html! { th.measure scope="row" { (name) br; span.quiet { (reading) } } }
}

fn head(story: &Story, other: Option<i32>) -> Markup {
    let number = story.version.version;
    let role = match story.promotion() {
        Some(_) => "replaced",
        None => "champion then",
    };
    html! {
        thead {
            tr {
                th scope="col" { "Measure" }
                th.number scope="col" { "Version " (number) }
                @if let Some(other) = other {
                    th.number scope="col" { a href=(card_link(other)) { "Version " (other) } br; (role) }
                }
            }
        }
    }
}

fn confusion(story: &Story, evaluation: &Evaluation) -> Markup {
    let classes = story.version.content.trained.served.classifier.classes();
    let names = classes.names();
    let table = html! {
        table {
            thead {
                tr {
                    td {}
                    th scope="colgroup" colspan=(names.len()) { "Predicted" }
                }
                tr {
                    th scope="col" { "Actual" }
                    @for name in names { th.number scope="col" { (name) } }
                }
            }
            tbody {
                @for (at, (name, row)) in names.iter().zip(&evaluation.confusion).enumerate() {
                    tr {
                        th.name scope="row" { (name) }
                        @for (place, rows) in row.iter().enumerate() {
                            td.number.hit[place == at] { (rows) }
                        }
                    }
                }
            }
        }
    };
    html! {
        h3 { "Which classes are taken for which" }
        (scrolled("Actual against predicted classes", "Held-out rows by actual class (a line each) and predicted class.", &table))
    }
}

fn gate(story: &Story, decision: &Decision) -> Markup {
    let own = decision.challenger.as_ref();
    let champion = decision.champion.as_ref();
    html! {
        h3 { "What the gate said" }
        p {
            @match decision.decision {
                Verdict::Promoted => span.badge.good { "promoted" },
                Verdict::Kept => span.badge.bad { "kept back" },
                Verdict::Skipped => span.badge { "skipped" },
            }
            @if let Some(rows) = decision.rows { " on " (rows) " rows" }
            @if champion.is_some_and(|champion| champion.log_loss.is_some()) { " that neither version had seen" }
        }
        ul {
            @for reason in &decision.reasons { li { (reason.detail) " " code { (reason.code) } } }
        }
        @if let (Some(own), Some(champion)) = (own, champion) {
            (beside(story.version.version, own, champion, decision))
        }
    }
}

/// Both versions on the rows of the decision.
fn beside(number: i32, own: &Contender, champion: &Contender, decision: &Decision) -> Markup {
    let line = |name: String, of: &Contender| {
        html! {
            tr {
                th scope="row" { (name) }
                td.number { (known(of.log_loss)) }
                td.number.broken { @if let Some(gain) = &of.gain { (interval(gain)) } @else { "–" } }
            }
        }
    };
    let version = champion
        .version
        .map_or_else(String::new, |version| version.to_string());
    let table = html! {
        table {
            thead {
                tr { th scope="col" { "Version" } th.number scope="col" { "Log loss" } th.number scope="col" { "Gain" } }
            }
            tbody {
                (line(format!("{number}, challenger"), own))
                (line(format!("{version}, champion"), champion))
            }
        }
    };
    html! {
        (scrolled("Challenger and champion", "Both on the same rows; gains are over the shares of the classes, with 95% intervals.", &table))
        @if let Some(difference) = &decision.difference {
            p { "Difference (above 0 the challenger is worse): " (interval(difference)) "." }
        }
    }
}

/// May be broken between the two, where there is little room.
fn interval(estimate: &Estimate) -> Markup {
    let Estimate {
        mean, lower, upper, ..
    } = *estimate;
    let [mean, lower, upper] = [mean, lower, upper].map(significant);
    html! { span.whole { (mean) } " " span.whole { "(" (lower) " to " (upper) ")" } }
}
