//! What to look at, and what can be done.

use crate::http::card::story::Story;
use crate::http::card::words;
use crate::http::pages::worded;
use maud::{Markup, html};

pub(super) fn section(story: &Story) -> Markup {
    let warnings = story.version.content.trained.all_warnings();
    html! {
        section aria-labelledby="warnings-heading" {
            h2 #warnings-heading { "What to look at" }
            @if warnings.is_empty() {
                p { "Nothing: the training had no warning." }
            } @else {
                ul.warnings {
                    @for warning in &warnings {
                        li {
                            p { strong { (words::title(&warning.code)) } }
                            @if !warning.detail.is_empty() { p { (sentence(&warning.detail)) } }
                            @if let Some(remedy) = words::remedy(&warning.code) { p { strong.label { "What to do: " } (worded(remedy)) } }
                        }
                    }
                }
            }
        }
    }
}

/// With a capital and a full stop.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters
        .next()
        .map(|first| first.to_uppercase().collect::<String>());
    let mut sentence = first.unwrap_or_default() + letters.as_str();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fragment_becomes_a_sentence() {
        assert_eq!(sentence("élan is there"), "Élan is there.");
        assert_eq!(sentence("\"a\" is odd."), "\"a\" is odd.");
        assert_eq!(sentence(""), ".");
    }
}
