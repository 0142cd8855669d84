//! A forest plot: an effect a line, with its interval where one is known.

use super::axes::{Axis, Chart, chart, letters};
use super::canvas::{Area, Drawn, Words, figure};
use super::colours::{FIRST, INK, MUTED};
use crate::http::pages::{shortened, significant};
use maud::Markup;
use plotters::element::{Circle, PathElement, Text};
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

const WIDTH: u32 = 800;
/// Units of one line, of the axis below and of the names beside.
const LINE: u32 = 36;
const AXIS: u32 = 120;
const NAMES: u32 = 325;
/// As many letters of a name as there is room for.
const LONGEST_NAME: usize = 24;
/// An interval is cut where it is so many times as wide as the largest effect: nothing else could
/// be read beside it.
const WIDEST: f64 = 4.0;

/// What one feature does.
#[derive(Debug, Clone)]
pub(in crate::http) struct Effect {
    /// The feature.
    pub(in crate::http) name: String,
    /// A standard deviation of it adds so much.
    pub(in crate::http) size: f64,
    /// Its 95% interval.
    pub(in crate::http) interval: Option<[f64; 2]>,
}

/// What is said about a forest plot.
#[derive(Debug, Clone)]
pub(in crate::http) struct About {
    /// What tells it from the other plots of its page.
    pub(in crate::http) id: &'static str,
    /// Above it.
    pub(in crate::http) title: String,
    /// What the effects add to.
    pub(in crate::http) axis: &'static str,
    /// Why there are no intervals, where there are none.
    pub(in crate::http) without: &'static str,
}

/// The effects from the top down.
pub(in crate::http) fn forest(about: About, effects: &[Effect]) -> Markup {
    let with_intervals = effects.iter().any(|effect| effect.interval.is_some());
    let intervals = if with_intervals {
        "A line is the 95% interval: where it crosses 0, the direction is not known."
    } else {
        about.without
    };
    let words = Words {
        id: about.id,
        title: about.title,
        reading: format!(
            "What a standard deviation more of a feature adds, the others as they are. To the right it \
             speaks for the class, to the left against it. {intervals}"
        ),
        description: described(effects),
    };
    let height = effects.len() as u32 * LINE + AXIS;
    figure(&words, (WIDTH, height), |area| {
        let x = Axis {
            title: about.axis,
            range: range(effects),
            ticks: 6,
            label: tick,
            room: 92,
        };
        let y = Axis {
            title: "",
            range: (effects.len() as f64 - 0.5, -0.5),
            ticks: 0,
            label: |_| String::new(),
            room: NAMES,
        };
        let mut chart = chart(area, &x, &y)?;
        draw(area, &mut chart, effects, x.range)
    })
}

/// A tick beside 0 is 0: adding up steps leaves a little over.
fn tick(value: &f64) -> String {
    significant(if value.abs() < 1e-12 { 0.0 } else { *value })
}

/// Every effect and every interval, those cut that are very wide, and 0.
fn range(effects: &[Effect]) -> (f64, f64) {
    let largest = effects.iter().map(|effect| effect.size.abs());
    let most = (largest.fold(0.0, f64::max) * WIDEST).clamp(1e-9, 1e12);
    let ends = effects.iter().flat_map(|effect| {
        let [low, high] = effect.interval.unwrap_or([effect.size; 2]);
        [low, high, effect.size]
    });
    let ends = ends.map(|end| end.clamp(-most, most));
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), end| {
        (low.min(end), high.max(end))
    });
    let room = ((high - low) * 0.06).max(1e-9);
    (low - room, high + room)
}

fn draw(
    area: &Area<'_>,
    chart: &mut Chart<'_, '_>,
    effects: &[Effect],
    (low, high): (f64, f64),
) -> Drawn {
    let last = effects.len() as f64 - 0.5;
    chart.draw_series([PathElement::new(
        vec![(0.0, -0.5), (0.0, last)],
        MUTED.stroke_width(3),
    )])?;
    let rows = || effects.iter().enumerate();
    let lines = rows().filter_map(|(row, effect)| {
        let [from, to] = effect.interval?.map(|end| end.clamp(low, high));
        let line = vec![(from, row as f64), (to, row as f64)];
        Some(PathElement::new(line, FIRST.stroke_width(4)))
    });
    chart.draw_series(lines)?;
    let marks = rows().map(|(row, effect)| {
        let size = effect.size.clamp(low, high);
        Circle::new((size, row as f64), 8, FIRST.filled())
    });
    chart.draw_series(marks)?;
    let places = chart.plotting_area();
    let style = letters(&INK).pos(Pos::new(HPos::Right, VPos::Center));
    for (row, effect) in rows() {
        let (x, y) = places.map_coordinate(&(low, row as f64));
        let name = shortened(&effect.name, LONGEST_NAME);
        area.draw(&Text::new(name, (x - 14, y), style.clone()))?;
    }
    Ok(())
}

fn described(effects: &[Effect]) -> String {
    let told = effects.iter().take(20).map(|effect| {
        let size = significant(effect.size);
        match effect.interval {
            Some([low, high]) => {
                let (low, high) = (significant(low), significant(high));
                format!("{} {size}, from {low} to {high}", effect.name)
            }
            None => format!("{} {size}", effect.name),
        }
    });
    let told: Vec<String> = told.collect();
    let more = match effects.len().saturating_sub(20) {
        0 => String::new(),
        more => format!("; and {more} smaller ones, which the table below has"),
    };
    format!("A standard deviation adds: {}{more}.", told.join("; "))
}
