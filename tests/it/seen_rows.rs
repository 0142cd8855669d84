//! No row that a fit saw is ever used to judge it.
//!
//! Shape: the test keeps the keys of the rows that each fit saw, worked out from the specification
//! and not by the code. From these it says which rows may count, computes the champion's and the
//! challenger's loss on exactly these from the stored coefficients, and finds the same losses at the
//! run: a single row more or less would show in the last digits.

use crate::support::app::{config, workshop};
use crate::support::database::{TestDatabase, on_both};
use crate::support::growing::{self, CONFIG, Row, rows};
use crate::support::training::{train, train_champion};
use logitd::learning::Classifier;
use logitd::retraining::TrainingRun;
use logitd::retraining::gate::Decision;
use std::collections::HashSet;

/// How a training divides its rows.
#[derive(Clone, Copy)]
struct Rule {
    fraction: f64,
    sample: usize,
    ordered: bool,
}

const PLAIN: Rule = Rule {
    fraction: 0.2,
    sample: 0,
    ordered: false,
};

impl Rule {
    /// The keys that are fitted on, and those held out.
    fn divide(self, table: &[Row]) -> (HashSet<i64>, HashSet<i64>) {
        let mut rows: Vec<&Row> = table.iter().collect();
        if self.sample > 0 {
            rows.sort_by_key(|row| row.sample_place());
            rows.truncate(self.sample);
        }
        let held_out = |row: &&&Row| match self.ordered {
            false => row.is_held_out(self.fraction),
            true => row.at > self.cut(&rows),
        };
        let ids = |rows: Vec<&&Row>| rows.into_iter().map(|row| row.id).collect();
        let (held_out, fitted) = rows.iter().partition(held_out);
        (ids(fitted), ids(held_out))
    }

    fn cut(self, rows: &[&Row]) -> i64 {
        let mut orders: Vec<i64> = rows.iter().map(|row| row.at).collect();
        orders.sort_unstable();
        let held_out = (self.fraction * rows.len() as f64).round() as usize;
        orders[rows.len() - held_out - 1]
    }

    fn overrides(self) -> Vec<(&'static str, String)> {
        let mut overrides = vec![
            (
                "LOGITD_TRAINING__HELD_OUT_FRACTION",
                self.fraction.to_string(),
            ),
            ("LOGITD_TRAINING__MAXIMUM_ROWS", self.sample.to_string()),
        ];
        if self.ordered {
            overrides.push(("LOGITD_DATASET__ORDER", "at".to_owned()));
        }
        overrides
    }
}

async fn trained(database: &TestDatabase, rule: Rule, more: &[(&str, &str)]) -> TrainingRun {
    let overrides = rule.overrides();
    let mut pairs: Vec<(&str, &str)> = overrides
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    pairs.extend(more);
    train(&config(CONFIG, &database.url(), &pairs)).await
}

fn decision(run: &TrainingRun) -> Decision {
    serde_json::from_value(run.gate.clone().expect("a decision")).unwrap()
}

/// The fit of a stored version that was judged.
async fn gate_fit(database: &TestDatabase, version: i32) -> Classifier {
    let workshop = workshop(&config(CONFIG, &database.url(), &[])).await;
    let found = workshop.registry.find_version(version).await.unwrap();
    workshop.database.close().await.unwrap();
    let trained = found.unwrap().content.trained;
    trained.gate.unwrap_or(trained.served).classifier
}

/// Mean loss on the rows of these keys.
fn loss(classifier: &Classifier, table: &[Row], keys: &HashSet<i64>) -> f64 {
    let losses = table
        .iter()
        .filter(|row| keys.contains(&row.id))
        .map(|row| {
            let said = classifier.predict(&[row.a, row.b]);
            -said.probabilities[row.class].ln()
        });
    losses.sum::<f64>() / keys.len() as f64
}

/// Champion by one rule on one table, challenger by another on another: what they are judged on is
/// what neither saw.
async fn judged_on_what_neither_saw(
    database: TestDatabase,
    (first, then): (Rule, Rule),
    (before, after): (Vec<Row>, Vec<Row>),
) {
    let db = database.connect().await;
    growing::create(&db).await;
    growing::add(&db, &before).await;
    let run = trained(&database, first, &[]).await;
    assert_eq!(run.status, "promoted", "{:?}", run.error);
    growing::replace(&db, &after).await;
    // The seed draws samples for a start, and never decides who is judged.
    let run = trained(&database, then, &[("LOGITD_TRAINING__SEED", "7")]).await;
    let decision = decision(&run);

    let (seen_by_champion, _) = first.divide(&before);
    let (seen, held_out) = then.divide(&after);
    let seen_now = |row: &&Row| !first.divide_later(&before, row);
    let fair: HashSet<i64> = after
        .iter()
        .filter(|row| held_out.contains(&row.id))
        .filter(seen_now)
        .map(|row| row.id)
        .collect();
    assert!(fair.is_disjoint(&seen_by_champion) && fair.is_disjoint(&seen));
    assert_eq!(
        decision.rows,
        Some(fair.len() as u64),
        "{:?}",
        decision.reasons
    );
    for (version, contender) in [(1, decision.champion), (2, decision.challenger)] {
        let fit = gate_fit(&database, version).await;
        let (expected, found) = (
            loss(&fit, &after, &fair),
            contender.unwrap().log_loss.unwrap(),
        );
        assert!((expected - found).abs() < 1e-12, "{expected} {found}");
    }
}

impl Rule {
    /// Whether this rule, as it stood on its own table, counts a row of a later one as seen: one of
    /// its training part, or one that the rule could not tell from such a row.
    fn divide_later(self, before: &[Row], row: &Row) -> bool {
        let mut rows: Vec<&Row> = before.iter().collect();
        if self.sample > 0 && self.sample < before.len() {
            rows.sort_by_key(|row| row.sample_place());
            let outside = rows[self.sample].sample_place();
            if row.sample_place() >= outside {
                return false;
            }
            rows.truncate(self.sample);
        }
        match self.ordered {
            false => !row.is_held_out(self.fraction),
            true => row.at <= self.cut(&rows),
        }
    }
}

on_both!(a_table_that_grows, |database| async {
    let tables = (rows(0..1_000), rows(0..2_000));
    judged_on_what_neither_saw(database, (PLAIN, PLAIN), tables).await;
});

on_both!(a_raised_share_of_held_out_rows, |database| async {
    let raised = Rule {
        fraction: 0.5,
        ..PLAIN
    };
    judged_on_what_neither_saw(database, (PLAIN, raised), (rows(0..1_000), rows(0..1_400))).await;
});

on_both!(a_lowered_share_of_held_out_rows, |database| async {
    let lowered = Rule {
        fraction: 0.1,
        ..PLAIN
    };
    let raised = Rule {
        fraction: 0.5,
        ..PLAIN
    };
    judged_on_what_neither_saw(
        database,
        (raised, lowered),
        (rows(0..1_000), rows(0..1_400)),
    )
    .await;
});

on_both!(a_sample_of_the_rows, |database| async {
    let sampled = Rule {
        sample: 600,
        ..PLAIN
    };
    let larger = Rule {
        sample: 900,
        ..PLAIN
    };
    judged_on_what_neither_saw(
        database,
        (sampled, larger),
        (rows(0..1_500), rows(0..2_500)),
    )
    .await;
});

on_both!(a_backfill_of_old_rows_under_an_order, |database| async {
    let ordered = Rule {
        ordered: true,
        ..PLAIN
    };
    let mut after = rows(0..1_300);
    // Five hundred new keys with the times of long ago.
    after.extend(rows(5_000..5_500).into_iter().map(|row| Row {
        at: row.id - 6_000,
        ..row
    }));
    judged_on_what_neither_saw(database, (ordered, ordered), (rows(0..1_000), after)).await;
});

on_both!(a_sample_under_an_order, |database| async {
    let first = Rule {
        ordered: true,
        sample: 600,
        ..PLAIN
    };
    let then = Rule {
        ordered: true,
        sample: 800,
        ..PLAIN
    };
    judged_on_what_neither_saw(database, (first, then), (rows(0..1_500), rows(0..2_000))).await;
});

/// What is not known to be unseen is not compared at all.
async fn not_comparable(database: &TestDatabase, more: &[(&str, &str)], words: &str) {
    let run = trained(database, PLAIN, more).await;
    let decision = decision(&run);
    assert_eq!((run.status.as_str(), run.judged_version), ("kept", None));
    assert_eq!(
        decision.reasons[0].code, "not_comparable",
        "{:?}",
        decision.reasons
    );
    assert!(
        decision.reasons[0].detail.contains(words),
        "{:?}",
        decision.reasons
    );
    assert!(decision.difference.is_none());
}

on_both!(
    another_key_another_rule_and_another_table,
    |database| async {
        let db = database.connect().await;
        growing::create(&db).await;
        growing::add(&db, &rows(0..1_000)).await;
        train_champion(&config(CONFIG, &database.url(), &[])).await;
        not_comparable(
            &database,
            &[("LOGITD_DATASET__KEY", "uid")],
            "the key was the column \"id\"",
        )
        .await;
        not_comparable(
            &database,
            &[("LOGITD_DATASET__ORDER", "at")],
            "the rule was hash",
        )
        .await;
        crate::support::tables::rename_table(&db, "growing", "grown").await;
        not_comparable(
            &database,
            &[("LOGITD_DATASET__TABLE", "grown")],
            "the table was growing",
        )
        .await;
    }
);

on_both!(a_table_rebuilt_with_new_keys, |database| async {
    let db = database.connect().await;
    growing::create(&db).await;
    growing::add(&db, &rows(0..1_000)).await;
    train_champion(&config(CONFIG, &database.url(), &[])).await;
    for renumbered in [|id: i64| id + 10_000, |id: i64| 999 - id] {
        let rebuilt: Vec<Row> = rows(0..1_000)
            .into_iter()
            .map(|row| Row {
                id: renumbered(row.id),
                ..row
            })
            .collect();
        growing::replace(&db, &rebuilt).await;
        not_comparable(&database, &[], "their keys or their order have changed").await;
    }
});
