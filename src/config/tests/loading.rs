//! Which file is read.

use std::path::Path;

use super::fixtures::{EVERY_VALUE, EVERY_VARIABLE, SMALLEST, nothing};
use crate::config::{Config, Environment};

#[test]
fn the_file_is_the_given_one_else_the_first_that_exists() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first.toml", "second.toml"].map(|name| folder.path().join(name));
    let search_list = [first.as_path(), second.as_path()];
    let name = |path: Option<&Path>| {
        Config::load_among(path, &search_list, &nothing()).map(|config| config.model.name)
    };
    std::fs::write(&second, format!("[model]\nname = \"second\"\n{SMALLEST}")).unwrap();
    assert_eq!(name(None).as_deref(), Ok("second"));
    std::fs::write(&first, SMALLEST).unwrap();
    assert_eq!(name(None).as_deref(), Ok("default"));
    assert_eq!(name(Some(&second)).as_deref(), Ok("second"));
}

#[test]
fn without_a_file_the_environment_must_name_the_dataset() {
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("none.toml");
    let load =
        |environment: &Environment| Config::load_among(None, &[nowhere.as_path()], environment);
    let unrelated = Environment::from_pairs([("LOGITD_HTTP__LISTEN", "127.0.0.1:1")]);
    for environment in [nothing(), unrelated] {
        let told = load(&environment).unwrap_err().to_string();
        let start = format!("no configuration file: looked for {}: ", nowhere.display());
        assert!(
            told.starts_with(&start) && told.contains("--config"),
            "{told}"
        );
    }
    let half = Environment::from_pairs([("LOGITD_DATASET__TABLE", "data")]);
    let told = load(&half).unwrap_err().to_string();
    let start =
        "no configuration file: [dataset] target: is missing (here or as LOGITD_DATASET__TARGET)";
    assert!(told.starts_with(start), "{told}");
    let all = Environment::from_pairs(EVERY_VARIABLE.iter().copied());
    assert_eq!(load(&all).unwrap().to_toml(), EVERY_VALUE);
}

#[test]
fn a_file_that_cannot_be_read_is_one_fault() {
    let folder = tempfile::tempdir().unwrap();
    let told = |path: &Path| {
        let error = Config::load(Some(path), &nothing()).unwrap_err();
        assert_eq!(error.faults.len(), 1);
        error.to_string()
    };
    let absent = told(&folder.path().join("none.toml"));
    assert!(
        absent.ends_with("none.toml: cannot be read: there is no such file"),
        "{absent}"
    );
    let bytes = folder.path().join("bytes.toml");
    std::fs::write(&bytes, b"[model]\nname = \"\xff\"\n").unwrap();
    let not_text = told(&bytes);
    assert!(
        not_text.ends_with("bytes.toml:2: is not UTF-8 text"),
        "{not_text}"
    );
    let folder_told = told(folder.path());
    assert!(folder_told.contains(": cannot be read: "), "{folder_told}");
}

#[test]
fn a_mark_at_the_beginning_of_the_file_does_no_harm() {
    let text = format!("\u{feff}{SMALLEST}");
    assert!(Config::parse(&text, "logitd.toml", &nothing()).is_ok());
}

#[test]
fn the_examples_read() {
    for (name, features, key) in [("breast-cancer", 30, Some("id")), ("two-features", 2, None)] {
        let path = format!("{}/examples/{name}/logitd.toml", env!("CARGO_MANIFEST_DIR"));
        let config = Config::load(Some(Path::new(&path)), &nothing()).unwrap();
        assert_eq!(config.model.name, name);
        assert_eq!(config.dataset.key.as_deref(), key);
        let listed = config.dataset.learning_schema.features();
        assert_eq!(listed.len(), features);
        let told = |feature: &crate::learning::Feature| {
            feature.example.is_some() && feature.description.is_some() && feature.minimum.is_some()
        };
        assert!(listed.iter().all(told), "{name}");
    }
}
