//! The datatypes that a tensor of features may have, and how a value of each is read.

use crate::http::instance::{found, read_number};
use crate::learning::{Feature, Missing};

/// A number's type in the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Datatype {
    Fp64,
    Fp32,
    Int64,
    Int32,
}

impl Datatype {
    const ALL: [(Self, &'static str); 4] = [
        (Self::Fp64, "FP64"),
        (Self::Fp32, "FP32"),
        (Self::Int64, "INT64"),
        (Self::Int32, "INT32"),
    ];

    /// By its word, in capitals as the protocol writes it.
    pub(super) fn find(word: &str) -> Option<Self> {
        let found = Self::ALL.iter().find(|(_, known)| *known == word);
        found.map(|(datatype, _)| *datatype)
    }

    /// Bytes of one value.
    pub(super) fn size(self) -> usize {
        match self {
            Self::Fp64 | Self::Int64 => 8,
            Self::Fp32 | Self::Int32 => 4,
        }
    }

    /// The values of a binary tensor: little endian, one after the other.
    pub(super) fn numbers(self, bytes: &[u8]) -> Box<dyn Iterator<Item = f64> + '_> {
        match self {
            Self::Fp64 => Box::new(words(bytes).map(f64::from_le_bytes)),
            Self::Fp32 => Box::new(words(bytes).map(f32::from_le_bytes).map(f64::from)),
            // A double keeps 53 bits, as it does of a number in JSON.
            Self::Int64 => Box::new(words(bytes).map(|word| i64::from_le_bytes(word) as f64)),
            Self::Int32 => Box::new(words(bytes).map(i32::from_le_bytes).map(f64::from)),
        }
    }

    /// The value of a number in JSON. `Err` says what was found instead.
    fn number(self, text: &str) -> Result<f64, String> {
        let value = read_number(text)?;
        let whole_below = |limit: f64| value.fract() == 0.0 && (-limit..limit).contains(&value);
        let fits = match self {
            Self::Fp64 => return Ok(value),
            Self::Fp32 => {
                let narrow = f64::from(value as f32);
                let fits = narrow.is_finite();
                return fits.then_some(narrow).ok_or_else(|| found(text));
            }
            Self::Int64 => whole_below(9_223_372_036_854_775_808.0),
            Self::Int32 => whole_below(2_147_483_648.0),
        };
        fits.then_some(value).ok_or_else(|| found(text))
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Fp64 => "expected a finite number",
            Self::Fp32 => "expected a finite number of single precision",
            Self::Int64 => "expected a whole number of 64 bits",
            Self::Int32 => "expected a whole number of 32 bits",
        }
    }

    /// A value in JSON as a feature takes it; NaN for a null that the training mean stands in for.
    pub(super) fn judge_text(self, feature: &Feature, text: &str) -> Result<f64, String> {
        if text == "null" && feature.missing == Missing::Mean {
            return Ok(f64::NAN);
        }
        let expected = |found| format!("{}, found {found}", self.expected());
        judge_number(feature, self.number(text).map_err(expected)?)
    }
}

/// A value as a feature takes it: finite, within its bounds.
pub(super) fn judge_number(feature: &Feature, value: f64) -> Result<f64, String> {
    if !value.is_finite() {
        return Err(format!("expected a finite number, found {value}"));
    }
    let checked = feature.check(value);
    checked.map_err(|fault| format!("{fault}, found {value}"))?;
    Ok(value)
}

fn words<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks().0.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_reads_its_bytes() {
        let of = |datatype: Datatype, bytes: &[u8]| datatype.numbers(bytes).collect::<Vec<_>>();
        let doubles = [0.1_f64, -1e300].map(f64::to_le_bytes).concat();
        assert_eq!(of(Datatype::Fp64, &doubles), [0.1, -1e300]);
        let singles = 0.1_f32.to_le_bytes();
        assert_eq!(of(Datatype::Fp32, &singles), [f64::from(0.1_f32)]);
        assert_eq!(of(Datatype::Int64, &(-5_i64).to_le_bytes()), [-5.0]);
        assert_eq!(of(Datatype::Int32, &7_i32.to_le_bytes()), [7.0]);
    }

    #[test]
    fn a_number_in_json_is_what_its_type_says() {
        let read = |word: &str, text: &str| {
            let feature = Feature::named("a");
            Datatype::find(word).unwrap().judge_text(&feature, text)
        };
        assert_eq!(read("FP64", "0.1"), Ok(0.1));
        assert_eq!(read("FP32", "0.1"), Ok(f64::from(0.1_f32)));
        assert_eq!(read("INT32", "-2147483648"), Ok(-2_147_483_648.0));
        assert_eq!(read("INT64", "1e3"), Ok(1000.0));
        for (word, text) in [
            ("INT32", "2147483648"),
            ("INT32", "1.5"),
            ("INT64", "9223372036854775808"),
            ("FP32", "1e39"),
            ("FP64", "1e400"),
            ("FP64", "null"),
            ("FP64", "\"1\""),
        ] {
            let told = read(word, text).unwrap_err();
            assert!(told.starts_with("expected a "), "{word} {text}: {told}");
        }
        assert_eq!(Datatype::find("FP16"), None);
    }

    #[test]
    fn only_a_null_is_missing() {
        let optional = Feature {
            missing: Missing::Mean,
            ..Feature::named("a")
        };
        let null = Datatype::Fp64.judge_text(&optional, "null").unwrap();
        assert!(null.is_nan());
        let told = judge_number(&optional, f64::NAN).unwrap_err();
        assert_eq!(told, "expected a finite number, found NaN");
    }
}
