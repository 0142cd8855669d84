//! The values of a tensor in JSON: an array of numbers, flat in row-major order or an array a row.
//!
//! The text is well-formed already, so the walk only looks for brackets and commas; each value goes
//! on as a slice of the text.

use crate::http::instance::found;

/// Where a value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a flat array.
    Flat(usize),
    /// In the array of a row.
    Nested(usize, usize),
}

impl Place {
    /// As the end of a JSON pointer.
    pub(super) fn pointer(self) -> String {
        match self {
            Self::Flat(at) => format!("/{at}"),
            Self::Nested(row, at) => format!("/{row}/{at}"),
        }
    }
}

/// Data that does not have the shape that it should: the end of a pointer to it, and what is wrong.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Misshapen {
    pub(super) pointer: String,
    pub(super) detail: String,
}

fn misshapen(pointer: String, detail: impl Into<String>) -> Misshapen {
    let detail = detail.into();
    Misshapen { pointer, detail }
}

/// Gives every value with its number in row-major order. `rows` and `width` are what the shape says;
/// where it has one dimension, `deep` is false and only a flat array will do.
///
/// # Errors
/// [`Misshapen`], after the values before it.
pub(super) fn walk<'a>(
    text: &'a str,
    (rows, width, deep): (usize, usize, bool),
    mut put: impl FnMut(usize, &'a str, Place),
) -> Result<(), Misshapen> {
    let mut tokens = Tokens { text, at: 0 };
    if tokens.next() != Some(Token::Open) {
        let detail = format!("expected an array of numbers, found {}", found(text));
        return Err(misshapen(String::new(), detail));
    }
    let mut count = 0;
    let wanted = if tokens.opens() { rows } else { rows * width };
    while let Some(token) = tokens.next() {
        match token {
            Token::Close => break,
            Token::Open if !deep => {
                let detail = "expected a number: the shape has one dimension";
                return Err(misshapen(format!("/{count}"), detail));
            }
            Token::Open => read_row(&mut tokens, count, (rows, width), &mut put)?,
            Token::Value(value) if count < wanted => put(count, value, Place::Flat(count)),
            Token::Value(_) => {}
        }
        count += 1;
    }
    if count == wanted {
        return Ok(());
    }
    let detail = format!("expected {wanted} entries as the shape says, found {count}");
    Err(misshapen(String::new(), detail))
}

fn read_row<'a>(
    tokens: &mut Tokens<'a>,
    row: usize,
    (rows, width): (usize, usize),
    put: &mut impl FnMut(usize, &'a str, Place),
) -> Result<(), Misshapen> {
    let mut count = 0;
    while let Some(token) = tokens.next() {
        match token {
            Token::Close => break,
            Token::Open => {
                let pointer = Place::Nested(row, count).pointer();
                return Err(misshapen(pointer, "expected a number, found an array"));
            }
            Token::Value(value) if count < width && row < rows => {
                put(row * width + count, value, Place::Nested(row, count));
            }
            Token::Value(_) => {}
        }
        count += 1;
    }
    if count == width {
        return Ok(());
    }
    let detail = format!("expected {width} numbers as the shape says, found {count}");
    Err(misshapen(format!("/{row}"), detail))
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    Value(&'a str),
}

struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    fn skip_spaces(&mut self) -> Option<u8> {
        let bytes = self.text.as_bytes();
        while matches!(
            bytes.get(self.at),
            Some(b' ' | b'\t' | b'\r' | b'\n' | b',')
        ) {
            self.at += 1;
        }
        bytes.get(self.at).copied()
    }

    /// Whether an array comes next.
    fn opens(&mut self) -> bool {
        self.skip_spaces() == Some(b'[')
    }

    fn next(&mut self) -> Option<Token<'a>> {
        let first = self.skip_spaces()?;
        let start = self.at;
        match first {
            b'[' => {
                self.at += 1;
                return Some(Token::Open);
            }
            b']' => {
                self.at += 1;
                return Some(Token::Close);
            }
            b'"' => self.skip_string(),
            b'{' => self.skip_object(),
            _ => {
                let bytes = self.text.as_bytes();
                let ends = |byte: &u8| matches!(byte, b',' | b']' | b' ' | b'\t' | b'\r' | b'\n');
                let length = bytes[start..].iter().position(ends);
                self.at = length.map_or(bytes.len(), |length| start + length);
            }
        }
        self.text.get(start..self.at).map(Token::Value)
    }

    fn skip_string(&mut self) {
        let bytes = self.text.as_bytes();
        self.at += 1;
        while let Some(byte) = bytes.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                return;
            }
        }
    }

    fn skip_object(&mut self) {
        let bytes = self.text.as_bytes();
        let mut depth = 0_usize;
        while let Some(byte) = bytes.get(self.at) {
            match byte {
                b'"' => {
                    self.skip_string();
                    continue;
                }
                b'{' => depth += 1,
                b'}' => depth -= 1,
                _ => {}
            }
            self.at += 1;
            if depth == 0 {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str, shape: (usize, usize, bool)) -> (Vec<String>, Option<Misshapen>) {
        let mut values = vec![String::new(); shape.0 * shape.1];
        let put = |at: usize, value: &str, place: Place| {
            values[at] = format!("{value}{}", place.pointer());
        };
        let misshapen = walk(text, shape, put).err();
        (values, misshapen)
    }

    #[test]
    fn flat_and_nested_data_are_the_same_values() {
        let (flat, none) = read("[1, -2.5e3 ,\n3,4]", (2, 2, true));
        assert_eq!(
            (flat.join(" "), none),
            ("1/0 -2.5e3/1 3/2 4/3".into(), None)
        );
        let (nested, none) = read("[[1,-2.5e3],[ 3, 4 ]]", (2, 2, true));
        assert_eq!(
            (nested.join(" "), none),
            ("1/0/0 -2.5e3/0/1 3/1/0 4/1/1".into(), None)
        );
        assert_eq!(read("[]", (0, 3, true)), (vec![], None));
    }

    #[test]
    fn what_is_no_number_is_a_value_of_its_own() {
        let text = r#"["a]\"", {"b": ["}", {}]}, null, true]"#;
        let (values, none) = read(text, (4, 1, false));
        assert_eq!(none, None);
        assert_eq!(values[0], r#""a]\""/0"#);
        assert_eq!(values[1], r#"{"b": ["}", {}]}/1"#);
        assert_eq!(values[2..], ["null/2", "true/3"]);
    }

    #[test]
    fn another_shape_is_told_with_its_place() {
        let told = |text: &str, shape| {
            let misshapen = read(text, shape).1.unwrap();
            format!("{}: {}", misshapen.pointer, misshapen.detail)
        };
        let two_by_two = (2, 2, true);
        let all = [
            told("7", two_by_two),
            told("[1,2,3]", two_by_two),
            told("[1,2,3,4,5]", two_by_two),
            told("[[1,2]]", two_by_two),
            told("[[1,2],[3]]", two_by_two),
            told("[[1,2],[3,4],[5,6]]", two_by_two),
            told("[[1,[2]],[3,4]]", two_by_two),
            told("[[1],[2]]", (2, 1, false)),
        ];
        insta::assert_snapshot!(all.join("\n"), @r"
        : expected an array of numbers, found 7
        : expected 4 entries as the shape says, found 3
        : expected 4 entries as the shape says, found 5
        : expected 2 entries as the shape says, found 1
        /1: expected 2 numbers as the shape says, found 1
        : expected 2 entries as the shape says, found 3
        /0/1: expected a number, found an array
        /0: expected a number: the shape has one dimension
        ");
    }

    proptest! {
        #[test]
        fn no_text_panics(text in r#"[\[\]{},"\\ 0-9a-zé]*"#, rows in 0..4_usize, width in 0..4_usize) {
            let _ = walk(&text, (rows, width, true), |at, _, _| assert!(at < rows * width));
        }
    }
}
