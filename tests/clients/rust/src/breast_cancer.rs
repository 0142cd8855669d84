//! What the story says of the breast-cancer example: thirty features, two classes.

use logitd_client::types::{Instance, Prediction};

pub(crate) const FEATURES: [&str; 30] = [
    "mean_radius",
    "mean_texture",
    "mean_perimeter",
    "mean_area",
    "mean_smoothness",
    "mean_compactness",
    "mean_concavity",
    "mean_concave_points",
    "mean_symmetry",
    "mean_fractal_dimension",
    "radius_error",
    "texture_error",
    "perimeter_error",
    "area_error",
    "smoothness_error",
    "compactness_error",
    "concavity_error",
    "concave_points_error",
    "symmetry_error",
    "fractal_dimension_error",
    "worst_radius",
    "worst_texture",
    "worst_perimeter",
    "worst_area",
    "worst_smoothness",
    "worst_compactness",
    "worst_concavity",
    "worst_concave_points",
    "worst_symmetry",
    "worst_fractal_dimension",
];
pub(crate) const CLASSES: [&str; 2] = ["benign", "malignant"];
pub(crate) const POINTERS: [&str; 2] = ["/mean_radius", "/worst_area"];
pub(crate) const WARNINGS: [(&str, &str); 0] = [];

pub(crate) fn asked() -> Instance {
    Instance {
        mean_radius: 13.4,
        mean_texture: 18.8,
        mean_perimeter: 86.2,
        mean_area: 551.0,
        mean_smoothness: 0.0959,
        mean_compactness: 0.0926,
        mean_concavity: 0.0615,
        mean_concave_points: 0.0335,
        mean_symmetry: 0.179,
        mean_fractal_dimension: 0.0615,
        radius_error: 0.324,
        texture_error: 1.11,
        perimeter_error: 2.29,
        area_error: 24.5,
        smoothness_error: 0.00638,
        compactness_error: 0.0204,
        concavity_error: 0.0259,
        concave_points_error: 0.0109,
        symmetry_error: 0.0187,
        fractal_dimension_error: 0.00319,
        worst_radius: 15.0,
        worst_texture: 25.4,
        worst_perimeter: 97.7,
        worst_area: 686.0,
        worst_smoothness: 0.131,
        worst_compactness: 0.212,
        worst_concavity: 0.227,
        worst_concave_points: 0.0999,
        worst_symmetry: 0.282,
        worst_fractal_dimension: 0.08,
    }
}

pub(crate) fn refused() -> Instance {
    Instance {
        mean_radius: -1.0,
        worst_area: -2.0,
        ..asked()
    }
}

/// The positive class's score, from the parts of the explanation.
pub(crate) fn scores(explained: &Prediction) -> Vec<(String, f64)> {
    let contributions = explained.contributions.as_ref().expect("asked for");
    let baseline = explained.baseline.expect("asked for");
    vec![(
        "malignant".to_owned(),
        baseline + contributions.values().sum::<f64>(),
    )]
}
