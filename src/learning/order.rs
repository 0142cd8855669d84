//! What says that one row is newer than another.
//!
//! Shape: a value of the order column as the table holds it. Within a column all values are compared
//! with each other: moments by time, numbers by value (integers exactly, whatever their size), texts
//! by their bytes; where a column of SQLite mixes them, numbers come before texts, as SQLite itself
//! sorts. Concurrency: immutable. Turned down: parsing texts as dates (which of 1/2/2026 is newer?),
//! and the database's own order (a collation may change, the split must not).

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use super::cell::Cell;

/// One value of the order column.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OrderValue {
    /// A time or a date: microseconds since 1970-01-01T00:00:00Z. One without a zone counts as UTC,
    /// a date as its first moment.
    Moment(i64),
    /// A whole number.
    Integer(i64),
    /// A finite number.
    Number(f64),
    /// A text, by its bytes.
    Text(String),
}

impl OrderValue {
    /// The value in a cell.
    ///
    /// # Errors
    /// What was found instead: null, a boolean, a number that is not finite, a blob.
    pub fn from_cell(cell: &Cell) -> Result<Self, String> {
        match cell {
            Cell::Moment(value) => Ok(Self::Moment(*value)),
            Cell::Integer(value) => Ok(Self::Integer(*value)),
            Cell::Number(value) if value.is_finite() => Ok(Self::Number(value + 0.0)),
            Cell::Text(text) => Ok(Self::Text(text.clone())),
            Cell::Null => Err("is null".to_owned()),
            Cell::Number(_) | Cell::Boolean(_) | Cell::Other(_) => Err(format!(
                "expected a time, a finite number or a text to order by, found {}",
                cell.found()
            )),
        }
    }

    /// The bytes that stand for the value in the fingerprint of the data.
    pub(super) fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Moment(value) => tagged(b'm', &value.to_be_bytes()),
            Self::Integer(value) => tagged(b'i', &value.to_be_bytes()),
            Self::Number(value) => tagged(b'n', &value.to_bits().to_be_bytes()),
            Self::Text(text) => tagged(b't', text.as_bytes()),
        }
    }

    fn kind(&self) -> u8 {
        match self {
            Self::Moment(_) => 0,
            Self::Integer(_) | Self::Number(_) => 1,
            Self::Text(_) => 2,
        }
    }
}

fn tagged(tag: u8, bytes: &[u8]) -> Vec<u8> {
    [&[tag], bytes].concat()
}

impl Ord for OrderValue {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Moment(one), Self::Moment(two)) | (Self::Integer(one), Self::Integer(two)) => {
                one.cmp(two)
            }
            (Self::Number(one), Self::Number(two)) => one.total_cmp(two),
            (Self::Integer(one), Self::Number(two)) => integer_to_number(*one, *two),
            (Self::Number(one), Self::Integer(two)) => integer_to_number(*two, *one).reverse(),
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            _ => self.kind().cmp(&other.kind()),
        }
    }
}

/// Exact: a double cannot hold every integer of 64 bits.
fn integer_to_number(integer: i64, number: f64) -> Ordering {
    const BEYOND: f64 = 9_223_372_036_854_775_808.0; // 2^63
    if number >= BEYOND {
        return Ordering::Less;
    }
    if number < -BEYOND {
        return Ordering::Greater;
    }
    let whole = number.trunc();
    let rest = number - whole;
    integer
        .cmp(&(whole as i64))
        .then_with(|| 0.0_f64.total_cmp(&(rest + 0.0)))
}

impl PartialOrd for OrderValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for OrderValue {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for OrderValue {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_compared_exactly_and_come_before_texts() {
        use OrderValue::{Integer, Number, Text};
        let large = 9_007_199_254_740_993; // 2^53 + 1, which no double is
        let rising = [
            Number(-1e300),
            Integer(i64::MIN),
            Number(-2.5),
            Integer(-2),
            Number(-1.5),
            Integer(0),
            Number(0.5),
            Number(9_007_199_254_740_992.0),
            Integer(large),
            Integer(i64::MAX),
            Number(9_223_372_036_854_775_808.0),
            Text("10".to_owned()),
            Text("9".to_owned()),
        ];
        for (at, one) in rising.iter().enumerate() {
            for (place, two) in rising.iter().enumerate() {
                assert_eq!(one.cmp(two), at.cmp(&place), "{one:?} {two:?}");
            }
        }
        assert_eq!(Integer(3), Number(3.0));
        assert_eq!(
            OrderValue::from_cell(&Cell::Number(-0.0)).unwrap(),
            Integer(0)
        );
    }

    #[test]
    fn what_has_no_order_is_refused_with_its_reason() {
        let told = |cell: Cell| OrderValue::from_cell(&cell).unwrap_err();
        assert_eq!(told(Cell::Null), "is null");
        assert_eq!(
            told(Cell::Number(f64::INFINITY)),
            "expected a time, a finite number or a text to order by, found inf"
        );
        assert!(told(Cell::Other("a blob".to_owned())).ends_with("found a blob"));
    }
}
