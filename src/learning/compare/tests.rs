use super::*;
use crate::learning::fixtures::{Noise, Table, never, settings};
use crate::learning::{Trained, TrainingSet, train};

/// Rows with the keys of `keys`; `b` is likelier with a larger first feature.
fn table(keys: std::ops::Range<u32>) -> Table {
    let row = |key: u32| {
        let mut noise = Noise(u64::from(key) * 7_919 + 1);
        let values: Vec<f64> = (0..9).map(|_| noise.draw() * 4.0 - 2.0).collect();
        let likely = 1.0 / (1.0 + (-2.0 * values[8]).exp());
        let label = if noise.draw() < likely { "b" } else { "a" };
        (key.to_string(), values[7..].to_vec(), label.to_owned())
    };
    Table {
        features: vec!["x".to_owned(), "y".to_owned()],
        rows: keys.map(row).collect(),
    }
}

fn trained(table: &Table, fraction: f64) -> (TrainingSet, Trained) {
    let set = table.set("b", fraction);
    let trained = train(&table.schema("b"), &set, &settings(&[1.0], &never())).unwrap();
    (set, trained)
}

/// What comes of a challenger beside a champion, by their fits that never saw the rows.
fn compared(
    set: &TrainingSet,
    challenger: &Trained,
    champion: &Trained,
    division: &Division,
) -> Result<Comparison, NotComparable> {
    let gate = |trained: &Trained| {
        trained
            .gate
            .as_ref()
            .unwrap_or(&trained.served)
            .classifier
            .clone()
    };
    compare(set, &gate(challenger), &gate(champion), division, 42)
}

#[test]
fn losses_are_those_of_the_rows_that_neither_saw() {
    let (small, champion) = trained(&table(0..1_000), 0.3);
    let (set, challenger) = trained(&table(0..3_000), 0.4);
    let found = compared(&set, &challenger, &champion, small.division()).unwrap();
    // A larger fraction holds out the same rows and more: those of the smaller count.
    let of = |division: &Division| {
        set.held_out_seen_by(division)
            .iter()
            .filter(|saw| !**saw)
            .count()
    };
    assert_eq!(found.rows as usize, of(small.division()));
    assert!((850..950).contains(&found.rows));

    let classifier = &champion.gate.as_ref().unwrap().classifier;
    let held_out = set.held_out();
    let seen = set.held_out_seen_by(small.division());
    let rows = (0..held_out.rows()).filter(|row| !seen[*row]);
    let losses: Vec<f64> = rows
        .map(|row| {
            let said = classifier.predict(&held_out.features.row(row).to_vec());
            -said.probabilities[usize::from(held_out.labels[row])].ln()
        })
        .collect();
    let mean = losses.iter().sum::<f64>() / losses.len() as f64;
    assert!((found.champion_log_loss - mean).abs() < 1e-12);
    let difference = found.challenger_log_loss - found.champion_log_loss;
    assert!((found.difference.mean - difference).abs() < 1e-12);
    let gain = found.base_rate_log_loss - found.challenger_log_loss;
    assert!((found.challenger_gain.mean - gain).abs() < 1e-12);
    assert!(found.challenger_gain.lower > 0.2 && found.difference.lower < found.difference.upper);
}

#[test]
fn a_champion_that_saw_everything_is_compared_with_nothing() {
    let (all, champion) = trained(&table(0..1_000), 0.0);
    let (set, challenger) = trained(&table(0..1_000), 0.2);
    let found = compared(&set, &challenger, &champion, all.division());
    assert_eq!(found, Err(NotComparable::FewRows { rows: 0 }));
}

#[test]
fn a_class_that_no_row_has_makes_it_unfair() {
    let (small, champion) = trained(&table(0..400), 0.2);
    let mut lacking = table(0..2_000);
    let held =
        |key: &str| super::super::split::is_held_out(super::super::RowDigest::of_key(key), 0.2);
    lacking
        .rows
        .retain(|(key, _, label)| label == "b" || !held(key));
    let (set, challenger) = trained(&lacking, 0.2);
    let found = compared(&set, &challenger, &champion, small.division()).unwrap_err();
    let NotComparable::ClassMissing { class, rows } = found else {
        panic!("{found}");
    };
    assert_eq!(class, "a");
    assert!(rows > 100);
}

#[test]
fn a_table_rebuilt_with_other_keys_is_noticed() {
    let (small, champion) = trained(&table(0..1_000), 0.2);
    for again in [|row: u32| row + 5_000, |row: u32| 999 - row] {
        let mut rebuilt = table(0..1_000);
        for (row, entry) in (0..).zip(&mut rebuilt.rows) {
            entry.0 = again(row).to_string();
        }
        let (set, challenger) = trained(&rebuilt, 0.2);
        let found = compared(&set, &challenger, &champion, small.division()).unwrap_err();
        let NotComparable::RowsMoved { found, moved } = found else {
            panic!("{found}");
        };
        assert!(
            found == 256 && (25..80).contains(&moved),
            "{moved} of {found}"
        );
    }
}

#[test]
fn a_window_that_moves_on_is_no_rebuilt_table_and_single_moved_rows_do_not_count() {
    let (small, champion) = trained(&table(0..1_000), 0.2);
    let mut window = table(300..2_000);
    let (set, challenger) = trained(&window, 0.2);
    let found = compared(&set, &challenger, &champion, small.division()).unwrap();
    // One row that was fitted on and is remembered comes back under a key that is held out.
    let digest = |key: &str| super::super::RowDigest::of_key(key);
    let contents = super::super::division::contents(set.all().features);
    let remembered = (0..set.all().rows()).find(|row| small.division().remembers(contents[*row]));
    let x = set.all().features[(remembered.unwrap(), 0)];
    let place = window.rows.iter().position(|row| row.1[0] == x).unwrap();
    let mut free = (9_000..).map(|key: u32| key.to_string());
    let key = free.find(|key| !small.division().saw(digest(key), None));
    window.rows[place].0 = key.unwrap();
    let (set, challenger) = trained(&window, 0.2);
    let again = compared(&set, &challenger, &champion, small.division()).unwrap();
    assert_eq!(again.rows, found.rows, "it is held out, and does not count");
}

#[test]
fn classes_in_another_order_are_matched_by_name() {
    let (small, champion) = trained(&table(0..1_000), 0.2);
    let turned = Trained {
        gate: None,
        served: {
            let set = table(0..1_000).set("a", 0.2);
            let schema = table(0..1).schema("a");
            let trained = train(&schema, &set, &settings(&[1.0], &never())).unwrap();
            trained.gate.unwrap()
        },
        ..champion.clone()
    };
    let (set, challenger) = trained(&table(0..2_000), 0.2);
    let one = compared(&set, &challenger, &champion, small.division()).unwrap();
    let two = compared(&set, &challenger, &turned, small.division()).unwrap();
    assert!((one.champion_log_loss - two.champion_log_loss).abs() < 1e-9);
}
