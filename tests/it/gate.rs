//! What the gate makes of tables that grow and of tables that are poisoned, through each database.
//!
//! The statistics over many histories are beside the gate; here one history of each kind goes the
//! whole way: rows, fit, comparison, publication, and what is stored and shown of it.

use crate::support::app::config;
use crate::support::database::{TestDatabase, on_both};
use crate::support::growing::{self, CONFIG, Row, rows};
use crate::support::tables::drop_table;
use crate::support::training::{champion, train, train_champion};
use logitd::config::Config;
use logitd::retraining::TrainingRun;
use logitd::retraining::gate::{Decision, Verdict};
use sea_orm::DatabaseConnection;

mod meanwhile;
mod shown;
mod skipped;

/// The table with its first thousand rows, and a champion of them.
struct Poisoned {
    db: DatabaseConnection,
    config: Config,
}

impl Poisoned {
    async fn new(database: &TestDatabase) -> Self {
        let db = database.connect().await;
        growing::create(&db).await;
        growing::add(&db, &rows(0..1_000)).await;
        let config = config(CONFIG, &database.url(), &[]);
        assert_eq!(train_champion(&config).await.number(), 1);
        Self { db, config }
    }

    /// Trains on other rows; the champion must stay, and answer. Gives the run.
    async fn stays_beside(&self, rows: &[Row]) -> TrainingRun {
        growing::replace(&self.db, rows).await;
        self.stays().await
    }

    async fn stays(&self) -> TrainingRun {
        let run = train(&self.config).await;
        assert_ne!(run.status, "promoted", "{:?}", run.gate);
        let serving = champion(&self.config).await.expect("a champion");
        assert_eq!(serving.number(), 1);
        let said = serving.classifier().predict(&[2.0, -2.0]);
        assert!(said.probabilities[1] > 0.9, "it answers as before");
        run
    }
}

fn decision(run: &TrainingRun) -> Decision {
    serde_json::from_value(run.gate.clone().expect("a decision")).unwrap()
}

fn codes(run: &TrainingRun) -> Vec<String> {
    let reasons = decision(run).reasons;
    assert!(reasons.iter().all(|reason| reason.detail.len() > 20));
    reasons.into_iter().map(|reason| reason.code).collect()
}

/// Other classes in the order of a hash, so that each has as many rows as before.
fn shuffled(mut rows: Vec<Row>) -> Vec<Row> {
    let classes: Vec<usize> = rows.iter().map(|row| row.class).collect();
    let mut places: Vec<usize> = (0..rows.len()).collect();
    places.sort_by_key(|place| Row::of(7_000_000 + *place as i64).sample_place());
    for (row, place) in rows.iter_mut().zip(places) {
        row.class = classes[place];
    }
    rows
}

/// Only the rows that are fitted on are poisoned.
fn in_the_training_part(poison: impl FnOnce(Vec<Row>) -> Vec<Row>) -> Vec<Row> {
    let (held_out, training): (Vec<Row>, Vec<Row>) = rows(0..1_200)
        .into_iter()
        .partition(|row| row.is_held_out(0.2));
    assert!(held_out.len() > 200 && training.len() > 900);
    [held_out, poison(training)].concat()
}

fn inverted(mut rows: Vec<Row>) -> Vec<Row> {
    rows.iter_mut().for_each(|row| row.class = 1 - row.class);
    rows
}

on_both!(
    a_table_that_grows_gets_better_versions_and_each_decision_has_its_numbers,
    |database| async {
        let db = database.connect().await;
        growing::create(&db).await;
        let config = config(CONFIG, &database.url(), &[]);
        let (mut before, mut serving) = (0, 0);
        for many in [200, 400, 800, 1_600, 3_200] {
            growing::add(&db, &rows(before..many)).await;
            before = many;
            let run = train(&config).await;
            let decision = decision(&run);
            let last = serving;
            if decision.decision == Verdict::Promoted {
                serving = run.version.unwrap();
            }
            assert_eq!(champion(&config).await.unwrap().number(), serving);
            let challenger = decision.challenger.as_ref().unwrap();
            assert!(challenger.log_loss.is_some() && decision.rows.unwrap() >= 30);
            let gain = challenger.gain.unwrap();
            assert!(gain.lower < gain.mean && gain.mean < gain.upper);
            if last == 0 {
                assert_eq!(codes(&run), ["first_version"]);
                continue;
            }
            let (champion, difference) = (decision.champion.unwrap(), decision.difference.unwrap());
            assert_eq!(champion.version, Some(last));
            let expected = challenger.log_loss.unwrap() - champion.log_loss.unwrap();
            assert!((difference.mean - expected).abs() < 1e-12);
            let worse = difference.mean > 0.0;
            assert_eq!(
                decision.decision == Verdict::Kept,
                worse,
                "{:?}",
                decision.reasons
            );
            assert_eq!(run.judged_version, Some(last));
        }
        assert!(serving > 1, "the first one was replaced");
    }
);

on_both!(
    labels_inverted_in_the_training_part_change_nothing,
    |database| async {
        let poisoned = Poisoned::new(&database).await;
        let run = poisoned.stays_beside(&in_the_training_part(inverted)).await;
        assert_eq!(
            codes(&run),
            ["not_better_than_base_rate", "worse_than_champion"]
        );
        assert_eq!((run.status.as_str(), run.version), ("kept", Some(2)));
    }
);

on_both!(
    labels_shuffled_in_the_training_part_change_nothing,
    |database| async {
        let poisoned = Poisoned::new(&database).await;
        let run = poisoned.stays_beside(&in_the_training_part(shuffled)).await;
        assert_eq!(
            codes(&run),
            ["not_better_than_base_rate", "worse_than_champion"]
        );
    }
);

on_both!(
    a_table_shuffled_throughout_is_for_a_person,
    |database| async {
        let poisoned = Poisoned::new(&database).await;
        let run = poisoned.stays_beside(&shuffled(rows(0..1_200))).await;
        assert!(
            codes(&run).contains(&"data_changed".to_owned()),
            "{:?}",
            run.gate
        );
        assert!(codes(&run).contains(&"not_better_than_base_rate".to_owned()));
    }
);

on_both!(
    a_table_inverted_throughout_is_for_a_person_however_often_it_is_tried,
    |database| async {
        let poisoned = Poisoned::new(&database).await;
        for many in [1_200, 1_300, 1_400] {
            // The challenger is far better on these rows: that is what makes it dangerous.
            let run = poisoned.stays_beside(&inverted(rows(0..many))).await;
            assert_eq!(codes(&run), ["data_changed"]);
            let decision = decision(&run);
            assert!(decision.difference.unwrap().upper < 0.0);
            assert_eq!(decision.champion.unwrap().beats_base_rate, Some(true));
        }
        // The rows are mended, and nobody has to do anything.
        growing::replace(&poisoned.db, &rows(0..2_400)).await;
        let run = train(&poisoned.config).await;
        assert!(
            !codes(&run).contains(&"data_changed".to_owned()),
            "{:?}",
            run.gate
        );
    }
);

on_both!(a_class_that_is_gone_changes_nothing, |database| async {
    let poisoned = Poisoned::new(&database).await;
    let one: Vec<Row> = rows(0..1_200)
        .into_iter()
        .filter(|row| row.class == 0)
        .collect();
    let run = poisoned.stays_beside(&one).await;
    let error = run.error.unwrap();
    assert_eq!(
        (run.status.as_str(), error.code.as_str()),
        ("failed", "not_trainable")
    );
    assert!(
        error
            .detail
            .contains("every usable row has the label \"no\""),
        "{error:?}"
    );
    // Only the rows that are held out lack it.
    let mut lacking = rows(0..1_200);
    lacking.retain(|row| row.class == 0 || !row.is_held_out(0.2));
    let run = poisoned.stays_beside(&lacking).await;
    assert_eq!(codes(&run), ["not_comparable"]);
    assert!(decision(&run).reasons[0].detail.contains("\"yes\""));
});

on_both!(a_class_more_is_for_a_person, |database| async {
    let poisoned = Poisoned::new(&database).await;
    for id in 0..100 {
        growing::relabel(&poisoned.db, id, "maybe").await;
    }
    let run = poisoned.stays().await;
    assert_eq!(codes(&run), ["classes_changed"]);
});

on_both!(an_emptied_table_changes_nothing, |database| async {
    let poisoned = Poisoned::new(&database).await;
    let run = poisoned.stays_beside(&[]).await;
    let error = run.error.unwrap();
    assert_eq!(
        (run.status.as_str(), error.code.as_str()),
        ("failed", "not_trainable")
    );
    assert!(
        error.detail.starts_with("only 0 rows can be used"),
        "{error:?}"
    );
});

on_both!(a_dropped_table_changes_nothing, |database| async {
    let poisoned = Poisoned::new(&database).await;
    drop_table(&poisoned.db, "growing").await;
    let run = poisoned.stays().await;
    let error = run.error.unwrap();
    assert_eq!(
        (run.status.as_str(), error.code.as_str()),
        ("failed", "not_trainable")
    );
    assert!(error.detail.contains("growing"), "{error:?}");
});

on_both!(few_rows_that_neither_saw_are_too_few, |database| async {
    let db = database.connect().await;
    growing::create(&db).await;
    growing::add(&db, &rows(0..120)).await;
    let config = config(CONFIG, &database.url(), &[]);
    train_champion(&config).await;
    growing::add(&db, &rows(120..121)).await;
    let run = train(&config).await;
    assert_eq!(codes(&run), ["not_comparable"]);
    let detail = &decision(&run).reasons[0].detail;
    assert!(
        detail.contains("30 are needed; promote it by hand"),
        "{detail}"
    );
});

on_both!(
    a_tolerance_lets_a_slightly_worse_version_pass,
    |database| async {
        let poisoned = Poisoned::new(&database).await;
        let run = poisoned.stays_beside(&in_the_training_part(shuffled)).await;
        let worse = decision(&run).difference.unwrap().mean;
        let tolerance = (worse + 0.1).to_string();
        let overrides = [("LOGITD_GATE__TOLERANCE", tolerance.as_str())];
        let run = train(&config(CONFIG, &database.url(), &overrides)).await;
        // It is still no better than the classes' shares.
        assert_eq!(codes(&run), ["not_better_than_base_rate"]);
    }
);

on_both!(
    without_held_out_rows_the_first_serves_and_later_ones_wait,
    |database| async {
        let db = database.connect().await;
        growing::create(&db).await;
        growing::add(&db, &rows(0..300)).await;
        let nothing_held_out = [("LOGITD_TRAINING__HELD_OUT_FRACTION", "0")];
        let config = config(CONFIG, &database.url(), &nothing_held_out);
        train_champion(&config).await;
        growing::add(&db, &rows(300..600)).await;
        let run = train(&config).await;
        assert_eq!(
            (codes(&run), run.version),
            (vec!["not_evaluated".to_owned()], Some(2))
        );
        assert_eq!(champion(&config).await.unwrap().number(), 1);
    }
);
