//! The alert rules: by Prometheus' own check and unit tests, and each with a line for who is woken.

use super::{page, shipped};
use serde_yaml::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

/// The rules of the file.
pub(super) fn rules() -> Vec<Value> {
    let file: Value = serde_yaml::from_str(&shipped("alerts.yaml")).unwrap();
    file["groups"][0]["rules"].as_sequence().unwrap().clone()
}

pub(super) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value:?}"))
}

fn names() -> BTreeSet<String> {
    let rules = rules().into_iter();
    rules.map(|rule| text(&rule["alert"]).to_owned()).collect()
}

/// Whether promtool is content, and what it said.
fn promtool(words: &[&str], file: &Path) -> (bool, String) {
    let said = Command::new("promtool").args(words).arg(file).output();
    let said = said.expect("promtool is missing: apt-get install prometheus");
    let words = [said.stdout, said.stderr].concat();
    (
        said.status.success(),
        String::from_utf8_lossy(&words).into_owned(),
    )
}

/// The unit tests over these rules.
fn tested(rules: &str) -> (bool, String) {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(directory.path().join("alerts.yaml"), rules).unwrap();
    let tests = directory.path().join("alerts_test.yaml");
    std::fs::write(&tests, shipped("alerts_test.yaml")).unwrap();
    promtool(&["test", "rules"], &tests)
}

#[test]
fn prometheus_takes_the_rules_and_their_tests_hold() {
    let (valid, said) = promtool(&["check", "rules"], &super::folder().join("alerts.yaml"));
    assert!(valid, "{said}");
    let (hold, said) = tested(&shipped("alerts.yaml"));
    assert!(hold, "{said}");
}

#[test]
fn the_tests_notice_each_rule_that_never_fires_and_each_that_always_does() {
    let file: Value = serde_yaml::from_str(&shipped("alerts.yaml")).unwrap();
    for (place, rule) in rules().iter().enumerate() {
        for broken in ["vector(0) > 1", "vector(1)"] {
            let mut file = file.clone();
            file["groups"][0]["rules"][place]["expr"] = broken.into();
            let (hold, _) = tested(&serde_yaml::to_string(&file).unwrap());
            assert!(!hold, "{} as {broken}", text(&rule["alert"]));
        }
    }
}

#[test]
fn each_alert_has_a_runbook_line_and_each_line_an_alert() {
    let operations = page("operations.md");
    let (_, section) = operations.split_once("\n### Alerts\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    let mut told = BTreeSet::new();
    for row in rows {
        let cells: Vec<&str> = row
            .trim_end_matches('|')
            .split('|')
            .map(str::trim)
            .collect();
        assert!(cells.len() == 3 && cells[1].len() > 10, "{row}");
        assert!(cells[2].len() > 40, "what to do: {row}");
        told.insert(cells[0].trim_matches('`').to_owned());
    }
    assert_eq!(told, names());
}

#[test]
fn each_alert_says_how_bad_it_is_and_where_to_read_on() {
    for rule in rules() {
        let name = text(&rule["alert"]);
        let severity = text(&rule["labels"]["severity"]);
        assert!(["critical", "warning"].contains(&severity), "{name}");
        assert_eq!(
            text(&rule["annotations"]["runbook"]),
            "docs/operations.md#alerts",
            "{name}"
        );
        for words in ["summary", "description"] {
            assert!(text(&rule["annotations"][words]).len() > 10, "{name}");
        }
        assert!(rule["for"].is_string(), "{name} waits before it wakes");
    }
}

#[test]
fn what_is_promised_has_an_alert() {
    let names = names();
    for promised in [
        "NoChampion",
        "ChampionTooOld",
        "RunsFailing",
        "DataChanged",
        "Errors",
        "Latency",
        "FollowLag",
    ] {
        assert!(names.contains(&format!("Logitd{promised}")), "{promised}");
    }
}
