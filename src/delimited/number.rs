//! A cell of numbers: a decimal number, or nothing.

use super::decimal;

/// The number in the cell; `None` for an empty one. Blanks around it do not count.
///
/// # Errors
/// What was found instead. `NaN`, `inf` and numbers beyond a double are none.
pub fn number(text: &str) -> Result<Option<f64>, String> {
    if let Some(value) = plain(text.as_bytes()) {
        return Ok(Some(value));
    }
    let trimmed = text.trim_matches([' ', '\t']);
    if trimmed.is_empty() {
        return Ok(None);
    }
    if let Some(value) = finite(trimmed) {
        return Ok(Some(value));
    }
    let pointed = trimmed.replacen(',', ".", 1);
    if finite(&pointed).is_some() {
        return Err(format!(
            "has a decimal comma, found {trimmed:?}; write {pointed}"
        ));
    }
    Err(format!(
        "expected a finite number, found {:?}",
        shortened(text)
    ))
}

/// The number that the cell is as it stands: what nearly every one is, found in one pass.
pub(super) fn plain(cell: &[u8]) -> Option<f64> {
    decimal(cell).and_then(|(value, length)| (length == cell.len()).then_some(value))
}

/// The first characters of a text that may be of any length.
fn shortened(text: &str) -> String {
    const MOST_CHARACTERS: usize = 60;
    let mut shown: String = text.chars().take(MOST_CHARACTERS).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Rust's parser takes `inf` and `nan` too; those have letters other than the exponent's.
fn finite(text: &str) -> Option<f64> {
    let decimal = |byte: u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    let value: f64 = text.bytes().all(decimal).then(|| text.parse().ok())??;
    value.is_finite().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_and_nothing() {
        for (text, value) in [("1.5", 1.5), (" -2e3 ", -2000.0), ("+7", 7.0), (".5", 0.5)] {
            assert_eq!(number(text), Ok(Some(value)), "{text}");
        }
        for text in ["", "  ", "\t"] {
            assert_eq!(number(text), Ok(None), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_number_is_told() {
        for text in [
            "NaN",
            "inf",
            "-infinity",
            "1e400",
            "x",
            "1 2",
            "0x1",
            "1,5,2",
            "-",
        ] {
            let told = number(text).unwrap_err();
            assert!(
                told.starts_with("expected a finite number"),
                "{text}: {told}"
            );
        }
        let told = number("1,5").unwrap_err();
        assert_eq!(told, "has a decimal comma, found \"1,5\"; write 1.5");
        assert!(number(&"é".repeat(1000)).unwrap_err().chars().count() < 120);
    }

    proptest! {
        #[test]
        fn a_number_comes_back_as_it_was(value in prop::num::f64::NORMAL | prop::num::f64::ZERO) {
            prop_assert_eq!(number(&value.to_string()), Ok(Some(value)));
            prop_assert_eq!(number(&format!("{value:e}")), Ok(Some(value)));
        }

        #[test]
        fn any_text_is_a_finite_number_nothing_or_refused(text in ".*") {
            if let Ok(Some(value)) = number(&text) {
                prop_assert!(value.is_finite());
            }
        }
    }
}
