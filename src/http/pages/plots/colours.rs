//! The colours of a plot; `pages.css` has the same values, and what they become in the dark.

use plotters::style::RGBColor;

/// What is written.
pub(super) const INK: RGBColor = RGBColor(0x1B, 0x1F, 0x24);
/// Axes, and what is drawn to compare with.
pub(super) const MUTED: RGBColor = RGBColor(0x57, 0x60, 0x6A);
/// Lines that help the eye.
pub(super) const GRID: RGBColor = RGBColor(0xD8, 0xDE, 0xE4);
/// What a plot is about.
pub(super) const FIRST: RGBColor = RGBColor(0x0B, 0x5F, 0xA5);
/// What it is held against, or what was chosen.
pub(super) const SECOND: RGBColor = RGBColor(0xB3, 0x47, 0x00);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_style_knows_every_colour() {
        let style = include_str!("../pages.css");
        for RGBColor(red, green, blue) in [INK, MUTED, GRID, FIRST, SECOND] {
            for part in ["fill", "stroke"] {
                let selector = format!("[{part}=\"#{red:02X}{green:02X}{blue:02X}\"]");
                assert!(style.contains(&selector), "{selector}");
            }
        }
    }
}
