//! Instances as clients mostly write them, from their bytes to their rows in one pass.
//!
//! What is taken here is right throughout: known names without escapes, each once, numbers within their
//! bounds, nothing missing, no other member. At anything else the reading ends with `None` and the text
//! is read again as [`instance`](super::instance) and [`instance_batch`](super::instance_batch) do,
//! which tell every fault; so there is one set of rules, and this is only the short way to follow it.
//! Turned down: telling faults here too (each rule would stand twice), and a reading by serde for all
//! (it goes over a batch four times: the list, each instance, each value, each number).

use super::instance_batch::Rows;
use crate::delimited::decimal;
use crate::learning::{Missing, Schema};

/// The row of a text that is one plain instance.
pub(super) fn plain_instance(schema: &Schema, text: &str) -> Option<Vec<f64>> {
    let mut row = Vec::with_capacity(schema.features().len());
    let mut reader = Reader::of(text);
    reader.instance(schema, &mut row)?;
    reader.end()?;
    Some(row)
}

/// The rows of a text that is `{"instances": [...]}` with plain instances, `most` of them at most.
pub(super) fn plain_batch(schema: &Schema, text: &str, most: usize) -> Option<Rows> {
    let mut reader = Reader::of(text);
    let mut rows = Rows::default();
    reader.sign(b'{')?;
    if reader.name()? != "instances" {
        return None;
    }
    reader.sign(b':')?;
    reader.sign(b'[')?;
    if reader.sign(b']').is_none() {
        loop {
            rows.count += 1;
            if rows.count > most {
                return None;
            }
            let from = reader.at;
            reader.instance(schema, &mut rows.values)?;
            if rows.count == 1 {
                // The others are as long as the first, or nearly.
                let more = reader.rest().len() / (reader.at - from);
                let values = schema.features().len();
                rows.values.reserve(more.min(most) * values);
            }
            if reader.sign(b',').is_none() {
                break;
            }
        }
        reader.sign(b']')?;
    }
    reader.sign(b'}')?;
    reader.end()?;
    Some(rows)
}

/// A place in a text.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a [u8] {
        self.text.as_bytes().get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        let blanks = self.rest().iter();
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t');
        self.at += blanks.take_while(blank).count();
    }

    /// The sign, behind blanks; where another stands nothing but the blanks is passed over.
    fn sign(&mut self, sign: u8) -> Option<()> {
        self.skip_blanks();
        let there = self.rest().first() == Some(&sign);
        self.at += usize::from(there);
        there.then_some(())
    }

    fn end(&mut self) -> Option<()> {
        self.skip_blanks();
        self.rest().is_empty().then_some(())
    }

    /// A name without escapes.
    fn name(&mut self) -> Option<&'a str> {
        self.sign(b'"')?;
        let length = self.rest().iter().position(|byte| !is_plain(*byte))?;
        let name = self.text.get(self.at..self.at + length)?;
        self.at += length;
        (self.rest().first() == Some(&b'"')).then(|| self.at += 1)?;
        Some(name)
    }

    /// The place of the feature whose name comes; that of `expected` is tried first.
    fn feature(&mut self, schema: &Schema, expected: usize) -> Option<usize> {
        self.skip_blanks();
        if let Some(feature) = schema.features().get(expected) {
            let name = feature.name.as_bytes();
            let there = self.rest().strip_prefix(b"\"");
            let there = there.and_then(|rest| rest.strip_prefix(name)?.first());
            // Without an early end: the compiler looks at many bytes at once.
            if there == Some(&b'"') && name.iter().fold(true, |all, byte| all & is_plain(*byte)) {
                self.at += name.len() + 2;
                return Some(expected);
            }
        }
        let name = self.name()?;
        schema.index_of(name)
    }

    /// Reads an instance to the end of `rows`, NaN where nothing is given and the mean stands in.
    fn instance(&mut self, schema: &Schema, rows: &mut Vec<f64>) -> Option<()> {
        let features = schema.features();
        let start = rows.len();
        rows.resize(start + features.len(), f64::NAN);
        let row = &mut rows[start..];
        // Of a null nothing is left to see that it was given, but by the order.
        let (mut next, mut nulls, mut ordered) = (0, false, true);
        self.sign(b'{')?;
        loop {
            let place = self.feature(schema, next)?;
            self.sign(b':')?;
            self.skip_blanks();
            ordered &= place >= next;
            if self.rest().starts_with(b"null") && features[place].missing == Missing::Mean {
                nulls = true;
                self.at += b"null".len();
            } else {
                let (value, length) = decimal(self.rest())?;
                features[place].check(value).ok()?;
                row[place].is_nan().then(|| row[place] = value)?;
                self.at += length;
            }
            if nulls && !ordered {
                return None;
            }
            next = place + 1;
            if self.sign(b',').is_none() {
                break;
            }
        }
        self.sign(b'}')?;
        let mut judged = row.iter().zip(features);
        judged
            .all(|(value, feature)| !value.is_nan() || feature.missing == Missing::Mean)
            .then_some(())
    }
}

/// Whether a byte stands for itself in a string of JSON.
fn is_plain(byte: u8) -> bool {
    byte >= b' ' && byte != b'"' && byte != b'\\'
}

#[cfg(test)]
mod tests {
    use super::super::instance::{Faults, parse_instance};
    use super::*;
    use crate::learning::Feature;
    use proptest::prelude::*;

    fn schema() -> Schema {
        let mut bounded = Feature::named("a/b");
        bounded.minimum = Some(-1.0);
        bounded.maximum = Some(1.0);
        let mut optional = Feature::named("é");
        optional.missing = Missing::Mean;
        let features = vec![
            bounded,
            Feature::named("plain"),
            optional,
            Feature::named("q\"\n"),
        ];
        Schema::new("class".into(), features, None, None).unwrap()
    }

    fn small() -> Schema {
        let mut optional = Feature::named("c");
        optional.missing = Missing::Mean;
        let features = vec![Feature::named("a"), Feature::named("b"), optional];
        Schema::new("class".into(), features, None, None).unwrap()
    }

    fn bits(row: &[f64]) -> Vec<u64> {
        row.iter().map(|value| value.to_bits()).collect()
    }

    /// What the long way makes of it, where it finds no fault.
    fn long_way(schema: &Schema, text: &str) -> Option<Vec<u64>> {
        let (mut row, mut faults) = (Vec::new(), Faults::default());
        parse_instance(schema, text, "", &mut row, &mut faults).ok()?;
        faults.is_empty().then(|| bits(&row))
    }

    #[test]
    fn what_clients_write_goes_the_short_way() {
        for text in [
            r#"{"a":1,"b":-2.5e1,"c":0.1}"#,
            " {\n \"b\" : 2 ,\t\"c\":3, \"a\":1\r\n} ",
            r#"{"a":1,"b":2}"#,
            r#"{"a":1,"b":2,"c":null}"#,
            r#"{"a":0.30000000000000004,"b":12345678901234567890,"c":-0}"#,
        ] {
            let row = plain_instance(&small(), text).map(|row| bits(&row));
            assert!(row.is_some() && row == long_way(&small(), text), "{text}");
        }
        let rows = plain_batch(
            &small(),
            r#"{"instances":[{"a":1,"b":2},{"b":4,"a":3}] }"#,
            2,
        )
        .unwrap();
        assert_eq!(
            (rows.count, &rows.values[..2], &rows.values[3..5]),
            (2, &[1.0, 2.0][..], &[3.0, 4.0][..])
        );
        let none = plain_batch(&small(), r#"{"instances": []}"#, 2).unwrap();
        assert_eq!((none.count, none.values.len()), (0, 0));
    }

    #[test]
    fn whatever_is_wrong_is_left_to_the_long_way() {
        for text in [
            "",
            "{",
            "{}",
            "[]",
            "7",
            r#"{"a":1,"b":2"#,
            r#"{"a":1,"b":2,}"#,
            r#"{"a":1,"b":2} x"#,
            r#"{"a":1}"#,
            r#"{"a":1,"b":2,"d":3}"#,
            r#"{"a":1,"a":1,"b":2}"#,
            r#"{"a":1,"b":NaN}"#,
            r#"{"a":1,"b":1e400}"#,
            r#"{"a":1,"b":"2"}"#,
            r#"{"a":1,"b":01}"#,
            r#"{"a":1 "b":2}"#,
            r#"{"a":null,"b":2}"#,
            r#"{"c":null,"a":1,"b":2}"#,
            r#"{"a":1,"b":2,"c":null,"c":1}"#,
            r#"{"a":1,"b":nul}"#,
            r#"{"\u0061":1,"b":2}"#,
        ] {
            assert_eq!(plain_instance(&small(), text), None, "{text}");
        }
        for text in [
            r#"{"instances":[{"a":1,"b":2},{"a":1,"b":2},{"a":1,"b":2}]}"#,
            r#"{"instances":[{"a":1,"b":2},]}"#,
            r#"{"instances":[{"a":1,"b":2}],"more":1}"#,
            r#"{"instances":[{"a":1,"b":2}]"#,
            r#"{"other":[{"a":1,"b":2}]}"#,
            r#"[{"a":1,"b":2}]"#,
        ] {
            assert!(plain_batch(&small(), text, 2).is_none(), "{text}");
        }
        // Written as it is, the name of the last feature would not be JSON.
        let raw = "{\"a/b\":0,\"plain\":1,\"q\"\n\":2}";
        assert_eq!(plain_instance(&schema(), raw), None);
    }

    fn member() -> impl Strategy<Value = String> {
        let names = ["a/b", "plain", "é", "q\\\"\\n", "a\\/b", "else", "a"];
        let values = [
            "1",
            "-0.5",
            "0.25e0",
            "null",
            "2",
            "1e400",
            "\"x\"",
            "0.1234567890123456789",
            "[1]",
            "01",
            "-",
        ];
        (
            prop::sample::select(names.to_vec()),
            prop::sample::select(values.to_vec()),
            " {0,1}",
        )
            .prop_map(|(name, value, blank)| format!("\"{name}\"{blank}:{blank}{value}"))
    }

    proptest! {
        #[test]
        fn the_short_way_takes_nothing_that_the_long_one_refuses(
            members in prop::collection::vec(member(), 0..6), separator in "(,| , |)", end in "(\\}|\\} |x|)",
        ) {
            let text = format!("{{{}{end}", members.join(&separator));
            if let Some(row) = plain_instance(&schema(), &text) {
                prop_assert_eq!(Some(bits(&row)), long_way(&schema(), &text), "{}", text);
            }
        }

        #[test]
        fn no_text_panics(text in ".*") {
            let _ = plain_instance(&schema(), &text);
            let _ = plain_batch(&schema(), &format!("{{\"instances\":[{text}"), 2);
        }
    }
}
