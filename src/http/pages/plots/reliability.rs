//! The reliability diagram: does what is said to be probable come true as often?

use super::axes::{Axis, chart};
use super::canvas::{Words, figure};
use super::colours::{FIRST, MUTED};
use super::curve::SIZE;
use crate::learning::{CalibrationBin, ClassCurves};
use maud::Markup;
use plotters::element::Circle;
use plotters::series::LineSeries;
use plotters::style::Color;

/// Units of the smallest mark, and what the one of all rows has more.
const MARK: (f64, f64) = (7.0, 16.0);

/// Share that came true against mean probability, a mark a bin with rows.
pub(in crate::http) fn reliability(curves: &ClassCurves) -> Markup {
    let bins: Vec<&CalibrationBin> = curves
        .calibration
        .iter()
        .filter(|bin| bin.rows > 0)
        .collect();
    let place = |bin: &CalibrationBin| Some((bin.mean_probability?, bin.positive_share?));
    let points: Vec<(f64, f64)> = bins.iter().filter_map(|bin| place(bin)).collect();
    let words = Words {
        id: "reliability",
        title: format!("Reliability of the probability of {}", curves.class),
        reading: "Of the rows that are said to be of the class with this probability, so many are. \
                  On the diagonal a probability means what it says; a larger mark stands for more rows."
            .to_owned(),
        description: described(&bins),
    };
    figure(&words, SIZE, |area| {
        let x = Axis::share("Mean probability of the bin");
        let y = Axis::share("Share that is of the class");
        let mut chart = chart(area, &x, &y)?;
        chart.draw_series(LineSeries::new(
            [(0.0, 0.0), (1.0, 1.0)],
            MUTED.stroke_width(2),
        ))?;
        chart.draw_series(LineSeries::new(points.clone(), FIRST.stroke_width(3)))?;
        let all: u64 = bins.iter().map(|bin| bin.rows).sum();
        let radius = |bin: &CalibrationBin| {
            let share = bin.rows as f64 / all.max(1) as f64;
            (MARK.0 + MARK.1 * share.sqrt()).round() as i32
        };
        let marks = points.iter().zip(&bins);
        chart.draw_series(marks.map(|(at, bin)| Circle::new(*at, radius(bin), FIRST.filled())))?;
        Ok(())
    })
}

fn described(bins: &[&CalibrationBin]) -> String {
    let told = bins.iter().filter_map(|bin| {
        let (said, came) = (bin.mean_probability?, bin.positive_share?);
        let rows = bin.rows;
        Some(format!("{came:.3} where {said:.3} was said ({rows} rows)"))
    });
    let told: Vec<String> = told.collect();
    format!(
        "Share of the class by mean probability: {}.",
        told.join(", ")
    )
}
