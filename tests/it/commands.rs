//! The small commands: the document, the health check, completions.

use crate::support::app::{PATIENCE, TestApp, example, two_features};
use crate::support::database::{Engine, TestDatabase};
use crate::support::process::{Launch, Process};
use crate::support::rows::load_two_features;
use logitd::lifecycle::Stop;
use serde_json::Value;
use tempfile::TempDir;

/// A folder with an example's configuration in it.
fn folder(name: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("logitd.toml"), example(name)).unwrap();
    folder
}

fn launch(folder: &TempDir, command: &[&str]) -> Launch {
    Launch::clean(env!("CARGO_BIN_EXE_logitd"))
        .args(command)
        .directory(folder.path())
}

async fn ended(mut process: Process) -> (i32, String, String) {
    let status = process.wait_exit(PATIENCE).await;
    (status.code().unwrap(), process.stdout(), process.stderr())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_needs_no_database() {
    let folder = folder("breast-cancer");
    let checked_in = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/v1.json");
    let checked_in: Value =
        serde_json::from_str(&std::fs::read_to_string(checked_in).unwrap()).unwrap();
    // Nothing listens there: whoever asked it would fail.
    let nowhere = "postgres://nobody@127.0.0.1:1/nothing";
    for (command, yaml) in [
        (&["openapi"][..], false),
        (&["openapi", "--format", "json"], false),
        (&["openapi", "--format", "yaml"], true),
    ] {
        let process = launch(&folder, command)
            .env("LOGITD_DATABASE__URL", nowhere)
            .start();
        let (code, said, told) = ended(process).await;
        assert_eq!(code, 0, "{told}");
        let said: Value = if yaml {
            serde_yaml::from_str(&said).unwrap()
        } else {
            serde_json::from_str(&said).unwrap()
        };
        assert!(said == checked_in, "{command:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_health_check_ends_as_the_service_is() {
    let folder = folder("two-features");
    let asked = async |address: &str| {
        let check = launch(&folder, &["healthcheck"]).env("LOGITD_HTTP__LISTEN", address);
        ended(check.start()).await
    };
    let database = TestDatabase::new(Engine::Sqlite).await;
    let never = [("LOGITD_TRAINING__ON_START", "never")];
    let app = TestApp::start(two_features(&database.url(), &never)).await;
    let (code, said, _) = asked(&app.client.address().to_string()).await;
    assert_eq!(code, 1);
    assert!(said.contains("model_not_ready"), "{said}");
    let address = app.client.address().to_string();
    assert!(app.stop(Stop::Now).await);

    let (code, _, told) = asked(&address).await;
    assert_eq!(code, 1);
    assert!(
        told.contains(&format!("ask http://{address}/readyz")),
        "{told}"
    );

    load_two_features(&database.connect().await, 300, 7).await;
    let app = TestApp::start(two_features(&database.url(), &[])).await;
    app.champion().await;
    let (code, said, told) = asked(&app.client.address().to_string()).await;
    assert_eq!((code, said.as_str()), (0, r#"{"status":"ok"}"#), "{told}");
    assert!(app.stop(Stop::Now).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn completions_are_for_the_commands_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let (code, script, told) = ended(launch(&folder, &["completions", "bash"]).start()).await;
    assert_eq!(code, 0, "{told}");
    let file = folder.path().join("completions");
    std::fs::write(&file, script).unwrap();
    // A shell that has read it completes `logitd he` to `logitd healthcheck`.
    let asked = format!(
        "source {}; COMP_WORDS=(logitd he); COMP_CWORD=1; _logitd logitd he logitd; \
         printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        file.display()
    );
    let shell = Launch::tool("bash").args(["--norc", "-c", &asked]).start();
    let (code, said, told) = ended(shell).await;
    assert_eq!((code, said.as_str()), (0, "healthcheck\nhelp"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_are_told_to_scripts_too() {
    let folder = folder("two-features");
    let status = async || {
        let (code, said, told) =
            ended(launch(&folder, &["migrate", "status", "--json"]).start()).await;
        assert_eq!(code, 0, "{told}");
        serde_json::from_str::<Value>(&said).unwrap()
    };
    let steps = status().await;
    assert!(!steps.as_array().unwrap().is_empty());
    assert!(
        steps
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["applied"] == false)
    );
    assert_eq!(
        ended(launch(&folder, &["migrate", "up"]).start()).await.0,
        0
    );
    let steps = status().await;
    assert!(
        steps
            .as_array()
            .unwrap()
            .iter()
            .all(|step| step["applied"] == true)
    );
}

/// What `logitd {words} --help` says.
async fn help(folder: &TempDir, words: &[&str]) -> String {
    let (code, said, told) = ended(launch(folder, &[words, &["--help"]].concat()).start()).await;
    assert_eq!(code, 0, "{told}");
    said
}

/// The commands below one, as its help lists them.
fn listed(help: &str) -> Vec<String> {
    let listed = help.split("Commands:").nth(1).unwrap_or_default();
    let listed = listed.split("Options:").next().unwrap_or_default();
    let words = listed
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    words
        .filter(|word| *word != "help")
        .map(str::to_owned)
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_is_shown_by_an_example_that_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let mut examples = 0;
    for command in listed(&help(&folder, &[]).await) {
        let said = help(&folder, &[&command]).await;
        let below = listed(&said);
        let mut pages = vec![(vec![command.clone()], said)];
        for word in below {
            let said = help(&folder, &[&command, &word]).await;
            pages.push((vec![command.clone(), word], said));
        }
        for (words, said) in pages {
            let shown = format!("logitd {}", words.join(" "));
            let (_, example) = said.split_once("Example").unwrap_or_default();
            let line = example.lines().next().unwrap_or_default();
            assert!(line.contains(&shown), "{shown}: {said}");
            examples += 1;
        }
    }
    assert!(examples >= 13, "{examples}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_faults_of_a_file_are_told_at_once_with_their_lines() {
    const WRONG: &str = "[model]
name = \"two words\"
[database]
url = \"mysql://root:hunter2@h/db\"
[dataset]
table = \"data\"
target = 7
order = \"at\"
[[dataset.features]]
name = \"explain\"
[[dataset.features]]
name = \"a\"
minimum = 2
maximum = 1
[training]
folds = \"many\"
penalties = [-1.0]
schedle = \"0 3 * * *\"
[http]
listen = \"here\"
[serving]
follow_interval_seconds = 0
";
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("logitd.toml"), WRONG).unwrap();
    let (code, said, told) = ended(launch(&folder, &["config"]).start()).await;
    assert_eq!((code, said.as_str()), (2, ""), "{told}");
    let lines: Vec<usize> = told
        .lines()
        .filter_map(|line| {
            line.split_once("logitd.toml:")?
                .1
                .split(':')
                .next()?
                .parse()
                .ok()
        })
        .collect();
    assert_eq!(lines, [2, 4, 7, 10, 13, 16, 17, 18, 20, 22], "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}
