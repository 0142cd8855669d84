//! What stands in a request: its id, its tensors, and which outputs are wanted in which form.
//!
//! One pass over the JSON; the values of a tensor stay the slice of the text that they are. Members
//! that the protocol does not know are skipped: clients send more than they have to.

use super::datatype::Datatype;
use super::tensor_members::Members;
use crate::http::error::ApiError;
use crate::http::error_codes::ErrorCode;
use crate::http::instance::{Faults, found, invalid_json};
use crate::http::problem::ProblemFault;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// A request, read.
#[derive(Debug, Default)]
pub(super) struct InferRequest<'a> {
    pub(super) id: Option<String>,
    pub(super) inputs: Vec<Input<'a>>,
    /// None, or none of them: all that there are.
    pub(super) outputs: Vec<WantedOutput>,
    /// Whether outputs are binary tensors unless they say otherwise.
    pub(super) binary_outputs: bool,
}

/// One tensor of a request that can be read.
#[derive(Debug)]
pub(super) struct Input<'a> {
    /// Its place in the list.
    pub(super) place: usize,
    pub(super) name: String,
    pub(super) datatype: Datatype,
    pub(super) shape: Vec<usize>,
    pub(super) data: Data<'a>,
}

/// A tensor's values.
#[derive(Debug, Clone, Copy)]
pub(super) enum Data<'a> {
    /// The text of an array.
    Json(&'a str),
    /// Behind the JSON.
    Binary(&'a [u8]),
}

/// An output that is wanted, by its name as it came.
#[derive(Debug)]
pub(super) struct WantedOutput {
    pub(super) name: String,
    pub(super) binary: Option<bool>,
}

/// Reads a request; `binary` is what stands behind its JSON.
///
/// # Errors
/// `invalid_json`, or `invalid_instance` where it is no request at all. What else is wrong is added
/// to the faults.
pub(super) fn parse<'a>(
    json: &'a str,
    binary: &'a [u8],
    faults: &mut Faults,
) -> Result<InferRequest<'a>, ApiError> {
    let mut reading = Reading {
        request: InferRequest::default(),
        binary,
        faults,
    };
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let read = deserializer.deserialize_map(&mut reading);
    let read = read.and_then(|()| deserializer.end());
    read.map_err(|error| {
        if error.is_data() {
            let detail = format!("the body is no inference request: {error}");
            return ApiError::new(ErrorCode::InvalidInstance, detail);
        }
        invalid_json(&error)
    })?;
    if !reading.binary.is_empty() {
        let left = reading.binary.len();
        let detail = format!("{left} bytes stand behind the last binary tensor");
        reading.fault(String::new(), detail);
    }
    Ok(reading.request)
}

struct Reading<'a, 'f> {
    request: InferRequest<'a>,
    binary: &'a [u8],
    faults: &'f mut Faults,
}

impl<'a> Reading<'a, '_> {
    fn fault(&mut self, pointer: String, detail: impl Into<String>) {
        self.faults.add(|| ProblemFault::at(pointer, detail));
    }

    /// What a member says, where it says what it should.
    fn read<T>(&mut self, pointer: &str, raw: &'a RawValue, what: &str) -> Option<T>
    where
        T: Deserialize<'a>,
    {
        let read = serde_json::from_str::<Option<T>>(raw.get());
        read.unwrap_or_else(|_| {
            let detail = format!("expected {what}, found {}", found(raw.get()));
            self.fault(pointer.to_owned(), detail);
            None
        })
    }

    /// The same where null says nothing: a tensor or an output without a name would be none at all.
    fn required<T>(&mut self, pointer: &str, raw: &'a RawValue, what: &str) -> Option<T>
    where
        T: Deserialize<'a>,
    {
        if raw.get() == "null" {
            self.fault(pointer.to_owned(), format!("expected {what}, found null"));
            return None;
        }
        self.read(pointer, raw, what)
    }

    fn parameters(
        &mut self,
        at: &str,
        raw: Option<&'a RawValue>,
    ) -> BTreeMap<String, &'a RawValue> {
        let read = raw.and_then(|raw| self.read(&format!("{at}/parameters"), raw, "an object"));
        read.unwrap_or_default()
    }

    /// A parameter of an output or of the request.
    fn flag(&mut self, at: &str, raw: Option<&'a RawValue>, name: &str) -> Option<bool> {
        let flag = self.parameters(at, raw).remove(name)?;
        self.read(&format!("{at}/parameters/{name}"), flag, "true or false")
    }

    fn outputs(&mut self, raw: &'a RawValue) {
        let listed: Option<Vec<BTreeMap<String, &RawValue>>> =
            self.read("/outputs", raw, "an array of outputs");
        for (place, mut output) in listed.unwrap_or_default().into_iter().enumerate() {
            let at = format!("/outputs/{place}");
            let binary = self.flag(&at, output.remove("parameters"), "binary_data");
            let at = format!("{at}/name");
            match output.remove("name") {
                None => self.fault(at, "is missing"),
                Some(raw) => {
                    if let Some(name) = self.required(&at, raw, "a string") {
                        self.request.outputs.push(WantedOutput { name, binary });
                    }
                }
            }
        }
    }

    /// A tensor, from its members.
    fn input(&mut self, place: usize, members: Members<'a>) {
        let at = format!("/inputs/{place}");
        let required = [
            ("name", members.name),
            ("datatype", members.datatype),
            ("shape", members.shape),
        ];
        for (name, _) in required.iter().filter(|(_, raw)| raw.is_none()) {
            self.fault(format!("{at}/{name}"), "is missing");
        }
        let name = members
            .name
            .and_then(|raw| self.required(&format!("{at}/name"), raw, "a string"));
        let datatype = members.datatype.and_then(|raw| self.datatype(&at, raw));
        let shape = members.shape.and_then(|raw| {
            let what = "an array of sizes, none below 0";
            self.required(&format!("{at}/shape"), raw, what)
        });
        let data = self.data(&at, &members);
        if let (Some(name), Some(datatype), Some(shape), Some(data)) = (name, datatype, shape, data)
        {
            self.request.inputs.push(Input {
                place,
                name,
                datatype,
                shape,
                data,
            });
        }
    }

    fn datatype(&mut self, at: &str, raw: &'a RawValue) -> Option<Datatype> {
        let at = format!("{at}/datatype");
        let word: String = self.required(&at, raw, "a string")?;
        let datatype = Datatype::find(&word);
        if datatype.is_none() {
            let detail = format!("expected FP64, FP32, INT64 or INT32, found {word:?}");
            self.fault(at, detail);
        }
        datatype
    }

    /// Binary tensors stand behind the JSON in the order of the inputs.
    fn data(&mut self, at: &str, members: &Members<'a>) -> Option<Data<'a>> {
        let name = "binary_data_size";
        let size = self.parameters(at, members.parameters).remove(name);
        let (Some(raw), None) = (size, members.data) else {
            if size.is_some() {
                self.fault(format!("{at}/data"), "is given beside binary_data_size");
            } else if members.data.is_none() {
                self.fault(format!("{at}/data"), "is missing");
            }
            return members.data.map(|raw| Data::Json(raw.get()));
        };
        let at = format!("{at}/parameters/{name}");
        let size: usize = self.read(&at, raw, "a number of bytes")?;
        let Some((data, rest)) = self.binary.split_at_checked(size) else {
            let left = self.binary.len();
            self.fault(
                at,
                format!("{size} bytes are announced, and {left} are left"),
            );
            self.binary = &[];
            return None;
        };
        self.binary = rest;
        Some(Data::Binary(data))
    }
}

impl<'a> Visitor<'a> for &mut Reading<'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the member \"inputs\"")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        let mut given: Vec<String> = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let known = matches!(name.as_str(), "id" | "parameters" | "inputs" | "outputs");
            if !known || given.contains(&name) {
                map.next_value::<IgnoredAny>()?;
                if known {
                    self.fault(format!("/{name}"), "is given twice");
                }
                continue;
            }
            if name == "inputs" {
                map.next_value_seed(Inputs(&mut *self))?;
            } else {
                let raw: &RawValue = map.next_value()?;
                match name.as_str() {
                    "id" => self.request.id = self.read("/id", raw, "a string"),
                    "outputs" => self.outputs(raw),
                    _ => {
                        let flag = self.flag("", Some(raw), "binary_data_output");
                        self.request.binary_outputs = flag.unwrap_or(false);
                    }
                }
            }
            given.push(name);
        }
        if !given.iter().any(|name| name == "inputs") {
            self.fault("/inputs".into(), "is missing");
        }
        Ok(())
    }
}

struct Inputs<'r, 'a, 'f>(&'r mut Reading<'a, 'f>);

impl<'a> DeserializeSeed<'a> for Inputs<'_, 'a, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'a> Visitor<'a> for Inputs<'_, 'a, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array of tensors")
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        let mut place = 0;
        while let Some(members) = list.next_element::<Members<'a>>()? {
            if let Some(name) = &members.twice {
                self.0
                    .fault(format!("/inputs/{place}/{name}"), "is given twice");
            }
            self.0.input(place, members);
            place += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(json: &str, binary: &[u8]) -> String {
        let mut faults = Faults::default();
        match parse(json, binary, &mut faults) {
            Err(error) => format!("{:?}: {}", error.code, error.detail),
            Ok(_) => {
                let error = faults.into_error(ErrorCode::InvalidInstance, "", "");
                let told = error.faults.iter();
                let told = told.map(|fault| {
                    format!("{}: {}", fault.pointer.as_deref().unwrap(), fault.detail)
                });
                told.collect::<Vec<_>>().join("\n")
            }
        }
    }

    #[test]
    fn a_request_is_read_with_what_it_need_not_say() {
        let mut faults = Faults::default();
        let json = r#"{"model_name": "m", "id": "7", "parameters": {"binary_data_output": true, "x": 1},
            "inputs": [{"shape": [1, 2], "name": "x", "datatype": "FP64", "more": {}, "data": [1, 2]},
            {"name": "y", "datatype": "INT32", "shape": [1], "parameters": {"binary_data_size": 4}}],
            "outputs": [{"name": "predict", "parameters": {"binary_data": false}}, {"name": "z"}]}"#;
        let request = parse(json, &[7, 0, 0, 0], &mut faults).unwrap();
        assert!(faults.is_empty());
        assert_eq!(request.id.as_deref(), Some("7"));
        assert!(request.binary_outputs);
        assert_eq!(request.outputs[0].binary, Some(false));
        assert_eq!(request.outputs[1].binary, None);
        assert_eq!(request.inputs[0].shape, [1, 2]);
        assert!(matches!(request.inputs[0].data, Data::Json("[1, 2]")));
        assert!(matches!(request.inputs[1].data, Data::Binary([7, 0, 0, 0])));
    }

    #[test]
    fn every_fault_is_told_at_once() {
        let json = r#"{"id": 7, "inputs": [{"name": 1, "datatype": "FP16", "shape": [-1], "data": []},
            {}, {"name": "a", "datatype": "FP64", "shape": [1], "data": [], "name": "b",
            "parameters": {"binary_data_size": 1}},
            {"name": "c", "datatype": "FP64", "shape": [1], "parameters": {"binary_data_size": 9}}],
            "outputs": [{}, {"name": "p", "parameters": {"binary_data": 1}}], "outputs": 1}"#;
        insta::assert_snapshot!(told(json, b"12"), @r#"
        /id: expected a string, found 7
        /inputs/0/name: expected a string, found 1
        /inputs/0/datatype: expected FP64, FP32, INT64 or INT32, found "FP16"
        /inputs/0/shape: expected an array of sizes, none below 0, found an array
        /inputs/1/name: is missing
        /inputs/1/datatype: is missing
        /inputs/1/shape: is missing
        /inputs/1/data: is missing
        /inputs/2/name: is given twice
        /inputs/2/data: is given beside binary_data_size
        /inputs/3/parameters/binary_data_size: 9 bytes are announced, and 2 are left
        /outputs/0/name: is missing
        /outputs/1/parameters/binary_data: expected true or false, found 1
        /outputs: is given twice
        "#);
        assert_eq!(
            told("{}", b"123"),
            "/inputs: is missing\n: 3 bytes stand behind the last binary tensor"
        );
    }

    #[test]
    fn null_is_absent_only_where_absent_is_something() {
        let json = r#"{"id": null, "parameters": null, "outputs": null, "inputs": []}"#;
        assert_eq!(told(json, b""), "");
        let json = r#"{"inputs": [{"name": null, "datatype": null, "shape": null, "data": []}],
            "outputs": [{"name": null, "parameters": null}]}"#;
        insta::assert_snapshot!(told(json, b""), @r#"
        /inputs/0/name: expected a string, found null
        /inputs/0/datatype: expected a string, found null
        /inputs/0/shape: expected an array of sizes, none below 0, found null
        /outputs/0/name: expected a string, found null
        "#);
    }

    #[test]
    fn what_is_no_request_and_what_is_no_json_are_told_apart() {
        for text in ["[1]", r#"{"inputs": {}}"#, r#"{"inputs": [1]}"#] {
            assert!(told(text, b"").starts_with("InvalidInstance"), "{text}");
        }
        for text in ["", "{", r#"{"inputs": [{"data": [NaN]}]}"#, "{} x"] {
            assert!(told(text, b"").starts_with("InvalidJson"), "{text}");
        }
    }
}
