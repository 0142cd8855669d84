//! Files that break each rule, and their neighbours that keep it.
//!
//! Shape: one line a case: the rule, a path, a text that breaks it, a text that does not.

use super::source::SourceFile;
use super::{Rule, rules};

/// The lines on which `rule` finds something.
pub(crate) fn lines(rule: Rule, path: &str, text: &str) -> Vec<usize> {
    let found = rule(&[SourceFile::new(path, text)]);
    assert!(
        found
            .iter()
            .all(|f| f.to_string().starts_with(&format!("{path}:{}: ", f.line)))
    );
    found.into_iter().map(|finding| finding.line).collect()
}

/// `bad` is found in its second line, `good` is not found.
pub(crate) fn bites(rule: Rule, path: &str, bad: &[&str], good: &[&str]) {
    for text in bad {
        let found = lines(rule, path, &format!("//! Docs.\n{text}\n"));
        assert_eq!(found, [2], "{path} with {text:?}");
    }
    for text in good {
        let found = lines(rule, path, &format!("//! Docs.\n{text}\n"));
        assert!(found.is_empty(), "{path} with {text:?}: lines {found:?}");
    }
}

#[test]
fn learning() {
    let bad = [
        "use crate::clock::Clock;",
        "use super::super::store::X;",
        "use poem::Route;",
        "fn f() { tokio::spawn(g()) }",
        "async fn f() {}",
        "use std::{fs, fmt};",
        "use std::time::Instant;",
        "use opentelemetry_sdk::X;",
        "#[tracing::instrument]",
    ];
    let good = [
        "use crate::learning::fit;",
        "use super::schema::Schema;",
        "use std::fmt;",
        "/// Not poem, not tokio::spawn.",
        "#[cfg(test)] mod tests { use std::fs; }",
        "let a = \"use sea_orm\";",
        "use sha2::Sha256;",
    ];
    bites(
        rules::learning_names_somebody_else,
        "src/learning/fit.rs",
        &bad,
        &good,
    );
    bites(
        rules::learning_names_somebody_else,
        "src/serving/a.rs",
        &[],
        &bad,
    );
}

#[test]
fn sea_orm() {
    let bad = [
        "use sea_orm::DbErr;",
        "fn f() -> sqlx::Error {}",
        "use sea_orm_migration::*;",
        "use rusqlite::Connection;",
    ];
    bites(
        rules::sea_orm_outside_store,
        "src/serving/registry.rs",
        &bad,
        &["use seaorm::X;"],
    );
    bites(
        rules::sea_orm_outside_store,
        "src/store/error.rs",
        &[],
        &bad,
    );
}

#[test]
fn entities() {
    let bad = [
        "use crate::store::entity::run;",
        "use crate::store::{entity::run::Model};",
    ];
    let good = ["use crate::store::runs;", "use crate::serving::entity;"];
    bites(
        rules::entities_outside_store,
        "src/serving/registry.rs",
        &bad,
        &good,
    );
    bites(
        rules::entities_outside_store,
        "src/store/runs.rs",
        &[],
        &bad,
    );
}

#[test]
fn poem() {
    let bad = [
        "use poem::Route;",
        "#[poem_openapi::x]",
        "fn f() -> http::StatusCode {}",
    ];
    bites(
        rules::poem_outside_http,
        "src/serving/a.rs",
        &bad,
        &["use crate::http::x;"],
    );
    bites(rules::poem_outside_http, "src/http/a.rs", &[], &bad);
}

#[test]
fn rooms() {
    let store = [
        "use crate::store::X;",
        "use crate::{config::C, store::{a, b}};",
    ];
    bites(
        rules::http_imports_store,
        "src/http/a.rs",
        &store[..1],
        &["use crate::serving::X;"],
    );
    assert_eq!(
        lines(rules::http_imports_store, "src/http/a.rs", store[1]),
        [1, 1]
    );
    let retraining = [
        "use crate::retraining::gate;",
        "fn f() { super::super::retraining::g() }",
    ];
    bites(
        rules::retraining_from_below,
        "src/serving/a.rs",
        &retraining,
        &store,
    );
    bites(
        rules::retraining_from_below,
        "src/store/a.rs",
        &retraining,
        &store,
    );
    bites(
        rules::retraining_from_below,
        "src/http/a.rs",
        &[],
        &retraining,
    );
    let app = ["use crate::app::App;", "use logitd::app;"];
    bites(rules::app_from_elsewhere, "src/http/a.rs", &app, &store);
    bites(rules::app_from_elsewhere, "src/lifecycle.rs", &app, &store);
    bites(rules::app_from_elsewhere, "src/cli/serve.rs", &[], &app);
}

#[test]
fn direction() {
    let rule = rules::wrong_direction;
    bites(
        rule,
        "src/main.rs",
        &["use logitd::store::X;"],
        &["use logitd::cli;"],
    );
    bites(
        rule,
        "src/http/a.rs",
        &["use crate::cli;", "use crate::*;"],
        &["use crate::config;"],
    );
    bites(
        rule,
        "src/serving/a.rs",
        &["use crate::http;"],
        &["use crate::{store, learning};"],
    );
    bites(
        rule,
        "src/store/a.rs",
        &["use crate::serving;"],
        &["use crate::learning::Schema;"],
    );
    bites(
        rule,
        "src/clock.rs",
        &["use crate::config;"],
        &["use std::time::SystemTime;"],
    );
    bites(rule, "src/lib.rs", &[], &["pub mod store; pub mod http;"]);
    assert_eq!(lines(rule, "src/attic/a.rs", "fn f() {}"), [1]);
}

#[test]
fn environment() {
    let bad = [
        "std::env::var(a);",
        "use std::env::{vars};",
        "env::set_var(a, b);",
        "use std::env::*;",
        "#[arg(long, env = \"LOGITD_CONFIG\")]",
    ];
    let good = [
        "std::env::args();",
        "env!(a);",
        "#[arg(long)] env: bool",
        "use std::env;",
    ];
    bites(
        rules::environment_outside_config,
        "src/cli/serve.rs",
        &bad,
        &good,
    );
    bites(
        rules::environment_outside_config,
        "src/config/a.rs",
        &[],
        &bad,
    );
}

#[test]
fn time() {
    let bad = [
        "chrono::Utc::now();",
        "SystemTime::now();",
        "Local::now();",
        "Uuid::now_v7();",
    ];
    let good = [
        "Instant::now();",
        "tokio::time::sleep(a);",
        "Uuid::new_v7(a);",
        "clock.now();",
    ];
    bites(
        rules::time_outside_clock,
        "src/retraining/queue.rs",
        &bad,
        &good,
    );
    bites(rules::time_outside_clock, "src/clock.rs", &[], &bad);
}

#[test]
fn instruments_and_locks() {
    let bad = [
        "use opentelemetry::metrics::Meter;",
        "prometheus::gather();",
    ];
    bites(
        rules::instruments_outside_telemetry,
        "src/http/a.rs",
        &bad,
        &["telemetry::x();"],
    );
    bites(
        rules::instruments_outside_telemetry,
        "src/telemetry/a.rs",
        &[],
        &bad,
    );
    let bad = [
        "use tokio::sync::RwLock;",
        "use tokio::sync::{Mutex, mpsc};",
    ];
    let bad = bad.map(|text| text.replace(", mpsc", ""));
    let good = [
        "use std::sync::RwLock;",
        "use tokio::sync::{Semaphore, watch};",
    ];
    bites(
        rules::locks_made_for_await,
        "src/http/a.rs",
        &bad.each_ref().map(|t| &**t),
        &good,
    );
}
