//! What is never shown, and where it may come from.

use super::fixtures::{SMALLEST, told};
use crate::config::{Config, Environment};

#[test]
fn no_secret_is_printed() {
    let environment = Environment::from_pairs([
        (
            "LOGITD_DATABASE__URL",
            "postgres://u:hunter2@h/db?password=hunter2",
        ),
        ("LOGITD_DATASET__URL", "postgres://u:hunter2@h/db"),
    ]);
    let config = Config::parse(SMALLEST, "logitd.toml", &environment).unwrap();
    for printed in [
        format!("{config:?}"),
        config.to_toml(),
        format!("{environment:?}"),
    ] {
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}

#[test]
fn a_wrong_url_is_refused_without_showing_it() {
    for url in [
        "mysql://u:hunter2@h/db",
        "u:hunter2@h",
        " postgres://u:hunter2@h/db",
        "[\"hunter2\"",
    ] {
        let environment = Environment::from_pairs([("LOGITD_DATABASE__URL", url)]);
        let error = Config::parse(SMALLEST, "logitd.toml", &environment).unwrap_err();
        let printed = format!("{error} {error:?}");
        assert!(printed.contains("LOGITD_DATABASE__URL"), "{printed}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }
    for url in [
        "[\"postgres://u:hunter2@h/db\"]",
        "{ url = \"hunter2\" }",
        "2",
    ] {
        let text = format!("{SMALLEST}[database]\nurl = {url}\n");
        let told = told(&text, &Environment::default());
        assert!(
            told[0].contains("[database] url: expected text in quotes"),
            "{told:?}"
        );
        assert!(!told[0].contains("hunter2"), "{told:?}");
    }
}

#[test]
fn a_secret_can_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("url");
    let name = path.to_str().unwrap();
    let read = |more: &[(&str, &str)]| {
        let file = [("LOGITD_DATABASE__URL_FILE", name)];
        let pairs = file.into_iter().chain(more.iter().copied());
        Config::parse(SMALLEST, "logitd.toml", &Environment::from_pairs(pairs))
    };
    let missing = read(&[]).unwrap_err().to_string();
    let start = "LOGITD_DATABASE__URL_FILE: [database] url: the file ";
    assert!(
        missing.starts_with(start) && !missing.contains('\n'),
        "{missing}"
    );
    for ending in ["", "\n", "\r\n"] {
        std::fs::write(&path, format!("postgres://u:a b@h/db{ending}")).unwrap();
        assert_eq!(
            read(&[]).unwrap().database.url.expose(),
            "postgres://u:a b@h/db"
        );
    }
    let both = read(&[("LOGITD_DATABASE__URL", "sqlite://a.db")])
        .unwrap_err()
        .to_string();
    let expected = "LOGITD_DATABASE__URL_FILE: [database] url: stands beside LOGITD_DATABASE__URL; \
                    give one of the two";
    assert_eq!(both, expected);
    let mistaken = [("LOGITD_DATASET__URL_FILE", "postgres://u:hunter2@h/db")];
    let told = told(SMALLEST, &Environment::from_pairs(mistaken));
    assert!(told[0].contains("must be the path of a file") && !told[0].contains("hunter2"));
    std::fs::write(&path, "hunter2").unwrap();
    let wrong = read(&[]).unwrap_err().to_string();
    assert!(
        wrong.contains("must begin with") && !wrong.contains("hunter2"),
        "{wrong}"
    );
}

#[test]
fn only_a_secret_can_come_from_a_file() {
    let other = Environment::from_pairs([("LOGITD_DATASET__TABLE_FILE", "/dev/null")]);
    assert_eq!(
        told(SMALLEST, &other),
        ["LOGITD_DATASET__TABLE_FILE: unknown variable; did you mean LOGITD_DATASET__TABLE?"]
    );
}
