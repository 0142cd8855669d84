//! `[auth]`: which keys are valid, and that no fault shows one.

use super::fixtures::{SMALLEST, nothing, told};
use crate::config::{ApiKey, Auth, Config, Environment, KeyDigest, Role};
use std::path::PathBuf;

fn line(name: &str, role: &str, key: &str) -> String {
    let digits = KeyDigest::of(key.as_bytes()).digits();
    format!("{{ name = {name:?}, role = {role:?}, sha256 = {digits:?} }}")
}

fn auth(keys: &[String]) -> String {
    format!("{SMALLEST}[auth]\nkeys = [{}]\n", keys.join(", "))
}

#[test]
fn keys_are_read_with_name_role_and_digest() {
    let text = auth(&[
        line("ci", "operate", "one"),
        line("Ann, Sales", "predict", "two"),
        line("ci", "operate", "three"),
    ]);
    let config = Config::parse(&text, "logitd.toml", &nothing()).unwrap();
    let key = |name: &str, role, key: &str| ApiKey {
        name: name.to_owned(),
        role,
        sha256: KeyDigest::of(key.as_bytes()),
    };
    assert_eq!(
        config.auth.keys,
        [
            key("ci", Role::Operate, "one"),
            key("Ann, Sales", Role::Predict, "two"),
            key("ci", Role::Operate, "three"),
        ]
    );
    assert!(config.auth.is_configured());
    let without = Config::parse(SMALLEST, "logitd.toml", &nothing()).unwrap();
    assert!(!without.auth.is_configured());
}

/// What stands in a line, and what is told of it.
const WRONG: &[(&str, &str)] = &[
    (
        "{ name = '', role = 'predict', sha256 = 'OK' }",
        "1 name: must be 1 to 64 characters without control characters",
    ),
    (
        "{ name = 'anonymous', role = 'predict', sha256 = 'OK' }",
        "1 name: \"anonymous\" is whoever gives no key",
    ),
    (
        "{ name = 'ci', role = 'logitd_hunter2', sha256 = 'OK' }",
        "\"ci\" role: must be one of \"predict\", \"ingest\", \"operate\"",
    ),
    (
        "{ name = 'ci', role = 'predict', sha256 = 'logitd_hunter2' }",
        "\"ci\" sha256: must be the 64 hexadecimal digits of the key's SHA-256, never the key; \
         `logitd key new` makes both",
    ),
    (
        "{ name = 'ci', role = 'predict', sha256 = ['hunter2'] }",
        "\"ci\" sha256: expected text in quotes, found a list",
    ),
    (
        "{ name = 'ci', role = 'predict', sha256 = 'OK', key = 'logitd_hunter2' }",
        "\"ci\" key: unknown key; known are name, role, sha256",
    ),
    (
        "{ name = 'ci', role = 'predict' }",
        "\"ci\" sha256: is missing: the key's SHA-256, 64 hexadecimal digits; `logitd key new` \
         makes key and line",
    ),
];

#[test]
fn a_wrong_key_is_told_and_never_shown() {
    let digits = KeyDigest::of(b"hunter2").digits();
    for (line, fault) in WRONG {
        let text = auth(&[line.replace("OK", &digits)]);
        let told = told(&text, &nothing());
        assert_eq!(told, [format!("logitd.toml:8: [[auth.keys]] {fault}")]);
        assert!(!told[0].contains("hunter2"), "{told:?}");
    }
    for keys in [
        "'logitd_hunter2'",
        "['logitd_hunter2']",
        "[\"logitd_hunter2]",
    ] {
        let environment = Environment::from_pairs([("LOGITD_AUTH__KEYS", keys)]);
        let told = told(SMALLEST, &environment);
        assert!(
            told[0].starts_with("LOGITD_AUTH__KEYS: [auth] keys: "),
            "{told:?}"
        );
        assert!(!told[0].contains("hunter2"), "{told:?}");
    }
}

#[test]
fn two_keys_are_never_the_same() {
    let text = auth(&[line("a", "predict", "one"), line("b", "operate", "one")]);
    let fault = "logitd.toml:8: [[auth.keys]] \"b\" sha256: the key \"a\" has the same; give each \
                 its own";
    assert_eq!(told(&text, &nothing()), [fault]);
    assert_eq!(
        told(&format!("{SMALLEST}[auth]\nkeys = []\n"), &nothing()),
        ["logitd.toml:8: [auth] keys: is an empty list; give at least one"]
    );
}

#[test]
fn neither_key_nor_digest_is_printed_whole() {
    let config = auth(&[line("ci", "operate", "hunter2")]);
    let config = Config::parse(&config, "logitd.toml", &nothing()).unwrap();
    let digits = KeyDigest::of(b"hunter2").digits();
    for printed in [format!("{config:?}"), config.to_toml()] {
        assert!(printed.contains(&digits[..8]), "{printed}");
        assert!(!printed.contains(&digits[..9]), "{printed}");
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}

fn with_file(text: &str) -> Result<Vec<String>, String> {
    let key = ApiKey {
        name: "a".to_owned(),
        role: Role::Predict,
        sha256: KeyDigest::of(b"one"),
    };
    let auth = Auth {
        keys: vec![key],
        keys_file: Some(PathBuf::from("keys.toml")),
    };
    let keys = auth.with_keys_of(text).map_err(|error| error.to_string())?;
    Ok(keys.into_iter().map(|key| key.name).collect())
}

#[test]
fn a_file_of_keys_is_valid_beside_the_configuration() {
    let digits = KeyDigest::of(b"two").digits();
    let table = format!("[[keys]]\nname = 'b'\nrole = 'ingest'\nsha256 = '{digits}'\n");
    assert_eq!(with_file(&table).unwrap(), ["a", "b"]);
    let list = format!("keys = [{}]\n", line("c", "operate", "three"));
    assert_eq!(with_file(&list).unwrap(), ["a", "c"]);
}

#[test]
fn a_file_of_keys_is_refused_whole() {
    let same = format!("keys = [{}]\n", line("b", "operate", "one"));
    for (text, fault) in [
        ("", "keys.toml: [auth] keys: is missing: write `[[keys]]`"),
        ("keys = []", "keys.toml:1: [auth] keys: is an empty list"),
        ("\nkeys = [{ name", "keys.toml:2: is not TOML: "),
        (
            "[auth]\nkeys = []",
            "keys.toml:1: [auth] auth: unknown key; known are keys",
        ),
        (
            &same,
            "keys.toml:1: [[auth.keys]] \"b\" sha256: the key \"a\" has the same",
        ),
    ] {
        let told = with_file(text).unwrap_err();
        assert!(told.contains(fault), "{told}");
    }
}
