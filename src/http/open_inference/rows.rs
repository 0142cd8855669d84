//! Rows from tensors: one that holds all features in the order of the metadata, or one a feature.

use super::datatype::judge_number;
use super::request::{Data, Input};
use super::tensor_data::walk;
use crate::http::error::ApiError;
use crate::http::error_codes::ErrorCode;
use crate::http::instance::{Faults, not_a_feature};
use crate::http::instance_batch::Rows;
use crate::http::problem::ProblemFault;
use crate::learning::{Missing, Schema};

/// Makes rows of the tensors, NaN where nothing was given. What is wrong is added to the faults.
///
/// # Errors
/// `payload_too_large` past `most` rows.
pub(super) fn assemble(
    schema: &Schema,
    inputs: &[Input<'_>],
    most: usize,
    faults: &mut Faults,
) -> Result<Rows, ApiError> {
    let mut placing = Placing { schema, faults };
    let width = schema.features().len();
    let placed = match inputs {
        [one] if placing.is_packed(one) => vec![(one, 0, width)],
        _ => placing.a_feature_each(inputs),
    };
    let count = inputs.first().and_then(|input| input.shape.first());
    let count = count.copied().unwrap_or(0);
    if count > most {
        let detail = format!("a request may hold {most} rows at most");
        return Err(ApiError::new(ErrorCode::PayloadTooLarge, detail));
    }
    let mut rows = Rows {
        values: vec![f64::NAN; count * width],
        count,
    };
    for (input, first, wide) in placed {
        if placing.has_shape(input, count, wide) {
            let columns = Columns {
                first,
                wide,
                all: width,
            };
            placing.fill(input, columns, &mut rows);
        }
    }
    Ok(rows)
}

struct Placing<'a> {
    schema: &'a Schema,
    faults: &'a mut Faults,
}

/// `[n]` and `[n, 1]` are columns.
fn is_column(shape: &[usize]) -> bool {
    matches!(shape, [_] | [_, 1])
}

impl Placing<'_> {
    fn fault(&mut self, pointer: String, detail: impl Into<String>) {
        self.faults.add(|| ProblemFault::at(pointer, detail));
    }

    /// A tensor alone is all features, whatever its name, unless it is a column that bears one's.
    fn is_packed(&self, input: &Input<'_>) -> bool {
        let named = self.schema.index_of(&input.name).is_some();
        let only = self.schema.features().len() == 1 && input.shape.len() == 2;
        !is_column(&input.shape) || (only && !named)
    }

    fn a_feature_each<'a, 'i>(
        &mut self,
        inputs: &'a [Input<'i>],
    ) -> Vec<(&'a Input<'i>, usize, usize)> {
        let schema = self.schema;
        let mut given = vec![false; schema.features().len()];
        let mut placed = Vec::with_capacity(inputs.len());
        for input in inputs {
            let at = || format!("/inputs/{}/name", input.place);
            match schema.index_of(&input.name) {
                None => self.fault(at(), not_a_feature(schema, &input.name)),
                Some(index) if given[index] => self.fault(at(), "is given twice"),
                Some(index) => {
                    given[index] = true;
                    placed.push((input, index, 1));
                }
            }
        }
        let features = schema.features().iter().zip(given);
        for (feature, _) in
            features.filter(|(feature, given)| !given && feature.missing == Missing::Reject)
        {
            let detail = format!("there is no tensor for the feature {:?}", feature.name);
            self.fault("/inputs".into(), detail);
        }
        placed
    }

    fn has_shape(&mut self, input: &Input<'_>, count: usize, wide: usize) -> bool {
        let shape = input.shape.as_slice();
        let (holds, expected) = if wide == 1 {
            let holds = is_column(shape) && shape[0] == count;
            (holds, format!("[{count}] or [{count}, 1]"))
        } else {
            let holds = matches!(shape, [_, found] if *found == wide);
            (
                holds,
                format!("[n, {wide}], all features in the order of the metadata"),
            )
        };
        if !holds {
            let detail = format!("expected {expected}, found {shape:?}");
            self.fault(format!("/inputs/{}/shape", input.place), detail);
        }
        holds
    }

    /// Puts a tensor's values where they belong.
    fn fill(&mut self, input: &Input<'_>, columns: Columns, rows: &mut Rows) {
        match input.data {
            Data::Json(text) => self.fill_from_text(input, text, columns, rows),
            Data::Binary(bytes) => self.fill_from_bytes(input, bytes, columns, rows),
        }
    }

    fn fill_from_text(&mut self, input: &Input<'_>, text: &str, columns: Columns, rows: &mut Rows) {
        let (features, faults) = (self.schema.features(), &mut *self.faults);
        let data = |within: &str| format!("/inputs/{}/data{within}", input.place);
        let shape = (rows.count, columns.wide, input.shape.len() == 2);
        let walked = walk(text, shape, |at, text, within| {
            let feature = &features[columns.feature(at)];
            match input.datatype.judge_text(feature, text) {
                Ok(value) => rows.values[columns.place(at)] = value,
                Err(detail) => faults.add(|| {
                    let detail = of_feature(&feature.name, &detail);
                    ProblemFault::at(data(&within.pointer()), detail)
                }),
            }
        });
        if let Err(misshapen) = walked {
            self.fault(data(&misshapen.pointer), misshapen.detail);
        }
    }

    fn fill_from_bytes(
        &mut self,
        input: &Input<'_>,
        bytes: &[u8],
        columns: Columns,
        rows: &mut Rows,
    ) {
        let at_input = format!("/inputs/{}", input.place);
        let size = rows.count * columns.wide * input.datatype.size();
        if bytes.len() != size {
            let found = bytes.len();
            let detail = format!("expected {size} as the shape says, found {found}");
            return self.fault(format!("{at_input}/parameters/binary_data_size"), detail);
        }
        for (at, value) in input.datatype.numbers(bytes).enumerate() {
            let feature = &self.schema.features()[columns.feature(at)];
            match judge_number(feature, value) {
                Ok(value) => rows.values[columns.place(at)] = value,
                Err(detail) => self.faults.add(|| {
                    let detail = of_feature(&feature.name, &detail);
                    let row = at / columns.wide;
                    ProblemFault::at(at_input.clone(), format!("row {row}, {detail}"))
                }),
            }
        }
    }
}

/// Which features a tensor holds: `wide` ones from the `first` on, of `all` that a row has.
#[derive(Debug, Clone, Copy)]
struct Columns {
    first: usize,
    wide: usize,
    all: usize,
}

impl Columns {
    /// The feature of the tensor's value number `at`.
    fn feature(self, at: usize) -> usize {
        self.first + at % self.wide
    }

    /// Where that value stands among the rows.
    fn place(self, at: usize) -> usize {
        at / self.wide * self.all + self.feature(at)
    }
}

/// A pointer into a tensor tells no feature.
fn of_feature(name: &str, detail: &str) -> String {
    format!("{name:?}: {detail}")
}

#[cfg(test)]
mod tests {
    use super::super::request::parse;
    use super::*;
    use crate::learning::Feature;

    fn schema() -> Schema {
        let mut bounded = Feature::named("Order Total");
        bounded.maximum = Some(100.0);
        let mut optional = Feature::named("b");
        optional.missing = Missing::Mean;
        Schema::new("class".into(), vec![bounded, optional], None, None).unwrap()
    }

    fn read(inputs: &str, binary: &[u8]) -> Result<Vec<Option<f64>>, String> {
        let json = format!("{{\"inputs\": [{inputs}]}}");
        let mut faults = Faults::default();
        let request = parse(&json, binary, &mut faults).unwrap();
        let rows = assemble(&schema(), &request.inputs, 3, &mut faults);
        let rows = rows.map_err(|error| error.detail)?;
        if faults.is_empty() {
            let values = rows.values.iter();
            return Ok(values
                .map(|value| (!value.is_nan()).then_some(*value))
                .collect());
        }
        let error = faults.into_error(ErrorCode::InvalidInstance, "", "");
        let told = error.faults.into_iter();
        let told = told.map(|fault| format!("{}: {}", fault.pointer.unwrap(), fault.detail));
        Err(told.collect::<Vec<_>>().join("\n"))
    }

    const PACKED: &str = r#"{"name": "any", "datatype": "FP64", "shape": [2, 2], "data": "#;

    #[test]
    fn packed_tensors_are_rows() {
        let wanted = Ok(vec![Some(1.0), Some(2.0), Some(3.0), None]);
        assert_eq!(read(&format!("{PACKED}[1,2,3,null]}}"), b""), wanted);
        assert_eq!(read(&format!("{PACKED}[[1,2],[3,null]]}}"), b""), wanted);
        let binary = r#"{"name": "any", "datatype": "INT32", "shape": [1, 2], "parameters": {"binary_data_size": 8}}"#;
        let bytes = [5_i32, -6].map(i32::to_le_bytes).concat();
        assert_eq!(read(binary, &bytes), Ok(vec![Some(5.0), Some(-6.0)]));
    }

    #[test]
    fn a_tensor_a_feature_is_a_column() {
        let total = r#"{"name": "Order Total", "datatype": "INT64", "shape": [2], "data": [1, 2]}"#;
        assert_eq!(read(total, b""), Ok(vec![Some(1.0), None, Some(2.0), None]));
        let b = r#"{"name": "b", "datatype": "FP64", "shape": [2, 1], "data": [[0.5], [7]]}"#;
        let wanted = Ok(vec![Some(1.0), Some(0.5), Some(2.0), Some(7.0)]);
        assert_eq!(read(&format!("{b}, {total}"), b""), wanted);
    }

    #[test]
    fn what_does_not_fit_the_schema_is_told_with_its_place() {
        let packed = |data: &str| read(&format!("{PACKED}{data}}}"), b"").unwrap_err();
        let other = |input: &str| read(input, b"").unwrap_err();
        let told = [
            packed("[101,2,3,\"x\"]"),
            packed("[[1,2],[3]]"),
            other(r#"{"name": "x", "datatype": "FP64", "shape": [1, 3], "data": [1,2,3]}"#),
            other(r#"{"name": "ordr Total", "datatype": "FP64", "shape": [1], "data": [1]}"#),
            other(
                r#"{"name": "b", "datatype": "FP64", "shape": [1], "data": [1]},
                {"name": "b", "datatype": "FP64", "shape": [2], "data": [1, 2]},
                {"name": "Order Total", "datatype": "FP64", "shape": [2], "data": [1, 2]}"#,
            ),
            other(r#"{"name": "x", "datatype": "FP64", "shape": [4, 2], "data": []}"#),
            other(r#"{"name": "x", "datatype": "FP64", "shape": [], "data": []}"#),
        ];
        insta::assert_snapshot!(told.join("\n"), @r#"
        /inputs/0/data/0: "Order Total": must be at most 100, found 101
        /inputs/0/data/3: "b": expected a finite number, found "x"
        /inputs/0/data/1: expected 2 numbers as the shape says, found 1
        /inputs/0/shape: expected [n, 2], all features in the order of the metadata, found [1, 3]
        /inputs/0/name: is not a feature; did you mean "Order Total"?
        /inputs: there is no tensor for the feature "Order Total"
        /inputs/1/name: is given twice
        /inputs/2/shape: expected [1] or [1, 1], found [2]
        a request may hold 3 rows at most
        /inputs/0/shape: expected [n, 2], all features in the order of the metadata, found []
        "#);
        let nan = [1.0, f64::NAN].map(f64::to_le_bytes).concat();
        let binary = r#"{"name": "x", "datatype": "FP64", "shape": [1, 2], "parameters": {"binary_data_size": 16}}"#;
        let told = read(binary, &nan).unwrap_err();
        assert_eq!(
            told,
            "/inputs/0: row 0, \"b\": expected a finite number, found NaN"
        );
    }

    #[test]
    fn a_shape_promises_nothing_that_is_not_there() {
        let huge = format!(
            "{{\"name\": \"x\", \"datatype\": \"FP64\", \"shape\": [{}, 2], \"data\": []}}",
            u64::MAX
        );
        assert_eq!(
            read(&huge, b"").unwrap_err(),
            "a request may hold 3 rows at most"
        );
        let wide = format!(
            "{{\"name\": \"x\", \"datatype\": \"FP64\", \"shape\": [1, {}], \"data\": []}}",
            u64::MAX
        );
        assert!(
            read(&wide, b"")
                .unwrap_err()
                .starts_with("/inputs/0/shape: expected [n, 2]")
        );
    }
}
