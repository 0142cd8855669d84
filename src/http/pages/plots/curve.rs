//! ROC and precision-recall curves.

use super::axes::{Axis, chart};
use super::canvas::{Words, figure};
use super::colours::{FIRST, MUTED};
use crate::http::pages::significant;
use crate::learning::ClassCurves;
use maud::Markup;
use plotters::series::LineSeries;
use plotters::style::Color;

/// Units across and down.
pub(super) const SIZE: (u32, u32) = (800, 680);

/// True against false positive rate; the area is given where the version has it.
pub(in crate::http) fn roc(curves: &ClassCurves, area: Option<f64>) -> Markup {
    let points = curves.roc.iter();
    let points: Vec<(f64, f64)> = points
        .map(|point| (point.false_positive_rate, point.true_positive_rate))
        .collect();
    let area = area.map_or_else(String::new, |area| {
        format!(" The area under it is {}.", significant(area))
    });
    let words = Words {
        id: "roc",
        title: format!("ROC curve of {}", curves.class),
        reading: format!(
            "How many of the class are found against how many others are taken for it, at every \
             threshold. The nearer to the upper left corner the better; the diagonal is chance.{area}"
        ),
        description: described(&points, "false positive rate", "true positive rate"),
    };
    let axes = ["False positive rate (share)", "True positive rate (share)"];
    line(&words, axes, points, [(0.0, 0.0), (1.0, 1.0)])
}

/// Precision at each recall; `share` is that of the class among the held-out rows.
pub(in crate::http) fn precision_recall(curves: &ClassCurves, share: f64) -> Markup {
    let points = curves.precision_recall.iter();
    let points: Vec<(f64, f64)> = points
        .map(|point| (point.recall, point.precision))
        .collect();
    let words = Words {
        id: "precision-recall",
        title: format!("Precision and recall of {}", curves.class),
        reading: format!(
            "How many of those taken for the class are of it, against how many of it are found. \
             The higher the better; the level line is the share of the class, {}.",
            significant(share)
        ),
        description: described(&points, "recall", "precision"),
    };
    let axes = ["Recall (share)", "Precision (share)"];
    line(&words, axes, points, [(0.0, share), (1.0, share)])
}

fn line(
    words: &Words,
    titles: [&'static str; 2],
    points: Vec<(f64, f64)>,
    beside: [(f64, f64); 2],
) -> Markup {
    figure(words, SIZE, |area| {
        let [x, y] = titles.map(Axis::share);
        let mut chart = chart(area, &x, &y)?;
        chart.draw_series(LineSeries::new(beside, MUTED.stroke_width(2)))?;
        chart.draw_series(LineSeries::new(points, FIRST.stroke_width(5)))?;
        Ok(())
    })
}

/// A few places of a curve in words.
fn described(points: &[(f64, f64)], x: &str, y: &str) -> String {
    if points.is_empty() {
        return "The held-out rows have none of the class, or no others: there is no curve."
            .to_owned();
    }
    let step = (points.len() / 5).max(1);
    let last = points.last();
    let some = points.iter().step_by(step).chain(last);
    let places: Vec<String> = some
        .map(|(at, value)| format!("{value:.3} at {at:.3}"))
        .collect();
    format!("{y} by {x}: {}.", places.join(", "))
}
