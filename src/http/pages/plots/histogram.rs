//! The histogram of a feature, small: many of them stand below each other.

use super::canvas::drawing;
use super::colours::{FIRST, MUTED};
use super::scores::steps;
use crate::http::pages::{shortened, significant};
use crate::learning::FeatureProfile;
use maud::{Markup, html};
use plotters::element::{PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, TextStyle};

/// Units across and down; below the ground is room for the ends.
const SIZE: (u32, u32) = (340, 110);
const GROUND: i32 = 74;
const LETTERS: i32 = 30;
/// The longest unit that is written beside a number.
const LONGEST_UNIT: usize = 8;

/// Rows over bins from the smallest to the largest value; nothing where no row has a value.
pub(in crate::http) fn histogram(profile: &FeatureProfile, unit: Option<&str>) -> Option<Markup> {
    let histogram = profile.histogram.as_ref()?;
    let [low, high] = [profile.minimum, profile.maximum].map(significant);
    let unit = unit.map_or_else(String::new, |unit| {
        format!(" {}", shortened(unit, LONGEST_UNIT))
    });
    let most = histogram.rows.iter().copied().max()?.max(1);
    let (width, height) = (SIZE.0 as i32 - 2, GROUND - 4);
    let place = |(x, y): (f64, f64)| {
        let up = (y / most as f64 * f64::from(height)).round() as i32;
        (1 + (x * f64::from(width)).round() as i32, GROUND - up)
    };
    let outline: Vec<(i32, i32)> = steps(&histogram.rows).into_iter().map(place).collect();
    let drawn = drawing(SIZE, |area| {
        area.draw(&Polygon::new(outline, FIRST.filled()))?;
        let ground = vec![(1, GROUND), (1 + width, GROUND)];
        area.draw(&PathElement::new(ground, MUTED.stroke_width(2)))?;
        let style = |side| -> TextStyle<'_> {
            let plain = ("sans-serif", LETTERS).into_font().color(&MUTED);
            plain.pos(Pos::new(side, VPos::Top))
        };
        let foot = GROUND + 8;
        area.draw(&Text::new(low.clone(), (1, foot), style(HPos::Left)))?;
        let high = format!("{high}{unit}");
        area.draw(&Text::new(high, (1 + width, foot), style(HPos::Right)))
    })?;
    let words = format!("Rows from {low} to {high}{unit}, at most {most} in a bin");
    let view = format!("0 0 {} {}", SIZE.0, SIZE.1);
    Some(html! { svg.small viewBox=(view) role="img" aria-label=(words) { (drawn) } })
}
