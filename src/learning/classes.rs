//! The classes in their fixed order.
//!
//! Shape: names, and the place of the positive one; a class is known by its place everywhere else.
//! Concurrency: immutable. Turned down: the order of linfa-logistic (the larger class first, the
//! first seen on a tie), under which a probability may change its meaning from one training to the
//! next.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::cell::quoted;

/// Why class names cannot be used together.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidClasses {
    /// Fewer than two.
    #[error("at least two classes are needed")]
    TooFew,
    /// A name twice.
    #[error("the class {0} is there twice")]
    Twice(String),
    /// The positive class is none of them.
    #[error("the positive class is not one of the classes")]
    NoPositive,
}

/// The classes in their fixed order, and which of two is the positive one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "PlainClasses")]
pub struct Classes {
    names: Vec<String>,
    positive: usize,
}

/// What of [`Classes`] is stored.
#[derive(Deserialize)]
struct PlainClasses {
    names: Vec<String>,
    positive: usize,
}

impl TryFrom<PlainClasses> for Classes {
    type Error = InvalidClasses;

    fn try_from(plain: PlainClasses) -> Result<Self, InvalidClasses> {
        Self::new(plain.names, plain.positive)
    }
}

impl Classes {
    /// Classes by name in their order; `positive` is a place among them.
    ///
    /// # Errors
    /// Fewer than two names, a name twice, a place that is not there.
    pub fn new(names: Vec<String>, positive: usize) -> Result<Self, InvalidClasses> {
        if names.len() < 2 {
            return Err(InvalidClasses::TooFew);
        }
        if let Some(at) = (1..names.len()).find(|at| names[..*at].contains(&names[*at])) {
            return Err(InvalidClasses::Twice(quoted(&names[at])));
        }
        if positive >= names.len() {
            return Err(InvalidClasses::NoPositive);
        }
        Ok(Self { names, positive })
    }

    /// Two names or more that are known to differ, and a place among them.
    pub(super) fn of_distinct(names: Vec<String>, positive: usize) -> Self {
        debug_assert!(
            positive < names.len() && names.len() > 1,
            "checked by the caller"
        );
        Self { names, positive }
    }

    /// The names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The place of the class whose probability is "probability"; only meaningful with two.
    pub fn positive_index(&self) -> usize {
        self.positive
    }

    /// The name of the positive class.
    pub fn positive(&self) -> &str {
        &self.names[self.positive]
    }

    /// How many there are: at least two.
    #[expect(clippy::len_without_is_empty, reason = "there is no empty one")]
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// The place of the class with this name.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|known| known == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_classes_are_checked_when_they_are_read() {
        let classes = Classes::new(vec!["b".to_owned(), "a".to_owned()], 0).unwrap();
        assert_eq!((classes.positive(), classes.index_of("a")), ("b", Some(1)));
        let text = serde_json::to_string(&classes).unwrap();
        assert_eq!(serde_json::from_str::<Classes>(&text).unwrap(), classes);
        for wrong in [
            r#"{"names":["a"],"positive":0}"#,
            r#"{"names":["a","b"],"positive":2}"#,
        ] {
            assert!(serde_json::from_str::<Classes>(wrong).is_err());
        }
        let twice = Classes::new(vec!["a".to_owned(), "a".to_owned()], 0);
        assert_eq!(twice, Err(InvalidClasses::Twice("\"a\"".to_owned())));
    }
}
