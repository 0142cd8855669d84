//! The curves of one class against the rest, and with more than two classes the choice of it: a link
//! each, so that no script is needed and only one class's plots are sent.

use crate::http::card::story::Story;
use crate::http::model_version_body::card_link;
use crate::http::pages::plots;
use crate::learning::{ClassCurves, Classes};
use maud::{Markup, html};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

pub(super) fn section(story: &Story, class: usize) -> Markup {
    let trained = &story.version.content.trained;
    let classes = trained.served.classifier.classes();
    let name = &classes.names()[class];
    let curves = trained.curves.iter().find(|curves| curves.class == *name);
    html! {
        section aria-labelledby="curves-heading" {
            h2 #curves-heading { "On the held-out rows" }
            @if classes.len() > 2 { (choice(story, classes, class)) }
            @match curves {
                Some(curves) => (drawn(story, curves, class)),
                None if trained.evaluation.is_none() => p { "No row was held out, so there are no curves." },
                None => p { "This version has no curves: it has very many classes, or is older than they are." },
            }
        }
    }
}

fn choice(story: &Story, classes: &Classes, chosen: usize) -> Markup {
    let card = card_link(story.version.version);
    let link = |name: &str| {
        let name = utf8_percent_encode(name, NON_ALPHANUMERIC);
        format!("{card}?class={name}#curves-heading")
    };
    html! {
        nav.choosing aria-label="Class" {
            p { "Each class against all others. Shown, here and among the coefficients:" }
            ul.choice {
                @for (at, name) in classes.names().iter().enumerate() {
                    li { a href=(link(name)) aria-current=[(at == chosen).then_some("true")] { (name) } }
                }
            }
        }
    }
}

fn drawn(story: &Story, curves: &ClassCurves, class: usize) -> Markup {
    let trained = &story.version.content.trained;
    let classes = trained.served.classifier.classes();
    let evaluation = trained.evaluation.as_ref();
    // With more classes the area told is a mean over them.
    let area = evaluation
        .and_then(|of| of.roc_auc)
        .filter(|_| classes.len() == 2);
    let histograms = &curves.score_histograms;
    let of_class = histograms.get(class).cloned().unwrap_or_default();
    let mut rest = vec![0; of_class.len()];
    for (_, other) in histograms.iter().enumerate().filter(|(at, _)| *at != class) {
        for (sum, rows) in rest.iter_mut().zip(other) {
            *sum += rows;
        }
    }
    let [own, others]: [u64; 2] = [&of_class, &rest].map(|rows| rows.iter().sum());
    let share = own as f64 / (own + others).max(1) as f64;
    let others = match classes.len() {
        2 => classes.names()[1 - class].as_str(),
        _ => "all others",
    };
    html! {
        div.plots {
            (plots::roc(curves, area))
            (plots::precision_recall(curves, share))
            (plots::reliability(curves))
            (plots::scores(&curves.class, others, &of_class, &rest))
        }
    }
}
