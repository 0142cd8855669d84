//! The README says what is so: its commands are run as they stand there, what it shows is compared
//! with what they answer, its tables with the code.
//!
//! Shape: the fenced blocks become steps in order, each run in one directory that starts empty: a
//! server, or a script for the shell. `logitd` on its PATH is the binary under test, and `curl` tells
//! its status besides. A block that is of no such kind fails the test, lest it be skipped.

use crate::support::accepted::accepted;
use crate::support::app::{PATIENCE, example};
use crate::support::client::Client;
use crate::support::eventually::eventually;
use crate::support::process::{Launch, Process};
use logitd::app::document;
use logitd::config::{Config, Environment, fields_markdown};
use serde_json::Value;
use std::collections::BTreeSet;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use tempfile::TempDir;

const ADDRESS: &str = "127.0.0.1:8080";
const TOLERANCE: f64 = 1e-6;

/// Commands that only stand there, each with the reason.
const NOT_RUN: [(&str, &str); 2] = [
    (
        "cargo install --locked --path .",
        "builds for minutes; the program under test is what it installs",
    ),
    ("scripts/test.sh", "runs this test"),
];

/// Passes everything on, and tells the status on standard error.
const CURL: &str = r#"#!/bin/sh
PATH="${PATH#*:}"
command -v curl >/dev/null || { echo 'curl is missing; install it: apt-get install curl' >&2; exit 127; }
exec curl "$@" -w '%{stderr}status %{http_code}\n'
"#;

/// A fenced block of the README.
struct Block<'a> {
    line: usize,
    language: &'a str,
    text: &'a str,
}

/// A block for the shell, and the block that shows what it answers.
struct Step<'a> {
    line: usize,
    script: String,
    shown: Option<Block<'a>>,
}

fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut offset = 0;
    let mut open: Option<(usize, &str, usize)> = None;
    for (number, line) in (1..).zip(markdown.split_inclusive('\n')) {
        if let Some(language) = line.strip_prefix("```") {
            open = match open.take() {
                None => Some((number, language.trim(), offset + line.len())),
                Some((line, language, start)) => {
                    let text = &markdown[start..offset];
                    blocks.push(Block {
                        line,
                        language,
                        text,
                    });
                    None
                }
            };
        }
        offset += line.len();
    }
    assert!(open.is_none(), "the last block of the README has no end");
    blocks
}

fn steps(markdown: &str) -> Vec<Step<'_>> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    for block in blocks(markdown) {
        let line = block.line;
        match (block.language, steps.last_mut()) {
            ("sh", _) => steps.push(Step {
                line,
                script: block.text.replace("cargo run --release --", "logitd"),
                shown: None,
            }),
            ("json" | "text" | "csv", Some(step)) if step.shown.is_none() => {
                step.shown = Some(block)
            }
            (other, _) => panic!("README.md:{line}: a block of {other:?} that no command answers"),
        }
    }
    steps
}

/// A directory that starts empty, and the service that runs in it, if one does.
struct Guide {
    directory: TempDir,
    programs: TempDir,
    service: Option<Process>,
    address: String,
}

impl Guide {
    fn new() -> Self {
        let programs = tempfile::tempdir().unwrap();
        let curl = programs.path().join("curl");
        std::fs::write(&curl, CURL).unwrap();
        std::fs::set_permissions(&curl, std::fs::Permissions::from_mode(0o755)).unwrap();
        symlink(env!("CARGO_BIN_EXE_logitd"), programs.path().join("logitd")).unwrap();
        Self {
            directory: tempfile::tempdir().unwrap(),
            programs,
            service: None,
            address: ADDRESS.to_owned(),
        }
    }

    fn launch(&self, program: &Path) -> Launch {
        let programs = self.programs.path().display();
        Launch::clean(program)
            .directory(self.directory.path())
            .env("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin"))
    }

    async fn follow(&mut self, step: &Step<'_>) {
        let script = step.script.trim();
        let lines: Vec<&str> = script.lines().collect();
        match lines.as_slice() {
            [line] if NOT_RUN.iter().any(|(command, _)| command == line) => {
                assert!(
                    step.shown.is_none(),
                    "README.md:{}: shown and not run",
                    step.line
                );
            }
            ["logitd demo"] => self.demo(step).await,
            ["logitd serve"] => self.serve(step).await,
            _ => self.run(step, script).await,
        }
    }

    /// The second one finds its champion and trains nothing.
    async fn demo(&mut self, step: &Step<'_>) {
        self.interrupt().await;
        let first = !self.directory.path().join("logitd-demo.db").exists();
        let logitd = self.programs.path().join("logitd");
        let launch = self
            .launch(&logitd)
            .args(["demo", "--listen", "127.0.0.1:0"]);
        let mut service = launch.start();
        service.line_containing("Ctrl-C", PATIENCE).await;
        self.address = service.address().await.to_string();
        let said = service.stdout().replace(&self.address, ADDRESS);
        compare(step, &said, "");
        let trained = service.stderr().contains(r#""message":"training""#);
        assert_eq!(trained, first, "{}", service.stderr());
        self.service = Some(service);
    }

    async fn serve(&mut self, step: &Step<'_>) {
        assert!(
            step.shown.is_none(),
            "README.md:{}: the log is not compared",
            step.line
        );
        self.interrupt().await;
        let logitd = self.programs.path().join("logitd");
        let launch = self.launch(&logitd).args(["serve"]);
        let mut service = launch.env("LOGITD_HTTP__LISTEN", "127.0.0.1:0").start();
        let address = service.address().await;
        self.address = address.to_string();
        let client = Client::new(address);
        let ready = async || (client.get("/readyz").await.status == 200).then_some(());
        eventually(PATIENCE, "the service is ready", ready).await;
        self.service = Some(service);
    }

    /// Ctrl-C, as the README says.
    async fn interrupt(&mut self) {
        if let Some(mut service) = self.service.take() {
            service.interrupt();
            let status = service.wait_exit(PATIENCE).await;
            assert_eq!(status.code(), Some(0), "{}", service.stderr());
        }
    }

    async fn run(&self, step: &Step<'_>, script: &str) {
        let here = script.replace(ADDRESS, &self.address);
        // No file is there yet that could hold the address: it is in commands only.
        let shell = self.launch(Path::new("/bin/sh")).args(["-eu", "-c", &here]);
        let mut shell = shell.start();
        let status = shell.wait_exit(PATIENCE).await;
        let (said, told) = (shell.stdout(), without_progress(&shell.stderr()));
        let refused = step
            .shown
            .as_ref()
            .is_some_and(|shown| shown.text.starts_with("logitd: "));
        let place = format!("README.md:{}:\n{script}\n{said}\n{told}", step.line);
        assert_eq!(status.success(), !refused, "{place}");
        match refused {
            true => compare(step, &told, &said),
            false if script.contains("curl ") => compare(step, &said, &told),
            false => {
                assert_eq!(told, "", "{place}");
                compare(step, &said, "");
            }
        }
    }
}

/// Without the signs of life of a training, which a slow machine is told and a fast one is not.
fn without_progress(told: &str) -> String {
    let alive = |line: &&str| line.ends_with(" s left") || line.ends_with(" s so far");
    let rest: Vec<&str> = told.lines().filter(|line| !alive(line)).collect();
    rest.join("\n")
}

/// Compares what was said with what is shown; `beside` is what else was said.
fn compare(step: &Step<'_>, said: &str, beside: &str) {
    let line = step.line;
    match &step.shown {
        Some(shown) if shown.language == "json" => {
            let [shown, said] = [shown.text, said].map(|text| {
                let parsed: Result<Value, _> = serde_json::from_str(text);
                parsed.unwrap_or_else(|error| panic!("README.md:{line}: {error} in {text}"))
            });
            assert!(
                alike(&shown, &said),
                "README.md:{line}: shown is\n{shown}\nand said is\n{said}"
            );
            let status = shown.get("status").and_then(Value::as_u64).unwrap_or(200);
            assert_eq!(beside, format!("status {status}"), "README.md:{line}");
        }
        Some(shown) if shown.language == "csv" => {
            let [shown, said] = [shown.text, said].map(cells);
            assert!(
                alike(&shown, &said),
                "README.md:{line}: shown is\n{shown}\nand said is\n{said}"
            );
            assert_eq!(beside, "status 200", "README.md:{line}");
        }
        shown => {
            let shown = shown.as_ref().map_or("", |shown| shown.text.trim_end());
            assert_eq!(said, shown, "README.md:{line}");
            assert_eq!(beside, "", "README.md:{line}");
        }
    }
}

/// The lines of a CSV, numbers as such.
fn cells(text: &str) -> Value {
    let cell = |text: &str| text.parse::<f64>().map_or(Value::from(text), Value::from);
    let line = |line: &str| line.split(';').map(cell).collect::<Value>();
    text.trim_end().lines().map(line).collect()
}

/// The same members and texts, and numbers that differ by the tolerance at most.
fn alike(shown: &Value, said: &Value) -> bool {
    match (shown, said) {
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, a)| b.get(name).is_some_and(|b| alike(a, b)))
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
        }
        (Value::Number(a), Value::Number(b)) => {
            (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() <= TOLERANCE
        }
        (a, b) => a == b,
    }
}

/// What stands between the two markers of this name, and where.
fn between<'a>(markdown: &'a str, name: &str) -> (&'a str, std::ops::Range<usize>) {
    let (open, close) = (format!("<!-- {name} -->\n"), format!("<!-- /{name} -->"));
    let start = markdown
        .find(&open)
        .unwrap_or_else(|| panic!("{open} is missing"))
        + open.len();
    let end = markdown
        .find(&close)
        .unwrap_or_else(|| panic!("{close} is missing"));
    (&markdown[start..end], start..end)
}

/// The first thing in backticks of every row of a table.
fn first_column(table: &str) -> BTreeSet<String> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.map(|row| row.split('`').next().unwrap().to_owned())
        .collect()
}

fn readme() -> String {
    std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_answers_what_is_shown() {
    let readme = readme();
    let steps = steps(&readme);
    let stands = |command: &str| steps.iter().any(|step| step.script.trim() == command);
    for (command, _) in NOT_RUN {
        assert!(
            stands(command),
            "{command} is excused and does not stand there"
        );
    }
    assert!(stands("logitd demo") && stands("logitd serve"));
    let mut guide = Guide::new();
    for step in &steps {
        guide.follow(step).await;
    }
    guide.interrupt().await;
}

#[tokio::test]
#[should_panic(expected = "README.md:2: a block of \"console\"")]
async fn a_block_of_another_kind_is_not_skipped() {
    steps("text\n```console\n$ logitd demo\n```\n");
}

#[tokio::test]
#[should_panic(expected = "shown is")]
async fn another_answer_than_the_one_shown_is_told() {
    let shown = "```sh\nx\n```\n```json\n{\"a\":[1.0,2.0]}\n```\n";
    compare(&steps(shown)[0], r#"{"a":[1.0,2.00001]}"#, "status 200");
}

#[test]
fn the_configuration_is_the_one_in_the_code() {
    let mut readme = readme();
    let (_, place) = between(&readme, "configuration");
    readme.replace_range(place, &fields_markdown());
    accepted("README.md", &readme);
}

#[test]
fn the_endpoints_are_those_of_the_document() {
    let readme = readme();
    let told = first_column(between(&readme, "endpoints").0);
    let everything = [
        ("LOGITD_DATASET__KEY", "id"),
        ("LOGITD_OBSERVATIONS__ENABLED", "true"),
    ];
    let environment = Environment::from_pairs(everything);
    let config = Config::parse(&example("two-features"), "test", &environment).unwrap();
    let document = document(&config).unwrap();
    let paths = document.value["paths"].as_object().unwrap();
    let mut there: BTreeSet<String> = ["/", "/docs", "/metrics", "/openapi.json", "/openapi.yaml"]
        .map(|path| format!("GET {path}"))
        .into();
    for (path, methods) in paths {
        // The path form has the configured names in it.
        let path = match path.strip_prefix("/predict/") {
            Some(_) => "/predict/{name}/{value}/...",
            None => path,
        };
        let methods = methods.as_object().unwrap().keys();
        there.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    assert_eq!(told, there);
}

#[tokio::test]
async fn the_commands_are_those_of_the_program() {
    let mut help = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(["--help"])
        .start();
    assert!(help.wait_exit(PATIENCE).await.success());
    let said = help.stdout();
    let listed = said.split("Commands:").nth(1).unwrap();
    let listed = listed.split("Options:").next().unwrap();
    let there = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| *word != "help")
        .map(|word| format!("logitd {word}"));
    let readme = readme();
    let table = readme.split("## Command line").nth(1).unwrap();
    let table = table.split("## Endpoints").next().unwrap();
    assert_eq!(first_column(table), there.collect());
}
