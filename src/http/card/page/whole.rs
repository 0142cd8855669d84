//! The page from top to bottom.

use super::{class_curves, coefficients, features, glance, quality, warnings};
use crate::http::card::story::Story;
use crate::http::card::words;
use crate::http::error::ApiError;
use crate::http::pages::{HtmlPage, plots};
use crate::http::problem::ProblemFault;
use maud::{Markup, html};

/// The place of the class that a reader chose by its name, the first unless told; of two classes it is
/// the positive one, whatever was chosen.
///
/// # Errors
/// `invalid_parameter` where the version has no such class.
pub(in crate::http::card) fn class_asked_for(
    story: &Story,
    asked: Option<&str>,
) -> Result<usize, ApiError> {
    let classes = story.version.content.trained.served.classifier.classes();
    let place = match asked {
        None => Some(0),
        Some(name) => classes.names().iter().position(|class| class == name),
    };
    match place {
        Some(_) if classes.len() == 2 => Ok(classes.positive_index()),
        Some(place) => Ok(place),
        None => {
            let known: Vec<String> = classes
                .names()
                .iter()
                .map(|name| format!("{name:?}"))
                .collect();
            let detail = format!(
                "is no class of this version; there are {}",
                known.join(", ")
            );
            Err(ApiError::parameters(vec![ProblemFault::of(
                "class", detail,
            )]))
        }
    }
}

/// The card of a version, its curves and coefficients for the class at this place.
pub(in crate::http::card) fn page(story: &Story, class: usize) -> HtmlPage {
    let (name, number) = (&story.version.content.model, story.version.version);
    let content = html! {
        (glance::header(story))
        (contents())
        (glance::facts(story))
        (warnings::section(story))
        (quality::section(story))
        (class_curves::section(story, class))
        (coefficients::section(story, class))
        (search(story))
        (features::section(story))
        (cite(story))
    };
    HtmlPage {
        title: format!("{name}, version {number}: the model's card"),
        content,
    }
}

/// The headings of the page, and what is below each.
const SECTIONS: [(&str, &str); 8] = [
    ("facts-heading", "Where it comes from"),
    ("warnings-heading", "What to look at"),
    ("quality-heading", "How good it is"),
    ("curves-heading", "On the held-out rows"),
    ("coefficients-heading", "Coefficients"),
    ("penalty-heading", "The choice of the penalty"),
    ("features-heading", "What it was trained on"),
    ("cite-heading", "How to cite it"),
];

fn contents() -> Markup {
    html! {
        nav.contents aria-label="On this page" {
            ul { @for (id, words) in SECTIONS { li { a href=(format!("#{id}")) { (words) } } } }
        }
    }
}

fn search(story: &Story) -> Markup {
    let search = story.version.content.trained.search.as_ref();
    html! {
        section aria-labelledby="penalty-heading" {
            h2 #penalty-heading { "The choice of the penalty" }
            @if let Some(search) = search {
                div.plots { (plots::penalties(search)) }
                @for entry in &search.entries {
                    @if let Some(why) = &entry.left_out {
                        p { "The penalty " (entry.penalty) " was left out: " (why) "." }
                    }
                }
            } @else {
                p { "One penalty was given, so there was no search." }
            }
        }
    }
}

fn cite(story: &Story) -> Markup {
    let number = story.version.version;
    html! {
        section aria-labelledby="cite-heading" {
            h2 #cite-heading { "How to cite it" }
            pre { (words::citation(story)) }
            p { "The same run again, compared bit by bit, where the rows are still there:" }
            pre { (words::reproduction(story)) }
            p.quiet {
                "Everything on this page is at this address as JSON too, without " code { "Accept: text/html" }
                "; the version alone at " code { "/v1/models/" (number) } "."
            }
        }
    }
}
