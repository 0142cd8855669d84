//! The floor: a bare poem handler that parses the same 30 features with a derived serde struct, scores
//! them and answers as many bytes as logitd does. No validation beyond serde's, no middleware, no keys,
//! no limits, no telemetry, one thread.
//!
//!     floor ADDRESS ANSWER_BYTES

use poem::http::header;
use poem::listener::TcpListener;
use poem::web::Json;
use poem::{Response, Route, Server, handler, post};
use serde::Deserialize;
use std::sync::OnceLock;

/// One instance, as `derive` reads it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Instance {
    mean_radius: f64,
    mean_texture: f64,
    mean_perimeter: f64,
    mean_area: f64,
    mean_smoothness: f64,
    mean_compactness: f64,
    mean_concavity: f64,
    mean_concave_points: f64,
    mean_symmetry: f64,
    mean_fractal_dimension: f64,
    radius_error: f64,
    texture_error: f64,
    perimeter_error: f64,
    area_error: f64,
    smoothness_error: f64,
    compactness_error: f64,
    concavity_error: f64,
    concave_points_error: f64,
    symmetry_error: f64,
    fractal_dimension_error: f64,
    worst_radius: f64,
    worst_texture: f64,
    worst_perimeter: f64,
    worst_area: f64,
    worst_smoothness: f64,
    worst_compactness: f64,
    worst_concavity: f64,
    worst_concave_points: f64,
    worst_symmetry: f64,
    worst_fractal_dimension: f64,
}

impl Instance {
    fn row(&self) -> [f64; 30] {
        [
            self.mean_radius,
            self.mean_texture,
            self.mean_perimeter,
            self.mean_area,
            self.mean_smoothness,
            self.mean_compactness,
            self.mean_concavity,
            self.mean_concave_points,
            self.mean_symmetry,
            self.mean_fractal_dimension,
            self.radius_error,
            self.texture_error,
            self.perimeter_error,
            self.area_error,
            self.smoothness_error,
            self.compactness_error,
            self.concavity_error,
            self.concave_points_error,
            self.symmetry_error,
            self.fractal_dimension_error,
            self.worst_radius,
            self.worst_texture,
            self.worst_perimeter,
            self.worst_area,
            self.worst_smoothness,
            self.worst_compactness,
            self.worst_concavity,
            self.worst_concave_points,
            self.worst_symmetry,
            self.worst_fractal_dimension,
        ]
    }
}

/// How many bytes an answer has.
static ANSWER_BYTES: OnceLock<usize> = OnceLock::new();

#[handler]
fn predict(instance: Json<Instance>) -> Response {
    let row = instance.row();
    let score: f64 = row
        .iter()
        .enumerate()
        .map(|(at, value)| value * 0.001 * at as f64)
        .sum();
    let probability = 1.0 / (1.0 + (-score).exp());
    let mut body = format!(r#"{{"probability":{probability},"padding":""#).into_bytes();
    let wanted = ANSWER_BYTES.get().copied().unwrap_or_default();
    body.resize(wanted.saturating_sub(2).max(body.len()), b'x');
    body.extend_from_slice(b"\"}");
    Response::builder()
        .header(header::CONTENT_TYPE, "application/json")
        .body(body)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(address), Some(bytes)) = (arguments.next(), arguments.next()) else {
        return Err("floor ADDRESS ANSWER_BYTES".into());
    };
    ANSWER_BYTES.get_or_init(|| bytes.parse().unwrap_or_default());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let routes = Route::new().at("/v1/predict", post(predict));
    Ok(runtime.block_on(Server::new(TcpListener::bind(address)).run(routes))?)
}
