use ndarray::ShapeBuilder;

use super::*;
use crate::learning::classes::Classes;
use crate::learning::descent::Aim;
use crate::learning::fixtures::{breast_cancer, never, wine};
use crate::learning::newton;
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

/// A table so large that a Hessian is made of one block in two, its features drawn by `value` of the
/// row, the column and a draw.
fn large(value: impl Fn(usize, usize, f64) -> f64) -> (Array2<f64>, Vec<u16>) {
    let (rows, columns) = (26_000, 101);
    let mut noise = crate::learning::fixtures::Noise(5);
    let draws = Array2::from_shape_simple_fn((rows, columns).f(), || noise.draw());
    let features = Array2::from_shape_fn((rows, columns).f(), |(row, column)| {
        value(row, column, draws[(row, column)])
    });
    let odds = |row: usize| features[(row, 0)] + features[(row, 1)] - features[(row, 2)];
    let labels = (0..rows).map(|row| u16::from(odds(row) + noise.draw() > 0.0));
    let labels = labels.collect();
    (features, labels)
}

fn large_objective<'a>(
    (features, labels): &'a (Array2<f64>, Vec<u16>),
    penalty: f64,
    threads: usize,
) -> Objective<'a> {
    let part = crate::learning::training_set::Part {
        features: features.view(),
        labels,
    };
    let coding = Coding::Binary(1);
    let scaler = Scaler::fit(part);
    Objective::new(Subset::all(part), &scaler, coding, penalty, threads)
}

#[test]
fn a_hessian_of_some_rows_stands_for_all() {
    let table = large(|_, _, draw| draw);
    let objective = large_objective(&table, 1.0, 1);
    let point = point_of(&objective);
    let whole = objective.at(&point, &never()).unwrap();
    let rough = objective.roughly_at(&point, &never()).unwrap();
    assert_eq!((whole.hessian_rows, whole.hessian_from), (26_000, 0.0));
    assert!((12_900..13_400).contains(&rough.hessian_rows));
    assert!((0.08..0.1).contains(&rough.hessian_from));
    assert_eq!(rough.gradient, whole.gradient);
    assert_eq!(rough.value, whole.value);
    let (apart, all) = (&rough.hessian - &whole.hessian, &whole.hessian);
    let length = |of: &Array2<f64>| of.fold(0.0, |sum, value| sum + value * value).sqrt();
    assert!(length(&apart) < 0.15 * length(all));
    assert_eq!(rough.hessian, rough.hessian.t());
    let on_two = large_objective(&table, 1.0, 2).roughly_at(&point, &never());
    assert_eq!(on_two.unwrap().hessian, rough.hessian);
    let unpenalised = large_objective(&table, 0.0, 2).roughly_at(&point, &never());
    assert_eq!(unpenalised.unwrap().hessian_rows, 26_000);
}

#[test]
fn a_hessian_that_saw_nothing_of_a_feature_ends_where_one_of_all_rows_does() {
    // Block after block of 512 rows; the second of two is not in the Hessian.
    let table = large(|row, column, draw| match column {
        0 if row / 512 % 2 == 0 => 0.0,
        0 => [1.0, -1.0][row % 2],
        _ => draw,
    });
    let objective = large_objective(&table, 1.0, 2);
    let start = Array1::zeros(objective.parameters());
    let rough = objective.roughly_at(&start, &never()).unwrap();
    assert!(rough.hessian_from > 0.0);
    // The penalty alone.
    assert!(rough.hessian[(0, 0)] < 0.02 * rough.hessian[(1, 1)]);
    let of = |local: Local| {
        let (start, aim) = (start.clone(), Aim::EXACT);
        newton::finish(&objective, start, local, aim, &never()).unwrap()
    };
    let (misled, told) = (of(rough), of(objective.at(&start, &never()).unwrap()));
    assert!(misled.converged && told.converged, "{misled:?} {told:?}");
    let apart = (&misled.point - &told.point).mapv(f64::abs);
    assert!(apart.iter().all(|apart| *apart < 1e-9), "{apart}");
}

#[test]
fn plain_values_give_the_same_bits_in_fewer_instructions() {
    let set = breast_cancer().set("benign", 0.0);
    let point = point_of(&objective(&set, 1.0, 1));
    let as_found = objective(&set, 1.0, 1).at(&point, &never()).unwrap();
    let known = objective(&set, 1.0, 1).knowing(|feature| feature % 3 > 0);
    let known = known.at(&point, &never()).unwrap();
    assert_eq!(known.gradient, as_found.gradient);
    assert_eq!(known.hessian, as_found.hessian);
    assert_eq!(known.value, as_found.value);
}

#[test]
fn rows_of_another_fold_count_for_nothing() {
    for set in [
        breast_cancer().set("benign", 0.0),
        wine().set("class_0", 0.0),
    ] {
        let (all, coding) = (set.all(), Coding::of(set.classes()));
        let folds: Vec<u8> = (0..all.rows()).map(|row| (row * 3 % 5) as u8).collect();
        let kept: Vec<usize> = (0..all.rows()).filter(|row| folds[*row] != 2).collect();
        let features = all.features.select(ndarray::Axis(0), &kept);
        let labels: Vec<u16> = kept.iter().map(|row| all.labels[*row]).collect();
        let alone = crate::learning::training_set::Part {
            features: features.view(),
            labels: &labels,
        };
        let scaler = Scaler::fit(alone);
        let of = |subset| {
            let objective = Objective::new(subset, &scaler, coding.clone(), 1.0, 2);
            let at = point_of(&objective);
            (
                objective.at(&at, &never()).unwrap(),
                objective.slope_at(&at, &never()).unwrap(),
            )
        };
        let (without, slope) = of(Subset::without_fold(all, &folds, 2));
        let (alone, _) = of(Subset::all(alone));
        assert_eq!(without.hessian_rows, kept.len());
        assert!((without.value - alone.value).abs() < 1e-10 * alone.value);
        assert!((without.smallest_margin - alone.smallest_margin).abs() < 1e-12);
        let apart = (&without.gradient - &alone.gradient).mapv(f64::abs);
        assert!(apart.iter().all(|apart| *apart < 1e-10), "{apart}");
        let apart = (&without.hessian - &alone.hessian).mapv(f64::abs);
        assert!(apart.iter().all(|apart| *apart < 1e-9), "{apart}");
        assert_eq!(slope.gradient, without.gradient);
    }
}
