use super::*;
use crate::learning::classes::Classes;
use crate::learning::fixtures::{breast_cancer, never, wine};
use crate::learning::training_set::TrainingSet;

fn objective<'a>(set: &'a TrainingSet, penalty: f64, threads: usize) -> Objective<'a> {
    let coding = Coding::of(set.classes());
    Objective::new(
        Subset::all(set.all()),
        &Scaler::fit(set.all()),
        coding,
        penalty,
        threads,
    )
}

fn point_of(objective: &Objective<'_>) -> Array1<f64> {
    Array1::from_shape_fn(objective.parameters(), |at| {
        ((at * 37 % 11) as f64 - 5.0) / 40.0
    })
}

#[test]
fn gradient_and_hessian_are_the_differences_of_the_value() {
    for set in [
        breast_cancer().set("benign", 0.0),
        wine().set("class_0", 0.0),
    ] {
        let objective = objective(&set, 2.5, 1);
        let point = point_of(&objective);
        let here = objective.at(&point, &never()).unwrap();
        let width = 1e-5;
        for at in [0, 7, point.len() - 2, point.len() - 1] {
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
}

#[test]
fn products_with_the_hessian_need_no_hessian() {
    for set in [
        breast_cancer().set("benign", 0.0),
        wine().set("class_0", 0.0),
    ] {
        let objective = objective(&set, 0.7, 2);
        let point = point_of(&objective);
        let direction = point.mapv(|value| (9.0 * value).cos());
        let full = objective.at(&point, &never()).unwrap();
        let product = objective.curvature(&point, &direction, &never()).unwrap();
        let difference = full.hessian.dot(&direction) - product;
        assert!(
            difference.iter().all(|value| value.abs() < 1e-10),
            "{difference}"
        );
        let diagonal = objective.diagonal(&point, &never()).unwrap();
        let off = full.hessian.diag().to_owned() - diagonal;
        assert!(off.iter().all(|value| value.abs() < 1e-10), "{off}");
        let alone = objective.slope_at(&point, &never()).unwrap();
        assert_eq!((alone.value, alone.gradient), (full.value, full.gradient));
        let zeros = Array1::zeros(point.len());
        let sums = objective.losses(&[&zeros, &point], &never()).unwrap();
        let (sum, _) = sums[1];
        assert!((sum - full.log_loss).abs() < 1e-10);
    }
}

#[test]
fn a_subset_is_the_same_as_its_rows_alone() {
    let set = wine().set("class_0", 0.0);
    let fold_of: Vec<u8> = (0..178).map(|row| (row % 3) as u8).collect();
    let kept: Vec<usize> = (0..178).filter(|row| row % 3 != 1).collect();
    let features = set.all().features.select(ndarray::Axis(0), &kept);
    let labels: Vec<u16> = kept.iter().map(|row| set.all().labels[*row]).collect();
    let alone = crate::learning::training_set::Part {
        features: features.view(),
        labels: &labels,
    };
    let of = |subset: Subset<'_>| {
        let scaler = Scaler::fit_subset(subset, 1, &never()).unwrap();
        let coding = Coding::of(set.classes());
        let objective = Objective::new(subset, &scaler, coding, 1.0, 1);
        objective.at(&point_of(&objective), &never()).unwrap()
    };
    let (one, two) = (
        of(Subset::without_fold(set.all(), &fold_of, 1)),
        of(Subset::all(alone)),
    );
    assert_eq!((one.value, one.gradient), (two.value, two.gradient));
}

#[test]
fn far_from_the_rows_it_is_large_and_finite() {
    for set in [
        breast_cancer().set("benign", 0.0),
        wine().set("class_0", 0.0),
    ] {
        let objective = objective(&set, 0.0, 1);
        let point = Array1::from_shape_fn(objective.parameters(), |at| 1e6 * (at as f64).sin());
        let there = objective.at(&point, &never()).unwrap();
        assert!(there.is_finite() && there.value > 1e6, "{}", there.value);
        assert!(there.smallest_margin < -1e6);
    }
}

#[test]
fn it_stops_between_blocks() {
    let set = breast_cancer().set("benign", 0.0);
    let objective = objective(&set, 0.0, 2);
    let point = Array1::zeros(objective.parameters());
    assert!(objective.at(&point, &AtomicBool::new(true)).is_none());
}

#[test]
fn any_number_of_threads_gives_the_same_bits() {
    let rows = 30_000;
    let mut noise = crate::learning::fixtures::Noise(3);
    let features = Array2::from_shape_simple_fn((rows, 4), || noise.draw());
    for classes in [2, 3] {
        let names = (0..classes).map(|class| class.to_string()).collect();
        let coding = Coding::of(&Classes::new(names, 0).unwrap());
        let labels: Vec<u16> = (0..rows).map(|row| (row * 7 % classes) as u16).collect();
        let part = crate::learning::training_set::Part {
            features: features.view(),
            labels: &labels,
        };
        let of = |threads| {
            let scaler = Scaler::fit_subset(Subset::all(part), threads, &never()).unwrap();
            let subset = Subset::all(part);
            let objective = Objective::new(subset, &scaler, coding.clone(), 1.0, threads);
            let there = objective.at(&point_of(&objective), &never()).unwrap();
            let numbers = there
                .gradient
                .iter()
                .chain(&there.hessian)
                .chain([&there.value]);
            numbers.map(|number| number.to_bits()).collect::<Vec<_>>()
        };
        assert_eq!(of(1), of(2));
        assert_eq!(of(1), of(8));
    }
}
