//! An instance from the text of a URL: `?a=1&b=2`, or `/predict/a/1/b/2`.
//!
//! Split first, decoded after, so that a name or a value may hold any character. Numbers have JSON's
//! grammar here too: one rule everywhere.

use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::instance::{found, judge, not_a_feature};
use super::problem::ProblemFault;
use crate::learning::{Missing, Schema};
use percent_encoding::percent_decode_str;

const NOT_UTF8: &str = "is not UTF-8 once decoded";

/// An instance from the query, and whether `explain` was asked for.
///
/// # Errors
/// `invalid_parameter` with every fault.
pub(super) fn from_query(schema: &Schema, query: &str) -> Result<(Vec<f64>, bool), ApiError> {
    let mut reader = Reader::new(schema);
    let mut explain = None;
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let Some(name) = decode_form(name) else {
            reader.fault(name, NOT_UTF8);
            continue;
        };
        let Some(value) = decode_form(value) else {
            reader.undecodable(&name);
            continue;
        };
        if name != "explain" {
            reader.value(&name, &value);
        } else if explain.is_some() {
            reader.fault("explain", "is given twice");
        } else {
            let read = read_flag(&value).map_err(|detail| reader.fault("explain", &detail));
            explain = read.ok().or(Some(false));
        }
    }
    Ok((reader.finish()?, explain.unwrap_or(false)))
}

/// An instance from `/predict/{name}/{value}/...`, names in the schema's order. `rest` is what
/// follows `/predict/`, still encoded.
///
/// # Errors
/// `not_found` when the names are not the configured ones in order, else `invalid_parameter`.
pub(super) fn from_path(schema: &Schema, rest: &str) -> Result<Vec<f64>, ApiError> {
    let not_found = || {
        let detail = "the path must name every feature in the configured order, each followed by \
                      its value; the document shows it";
        ApiError::new(ErrorCode::NotFound, detail)
    };
    let segments: Vec<&str> = rest.split('/').collect();
    if segments.len() != 2 * schema.features().len() {
        return Err(not_found());
    }
    let mut reader = Reader::new(schema);
    for (feature, pair) in schema.features().iter().zip(segments.chunks(2)) {
        let (name, value) = (decode(pair[0]), decode(pair[1]));
        if name.as_deref() != Some(feature.name.as_str()) {
            return Err(not_found());
        }
        match value {
            Some(value) => reader.value(&feature.name, &value),
            None => reader.undecodable(&feature.name),
        }
    }
    reader.finish()
}

/// `true` or `false`; `Err` says what was found instead.
pub(super) fn read_flag(text: &str) -> Result<bool, String> {
    text.parse()
        .map_err(|_| format!("expected true or false, found {}", found(text)))
}

/// Whether the path form exists for this schema: every name must stand in a path unescaped.
pub(super) fn has_path_form(schema: &Schema) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.~-".contains(c);
    let fits = |name: &str| name.chars().all(plain) && name != "." && name != "..";
    schema.features().iter().all(|feature| fits(&feature.name))
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text)
        .decode_utf8()
        .ok()
        .map(|text| text.into_owned())
}

fn decode_form(text: &str) -> Option<String> {
    decode(&text.replace('+', " "))
}

struct Reader<'a> {
    schema: &'a Schema,
    row: Vec<f64>,
    given: Vec<bool>,
    faults: Vec<ProblemFault>,
}

impl<'a> Reader<'a> {
    fn new(schema: &'a Schema) -> Self {
        let count = schema.features().len();
        Self {
            schema,
            row: vec![f64::NAN; count],
            given: vec![false; count],
            faults: Vec::new(),
        }
    }

    fn fault(&mut self, name: &str, detail: &str) {
        self.faults.push(ProblemFault::of(name, detail));
    }

    /// A value that is there, whatever it was meant to be.
    fn undecodable(&mut self, name: &str) {
        if let Some(index) = self.schema.index_of(name) {
            self.given[index] = true;
        }
        self.fault(name, NOT_UTF8);
    }

    fn value(&mut self, name: &str, text: &str) {
        let Some(index) = self.schema.index_of(name) else {
            return self.fault(name, &not_a_feature(self.schema, name));
        };
        if self.given[index] {
            return self.fault(name, "is given twice");
        }
        self.given[index] = true;
        match judge_text(self.schema, index, text) {
            Ok(value) => self.row[index] = value,
            Err(detail) => self.fault(name, &detail),
        }
    }

    fn finish(mut self) -> Result<Vec<f64>, ApiError> {
        for (index, feature) in self.schema.features().iter().enumerate() {
            if !self.given[index] && feature.missing == Missing::Reject {
                self.faults
                    .push(ProblemFault::of(feature.name.clone(), "is missing"));
            }
        }
        if self.faults.is_empty() {
            Ok(self.row)
        } else {
            Err(ApiError::parameters(self.faults))
        }
    }
}

fn judge_text(schema: &Schema, index: usize, text: &str) -> Result<f64, String> {
    let json = serde_json::from_str::<&serde_json::value::RawValue>(text);
    let is_json = json.is_ok_and(|raw| raw.get() == text);
    if !is_json {
        return Err(format!("expected a finite number, found {}", found(text)));
    }
    judge(&schema.features()[index], text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::Feature;

    fn schema(names: &[&str]) -> Schema {
        let features = names.iter().map(|name| Feature::named(*name)).collect();
        Schema::new("class".into(), features, None, None).unwrap()
    }

    #[test]
    fn a_query_is_an_instance() {
        let schema = schema(&["Order Total", "b"]);
        let read = from_query(&schema, "b=-2.5e-1&Order+Total=1&explain=true").unwrap();
        assert_eq!(read, (vec![1.0, -0.25], true));
        assert_eq!(
            from_query(&schema, "b=1&Order%20Total=1").unwrap(),
            (vec![1.0, 1.0], false)
        );
    }

    #[test]
    fn a_query_tells_every_fault() {
        let schema = schema(&["a", "b"]);
        let error = from_query(&schema, "a=NaN&a=1&c=1&explain=maybe&%ff=1").unwrap_err();
        let told = error
            .faults
            .iter()
            .map(|fault| fault.parameter.clone().unwrap());
        assert_eq!(
            told.collect::<Vec<_>>(),
            ["a", "a", "c", "explain", "%ff", "b"]
        );
        for refused in [
            "inf", "1e400", "+7", ".5", "1.", "0x10", "", " 1", "null", "\"1\"",
        ] {
            let query = format!("a={refused}&b=1");
            assert!(from_query(&schema, &query).is_err(), "{refused}");
        }
    }

    #[test]
    fn a_value_that_is_not_utf8_is_not_missing_besides() {
        let schema = schema(&["a", "b"]);
        let of_query = from_query(&schema, "%61=%ff&b=1").unwrap_err();
        let of_path = from_path(&schema, "%61/%ff/b/1").unwrap_err();
        assert_eq!(of_query.faults, [ProblemFault::of("a", NOT_UTF8)]);
        assert_eq!(of_path.faults, of_query.faults);
    }

    #[test]
    fn a_path_is_an_instance() {
        let schema = schema(&["feature_1", "b"]);
        assert_eq!(
            from_path(&schema, "feature_1/-1e-3/b/2.5").unwrap(),
            [-0.001, 2.5]
        );
        for missing in ["feature_1/1", "b/1/feature_1/1", "feature_1/1/b/1/", ""] {
            assert_eq!(
                from_path(&schema, missing).unwrap_err().code,
                ErrorCode::NotFound
            );
        }
        let error = from_path(&schema, "feature_1/x/b/NaN").unwrap_err();
        assert_eq!(
            (error.code, error.faults.len()),
            (ErrorCode::InvalidParameter, 2)
        );
    }

    #[test]
    fn the_path_form_is_for_names_that_need_no_escape() {
        assert!(has_path_form(&schema(&["feature_1", "a.b~c-d"])));
        assert!(!has_path_form(&schema(&["Order Total"])));
        assert!(!has_path_form(&schema(&["a", ".."])));
    }
}
