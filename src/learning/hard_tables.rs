//! Tables that break fits: the right answer, or the named refusal.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ndarray::{Array2, ShapeBuilder};
use proptest::prelude::*;

use super::classes::Classes;
use super::fit::{Fit, FitError, fit};
use super::fixtures::{Noise, fit_rows, fit_rows_of, numbered, recipe, two_classes};
use super::not_trainable::NotTrainable;
use super::training_set::Part;

fn refused(result: Result<Fit, FitError>) -> NotTrainable {
    match result.unwrap_err() {
        FitError::NotTrainable(why) => why,
        FitError::Stopped => panic!("nobody stopped it"),
    }
}

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|name| (*name).to_owned()).collect()
}

fn codes(fit: &Fit) -> Vec<&str> {
    fit.report
        .warnings
        .iter()
        .map(|one| one.code.as_str())
        .collect()
}

/// Rows of two features, and labels of three classes that overlap.
fn three_classes(rows: usize, seed: u64) -> (Vec<[f64; 2]>, Vec<u16>) {
    let mut noise = Noise(seed);
    let rows: Vec<[f64; 2]> = (0..rows)
        .map(|_| [noise.draw() * 4.0 - 2.0, noise.draw() * 4.0 - 2.0])
        .collect();
    let labels = rows.iter().map(|[a, b]| {
        let scores = [a + b, a - b, -a].map(|score| score + 3.0 * noise.draw());
        super::softmax::largest(&scores) as u16
    });
    let labels = labels.collect();
    (rows, labels)
}

#[test]
fn a_dummy_that_one_class_alone_has_is_quasi_separation() {
    let (rows, labels) = three_classes(300, 1);
    let first = labels.iter().position(|label| *label == 1).unwrap();
    let dummies: Vec<[f64; 3]> = rows
        .iter()
        .enumerate()
        .map(|(row, [a, b])| [*a, *b, f64::from(u8::from(row == first))])
        .collect();
    let why = refused(fit_rows_of(&dummies, &labels, 3, 0.0));
    assert_eq!(
        why,
        NotTrainable::Separated {
            columns: names(&["f2"]),
            complete: false
        }
    );
    let told = why.to_string();
    assert!(
        told.contains("\"f2\"") && told.contains("penalty above 0"),
        "{told}"
    );
    let penalised = fit_rows_of(&dummies, &labels, 3, 1e-3).unwrap();
    assert!(penalised.report.converged);
    let found = codes(&penalised);
    assert_eq!(
        found,
        [
            "separated",
            "range_ruled_by_one_row",
            "penalised_no_inference"
        ]
    );
    assert_eq!(penalised.report.warnings[0].columns, ["f2"]);
}

#[test]
fn separation_by_several_columns_together_is_found() {
    let (rows, _) = three_classes(400, 2);
    let side = |[a, b]: &[f64; 2]| a - 2.0 * b + 0.1;
    let apart: Vec<u16> = rows.iter().map(|row| u16::from(side(row) > 0.0)).collect();
    let both = names(&["f1", "f0"]);
    let why = refused(fit_rows(&rows, &apart, 0.0));
    assert_eq!(
        why,
        NotTrainable::Separated {
            columns: both.clone(),
            complete: true
        }
    );
    // Some rows on the border, of both classes.
    let mut rows = rows;
    let mut labels = apart;
    for at in 0..8 {
        let a = 0.25 * f64::from(at) - 1.0;
        rows.push([a, 0.5 * (a + 0.1)]);
        labels.push(at as u16 % 2);
    }
    let why = refused(fit_rows(&rows, &labels, 0.0));
    assert_eq!(
        why,
        NotTrainable::Separated {
            columns: both,
            complete: false
        }
    );
}

#[test]
fn one_class_of_three_told_apart_is_found() {
    let side = |[a, b]: &[f64; 2]| a - 2.0 * b + 0.1;
    let (rows, mut labels) = three_classes(400, 3);
    for (row, label) in rows.iter().zip(&mut labels) {
        *label = if side(row) > 1.0 { 2 } else { (*label).min(1) };
    }
    let why = refused(fit_rows_of(&rows, &labels, 3, 0.0));
    let NotTrainable::Separated {
        columns,
        complete: false,
    } = why
    else {
        panic!("{why:?}")
    };
    assert_eq!(columns.len(), 2);
    assert!(
        fit_rows_of(&rows, &labels, 3, 1e-6)
            .unwrap()
            .report
            .converged
    );
}

#[test]
fn nearly_separated_is_not_separated() {
    let rows: Vec<[f64; 1]> = (0..200).map(|row| [f64::from(row)]).collect();
    let mut labels: Vec<u16> = (0..200).map(|row| u16::from(row >= 100)).collect();
    labels.swap(99, 100);
    let fit = fit_rows(&rows, &labels, 0.0).unwrap();
    assert!(fit.report.converged, "{:?}", fit.report);
    assert!(fit.inference.is_some());
}

#[test]
fn collinear_dummies_are_named() {
    let (rows, labels) = three_classes(300, 4);
    let dummies: Vec<[f64; 4]> = rows
        .iter()
        .enumerate()
        .map(|(row, [a, _])| {
            let dummy = |at| f64::from(u8::from(row % 3 == at));
            [dummy(0), *a, dummy(1), dummy(2)]
        })
        .collect();
    let why = refused(fit_rows_of(&dummies, &labels, 3, 0.0));
    assert_eq!(
        why,
        NotTrainable::Dependent {
            columns: names(&["f0", "f2", "f3"])
        }
    );
    let penalised = fit_rows_of(&dummies, &labels, 3, 1.0).unwrap();
    assert_eq!(
        codes(&penalised),
        ["dependent_columns", "penalised_no_inference"]
    );
    let twice: Vec<[f64; 2]> = rows.iter().map(|[a, _]| [*a, 5.0 - 1e6 * a]).collect();
    let penalised = fit_rows_of(&twice, &labels, 3, 1.0).unwrap();
    assert_eq!(penalised.report.warnings[0].code, "duplicated_columns");
    assert_eq!(penalised.report.warnings[0].columns, ["f0", "f1"]);
}

#[test]
fn extreme_scales_and_constants_change_no_probability() {
    let (rows, labels) = three_classes(300, 5);
    let wide = |[a, b]: &[f64; 2]| [a * 1e200, 7.0, b * 1e-300, -0.0];
    let scaled: Vec<[f64; 4]> = rows.iter().map(wide).collect();
    for penalty in [0.0, 1.0] {
        let plain = fit_rows_of(&rows, &labels, 3, penalty).unwrap();
        let found = fit_rows_of(&scaled, &labels, 3, penalty).unwrap();
        assert!(found.report.converged);
        assert_eq!(found.report.warnings[0].columns, ["f1", "f3"]);
        for row in &rows {
            let (one, two) = (
                plain.classifier.predict(row),
                found.classifier.predict(&wide(row)),
            );
            for (one, two) in one.probabilities.iter().zip(two.probabilities) {
                assert!((one - two).abs() < 1e-10);
            }
        }
    }
}

#[test]
fn two_rows_are_fitted_or_refused() {
    let rows = [[1.0, 5.0], [2.0, 5.0]];
    let fit = fit_rows(&rows, &[0, 1], 1.0).unwrap();
    assert!(fit.report.converged);
    assert_eq!(fit.classifier.predict(&[2.0, 5.0]).label, 1);
    let why = refused(fit_rows(&rows, &[0, 1], 0.0));
    assert_eq!(
        why,
        NotTrainable::Separated {
            columns: names(&["f0"]),
            complete: true
        }
    );
}

#[test]
fn rare_classes_are_told() {
    let rows: Vec<[f64; 1]> = (0..500).map(|row| [f64::from(row % 83)]).collect();
    let labels: Vec<u16> = (0..500).map(|row| u16::from(row % 125 == 3)).collect();
    let fit = fit_rows(&rows, &labels, 1.0).unwrap();
    assert_eq!(
        codes(&fit),
        ["imbalanced_classes", "penalised_no_inference"]
    );
    assert!(fit.report.warnings[0].detail.contains("\"b\""));
}

#[test]
fn very_many_coefficients_are_fitted_without_a_hessian() {
    let (rows, width) = (300, 450);
    let mut noise = Noise(9);
    let features = Array2::from_shape_simple_fn((rows, width).f(), || noise.draw());
    let schema = numbered(width);
    let labels: Vec<u16> = (0..rows)
        .map(|row| u16::from(features[(row, 0)] + noise.draw() > 1.0))
        .collect();
    let part = Part {
        features: features.view(),
        labels: &labels,
    };
    let stop = AtomicBool::new(false);
    let of = |penalty: f64, threads: usize| {
        let recipe = recipe(penalty).with_threads(threads);
        fit(&schema, part, &two_classes(), &recipe, &stop)
    };
    let found = of(1.0, 2).unwrap();
    assert!(found.report.converged, "{:?}", found.report);
    assert!(
        found.report.steps[1].ends_with("Newton-CG steps"),
        "{:?}",
        found.report.steps
    );
    assert_eq!(found, of(1.0, 1).unwrap());
    assert!(matches!(
        refused(of(0.0, 2)),
        NotTrainable::Dependent { .. }
    ));
}

#[test]
fn a_fit_without_end_stops_when_it_is_told_to() {
    let (rows, width) = (3_000, 300);
    let mut noise = Noise(10);
    let features = Array2::from_shape_simple_fn((rows, width).f(), || noise.draw());
    let labels: Vec<u16> = (0..rows).map(|row| (row % 4) as u16).collect();
    let part = Part {
        features: features.view(),
        labels: &labels,
    };
    let classes = Classes::new(["a", "b", "c", "d"].map(str::to_owned).to_vec(), 0).unwrap();
    let (stop, schema) = (AtomicBool::new(false), numbered(width));
    let recipe = recipe(1e-6).with_threads(2);
    std::thread::scope(|scope| {
        let fitting = scope.spawn(|| fit(&schema, part, &classes, &recipe, &stop));
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(300) && !fitting.is_finished() {
            std::thread::yield_now();
        }
        assert!(!fitting.is_finished(), "too easy a table");
        stop.store(true, Ordering::Relaxed);
        let told = Instant::now();
        assert_eq!(fitting.join().unwrap().unwrap_err(), FitError::Stopped);
        assert!(
            told.elapsed() < Duration::from_secs(1),
            "{:?}",
            told.elapsed()
        );
    });
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn probabilities_are_probabilities_and_contributions_add_up(
        seed in any::<u64>(), classes in 2_usize..5, power in -3_i32..4,
        row in prop::array::uniform2(prop_oneof![
            -5.0..5.0_f64, Just(f64::NAN), Just(f64::MAX), Just(-1e200), Just(1e-300),
        ]),
    ) {
        let (rows, mut labels) = three_classes(60, seed);
        for (at, label) in labels.iter_mut().enumerate() {
            *label = if at < classes { at as u16 } else { (*label + at as u16) % classes as u16 };
        }
        let fit = fit_rows_of(&rows, &labels, classes, 10.0_f64.powi(power)).unwrap();
        let said = fit.classifier.predict(&row);
        prop_assert_eq!(said.probabilities.len(), classes);
        prop_assert!(said.probabilities.iter().all(|p| (0.0..=1.0).contains(p)));
        prop_assert!((said.probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let scores = fit.classifier.scores(&row);
        for (parts, score) in fit.classifier.contributions(&row).iter().zip(&scores) {
            let sum = parts.baseline + parts.per_feature.iter().sum::<f64>();
            let largest = parts.per_feature.iter().fold(1.0, |most: f64, part| most.max(part.abs()));
            prop_assert!((sum - score).abs() <= 1e-9 * largest);
        }
    }

    #[test]
    fn it_is_monotone_in_a_feature(seed in any::<u64>(), from in -4.0..4.0_f64, by in 0.0..9.0_f64) {
        let (rows, mut labels) = three_classes(80, seed);
        labels.iter_mut().enumerate().for_each(|(at, label)| {
            *label = if at < 2 { at as u16 } else { (*label).min(1) };
        });
        let fit = fit_rows(&rows, &labels, 1.0).unwrap();
        let rises = fit.equations()[0].coefficients[0].coefficient > 0.0;
        let of = |value| fit.classifier.predict(&[value, 0.3]).probabilities[1];
        let (low, high) = (of(from), of(from + by));
        let (less, more) = if rises { (low, high) } else { (high, low) };
        prop_assert!(less <= more);
    }

    #[test]
    fn scaling_or_shifting_a_column_changes_nothing_without_a_penalty(
        seed in 0_u64..1_000_000, power in -9_i32..10, shift in -100.0..100.0_f64,
        classes in 2_usize..4,
    ) {
        let (rows, labels) = three_classes(150, seed);
        let labels: Vec<u16> = labels.iter().map(|label| (*label).min(classes as u16 - 1)).collect();
        let scale = 10.0_f64.powi(power);
        let moved = |[a, b]: &[f64; 2]| [(a + shift) * scale, *b];
        let other: Vec<[f64; 2]> = rows.iter().map(moved).collect();
        let fits = [
            fit_rows_of(&rows, &labels, classes, 0.0),
            fit_rows_of(&other, &labels, classes, 0.0),
        ];
        match fits {
            [Ok(one), Ok(two)] => for row in &rows {
                let (one, two) = (one.classifier.predict(row), two.classifier.predict(&moved(row)));
                for (one, two) in one.probabilities.iter().zip(two.probabilities) {
                    prop_assert!((one - two).abs() < 1e-9, "{} {}", one, two);
                }
            },
            [Err(one), Err(two)] => prop_assert_eq!(one, two),
            [one, two] => prop_assert!(false, "{:?} {:?}", one, two),
        }
    }
}
