//! `[gate]`: what a new version has to show before it serves.

use super::field::Field;
use super::section::Section;
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "gate";

pub(super) const FIELDS: &[Field] = &[Field::with_default(
    "tolerance",
    "0.0",
    "mean log loss that a new version may lose against the one that serves, on the same held-out rows",
)];

/// What a new version has to show before it serves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gate {
    /// Mean log loss that a challenger may lose against the champion; at least 0, finite.
    pub tolerance: f64,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Gate> {
    let tolerance = section.number("tolerance")?;
    if tolerance.is_finite() && tolerance >= 0.0 {
        return Some(Gate { tolerance });
    }
    let detail = format!("must be a finite number of at least 0, found {tolerance}");
    section.refuse("tolerance", detail);
    None
}

pub(super) fn write(gate: &Gate, out: &mut SectionWriter<'_>) {
    out.number("tolerance", gate.tolerance);
}
