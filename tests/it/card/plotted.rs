//! What a page has drawn, read back from its SVG.

/// The colour of what a plot is about.
const FIRST: &str = "#0B5FA5";

/// The drawing with this id.
fn figure<'a>(html: &'a str, id: &str) -> &'a str {
    let begin = format!("<figure id=\"{id}\">");
    let figure = html
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no {id}"))
        .1;
    figure.split_once("</figure>").unwrap().0
}

/// Elements of a kind in the plot's own colour.
fn elements<'a>(figure: &'a str, kind: &str) -> Vec<&'a str> {
    let begin = format!("<{kind} ");
    let parts = figure.split(&begin).skip(1).map(|part| {
        let end = part.find('>').unwrap();
        &part[..end]
    });
    parts.filter(|element| element.contains(FIRST)).collect()
}

fn attribute<'a>(element: &'a str, name: &str) -> &'a str {
    let begin = format!("{name}=\"");
    let value = element.split(&begin).nth(1).unwrap();
    value.split('"').next().unwrap()
}

fn units(text: &str) -> f64 {
    text.parse().unwrap()
}

/// The corners of the only line of the plot, in units of the drawing.
pub(super) fn line(html: &str, id: &str) -> Vec<[f64; 2]> {
    let lines = elements(figure(html, id), "polyline");
    let [line] = lines.as_slice() else {
        panic!("{id} has {} lines", lines.len());
    };
    let corners = attribute(line, "points").split_whitespace();
    let corner = |pair: &str| {
        let (x, y) = pair.split_once(',').unwrap();
        [units(x), units(y)]
    };
    corners.map(corner).collect()
}

/// The middles of the plot's marks, in units of the drawing.
pub(super) fn marks(html: &str, id: &str) -> Vec<[f64; 2]> {
    let circles = elements(figure(html, id), "circle").into_iter();
    let middle = |circle| ["cx", "cy"].map(|name| units(attribute(circle, name)));
    circles.map(middle).collect()
}
