//! The members of a tensor in a request, found and not yet read.

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::fmt;

/// The members of a tensor, unread.
#[derive(Default)]
pub(super) struct Members<'a> {
    pub(super) name: Option<&'a RawValue>,
    pub(super) datatype: Option<&'a RawValue>,
    pub(super) shape: Option<&'a RawValue>,
    pub(super) parameters: Option<&'a RawValue>,
    pub(super) data: Option<&'a RawValue>,
    /// A member that is given twice.
    pub(super) twice: Option<String>,
}

impl<'a> Deserialize<'a> for Members<'a> {
    fn deserialize<D: Deserializer<'a>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reader)
    }
}

struct Reader;

impl<'a> Visitor<'a> for Reader {
    type Value = Members<'a>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tensor")
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Members::default();
        while let Some(name) = map.next_key::<String>()? {
            let member = match name.as_str() {
                "name" => &mut members.name,
                "datatype" => &mut members.datatype,
                "shape" => &mut members.shape,
                "parameters" => &mut members.parameters,
                "data" => &mut members.data,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let value: &RawValue = map.next_value()?;
            if member.replace(value).is_some() {
                members.twice = Some(name);
            }
        }
        Ok(members)
    }
}
