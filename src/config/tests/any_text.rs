//! Whatever is written is read or refused, never a panic.

use proptest::prelude::*;

use super::fixtures::{EVERY_VARIABLE, SMALLEST, nothing};
use crate::config::{Config, Environment};

/// Lines that come near to a configuration, so that the readers are reached too.
fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("[dataset]".to_owned()),
        Just("[[dataset.features]]".to_owned()),
        "(model|http|database|training)\\.(name|url|listen|seed|penalties) = [-0-9a-z\"'.{}=]{0,9}",
        "(table|target|key|name|minimum|classes|positive|features) = \
         (\"[a-c]?\"|-?[0-9]{1,40}|nan|\\[\\]|\\[1, \"a\"\\]|\\{a = 1\\})",
    ]
}

#[test]
fn nesting_without_end_is_refused() {
    for open in ["[", "{a = "] {
        let deep = open.repeat(100_000);
        assert!(Config::parse(&format!("x = {deep}"), "any", &nothing()).is_err());
        let environment = Environment::from_pairs([("LOGITD_DATASET__FEATURES", deep)]);
        assert!(Config::parse(SMALLEST, "any", &environment).is_err());
    }
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC*") {
        if let Err(error) = Config::parse(&text, "any", &nothing()) {
            prop_assert!(!error.faults.is_empty());
        }
    }

    #[test]
    fn any_value_of_a_variable_is_read_or_refused(value in "\\PC*") {
        for (name, _) in EVERY_VARIABLE {
            let environment = Environment::from_pairs([(*name, value.as_str())]);
            if let Err(error) = Config::parse(SMALLEST, "any", &environment) {
                prop_assert!(error.faults.iter().all(|fault| fault.to_string().contains(name)));
            }
        }
    }

    #[test]
    fn what_comes_near_is_read_or_refused(lines in prop::collection::vec(line(), 0..12)) {
        if let Err(error) = Config::parse(&lines.join("\n"), "any", &nothing()) {
            prop_assert!(!error.faults.is_empty());
        }
    }

    #[test]
    fn any_name_comes_back_as_it_was(table in "[^\0]+", feature in "[^\0]+") {
        let quote = |text: &str| toml::Value::String(text.to_owned()).to_string();
        let text = format!(
            "[dataset]\ntable = {}\ntarget = \"the target\"\n[[dataset.features]]\nname = {}\n",
            quote(&table),
            quote(&format!("feature {feature}")),
        );
        let config = Config::parse(&text, "any", &nothing()).unwrap();
        prop_assert_eq!(&config.dataset.table, &table);
        let again = Config::parse(&config.to_toml(), "written", &nothing()).unwrap();
        prop_assert_eq!(again, config);
    }
}
