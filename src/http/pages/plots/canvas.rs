//! What every plot stands in: a figure with its title, and the words for who does not see it.

use maud::{Markup, PreEscaped, html};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, DrawingAreaErrorKind, IntoDrawingArea};
use plotters::prelude::SVGBackend;

/// The surface that is drawn on.
pub(super) type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Whether it could be drawn: into memory it can.
pub(super) type Drawn = Result<(), DrawingAreaErrorKind<std::io::Error>>;

/// What is said about a plot.
#[derive(Debug)]
pub(super) struct Words {
    /// What tells it from the other plots of its page.
    pub(super) id: &'static str,
    /// Above it.
    pub(super) title: String,
    /// Below it, for everybody: how it is read.
    pub(super) reading: String,
    /// For who does not see it: what it shows.
    pub(super) description: String,
}

/// A figure around a drawing of this many units across and down.
pub(super) fn figure(
    words: &Words,
    size: (u32, u32),
    draw: impl FnOnce(&Area<'_>) -> Drawn,
) -> Markup {
    let (title, description) = (format!("{}-title", words.id), format!("{}-desc", words.id));
    let drawing = drawing(size, draw);
    html! {
        figure id=(words.id) {
            h3 { (words.title) }
            @if let Some(drawing) = drawing {
                svg viewBox=(format!("0 0 {} {}", size.0, size.1)) role="img"
                    aria-labelledby=(format!("{title} {description}")) {
                    title id=(title) { (words.title) }
                    desc id=(description) { (words.description) }
                    (drawing)
                }
            } @else {
                p { "It cannot be drawn: " (words.description) }
            }
            figcaption { (words.reading) }
        }
    }
}

/// What plotters draws, without its own outer element, which has no words and a fixed size.
pub(super) fn drawing(size: (u32, u32), draw: impl FnOnce(&Area<'_>) -> Drawn) -> Option<Markup> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        draw(&area).and_then(|()| area.present()).ok()?;
    }
    // plotters escapes what it writes.
    let (_, inner) = text.split_once('>')?;
    let inner = inner.trim_end().strip_suffix("</svg>")?;
    Some(PreEscaped(inner.trim().to_owned()))
}
