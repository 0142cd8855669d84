//! One observation, as it is read and as it comes in, and what can be wrong with it.

use super::observation_key::ObservationKey;
use super::order_column::IncomingOrder;
use crate::learning::OrderValue;

/// One stored labelled row.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// What names it.
    pub key: ObservationKey,
    /// In the schema's order; none for null and for what is no finite number.
    pub features: Vec<Option<f64>>,
    /// Its class; none for null and for what is no label.
    pub label: Option<String>,
    /// What it is ordered by; none for null, and where no column of its own orders the rows.
    pub order: Option<OrderValue>,
}

/// One that is to be written. What is none is null, or was refused before.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct NewObservation {
    /// What names it.
    pub key: Option<ObservationKey>,
    /// In the schema's order.
    pub features: Vec<Option<f64>>,
    /// Its class.
    pub label: Option<String>,
    /// What it is ordered by, where a column of its own orders the rows.
    pub order: Option<IncomingOrder>,
}

/// Which part of an observation is the matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObservationPart {
    /// All of it, or the database does not say which.
    Whole,
    /// The key.
    Key,
    /// The feature at this place of the schema.
    Feature(usize),
    /// The label.
    Label,
    /// What it is ordered by.
    Order,
}

/// What is wrong with one of several observations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObservationFault {
    /// Its place among them.
    pub place: usize,
    /// The part of it.
    pub part: ObservationPart,
    /// In words.
    pub detail: String,
}
