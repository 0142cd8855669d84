//! The configurations whose documents are looked at: the two examples, names that no one would
//! choose, features that may be missing, callers
//! that need a key, and all that clients are made for at once.

use crate::support::app::{breast_cancer, config, two_features};
use logitd::app::document;
use logitd::config::{Config, KeyDigest};
use logitd::http::openapi::Document;
use serde_json::Value;

/// Names that break what is careless: JSON pointers, HTML, YAML, templates, JavaScript objects.
pub(crate) const HOSTILE_NAMES: [&str; 14] = [
    "Order Total",
    "select",
    "x\"; DROP TABLE data; --",
    "a/b",
    "</script>",
    "<!--<head>",
    "größe 身長 \u{1f9ea}",
    "null",
    "1e3",
    "~{limit}",
    "limit",
    "required",
    "allOf",
    "__proto__",
];

/// A configuration and its document.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) config: Config,
    pub(crate) document: Document,
}

impl Case {
    fn new(name: &'static str, config: Config) -> Self {
        let document = document(&config).unwrap();
        Self {
            name,
            config,
            document,
        }
    }
}

/// Every case.
pub(crate) fn cases() -> [Case; 6] {
    let url = "sqlite://unused.db";
    [
        Case::new("breast-cancer", breast_cancer(url, &[])),
        Case::new("two-features", two_features(url, &[])),
        Case::new("hostile names", hostile_names(url)),
        Case::new("missing values", missing_values(url)),
        Case::new("keys and observations", keys(url)),
        Case::new("orders", orders(url)),
    ]
}

/// A table `data` with a column for every hostile name, and the target `class`.
pub(crate) fn hostile_names(url: &str) -> Config {
    let config = config(include_str!("../../documents/hostile_names.toml"), url, &[]);
    let features = config.dataset.learning_schema.features().iter();
    assert!(
        features.map(|feature| &*feature.name).eq(HOSTILE_NAMES),
        "the file has other names"
    );
    config
}

/// The example with a key that is valid, and observations to write, which a column orders.
fn keys(url: &str) -> Config {
    let digits = KeyDigest::of(b"of no use").digits();
    let key = format!("[{{ name = \"ci\", role = \"operate\", sha256 = \"{digits}\" }}]");
    let more = [
        ("LOGITD_AUTH__KEYS", key.as_str()),
        ("LOGITD_OBSERVATIONS__ENABLED", "true"),
        ("LOGITD_DATASET__ORDER", "recorded at"),
    ];
    breast_cancer(url, &more)
}

/// The configuration that the generated clients are tried with: three classes, keys, observations.
pub(crate) fn orders(url: &str) -> Config {
    let text = include_str!("../../clients/configurations/orders.toml");
    config(text, url, &[])
}

fn missing_values(url: &str) -> Config {
    let text = "[dataset]\ntable = \"data\"\ntarget = \"class\"\n\
        [[dataset.features]]\nname = \"a\"\nmissing = \"mean\"\nmaximum = -1.5\nunit = \"mm\"\n\
        [[dataset.features]]\nname = \"b\"\nmissing = \"mean\"\ndescription = \"The second\"\n";
    config(text, url, &[])
}

/// A call of a document.
pub(crate) struct Operation<'a> {
    pub(crate) path: &'a str,
    pub(crate) method: &'a str,
    pub(crate) id: &'a str,
    pub(crate) value: &'a Value,
}

impl<'a> Operation<'a> {
    /// Its parameters; none is an empty list.
    pub(crate) fn parameters(&self) -> &'a [Value] {
        self.value["parameters"]
            .as_array()
            .map_or(&[], Vec::as_slice)
    }

    /// Its responses by status.
    pub(crate) fn responses(&self) -> impl Iterator<Item = (&'a str, &'a Value)> {
        members(&self.value["responses"])
    }
}

/// Every call of a document.
pub(crate) fn operations(document: &Value) -> Vec<Operation<'_>> {
    let calls = members(&document["paths"]).flat_map(|(path, methods)| {
        members(methods).map(move |(method, value)| Operation {
            path,
            method,
            id: value["operationId"].as_str().unwrap_or_default(),
            value,
        })
    });
    calls.collect()
}

/// The members of an object; nothing where there is none.
pub(crate) fn members(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let members = value.as_object().into_iter().flatten();
    members.map(|(name, value)| (name.as_str(), value))
}
