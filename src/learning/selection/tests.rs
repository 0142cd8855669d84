use super::*;
use crate::learning::digest::RowDigest;
use crate::learning::fit::Fit;
use crate::learning::fixtures::{
    Noise, breast_cancer, fit_part, never, settings, two_classes, wine,
};
use crate::learning::folds::fold_of_rows;
use crate::learning::softmax::log_loss;
use crate::learning::trained::train;
use ndarray::{Array2, Axis};

fn table(search: &[f64], part: Part<'_>, classes: &Classes, threads: usize) -> SearchTable {
    let digests: Vec<RowDigest> = (0..part.rows())
        .map(|row| RowDigest::of_key(&row.to_string()))
        .collect();
    let fold_of = fold_of_rows(&digests, part.labels, classes.len(), 5);
    let stop = never();
    let part = Part {
        features: part.features.view(),
        labels: part.labels,
    };
    let folded = Folded {
        part,
        classes,
        fold_of: &fold_of,
        threads,
        progress: &|_| {},
        stop: &stop,
    };
    choose(&Search::new(search.to_vec(), 5).unwrap(), &folded).unwrap()
}

/// The same by fitting each fold's rows apart.
fn by_hand(penalty: f64) -> (f64, f64) {
    let set = wine().set("class_0", 0.0);
    let part = set.all();
    let fold_of = fold_of_rows(set.training_digests(), part.labels, 3, 5);
    let mut losses = Vec::new();
    for fold in 0..5_u8 {
        let kept: Vec<usize> = (0..part.rows())
            .filter(|row| fold_of[*row] != fold)
            .collect();
        let features = part.features.select(Axis(0), &kept);
        let labels: Vec<u16> = kept.iter().map(|row| part.labels[*row]).collect();
        let seen = Part {
            features: features.view(),
            labels: &labels,
        };
        let Fit { classifier, .. } = fit_part(&set, seen, penalty).unwrap();
        for row in (0..part.rows()).filter(|row| fold_of[*row] == fold) {
            let scores = classifier.scores(&part.features.row(row).to_vec());
            losses.push(log_loss(&scores, usize::from(part.labels[row])));
        }
    }
    let count = losses.len() as f64;
    assert_eq!(count, 178.0);
    let mean = losses.iter().sum::<f64>() / count;
    let squares: f64 = losses.iter().map(|loss| (loss - mean).powi(2)).sum();
    (mean, (squares / (count - 1.0) / count).sqrt())
}

#[test]
fn the_table_is_what_fits_of_each_fold_give() {
    let (table, stop) = (wine(), never());
    let penalties = [0.01, 1.0, 100.0];
    let set = table.set("class_0", 0.0);
    let trained = train(&table.schema("class_0"), &set, &settings(&penalties, &stop)).unwrap();
    let found = trained.search.unwrap();
    let order: Vec<f64> = found.entries.iter().map(|entry| entry.penalty).collect();
    assert_eq!((order, found.folds), (vec![100.0, 1.0, 0.01], 5));
    let mut best = (f64::NAN, f64::INFINITY);
    for entry in &found.entries {
        let (mean, error) = by_hand(entry.penalty);
        assert!(
            (entry.mean_log_loss.unwrap() - mean).abs() < 1e-6,
            "{entry:?} {mean}"
        );
        assert!(
            (entry.standard_error.unwrap() - error).abs() < 1e-6,
            "{entry:?} {error}"
        );
        if mean < best.1 {
            best = (entry.penalty, mean);
        }
    }
    assert_eq!(
        (found.chosen, trained.served.report.penalty),
        (best.0, best.0)
    );
}

#[test]
fn no_penalty_is_left_out_where_it_separates() {
    let (table, stop) = (breast_cancer(), never());
    let set = table.set("benign", 0.2);
    let trained = train(
        &table.schema("benign"),
        &set,
        &settings(&[0.0, 1.0, 10.0], &stop),
    );
    let found = trained.unwrap().search.unwrap();
    let last = found.entries.last().unwrap();
    assert_eq!((last.penalty, last.mean_log_loss), (0.0, None));
    assert!(
        last.left_out.as_ref().unwrap().contains("told apart"),
        "{last:?}"
    );
    assert!(found.chosen >= 1.0);
}

#[test]
fn any_number_of_threads_chooses_the_same_bits_and_a_tie_the_larger() {
    let mut noise = Noise(4);
    let features = Array2::from_shape_simple_fn((3_000, 3), || noise.draw());
    let labels: Vec<u16> = (0..3_000)
        .map(|row| u16::from(features[(row, 0)] > noise.draw()))
        .collect();
    let part = Part {
        features: features.view(),
        labels: &labels,
    };
    let of = |threads| table(&[0.0, 0.1, 30.0], part, &two_classes(), threads);
    let one = of(1);
    assert_eq!(one, of(2));
    assert_eq!(one, of(8));
    assert!(one.entries.iter().all(|entry| entry.left_out.is_none()));
    let tie = |penalty| SearchEntry {
        penalty,
        mean_log_loss: Some(0.5),
        standard_error: None,
        left_out: None,
    };
    assert_eq!(best(&[tie(3.0), tie(1.0)]), Some(3.0));
}
