//! The processes that answer for this model, and the version that each serves.

use super::standing::Standing;
use crate::http::model_version_body::card_link;
use crate::http::pages::scrolled;
use crate::serving::SeenReplica;
use maud::{Markup, html};

/// Whoever was not seen for so long has missed a few beats.
const SILENT_AFTER_SECONDS: f64 = 45.0;

pub(super) fn table(standing: &Standing<'_>) -> Markup {
    let Some(replicas) = &standing.replicas else {
        return html! { p { "The database does not answer now; this process is one." } };
    };
    if replicas.is_empty() {
        return html! { p { "None has told of itself yet: look again in a moment." } };
    }
    let should = standing
        .state
        .slot
        .champion()
        .map(|champion| champion.version);
    let schema = standing.state.schema.fingerprint();
    let table = html! {
        table {
            thead {
                tr {
                    th scope="col" { "Instance" }
                    th scope="col" { "Serves" }
                    th scope="col" { "Seen" }
                }
            }
            tbody {
                @for seen in replicas { (line(seen, should, &schema)) }
            }
        }
    };
    scrolled(
        "Table of replicas",
        "Every process that shares this database and serves this model.",
        &table,
    )
}

fn line(seen: &SeenReplica, should: Option<i32>, schema: &str) -> Markup {
    html! {
        tr {
            th.name scope="row" {
                (seen.replica.instance)
                br; span.quiet { "logitd " (seen.replica.code_version) }
            }
            td { (serves(seen, should, schema)) }
            td { (ago(seen.seconds_ago)) }
        }
    }
}

fn serves(seen: &SeenReplica, should: Option<i32>, schema: &str) -> Markup {
    let other = seen.replica.schema_fingerprint != schema;
    html! {
        @match seen.replica.version {
            Some(version) => a.whole href=(card_link(version)) { "version " (version) },
            None => "nothing yet",
        }
        @if other { ", for another schema" }
        @else if seen.replica.version.is_some() && seen.replica.version != should { ", not yet what should serve" }
    }
}

fn ago(seconds: f64) -> Markup {
    let whole = seconds.round();
    html! {
        @if whole < 1.0 { "now" }
        @else if whole < 120.0 { (whole) " s ago" }
        @else { ((whole / 60.0).round()) " min ago" }
        @if seconds > SILENT_AFTER_SECONDS { " " span.badge.bad { "silent" } }
    }
}
