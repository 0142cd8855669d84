//! The never-rules of the house as sentences that fail.
//!
//! Shape: every test reads the source and names each broken rule as `file:line`; the rules
//! themselves are functions, and `planted.rs` shows each of them a file that breaks it, so that
//! none can pass by seeing nothing. Never-rule 7's second half (no fitting on the async runtime)
//! cannot be read from names; a test of the running service has to show it.

#[cfg(test)]
#[path = "architecture/paths.rs"]
mod paths;
#[cfg(test)]
#[path = "architecture/planted.rs"]
mod planted;
#[cfg(test)]
#[path = "architecture/rules.rs"]
mod rules;
#[cfg(test)]
#[path = "architecture/shape.rs"]
mod shape;
#[cfg(test)]
#[path = "architecture/source.rs"]
mod source;
#[cfg(test)]
#[path = "architecture/sql.rs"]
mod sql;
#[cfg(test)]
#[path = "architecture/stripped.rs"]
mod stripped;

use source::{Finding, SourceFile, read_folder};

/// From files to what is wrong with them.
type Rule = fn(&[SourceFile]) -> Vec<Finding>;

/// The rooms that the rules speak of: a rule about an empty room would pass on nothing.
const ROOMS: [&str; 9] = [
    "cli",
    "config",
    "app",
    "http",
    "retraining",
    "serving",
    "store",
    "learning",
    "clock",
];

/// Holds `rule` against all files of the folders.
fn hold(rule: Rule, folders: &[&str]) {
    let files: Vec<_> = folders
        .iter()
        .flat_map(|folder| read_folder(folder))
        .collect();
    let found: Vec<String> = rule(&files).iter().map(Finding::to_string).collect();
    assert!(
        found.is_empty(),
        "{} broken:\n{}",
        found.len(),
        found.join("\n")
    );
}

#[test]
fn every_room_is_there() {
    let files = read_folder("src");
    let missing = ROOMS
        .iter()
        .filter(|room| !files.iter().any(|file| file.room() == **room));
    let missing: Vec<_> = missing.collect();
    assert!(
        missing.is_empty(),
        "src has no {missing:?}: the rules about them check nothing"
    );
}

#[test]
fn learning_names_nobody_else() {
    hold(rules::learning_names_somebody_else, &["src"]);
}

#[test]
fn only_store_says_sea_orm() {
    hold(rules::sea_orm_outside_store, &["src"]);
}

#[test]
fn an_entity_never_leaves_store() {
    hold(rules::entities_outside_store, &["src"]);
}

#[test]
fn no_sql_text_anywhere() {
    hold(sql::sql_text, &["src", "migration/src"]);
}

#[test]
fn only_http_says_poem() {
    hold(rules::poem_outside_http, &["src"]);
}

#[test]
fn http_never_imports_store() {
    hold(rules::http_imports_store, &["src"]);
}

#[test]
fn serving_and_store_never_import_retraining() {
    hold(rules::retraining_from_below, &["src"]);
}

#[test]
fn only_main_and_cli_import_app() {
    hold(rules::app_from_elsewhere, &["src"]);
}

#[test]
fn direction_of_modules() {
    hold(rules::wrong_direction, &["src"]);
}

#[test]
fn only_config_reads_the_environment() {
    hold(rules::environment_outside_config, &["src"]);
}

#[test]
fn only_clock_reads_the_time() {
    hold(rules::time_outside_clock, &["src"]);
}

#[test]
fn only_telemetry_names_an_instrument() {
    hold(rules::instruments_outside_telemetry, &["src"]);
}

/// Clippy follows a guard through the types, which no reading of text can do; so the test is that
/// clippy is told to. It knows std's locks; tokio's, made to be held, are not used at all.
#[test]
fn no_lock_guard_across_await() {
    let manifest = include_str!("../Cargo.toml");
    let lints = manifest
        .split("[workspace.lints.clippy]")
        .nth(1)
        .unwrap_or_default();
    let lints = lints.split("\n[").next().unwrap_or_default();
    let denied = lints
        .lines()
        .any(|line| line.trim() == "await_holding_lock = \"deny\"");
    assert!(
        denied,
        "Cargo.toml:1: clippy's await_holding_lock is not denied"
    );
    hold(rules::locks_made_for_await, &["src"]);
}

#[test]
fn no_file_over_400_lines() {
    hold(
        shape::long_files,
        &["src", "migration/src", "tests", "benches"],
    );
}

#[test]
fn no_function_over_40_lines() {
    hold(shape::long_functions, &["src", "migration/src"]);
}

#[test]
fn mod_rs_holds_no_logic() {
    hold(shape::logic_in_mod_rs, &["src", "tests"]);
}

#[test]
fn no_vague_module_names() {
    hold(
        shape::vague_names,
        &["src", "migration/src", "tests", "benches"],
    );
}
