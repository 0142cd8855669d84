//! Axes: titles, ticks and the lines behind a plot.

use super::canvas::{Area, Drawn};
use super::colours::{GRID, INK, MUTED};
use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{Cartesian2d, SVGBackend};
use plotters::style::{Color, IntoFont, TextStyle};

/// Height of the letters, which plotters draws a fifth smaller.
const LETTERS: i32 = 32;

/// A little beyond 0 and 1, so that what lies there covers neither axis nor ticks.
pub(super) const SHARES: (f64, f64) = (-0.03, 1.03);

/// A chart of two axes.
pub(super) type Chart<'a, 'b> =
    ChartContext<'a, SVGBackend<'b>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// One axis.
pub(super) struct Axis {
    /// What it measures, and in which unit.
    pub(super) title: &'static str,
    /// Its ends.
    pub(super) range: (f64, f64),
    /// About how many ticks; none: the plot writes its own.
    pub(super) ticks: usize,
    /// What is written at a tick.
    pub(super) label: fn(&f64) -> String,
    /// Room for what is written.
    pub(super) room: u32,
}

impl Axis {
    /// A share, or a probability, from 0 to 1.
    pub(super) fn share(title: &'static str) -> Self {
        Self {
            title,
            range: SHARES,
            ticks: 6,
            label: |share| format!("{share:.1}"),
            room: 92,
        }
    }
}

/// How text looks.
pub(super) fn letters<'a>(colour: &'a impl Color) -> TextStyle<'a> {
    ("sans-serif", LETTERS).into_font().color(colour)
}

/// Two axes on the surface, ready to be drawn between.
pub(super) fn chart<'a, 'b>(
    area: &'a Area<'b>,
    x: &Axis,
    y: &Axis,
) -> Result<Chart<'a, 'b>, plotters::drawing::DrawingAreaErrorKind<std::io::Error>> {
    let mut chart = ChartBuilder::on(area)
        .margin(8)
        .margin_right(28)
        .margin_top(20)
        .x_label_area_size(x.room)
        .y_label_area_size(y.room + 30)
        .build_cartesian_2d(x.range.0..x.range.1, y.range.0..y.range.1)?;
    let drawn: Drawn = chart
        .configure_mesh()
        .bold_line_style(GRID.stroke_width(2))
        .light_line_style(GRID.mix(0.0))
        .axis_style(MUTED.stroke_width(2))
        .label_style(letters(&MUTED))
        .axis_desc_style(letters(&INK))
        .x_desc(x.title)
        .y_desc(y.title)
        .x_labels(x.ticks)
        .y_labels(y.ticks)
        .x_label_formatter(&x.label)
        .y_label_formatter(&y.label)
        .draw();
    drawn.map(|()| chart)
}
