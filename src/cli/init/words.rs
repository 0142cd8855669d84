//! Numbers, shares and names in the words of a comment.
//!
//! A name is any text and a comment ends with its line, so names are shown escaped.

/// A text longer than this is cut when it is shown.
const SHOWN_CHARACTERS: usize = 60;

/// A text in quotes with everything escaped that could end a comment; a long one is cut.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    }
}

/// A number, short.
pub(super) fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-4..1e15).contains(&size) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

/// "1 row", "2 rows".
pub(super) fn counted(count: u64, one: &str, more: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {more}"),
    }
}

/// "12.5%".
pub(super) fn share(part: u64, whole: u64) -> String {
    format!("{:.1}%", 100.0 * part as f64 / whole.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_a_comment() {
        assert_eq!(shown("a\n[http]\r\"\u{7f}"), r#""a\n[http]\r\"\u{7f}""#);
        assert_eq!(shown(&"é".repeat(70)).chars().count(), 65);
    }

    #[test]
    fn numbers_are_short() {
        let told = [0.0, -2.5, 1e300, 3e-7, 185.2].map(number);
        assert_eq!(told, ["0", "-2.5", "1e300", "3e-7", "185.2"]);
    }
}
