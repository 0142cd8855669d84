//! The dashboard as Grafana reads it: what it asks, what it explains, where it stands.

use super::{page, shipped};
use serde_json::Value;
use std::collections::BTreeSet;

/// A query of a panel, as it is sent with everything chosen.
pub(super) struct Asked {
    /// "Latency of predictions, A".
    pub(super) whose: String,
    /// PromQL.
    pub(super) query: String,
}

fn dashboard() -> Value {
    serde_json::from_str(&shipped("dashboard.json")).unwrap()
}

fn panels() -> Vec<Value> {
    let all = dashboard()["panels"].as_array().unwrap().clone();
    let shows = all.into_iter().filter(|panel| panel["type"] != "row");
    shows.collect()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value}"))
}

/// As Grafana fills its variables in.
fn filled(query: &str) -> String {
    [
        ("$__rate_interval", "10s"),
        ("$__interval", "10s"),
        ("$job", ".*"),
        ("$model", ".*"),
    ]
    .iter()
    .fold(query.to_owned(), |query, (name, value)| {
        query.replace(name, value)
    })
}

/// Every query of every panel, and of every choice at the top.
pub(super) fn queries() -> Vec<Asked> {
    let mut all = Vec::new();
    for panel in panels() {
        for target in panel["targets"].as_array().unwrap() {
            all.push(Asked {
                whose: format!("{}, {}", text(&panel["title"]), text(&target["refId"])),
                query: filled(text(&target["expr"])),
            });
        }
    }
    for choice in dashboard()["templating"]["list"].as_array().unwrap() {
        let Some(query) = choice["definition"].as_str() else {
            continue;
        };
        let values = query.strip_prefix("label_values(").unwrap();
        let (series, label) = values.trim_end_matches(')').rsplit_once(", ").unwrap();
        let series = filled(series);
        all.push(Asked {
            whose: format!("choice of {}", text(&choice["name"])),
            query: format!("count by ({label}) ({series})"),
        });
    }
    all
}

/// What is drawn over the panels; it may find nothing.
pub(super) fn annotations() -> Vec<String> {
    let list = dashboard()["annotations"]["list"].clone();
    let list = list.as_array().unwrap().iter();
    list.map(|one| filled(text(&one["expr"]))).collect()
}

#[test]
fn each_panel_asks_the_chosen_prometheus_and_explains_itself() {
    let mut ids = BTreeSet::new();
    for panel in panels() {
        let title = text(&panel["title"]).to_owned();
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "{title}");
        assert!(text(&panel["description"]).len() > 10, "{title}");
        assert!(
            panel["fieldConfig"]["defaults"]["unit"].is_string(),
            "{title}"
        );
        for target in panel["targets"].as_array().unwrap() {
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
            assert!(text(&target["expr"]).contains("job=~\"$job\""), "{title}");
            assert!(!text(&target["legendFormat"]).is_empty(), "{title}");
        }
    }
    assert!(ids.len() >= 20, "{}", ids.len());
}

#[test]
fn no_panel_lies_on_another() {
    let mut taken = BTreeSet::new();
    for panel in dashboard()["panels"].as_array().unwrap() {
        let place = |side: &str| panel["gridPos"][side].as_u64().unwrap();
        assert!(place("x") + place("w") <= 24, "{panel}");
        for x in place("x")..place("x") + place("w") {
            for y in place("y")..place("y") + place("h") {
                assert!(taken.insert((x, y)), "{} at {x}, {y}", panel["title"]);
            }
        }
    }
}

#[test]
fn every_metric_that_is_documented_has_a_place_on_it() {
    let page = page("telemetry.md");
    let table = page.split("<!-- metrics -->").nth(1).unwrap();
    let table = table.split("<!-- /metrics -->").next().unwrap();
    let asked: Vec<String> = queries().into_iter().map(|asked| asked.query).collect();
    let mut metrics = 0;
    for row in table.lines().filter(|row| row.starts_with("| `")) {
        let cell = row.split('|').nth(1).unwrap();
        for name in cell.split('`').skip(1).step_by(2) {
            let name = name.replace('.', "_");
            let shown = asked.iter().any(|query| query.contains(&name));
            assert!(shown, "{name}");
            metrics += 1;
        }
    }
    assert!(metrics > 20, "{metrics}");
}
