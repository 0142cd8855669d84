//! The labels of a table while its rows come.
//!
//! Shape: each label gets a number at first sight; what class it is can only be said at the end,
//! because the order follows from all of them. Concurrency: single owner. Turned down: a label a
//! row (a million texts where two numbers do).

use std::collections::HashMap;

use super::classes::Classes;
use super::label::{Label, ordered};
use super::not_trainable::NotTrainable;
use super::schema::Schema;

/// More different labels than this are not classes any more.
pub(super) const MOST_LABELS: usize = 1_000;

/// Different labels, by the order of their first sight.
#[derive(Debug, Default)]
pub(super) struct SeenLabels {
    labels: Vec<Label>,
    by_text: HashMap<String, u16>,
}

impl SeenLabels {
    /// The number of a label with this canonical text; `None` when there are too many.
    pub(super) fn number_of(&mut self, label: Label, text: String) -> Option<u16> {
        if let Some(known) = self.by_text.get(&text) {
            let first = &mut self.labels[usize::from(*known)];
            // 1 and '1' are one class, and then the labels are not all integers.
            if *first != label {
                *first = Label::Text(text);
            }
            return Some(*known);
        }
        let number = self.labels.len();
        if number == MOST_LABELS {
            return None;
        }
        self.labels.push(label);
        self.by_text.insert(text, number as u16);
        Some(number as u16)
    }

    /// The classes of these labels, configured or found, in their order.
    pub(super) fn classes(&self, schema: &Schema) -> Result<Classes, NotTrainable> {
        let found = ordered(self.labels.clone());
        if let [label] = found.as_slice() {
            return Err(NotTrainable::OneClass {
                label: label.clone(),
            });
        }
        let names = schema.classes().map_or(found, <[String]>::to_vec);
        let last = names.len() - 1;
        // With more than two classes none is positive.
        let Some(positive) = schema.positive().filter(|_| last == 1) else {
            return Ok(Classes::of_distinct(names, last));
        };
        match names.iter().position(|name| name == positive) {
            Some(at) => Ok(Classes::of_distinct(names, at)),
            None => {
                let positive = positive.to_owned();
                Err(NotTrainable::UnknownPositive {
                    positive,
                    found: names,
                })
            }
        }
    }

    /// The class number of each label, by its own number. Every label is one of the classes: others
    /// were refused with their rows.
    pub(super) fn places_in(&self, classes: &Classes) -> Vec<u16> {
        let place = |label: &Label| classes.index_of(&label.to_string()).unwrap_or_default() as u16;
        self.labels.iter().map(place).collect()
    }
}
