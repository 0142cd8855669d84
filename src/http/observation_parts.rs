//! A key, a label and an order of an observation, from their JSON.

use super::instance::found;
use crate::learning::Schema;
use crate::retraining::{IncomingOrder, ObservationKey};

/// An index of the database has to hold it.
const LONGEST_KEY: usize = 512;

/// Reads a key: an integer or a text.
///
/// # Errors
/// What was expected.
pub(super) fn read_key(json: &str) -> Result<ObservationKey, String> {
    if let Some(text) = text(json) {
        check_key(&text)?;
        return Ok(ObservationKey::Text(text));
    }
    // `7.0`, `1e2` and `-0` are numbers of JSON and no way to write an integer that is a name.
    let integer: Option<i64> = json.parse().ok().filter(|n: &i64| n.to_string() == json);
    let key = integer.map(ObservationKey::Integer);
    key.ok_or_else(|| format!("expected an integer or a text, found {}", found(json)))
}

/// Checks a key as text, in a body or an address.
///
/// # Errors
/// What it must be.
pub(super) fn check_key(text: &str) -> Result<(), String> {
    match text.chars().count() {
        0 => Err("must not be empty".to_owned()),
        1..=LONGEST_KEY => without_nul(text),
        length => Err(format!(
            "must have {LONGEST_KEY} characters at most, found {length}"
        )),
    }
}

/// Reads a label: the name of a class as text, as everywhere; an integer or a boolean is taken for
/// its name.
///
/// # Errors
/// What was expected.
pub(super) fn read_label(schema: &Schema, json: &str) -> Result<String, String> {
    let plain = || {
        let boolean = matches!(json, "true" | "false");
        let integer = json.parse().is_ok_and(|n: i64| n.to_string() == json);
        (boolean || integer).then(|| json.to_owned())
    };
    let label = text(json).or_else(plain);
    let label = label.ok_or_else(|| format!("expected a label as text, found {}", found(json)))?;
    without_nul(&label)?;
    match schema.classes() {
        Some(classes) if !classes.contains(&label) => Err(none_of(classes)),
        _ => Ok(label),
    }
}

/// Reads what the row is ordered by: a time or a text, or a number.
///
/// # Errors
/// What was expected; what the column takes of these, the store knows.
pub(super) fn read_order(json: &str) -> Result<IncomingOrder, String> {
    if let Some(text) = text(json) {
        without_nul(&text)?;
        return Ok(IncomingOrder::Text(text));
    }
    let whole: Option<i64> = json.parse().ok().filter(|n: &i64| n.to_string() == json);
    if let Some(whole) = whole {
        return Ok(IncomingOrder::Integer(whole));
    }
    let number: Option<f64> = serde_json::from_str(json).ok();
    let number = number.filter(|number| number.is_finite());
    number.map(IncomingOrder::Number).ok_or_else(|| {
        let expected = "expected a time as RFC 3339, a number or a text";
        format!("{expected}, found {}", found(json))
    })
}

fn text(json: &str) -> Option<String> {
    serde_json::from_str(json).ok()
}

/// PostgreSQL has no text with it.
///
/// # Errors
/// What the text must not hold.
pub(super) fn without_nul(text: &str) -> Result<(), String> {
    if text.contains('\0') {
        return Err("must not hold the character NUL".to_owned());
    }
    Ok(())
}

fn none_of(classes: &[String]) -> String {
    const MOST: usize = 10;
    let shown: Vec<String> = classes
        .iter()
        .take(MOST)
        .map(|one| format!("{one:?}"))
        .collect();
    let more = if classes.len() > MOST { ", ..." } else { "" };
    format!("is none of the classes {}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::Feature;

    #[test]
    fn a_key_is_an_integer_or_a_text() {
        let integer = |value| Ok(ObservationKey::Integer(value));
        assert_eq!(read_key("-7"), integer(-7));
        assert_eq!(read_key("9223372036854775807"), integer(i64::MAX));
        let text = ObservationKey::Text("a\"/\u{e9} ".to_owned());
        assert_eq!(read_key(r#""a\"\/\u00e9 ""#), Ok(text));
        for wrong in [
            "7.0",
            "1e2",
            "-0",
            "9223372036854775808",
            "null",
            "true",
            "[]",
            "{}",
            "\"\"",
            "\"a\\u0000\"",
        ] {
            assert!(read_key(wrong).is_err(), "{wrong}");
        }
        assert!(check_key(&"é".repeat(512)).is_ok());
        assert!(check_key(&"é".repeat(513)).is_err());
    }

    #[test]
    fn an_order_is_a_text_or_a_number() {
        let time = "2026-11-22T03:00:04Z";
        let read = read_order(&format!("{time:?}"));
        assert_eq!(read, Ok(IncomingOrder::Text(time.into())));
        for (json, order) in [
            ("-7", IncomingOrder::Integer(-7)),
            ("9223372036854775807", IncomingOrder::Integer(i64::MAX)),
            ("7.0", IncomingOrder::Number(7.0)),
            ("1e300", IncomingOrder::Number(1e300)),
            ("\"7\"", IncomingOrder::Text("7".into())),
        ] {
            assert_eq!(read_order(json), Ok(order), "{json}");
        }
        for wrong in ["null", "true", "[]", "{}", "1e400", "\"\\u0000\""] {
            assert!(read_order(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_label_is_the_name_of_a_class() {
        let schema = |classes: Option<&[&str]>| {
            let classes = classes.map(|names| names.iter().map(|n| (*n).to_owned()).collect());
            Schema::new("c".into(), vec![Feature::named("a")], classes, None).unwrap()
        };
        let any = schema(None);
        for (json, label) in [
            ("\"a b\"", "a b"),
            ("1", "1"),
            ("true", "true"),
            ("-3", "-3"),
        ] {
            assert_eq!(read_label(&any, json).as_deref(), Ok(label));
        }
        for wrong in ["null", "1.0", "[]", "{}", "1e1", "\"\\u0000\""] {
            assert!(read_label(&any, wrong).is_err(), "{wrong}");
        }
        let fixed = schema(Some(&["0", "1"]));
        assert_eq!(read_label(&fixed, "1").as_deref(), Ok("1"));
        let refused = read_label(&fixed, "\"2\"").unwrap_err();
        assert_eq!(refused, "is none of the classes \"0\", \"1\"");
    }
}
