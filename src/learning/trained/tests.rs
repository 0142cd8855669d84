use std::sync::Mutex;

use super::*;
use crate::learning::fixtures::{Noise, Table, never, settings, wine};

/// Rows whose feature says nothing about their label.
fn nothing_to_learn(rows: usize) -> Table {
    let mut noise = Noise(21);
    let row = |at: usize| {
        let label = if noise.draw() < 0.5 { "a" } else { "b" };
        (at.to_string(), vec![noise.draw()], label.to_owned())
    };
    Table {
        features: vec!["one".to_owned()],
        rows: (0..rows).map(row).collect(),
    }
}

fn codes(trained: &Trained) -> Vec<&str> {
    trained
        .warnings
        .iter()
        .map(|one| one.code.as_str())
        .collect()
}

#[test]
fn three_classes_go_all_the_way() {
    let (table, stop, told) = (wine(), never(), Mutex::new(Vec::new()));
    let set = table.set("class_0", 0.3);
    let tell = |step: Step| told.lock().unwrap().push(step);
    let settings = TrainSettings {
        progress: Some(&tell),
        ..settings(&[0.1, 1.0], &stop)
    };
    let trained = train(&table.schema("class_0"), &set, &settings).unwrap();
    assert_eq!(trained.curves.len(), 3);
    assert!(trained.evaluation.as_ref().unwrap().accuracy > 0.9);
    assert_eq!(codes(&trained), Vec::<&str>::new());
    assert_eq!(trained.profile.features[12].quantiles.len(), 9);
    let text = serde_json::to_string(&trained).unwrap();
    assert!(!text.contains(":null"));
    let loaded: Trained = serde_json::from_str(&text).unwrap();
    assert_eq!(loaded, trained);
    let steps = told.lock().unwrap().clone();
    let names: Vec<String> = steps.iter().map(|step| step.name.to_string()).collect();
    assert_eq!(names[..1], ["search"]);
    assert_eq!(
        names[names.len() - 4..],
        ["fit", "evaluate", "refit", "profile"]
    );
    let searched = steps.iter().filter(|step| step.name == StepName::Search);
    let shares: Vec<f64> = searched.map(|step| step.share).collect();
    assert_eq!((shares.len(), shares[0], shares[10]), (11, 0.0, 1.0));
    let two = train(
        &table.schema("class_0"),
        &set,
        &TrainSettings {
            threads: 8,
            ..settings
        },
    );
    assert_eq!(serde_json::to_string(&two.unwrap()).unwrap(), text);
}

#[test]
fn what_is_no_better_than_the_base_rate_is_told() {
    let (table, stop) = (nothing_to_learn(400), never());
    let set = table.set("b", 0.25);
    let trained = train(&table.schema("b"), &set, &settings(&[1e-6], &stop)).unwrap();
    assert_eq!(codes(&trained), ["not_better_than_base_rate"]);
    let all = trained.all_warnings();
    assert_eq!(all.last().unwrap().code, "not_better_than_base_rate");
    assert_eq!(all[0].code, "penalised_no_inference");
}

#[test]
fn a_class_that_is_not_held_out_is_told_and_left_out_of_the_evaluation() {
    let mut table = nothing_to_learn(300);
    let set = table.set("b", 0.2);
    // Every row of b that would be held out becomes one of a.
    let rule = crate::learning::split::SplitRule {
        held_out_fraction: 0.2,
        minimum_rows: 2,
    };
    for (key, _, label) in &mut table.rows {
        if rule.holds_out(crate::learning::digest::RowDigest::of_key(key)) {
            *label = "a".to_owned();
        }
    }
    let held_out = table.set("b", 0.2);
    assert_eq!(set.held_out().rows(), held_out.held_out().rows());
    let trained = train(&table.schema("b"), &held_out, &settings(&[1.0], &never())).unwrap();
    assert_eq!(codes(&trained)[0], "class_missing_from_held_out");
    assert!(trained.warnings[0].detail.contains("\"b\""));
    let evaluation = trained.evaluation.unwrap();
    assert_eq!(evaluation.roc_auc, None);
    assert!(evaluation.log_loss.is_finite() && trained.curves[0].roc.is_empty());
}
