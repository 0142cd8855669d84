//! What the rows of the served fit looked like, a line a feature.

use crate::http::card::story::Story;
use crate::http::pages::{measured, or_dash, plots, scrolled, significant};
use crate::learning::{Feature, FeatureProfile, Missing};
use maud::{Markup, html};

pub(super) fn section(story: &Story) -> Markup {
    let content = &story.version.content;
    let profile = &content.trained.profile;
    let features = content.schema.features().iter().zip(&profile.features);
    let seen = format!(
        "Over the {} rows that the served fit saw, in each feature's own unit.",
        profile.rows
    );
    let table = html! {
        table {
            thead {
                tr {
                    th scope="col" { "Feature" }
                    th scope="col" { "Rows by value" }
                    th.number scope="col" { "Median" }
                    th.number scope="col" { "Middle half" }
                    th.number scope="col" { "Mean" }
                    th.number scope="col" { "Standard deviation" }
                    th.number scope="col" { "Missing" }
                    th.number scope="col" { "Allowed" }
                }
            }
            tbody { @for (feature, profile) in features { (line(feature, profile)) } }
        }
    };
    html! {
        section aria-labelledby="features-heading" {
            h2 #features-heading { "What it was trained on" }
            (scrolled("Profile of the features", &seen, &table))
        }
    }
}

fn line(feature: &Feature, profile: &FeatureProfile) -> Markup {
    let unit = feature.unit.as_deref();
    let quantile = |wanted: f64| {
        let mut quantiles = profile.quantiles.iter();
        let found = quantiles.find(|quantile| quantile.probability == wanted)?;
        Some(significant(found.value))
    };
    let half = quantile(0.25)
        .zip(quantile(0.75))
        .map(|(low, high)| format!("{low} to {high}"));
    let number = |value: f64| (profile.count > 0).then(|| significant(value));
    html! {
        tr {
            th.name scope="row" {
                (feature.name)
                @if let Some(words) = &feature.description { br; span.quiet { (words) } }
                @if let Some(unit) = unit { br; span.quiet { "in " (unit) } }
            }
            td { @if let Some(plot) = plots::histogram(profile, unit) { (plot) } }
            td.number { (or_dash(quantile(0.5))) }
            td.number { (or_dash(half)) }
            td.number { (or_dash(number(profile.mean))) }
            td.number { (or_dash(number(profile.standard_deviation))) }
            td.number {
                (profile.missing)
                @if feature.missing == Missing::Mean { br; span.quiet { "mean stands in" } }
            }
            td.number { (allowed(feature)) }
        }
    }
}

fn allowed(feature: &Feature) -> String {
    let unit = feature.unit.as_deref();
    match (feature.minimum, feature.maximum) {
        (None, None) => "any".to_owned(),
        (Some(low), None) => format!("from {}", measured(low, unit)),
        (None, Some(high)) => format!("to {}", measured(high, unit)),
        (Some(low), Some(high)) => format!("{} to {}", significant(low), measured(high, unit)),
    }
}
