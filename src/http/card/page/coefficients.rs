//! The coefficients of one class: a forest plot of the largest, the others below, and a table of all.

use crate::http::card::story::Story;
use crate::http::pages::plots::{self, About, Effect};
use crate::http::pages::{known, scrolled, significant};
use crate::learning::{CoefficientReport, Contrast, EquationReport};
use maud::{Markup, html};

const PENALISED: &str = "There are no intervals under a penalty.";
const CONTRASTED: &str = "Intervals are known of the difference between two classes: each class but the \
    first has them against the first.";

/// As many as a person compares at one look.
const LARGEST: usize = 30;

pub(super) fn section(story: &Story, class: usize) -> Markup {
    let content = &story.version.content;
    let served = &content.trained.served;
    let classes = served.classifier.classes();
    let name = &classes.names()[class];
    let equations = served.equations();
    let equation = equations.iter().find(|equation| equation.class == *name);
    let known = served.inference.as_ref();
    let contrast = known.and_then(|known| known.contrasts.iter().find(|one| one.class == *name));
    html! {
        section aria-labelledby="coefficients-heading" {
            h2 #coefficients-heading { "Coefficients of " (name) }
            @if let Some(equation) = equation {
                @let forests = [
                    Some(plotted(story, equation, classes.len() == 2)),
                    contrast.map(|contrast| against(story, equation, contrast)),
                ];
                (drawn(forests.into_iter().flatten().collect()))
                (table(story, equation))
            }
        }
    }
}

/// Forests beside each other, and below what of each is folded.
fn drawn(forests: Vec<Forest>) -> Markup {
    html! {
        div.plots { @for forest in &forests { (forest.largest) } }
        @for forest in &forests { @if let Some(smaller) = &forest.smaller { (smaller) } }
    }
}

/// What one class's coefficients look like.
struct Forest {
    /// As many as fit one look.
    largest: Markup,
    /// The others, folded.
    smaller: Option<Markup>,
}

fn plotted(story: &Story, equation: &EquationReport, two: bool) -> Forest {
    let features = story.version.content.schema.features().iter();
    let effects = features
        .zip(&equation.coefficients)
        .map(|(feature, term)| Effect {
            name: feature.name.clone(),
            size: term.standardized,
            interval: term.inference.map(|known| {
                known
                    .confidence_interval
                    .map(|end| end * term.standard_deviation)
            }),
        });
    let title = format!("What speaks for {}", equation.class);
    let penalised = story.version.content.trained.served.report.penalty > 0.0;
    let (axis, without) = match (two, penalised) {
        (true, _) => ("Log-odds a standard deviation", PENALISED),
        (false, true) => ("Score a standard deviation", PENALISED),
        (false, false) => ("Score a standard deviation", CONTRASTED),
    };
    let about = About {
        id: "forest",
        title,
        axis,
        without,
    };
    split(about, "forest-others", effects.collect())
}

/// A class against the first, which is where intervals are with more than two classes.
fn against(story: &Story, equation: &EquationReport, contrast: &Contrast) -> Forest {
    let features = story.version.content.schema.features().iter();
    let terms = contrast.coefficients.iter().zip(&equation.coefficients);
    let effects = features.zip(terms).map(|(feature, (term, scale))| Effect {
        name: feature.name.clone(),
        size: term.coefficient * scale.standard_deviation,
        interval: term.inference.map(|known| {
            known
                .confidence_interval
                .map(|end| end * scale.standard_deviation)
        }),
    });
    let about = About {
        id: "contrast",
        title: format!("{} against {}", contrast.class, contrast.against),
        axis: "Log-odds a standard deviation",
        without: PENALISED,
    };
    split(about, "contrast-others", effects.collect())
}

/// The largest effects, and behind a word the others.
fn split(about: About, others: &'static str, mut effects: Vec<Effect>) -> Forest {
    effects.sort_by(|one, two| two.size.abs().total_cmp(&one.size.abs()));
    let rest = effects.split_off(effects.len().min(LARGEST));
    let smaller = About {
        id: others,
        title: format!("{}: the smaller ones", about.title),
        ..about.clone()
    };
    let folded = || {
        html! {
            details {
                summary { "The " (rest.len()) " smaller ones: " (about.title) }
                (plots::forest(smaller, &rest))
            }
        }
    };
    Forest {
        smaller: (!rest.is_empty()).then(folded),
        largest: plots::forest(about, &effects),
    }
}

fn table(story: &Story, equation: &EquationReport) -> Markup {
    let terms = &equation.coefficients;
    let inferred = terms.iter().any(|term| term.inference.is_some());
    let odds = terms.iter().any(|term| term.odds_ratio.is_some());
    let features = story.version.content.schema.features().iter().zip(terms);
    let table = html! {
        table {
            thead {
                tr {
                    th scope="col" { "Feature" }
                    th scope="col" { "Unit" }
                    th.number scope="col" { "Coefficient" }
                    th.number scope="col" { "A standard deviation" }
                    @if odds { th.number scope="col" { "Odds ratio" } }
                    @if inferred {
                        th.number scope="col" { "Standard error" }
                        th.number scope="col" { "z" }
                        th.number scope="col" { "p" }
                        th.number scope="col" { "95% interval" }
                    }
                }
            }
            tbody {
                tr {
                    th scope="row" { "Intercept" }
                    td {}
                    td.number { (significant(equation.intercept)) }
                    td {}
                    @if odds { td {} }
                    @if inferred { (inference(equation.intercept_inference.as_ref())) }
                }
                @for (feature, term) in features {
                    (line(&feature.name, feature.unit.as_deref(), term, odds, inferred))
                }
            }
        }
    };
    html! { details { summary { "All numbers as a table" } (scrolled("Coefficients", "A unit of a feature adds its coefficient, in the order of the schema.", &table)) } }
}

fn line(
    name: &str,
    unit: Option<&str>,
    term: &CoefficientReport,
    odds: bool,
    inferred: bool,
) -> Markup {
    html! {
        tr {
            th.name scope="row" { (name) }
            td { (unit.unwrap_or_default()) }
            td.number { (significant(term.coefficient)) }
            td.number { (significant(term.standardized)) }
            @if odds { td.number { (known(term.odds_ratio)) } }
            @if inferred { (inference(term.inference.as_ref())) }
        }
    }
}

fn inference(known: Option<&crate::learning::TermInference>) -> Markup {
    let Some(known) = known else {
        return html! { td {} td {} td {} td {} };
    };
    let [low, high] = known.confidence_interval.map(significant);
    html! {
        td.number { (significant(known.standard_error)) }
        td.number { (significant(known.z)) }
        td.number { (significant(known.p_value)) }
        td.number { (low) " to " (high) }
    }
}
