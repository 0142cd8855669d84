//! A run that could only repeat the last one is skipped.

use super::{codes, decision};
use crate::support::app::{breast_cancer, config};
use crate::support::database::on_both;
use crate::support::growing::{self, CONFIG, rows};
use crate::support::rows::load_breast_cancer;
use crate::support::tables::count_rows;
use crate::support::training::{champion, train, train_champion};
use crate::support::versions::promote_elsewhere;
use logitd::retraining::gate::Verdict;

on_both!(
    unchanged_rows_under_unchanged_settings_are_skipped,
    |database| async {
        let db = database.connect().await;
        load_breast_cancer(&db).await;
        train_champion(&breast_cancer(&database.url(), &[])).await;
        for _ in 0..2 {
            let run = train(&breast_cancer(&database.url(), &[])).await;
            assert_eq!((run.status.as_str(), run.version), ("skipped", None));
            assert_eq!(codes(&run), ["unchanged"]);
            assert_eq!(decision(&run).decision, Verdict::Skipped);
            assert_eq!(run.rows.unwrap().usable, 569);
        }
        // What only people read changes nothing; another seed does, though it is the same data.
        let described =
            crate::support::app::example("breast-cancer").replace("unit = \"", "unit = \"in ");
        let run = train(&config(&described, &database.url(), &[])).await;
        assert_eq!(run.status, "skipped");
        let seeded = breast_cancer(&database.url(), &[("LOGITD_TRAINING__SEED", "43")]);
        assert_ne!(train(&seeded).await.status, "skipped");
        assert_eq!(train(&seeded).await.status, "skipped");
        assert_eq!(count_rows(&db, "logitd_model_version").await, 2);
    }
);

on_both!(
    a_row_more_less_or_other_is_no_repetition,
    |database| async {
        let db = database.connect().await;
        growing::create(&db).await;
        let config = config(CONFIG, &database.url(), &[]);
        let mut table = rows(0..300);
        growing::add(&db, &table).await;
        train_champion(&config).await;
        table.reverse();
        growing::replace(&db, &table).await;
        assert_eq!(train(&config).await.status, "skipped", "rows have no order");
        table[3].a += 1e-9;
        growing::replace(&db, &table).await;
        assert_ne!(train(&config).await.status, "skipped");
        table.pop();
        growing::replace(&db, &table).await;
        assert_ne!(train(&config).await.status, "skipped");
    }
);

on_both!(
    what_only_a_pin_held_back_is_judged_again_when_it_is_off,
    |database| async {
        let db = database.connect().await;
        growing::create(&db).await;
        growing::add(&db, &rows(0..200)).await;
        let config = config(CONFIG, &database.url(), &[]);
        train_champion(&config).await;
        promote_elsewhere(&config, 1, true).await;
        growing::add(&db, &rows(200..3_000)).await;
        let run = train(&config).await;
        assert_eq!(codes(&run), ["pinned"]);
        assert!(
            decision(&run).difference.is_some(),
            "the numbers are there all the same"
        );
        assert_eq!(train(&config).await.status, "skipped");
        promote_elsewhere(&config, 1, false).await;
        let run = train(&config).await;
        assert_eq!(run.status, "promoted", "{:?}", run.gate);
        assert_eq!(champion(&config).await.unwrap().number(), 3);
    }
);
