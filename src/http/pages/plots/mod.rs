//! Plots as SVG, drawn by plotters.
//!
//! Shape: [`canvas`] is what every plot stands in: its title, the words that a screen reader says,
//! axes; a file a kind of plot. Their colours are named in [`colours`] and set again by the page's
//! style, which finds them by their value: so one drawing is read by day, by night and in print.
//!
//! Concurrency: pure. Places are whole units of the drawing, twice as fine as a screen shows it.

mod axes;
mod canvas;
mod colours;
mod curve;
mod forest;
mod histogram;
mod penalties;
mod reliability;
mod scores;

pub(in crate::http) use curve::{precision_recall, roc};
pub(in crate::http) use forest::{About, Effect, forest};
pub(in crate::http) use histogram::histogram;
pub(in crate::http) use penalties::penalties;
pub(in crate::http) use reliability::reliability;
pub(in crate::http) use scores::scores;
