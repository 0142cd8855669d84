//! The search over penalties: the mean log loss of each, with its standard error.

use super::axes::{Axis, Chart, chart, letters};
use super::canvas::{Area, Drawn, Words, figure};
use super::colours::{FIRST, MUTED, SECOND};
use super::curve::SIZE;
use crate::http::pages::significant;
use crate::learning::SearchTable;
use maud::Markup;
use plotters::element::{Circle, PathElement, Text};
use plotters::series::LineSeries;
use plotters::style::Color;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Losses beyond are drawn at the edge: a diverged fit would press all others to the ground.
const LARGEST: f64 = 1e6;

/// A penalty that was looked at.
struct Tried {
    penalty: f64,
    loss: f64,
    error: f64,
    chosen: bool,
}

/// Mean log loss by penalty, the smallest on the left, the chosen one marked.
pub(in crate::http) fn penalties(search: &SearchTable) -> Markup {
    let tried = search.entries.iter().rev().filter_map(|entry| {
        Some(Tried {
            penalty: entry.penalty,
            loss: entry.mean_log_loss?.min(LARGEST),
            error: entry.standard_error.unwrap_or_default().min(LARGEST),
            chosen: entry.penalty == search.chosen,
        })
    });
    let tried: Vec<Tried> = tried.collect();
    let words = Words {
        id: "search",
        title: "Search over penalties".to_owned(),
        reading: format!(
            "Mean log loss over {} folds, with one standard error up and down: the lower the better. \
             The large mark, {}, was taken.",
            search.folds,
            significant(search.chosen)
        ),
        description: described(&tried),
    };
    figure(&words, SIZE, |area| {
        let x = Axis {
            title: "Penalty (L2 on standardised features)",
            range: (-0.5, tried.len() as f64 - 0.5),
            ticks: 0,
            label: |_| String::new(),
            room: 92,
        };
        let y = Axis {
            title: "Mean log loss (nats a row)",
            range: range(&tried),
            ticks: 6,
            label: |loss| significant(*loss),
            room: 132,
        };
        let mut chart = chart(area, &x, &y)?;
        draw(area, &mut chart, &tried, y.range.0)
    })
}

/// From the lowest to the highest loss, with their errors and a little room.
fn range(tried: &[Tried]) -> (f64, f64) {
    let ends = tried
        .iter()
        .flat_map(|one| [one.loss - one.error, one.loss + one.error]);
    let (low, high) = ends.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), end| {
        (low.min(end), high.max(end))
    });
    if !(low.is_finite() && high.is_finite()) {
        return (0.0, 1.0);
    }
    let room = ((high - low) * 0.08).max(high.abs() * 1e-3).max(1e-6);
    (low - room, high + room)
}

fn draw(area: &Area<'_>, chart: &mut Chart<'_, '_>, tried: &[Tried], ground: f64) -> Drawn {
    let place = |at: usize| (at as f64, tried[at].loss);
    let all = 0..tried.len();
    chart.draw_series(LineSeries::new(
        all.clone().map(place),
        FIRST.stroke_width(3),
    ))?;
    let bars = all.clone().map(|at| {
        let (x, loss) = place(at);
        let error = tried[at].error;
        PathElement::new(
            vec![(x, loss - error), (x, loss + error)],
            FIRST.stroke_width(3),
        )
    });
    chart.draw_series(bars)?;
    let marks = all.clone().map(|at| match tried[at].chosen {
        true => Circle::new(place(at), 13, SECOND.filled()),
        false => Circle::new(place(at), 7, FIRST.filled()),
    });
    chart.draw_series(marks)?;
    let places = chart.plotting_area();
    let style = letters(&MUTED).pos(Pos::new(HPos::Center, VPos::Top));
    for at in all {
        let (x, y) = places.map_coordinate(&(at as f64, ground));
        let label = significant(tried[at].penalty);
        area.draw(&Text::new(label, (x, y + 10), style.clone()))?;
    }
    Ok(())
}

fn described(tried: &[Tried]) -> String {
    let told = tried.iter().map(|one| {
        let chosen = if one.chosen { ", taken" } else { "" };
        format!(
            "{} at penalty {}{chosen}",
            significant(one.loss),
            significant(one.penalty)
        )
    });
    let told: Vec<String> = told.collect();
    format!("Mean log loss: {}.", told.join("; "))
}
