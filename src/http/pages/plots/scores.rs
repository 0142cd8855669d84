//! Scores by class: where the probabilities of a class lie, for rows of it and for the others.

use super::axes::{Axis, chart};
use super::canvas::{Area, Drawn, Words, figure};
use super::colours::{FIRST, SECOND};
use super::curve::SIZE;
use maud::{Markup, html};
use plotters::element::Polygon;
use plotters::series::LineSeries;
use plotters::style::Color;

/// Rows over bins of equal width of the class's probability, of the class and of all others.
pub(in crate::http) fn scores(class: &str, others: &str, of_class: &[u64], rest: &[u64]) -> Markup {
    let words = Words {
        id: "scores",
        title: format!("Probabilities of {class} by actual class"),
        reading: "How many held-out rows have which probability. The less the two overlap, the \
                  better they are told apart."
            .to_owned(),
        description: format!(
            "{} Rows of {class}: {}. Rows of {others}: {}.",
            "Rows over bins of equal width from probability 0 to 1.",
            counts(of_class),
            counts(rest)
        ),
    };
    html! {
        div.keyed {
            (figure(&words, SIZE, |area| draw(area, of_class, rest)))
            ul.key {
                li { span.swatch.first aria-hidden="true" {} (class) ": " (of_class.iter().sum::<u64>()) " rows" }
                li { span.swatch.second aria-hidden="true" {} (others) ": " (rest.iter().sum::<u64>()) " rows" }
            }
        }
    }
}

fn draw(area: &Area<'_>, of_class: &[u64], rest: &[u64]) -> Drawn {
    let most = of_class.iter().chain(rest).copied().max();
    let most = most.unwrap_or_default().max(1) as f64;
    let x = Axis::share("Probability");
    let y = Axis {
        title: "Held-out rows",
        range: (0.0, most * 1.05),
        ticks: 6,
        label: |rows| format!("{rows:.0}"),
        room: 110,
    };
    let mut chart = chart(area, &x, &y)?;
    for (rows, colour) in [(rest, SECOND), (of_class, FIRST)] {
        let steps = steps(rows);
        chart.draw_series([Polygon::new(steps.clone(), colour.mix(0.25).filled())])?;
        chart.draw_series(LineSeries::new(steps, colour.stroke_width(4)))?;
    }
    Ok(())
}

/// The outline of a histogram over 0 to 1, along the ground to its beginning.
pub(super) fn steps(rows: &[u64]) -> Vec<(f64, f64)> {
    let width = 1.0 / rows.len().max(1) as f64;
    let tops = rows.iter().enumerate().flat_map(|(at, rows)| {
        let (from, height) = (at as f64 * width, *rows as f64);
        [(from, height), (from + width, height)]
    });
    std::iter::once((0.0, 0.0))
        .chain(tops)
        .chain([(1.0, 0.0)])
        .collect()
}

fn counts(rows: &[u64]) -> String {
    let counts: Vec<String> = rows.iter().map(u64::to_string).collect();
    counts.join(", ")
}
