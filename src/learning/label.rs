//! One value of the target, and the order of its values.
//!
//! Shape: a label is what the table holds, its canonical text is the name of a class. The order
//! follows from the set of labels alone, never from which row came first. Concurrency: immutable.
//! Turned down: floating point labels (0.1 + 0.2 would be a class of its own).

use std::cmp::Ordering;
use std::fmt;

use super::cell::Cell;

/// One value of the target. Its `Display` is the canonical text: decimal, `true` or `false`, the
/// text as it is. Ordered within a kind as the classes are: integers by value, false before true,
/// texts by bytes; kinds among each other by canonical text.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Label {
    /// A text.
    Text(String),
    /// An integer.
    Integer(i64),
    /// A boolean.
    Boolean(bool),
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Integer(value) => value.fmt(f),
            Self::Boolean(value) => value.fmt(f),
        }
    }
}

impl Ord for Label {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            (Self::Integer(one), Self::Integer(two)) => one.cmp(two),
            (Self::Boolean(one), Self::Boolean(two)) => one.cmp(two),
            _ => self
                .to_string()
                .cmp(&other.to_string())
                .then(self.rank().cmp(&other.rank())),
        }
    }
}

impl PartialOrd for Label {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Label {
    /// The label in a cell; `None` for null.
    ///
    /// # Errors
    /// What was found instead of a text, an integer or a boolean.
    pub(super) fn from_cell(cell: &Cell) -> Result<Option<Self>, String> {
        match cell {
            Cell::Null => Ok(None),
            Cell::Integer(value) => Ok(Some(Self::Integer(*value))),
            Cell::Boolean(value) => Ok(Some(Self::Boolean(*value))),
            Cell::Text(text) => Ok(Some(Self::Text(text.clone()))),
            Cell::Number(_) | Cell::Moment(_) | Cell::Other(_) => Err(format!(
                "expected a text, an integer or a boolean, found {}",
                cell.found()
            )),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Text(_) => 0,
            Self::Integer(_) => 1,
            Self::Boolean(_) => 2,
        }
    }
}

/// Canonical texts of the labels in class order: all integers by value, all booleans false before
/// true, anything else by the canonical text's bytes; a text twice counts once.
pub(super) fn ordered(mut labels: Vec<Label>) -> Vec<String> {
    let all = |rank| labels.iter().all(|label| label.rank() == rank);
    if all(1) || all(2) {
        labels.sort();
    } else {
        labels.sort_by_cached_key(Label::to_string);
    }
    let mut names: Vec<String> = labels.iter().map(Label::to_string).collect();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Label {
        Label::Text(text.to_owned())
    }

    #[test]
    fn the_order_follows_from_the_kind_of_the_labels() {
        let integers = [10, -1, 9].map(Label::Integer).to_vec();
        assert_eq!(ordered(integers), ["-1", "9", "10"]);
        assert_eq!(
            ordered([true, false].map(Label::Boolean).to_vec()),
            ["false", "true"]
        );
        assert_eq!(
            ordered(vec![text("b"), text("a"), text("Z")]),
            ["Z", "a", "b"]
        );
        let mixed = vec![
            Label::Integer(9),
            text("10"),
            Label::Integer(10),
            Label::Boolean(true),
        ];
        assert_eq!(ordered(mixed), ["10", "9", "true"]);
    }

    #[test]
    fn a_cell_is_a_label_or_says_what_it_is() {
        assert_eq!(Label::from_cell(&Cell::Null), Ok(None));
        assert_eq!(
            Label::from_cell(&Cell::Integer(3)),
            Ok(Some(Label::Integer(3)))
        );
        let why = Label::from_cell(&Cell::Number(1.5)).unwrap_err();
        assert_eq!(why, "expected a text, an integer or a boolean, found 1.5");
    }
}
