use super::*;
use crate::learning::fixtures::{breast_cancer, never};

#[test]
fn gradient_and_hessian_are_the_differences_of_the_value() {
    let set = breast_cancer().set("benign", 0.0);
    let scaler = Scaler::fit(set.all());
    let objective = Objective::new(set.all(), &scaler, 0, 2.5);
    let size = objective.parameters();
    let point = Array1::from_shape_fn(size, |at| ((at * 37 % 11) as f64 - 5.0) / 40.0);
    let here = objective.at(&point, &never()).unwrap();
    let width = 1e-5;
    for at in [0, 7, size - 2, size - 1] {
        let moved = |by: f64| {
            let mut moved = point.clone();
            moved[at] += by;
            objective.at(&moved, &never()).unwrap()
        };
        let (up, down) = (moved(width), moved(-width));
        let slope = (up.value - down.value) / (2.0 * width);
        assert!(
            (slope - here.gradient[at]).abs() < 1e-5,
            "{slope} {}",
            here.gradient[at]
        );
        let curve = (up.gradient - down.gradient) / (2.0 * width);
        for (found, expected) in curve.iter().zip(here.hessian.column(at)) {
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }
}

#[test]
fn far_from_the_rows_it_is_large_and_finite() {
    let set = breast_cancer().set("benign", 0.0);
    let scaler = Scaler::fit(set.all());
    let objective = Objective::new(set.all(), &scaler, 0, 0.0);
    let point = Array1::from_elem(objective.parameters(), 1e6);
    let there = objective.at(&point, &never()).unwrap();
    assert!(there.is_finite() && there.value > 1e6, "{}", there.value);
    assert!(there.smallest_margin < -1e6);
}

#[test]
fn it_stops_between_blocks() {
    let set = breast_cancer().set("benign", 0.0);
    let scaler = Scaler::fit(set.all());
    let objective = Objective::new(set.all(), &scaler, 0, 0.0);
    let point = Array1::zeros(objective.parameters());
    assert!(objective.at(&point, &AtomicBool::new(true)).is_none());
}
