use super::*;

fn schema(classes: Option<&[&str]>, positive: Option<&str>) -> Schema {
    let mut bounded = Feature::named("a");
    (bounded.minimum, bounded.maximum) = (Some(0.0), Some(10.0));
    let mut mean = Feature::named("b");
    mean.missing = Missing::Mean;
    let classes = classes.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
    let positive = positive.map(str::to_owned);
    Schema::new("class".to_owned(), vec![bounded, mean], classes, positive).unwrap()
}

const ALL: SplitRule = SplitRule {
    held_out_fraction: 0.0,
    minimum_rows: 2,
};

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// Finishes with rows of which only the labels differ.
fn finish(schema: &Schema, labels: &[Cell]) -> Result<TrainingSet, NotTrainable> {
    let mut builder = TrainingSetBuilder::new(schema, 0);
    for (row, label) in labels.iter().enumerate() {
        let cells = [Cell::Integer(1), Cell::Integer(row as i64)];
        builder.push(RowKey::Text(&row.to_string()), &cells, label);
    }
    builder.finish(&ALL)
}

/// The refused row that these cells make.
fn refusal(key: RowKey<'_>, cells: [Cell; 2], label: Cell) -> RefusedRow {
    let schema = schema(Some(&["no", "yes"]), None);
    let mut builder = TrainingSetBuilder::new(&schema, 1).with_key_column("id");
    builder.push(key, &cells, &label);
    let expected = RowCounts {
        read: 1,
        refused: 1,
        ..RowCounts::default()
    };
    assert_eq!(builder.counts(), expected, "{cells:?} {label:?}");
    builder.refused()[0].clone()
}

#[test]
fn every_kind_of_unusable_value_is_refused_with_its_reason() {
    let cases = [
        (Cell::Null, "is null"),
        (text("12,5"), "expected a number, found \"12,5\""),
        (text(""), "expected a number, found \"\""),
        (text("1.0"), "expected a number, found \"1.0\""),
        (
            Cell::Boolean(true),
            "expected a number, found the boolean true",
        ),
        (
            Cell::Other("a blob".to_owned()),
            "expected a number, found a blob",
        ),
        (
            Cell::Number(f64::INFINITY),
            "expected a finite number, found inf",
        ),
        (
            Cell::Number(f64::NAN),
            "expected a finite number, found NaN",
        ),
        (Cell::Integer(-1), "must be at least 0, found -1"),
        (Cell::Number(10.5), "must be at most 10, found 10.5"),
    ];
    for (cell, reason) in cases {
        let row = refusal(RowKey::Text("k"), [cell, Cell::Null], text("yes"));
        let told = (row.key.as_deref(), row.column.as_str(), row.reason.as_str());
        assert_eq!(told, (Some("k"), "a", reason));
    }
    // A missing value may be missing, but not any other thing.
    let row = refusal(RowKey::None, [Cell::Integer(1), text("x")], text("yes"));
    assert_eq!((row.key, row.column.as_str()), (None, "b"));
}

#[test]
fn keys_and_labels_that_cannot_be_used_are_refused_with_their_reason() {
    let good = || [Cell::Number(1.0), Cell::Number(1.0)];
    let keyless = refusal(RowKey::Null, good(), text("yes"));
    assert_eq!((keyless.key, keyless.column.as_str()), (None, "id"));
    assert_eq!(keyless.reason, "is null");
    let cases = [
        (
            Cell::Number(1.0),
            "expected a text, an integer or a boolean, found 1",
        ),
        (
            Cell::Other("a blob".to_owned()),
            "expected a text, an integer or a boolean, found a blob",
        ),
        (
            text("maybe"),
            "expected one of the classes [\"no\", \"yes\"], found \"maybe\"",
        ),
    ];
    for (label, reason) in cases {
        let row = refusal(RowKey::Text("k"), good(), label);
        assert_eq!(
            (row.column.as_str(), row.reason.as_str()),
            ("class", reason)
        );
    }
}

#[test]
fn an_unlabelled_row_is_counted_and_nothing_else() {
    let mut builder = TrainingSetBuilder::new(&schema(None, None), 10);
    builder.push(RowKey::Null, &[text("x"), Cell::Null], &Cell::Null);
    assert_eq!(
        builder.counts(),
        RowCounts {
            read: 1,
            unlabelled: 1,
            ..RowCounts::default()
        }
    );
    assert!(builder.refused().is_empty());
}

#[test]
fn a_hundred_refused_rows_are_kept_and_all_are_counted() {
    let mut builder = TrainingSetBuilder::new(&schema(None, None), 10);
    for row in 0..150 {
        builder.push(
            RowKey::Text(&row.to_string()),
            &[Cell::Null, Cell::Null],
            &text("x"),
        );
    }
    assert_eq!(
        (builder.refused().len(), builder.counts().refused),
        (100, 150)
    );
    assert_eq!(builder.refused()[99].key.as_deref(), Some("99"));
}

#[test]
fn a_missing_value_that_may_be_missing_is_kept_as_nan() {
    let mut builder = TrainingSetBuilder::new(&schema(None, None), 10);
    for (row, label) in ["x", "y"].iter().enumerate() {
        builder.push(
            RowKey::None,
            &[Cell::Integer(row as i64), Cell::Null],
            &text(label),
        );
    }
    let set = builder.finish(&ALL).unwrap();
    assert!(
        set.all()
            .features
            .column(1)
            .iter()
            .all(|value| value.is_nan())
    );
    let first = set.all().features.column(0).to_vec();
    let labels: Vec<f64> = set
        .all()
        .labels
        .iter()
        .map(|label| f64::from(*label))
        .collect();
    assert_eq!(first, labels);
}

#[test]
fn classes_are_found_in_their_order() {
    let open = schema(None, None);
    let names = |cells: &[Cell]| finish(&open, cells).unwrap().classes().clone();
    let integers = names(&[Cell::Integer(10), Cell::Integer(9)]);
    assert_eq!(
        (integers.names(), integers.positive()),
        (["9", "10"].map(str::to_owned).as_slice(), "10")
    );
    assert_eq!(
        names(&[Cell::Boolean(true), Cell::Boolean(false)]).positive(),
        "true"
    );
    // 9 and '9' are one class, and a text makes them all texts.
    let mixed = names(&[Cell::Integer(10), Cell::Integer(9), text("9")]);
    assert_eq!(mixed.names(), ["10", "9"]);
    let configured = schema(Some(&["yes", "no"]), Some("yes"));
    let set = finish(&configured, &[text("no"), text("yes"), text("no")]).unwrap();
    assert_eq!(
        (
            set.classes().names().to_vec(),
            set.classes().positive_index()
        ),
        (vec!["yes".to_owned(), "no".to_owned()], 0)
    );
    assert_eq!(
        set.all().labels.iter().filter(|label| **label == 1).count(),
        2
    );
}

#[test]
fn what_cannot_be_learned_from_is_refused() {
    let open = schema(None, None);
    let why = |schema: &Schema, cells: &[Cell]| finish(schema, cells).unwrap_err();
    let few = why(&open, &[text("x")]);
    assert_eq!(
        few,
        NotTrainable::TooFewRows {
            found: 1,
            minimum: 2
        }
    );
    let one = why(&open, &[text("x"), text("x")]);
    assert_eq!(
        one,
        NotTrainable::OneClass {
            label: "x".to_owned()
        }
    );
    let positive = why(&schema(None, Some("w")), &[text("x"), text("y")]);
    let found = vec!["x".to_owned(), "y".to_owned()];
    assert_eq!(
        positive,
        NotTrainable::UnknownPositive {
            positive: "w".to_owned(),
            found
        }
    );
    let many: Vec<Cell> = (0..1_001).map(Cell::Integer).collect();
    assert_eq!(why(&open, &many), NotTrainable::ManyLabels { limit: 1_000 });
    let enough: Vec<Cell> = (0..1_000).map(Cell::Integer).collect();
    assert_eq!(finish(&open, &enough).unwrap().classes().len(), 1_000);
}

#[test]
fn a_key_that_repeats_is_refused() {
    let open = schema(None, None);
    let mut twice = TrainingSetBuilder::new(&open, 3).with_key_column("id");
    for (key, label) in [("1", "x"), ("2", "y"), ("1", "y")] {
        twice.push(
            RowKey::Text(key),
            &[Cell::Integer(1), Cell::Integer(2)],
            &text(label),
        );
    }
    let repeated = NotTrainable::RepeatedKeys {
        column: "id".to_owned(),
        rows: 2,
    };
    assert_eq!(twice.finish(&ALL).unwrap_err(), repeated);
}

#[test]
fn a_class_that_is_only_held_out_is_told() {
    let rule = SplitRule {
        held_out_fraction: 0.5,
        minimum_rows: 2,
    };
    let mut builder = TrainingSetBuilder::new(&schema(None, None), 0);
    for row in 0..20 {
        let key = row.to_string();
        let label = if rule.holds_out(RowDigest::of_key(&key)) {
            "y"
        } else {
            "x"
        };
        builder.push(
            RowKey::Text(&key),
            &[Cell::Integer(1), Cell::Integer(row)],
            &text(label),
        );
    }
    let why = builder.finish(&rule).unwrap_err();
    assert_eq!(
        why,
        NotTrainable::ClassMissingFromTraining {
            class: "y".to_owned()
        }
    );
}

#[test]
fn rows_are_sorted_by_side_and_digest_and_equal_digests_by_content() {
    let rule = SplitRule {
        held_out_fraction: 0.4,
        minimum_rows: 2,
    };
    let of = |order: &[i64]| {
        let mut builder = TrainingSetBuilder::new(&schema(None, None), 3);
        for row in order {
            let cells = [Cell::Integer(row % 7), Cell::Number(*row as f64 / 8.0)];
            let key = row.to_string();
            builder.push(RowKey::Text(&key), &cells, &Cell::Boolean(row % 2 == 0));
        }
        builder.finish(&rule).unwrap()
    };
    let forwards: Vec<i64> = (0..90).collect();
    let backwards: Vec<i64> = (0..90).rev().collect();
    let (one, two) = (of(&forwards), of(&backwards));
    assert_eq!(one.all().features, two.all().features);
    assert_eq!(one.all().labels, two.all().labels);
    assert_eq!(one.fingerprint(), two.fingerprint());
    let held_out = (0..90)
        .filter(|row: &i64| rule.holds_out(RowDigest::of_key(&row.to_string())))
        .count();
    assert_eq!(
        (one.held_out().rows(), one.training().rows()),
        (held_out, 90 - held_out)
    );
    assert!(held_out > 10);
    for (at, label) in one.all().labels.iter().enumerate() {
        let row = (one.all().features[(at, 1)] * 8.0) as i64;
        assert_eq!(usize::from(*label), usize::from(row % 2 == 0));
        assert_eq!(one.all().features[(at, 0)], (row % 7) as f64);
        let held = rule.holds_out(RowDigest::of_key(&row.to_string()));
        assert_eq!(held, at >= one.training().rows());
    }
}

#[test]
fn equal_values_with_different_labels_have_a_fixed_order_too() {
    let of = |labels: &[bool]| {
        let mut builder = TrainingSetBuilder::new(&schema(None, None), 3);
        for label in labels {
            let cells = [Cell::Integer(1), Cell::Integer(2)];
            builder.push(RowKey::None, &cells, &Cell::Boolean(*label));
        }
        builder.finish(&ALL).unwrap().all().labels.to_vec()
    };
    assert_eq!(of(&[true, false, true, false]), [0, 0, 1, 1]);
    assert_eq!(of(&[false, true, true, false]), [0, 0, 1, 1]);
}

/// Rows 0 to 99 in some order, each ordered by its tens.
fn ordered(rows: impl Iterator<Item = i64>, maximum_rows: usize) -> TrainingSet {
    let mut builder = TrainingSetBuilder::new(&schema(None, None), 0)
        .with_order_column("at")
        .with_maximum_rows(maximum_rows);
    for row in rows {
        let cells = [Cell::Integer(row % 7), Cell::Number(row as f64)];
        let (key, label) = (row.to_string(), Cell::Boolean(row % 3 == 0));
        builder.push_ordered(RowKey::Text(&key), &Cell::Integer(row / 10), &cells, &label);
    }
    let rule = SplitRule {
        held_out_fraction: 0.25,
        minimum_rows: 2,
    };
    builder.finish(&rule).unwrap()
}

#[test]
fn the_newest_rows_are_held_out_and_ties_are_not() {
    let (one, two) = (ordered(0..100, 0), ordered((0..100).rev(), 0));
    assert_eq!(one.division().cut, Some(OrderValue::Integer(7)));
    assert_eq!((one.training().rows(), one.held_out().rows()), (80, 20));
    let newest = one
        .held_out()
        .features
        .column(1)
        .iter()
        .all(|row| *row >= 80.0);
    assert!(newest);
    assert_eq!(one.all().features, two.all().features);
    assert_eq!(one.fingerprint(), two.fingerprint());
    assert_eq!(one.division(), two.division());
    let sampled = ordered(0..100, 40);
    assert_eq!(sampled.all().rows(), 40);
    assert_eq!(sampled.counts().usable, 100, "the others were usable too");
    assert_eq!(sampled.fingerprint(), one.fingerprint());
    let division = sampled.division();
    for row in 0..100_i64 {
        let digest = RowDigest::of_key(&row.to_string());
        let saw = division.saw(digest, Some(&OrderValue::Integer(row / 10)));
        let fitted_on = sampled
            .training()
            .features
            .column(1)
            .iter()
            .any(|x| *x == row as f64);
        assert_eq!(saw, fitted_on, "row {row}");
    }
}

#[test]
fn a_row_without_an_order_is_refused() {
    let mut builder = TrainingSetBuilder::new(&schema(None, None), 0).with_order_column("at");
    let cells = [Cell::Integer(1), Cell::Integer(1)];
    builder.push_ordered(RowKey::Text("k"), &Cell::Null, &cells, &Cell::Boolean(true));
    // An unlabelled row is none to refuse.
    builder.push_ordered(RowKey::Text("l"), &Cell::Null, &cells, &Cell::Null);
    let refused = builder.refused();
    assert_eq!((refused.len(), builder.counts().unlabelled), (1, 1));
    assert_eq!(
        (refused[0].column.as_str(), refused[0].reason.as_str()),
        ("at", "is null")
    );
}
