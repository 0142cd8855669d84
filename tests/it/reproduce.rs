//! `logitd train --reproduce RUN`: the same rows and settings give the same coefficients, and whatever
//! is not the same is told.

use crate::support::app::{PATIENCE, config, workshop};
use crate::support::database::{TestDatabase, on_both};
use crate::support::growing::{self, CONFIG, Row, rows};
use crate::support::process::Launch;
use crate::support::tables::{drop_table, read_all};
use crate::support::training::train;
use crate::support::versions::replace_trained;
use logitd::retraining::{Enqueued, Trigger};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The growing table and what asks about its runs.
struct Asked {
    db: DatabaseConnection,
    url: String,
    directory: TempDir,
}

impl Asked {
    async fn new(database: &TestDatabase, rows: &[Row]) -> Self {
        let db = database.connect().await;
        growing::create(&db).await;
        growing::add(&db, rows).await;
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("logitd.toml"), CONFIG).unwrap();
        Self {
            db,
            url: database.url(),
            directory,
        }
    }

    /// Trains once, which must end so; gives the run's id.
    async fn train(&self, status: &str, settings: &[(&str, &str)]) -> String {
        let run = train(&config(CONFIG, &self.url, settings)).await;
        assert_eq!(run.status, status, "{run:?}");
        run.id
    }

    /// The exit code, standard output and standard error.
    async fn ask(&self, words: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
        let before = self.everything().await;
        let mut launch = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args([&["train", "--reproduce"], words].concat())
            .directory(self.directory.path())
            .env("LOGITD_DATABASE__URL", &self.url);
        for (name, value) in settings {
            launch = launch.env(name, *value);
        }
        let mut process = launch.start();
        let status = process.wait_exit(PATIENCE).await;
        assert_eq!(self.everything().await, before, "nothing is written");
        (status.code().unwrap(), process.stdout(), process.stderr())
    }

    async fn json(&self, run: &str, settings: &[(&str, &str)]) -> (i32, Value, String) {
        let (code, said, told) = self.ask(&[run, "--json"], settings).await;
        let shown = serde_json::from_str(&said);
        (code, shown.unwrap_or_else(|_| panic!("{said}{told}")), told)
    }

    /// What is stored of runs, versions and deployments.
    async fn everything(&self) -> Vec<Vec<Vec<Option<String>>>> {
        let runs = ["id", "status", "attempt", "claimed_by", "heartbeat", "step"];
        let versions = ["model", "version", "training_run", "code_version"];
        let deployments = ["sequence", "version", "reason"];
        vec![
            read_all(&self.db, "logitd_training_run", &runs).await,
            read_all(&self.db, "logitd_model_version", &versions).await,
            read_all(&self.db, "logitd_deployment", &deployments).await,
            read_all(&self.db, "logitd_trigger", &["key"]).await,
        ]
    }

    async fn set(&self, table: &str, column: &str, value: impl Into<sea_orm::Value>) {
        let update = Query::update()
            .table(Alias::new(table))
            .value(Alias::new(column), Expr::val(value))
            .to_owned();
        self.db.execute(&update).await.unwrap();
    }
}

on_both!(
    the_same_rows_give_every_coefficient_to_the_last_bit,
    |database| async {
        let asked = Asked::new(&database, &rows(0..600)).await;
        let first = asked.train("promoted", &[]).await;
        let (code, said, told) = asked.ask(&[&first], &[]).await;
        assert_eq!((code, told.as_str()), (0, ""), "{said}");
        assert!(said.starts_with("reproduced; version 1; the same 600 rows, sha256:"));
        let end = "every coefficient is the same to the last bit; by the same code, 0.1.0";
        assert!(said.contains(end), "{said}");

        // In another order, by another number of threads, and beside a later version: the same.
        let skipped = asked.train("skipped", &[]).await;
        let mut table = rows(0..600);
        table.reverse();
        growing::replace(&asked.db, &table).await;
        let one = [("LOGITD_TRAINING__THREADS", "1")];
        let (code, shown, _) = asked.json(&first, &one).await;
        assert_eq!((code, &shown["outcome"]), (0, &json!("reproduced")));
        assert_eq!(shown["coefficients"]["same"], true);
        assert_eq!(shown["coefficients"]["largest_difference"], 0.0);
        assert_eq!(
            (&shown["run"], &shown["version"]),
            (&json!(first), &json!(1))
        );
        assert_eq!(shown["data"]["rows"]["then"], shown["data"]["rows"]["now"]);

        // A run that made no version has rows to compare all the same.
        let (code, shown, _) = asked.json(&skipped, &[]).await;
        assert_eq!((code, &shown["outcome"]), (0, &json!("same_data")));
        let (code, said, _) = asked.ask(&[&skipped], &[]).await;
        assert!(
            code == 0 && said.contains("ended skipped made no version"),
            "{said}"
        );
    }
);

on_both!(other_rows_are_told_and_end_with_3, |database| async {
    let asked = Asked::new(&database, &rows(0..300)).await;
    let run = asked.train("promoted", &[]).await;
    let mut other = rows(0..300);
    other[7].a = other[7].a.next_up();
    growing::replace(&asked.db, &other).await;
    let (code, shown, told) = asked.json(&run, &[]).await;
    assert_eq!((code, told.as_str()), (3, ""), "{shown}");
    assert_eq!(shown["outcome"], "data_differ");
    assert_eq!(
        (&shown["data"]["same"], &shown["coefficients"]),
        (&json!(false), &json!(null))
    );
    let fingerprints = &shown["data"]["fingerprint"];
    assert_ne!(fingerprints["then"], fingerprints["now"]);

    growing::add(&asked.db, &rows(300..301)).await;
    let (code, said, _) = asked.ask(&[&run], &[]).await;
    assert_eq!(code, 3, "{said}");
    assert!(
        said.starts_with("the data differ; 300 rows used then, sha256:"),
        "{said}"
    );
    assert!(said.contains("; 301 rows used now, sha256:"), "{said}");

    // Too few to be learned from are other rows as well.
    growing::replace(&asked.db, &[]).await;
    let (code, said, _) = asked.ask(&[&run], &[]).await;
    assert_eq!(code, 3, "{said}");
    assert!(said.contains("now: only 0 rows can be used"), "{said}");

    // A table that cannot be read is a failure like another.
    drop_table(&asked.db, "growing").await;
    let (code, said, told) = asked.ask(&[&run], &[]).await;
    assert_eq!((code, said.as_str()), (1, ""), "{told}");
    assert!(
        told.contains("failed to reproduce the run: find the table \"growing\""),
        "{told}"
    );
});

on_both!(the_settings_of_the_run_count, |database| async {
    let asked = Asked::new(&database, &rows(0..400)).await;
    let then = [
        ("LOGITD_DATASET__ORDER", "at"),
        ("LOGITD_TRAINING__SEED", "7"),
        ("LOGITD_TRAINING__MAXIMUM_ROWS", "300"),
        ("LOGITD_TRAINING__PENALTIES", "[0.5, 2.0]"),
        ("LOGITD_TRAINING__REFIT", "false"),
    ];
    let run = asked.train("promoted", &then).await;
    let other = [
        ("LOGITD_TRAINING__HELD_OUT_FRACTION", "0.4"),
        (
            "LOGITD_DATASET__FEATURES",
            "[{ name = \"b\", minimum = -1.0 }]",
        ),
        ("LOGITD_DATASET__TABLE", "elsewhere"),
    ];
    let (code, shown, told) = asked.json(&run, &other).await;
    assert_eq!(
        (code, &shown["outcome"]),
        (0, &json!("reproduced")),
        "{told}"
    );
    let fields = [
        "dataset.table",
        "dataset.order",
        "dataset.features",
        "training.held_out_fraction",
        "training.maximum_rows",
        "training.penalties",
        "training.seed",
        "training.refit",
    ];
    assert_eq!(shown["other_settings"], json!(fields));
    let said = format!(
        "the configuration says something else now: {}",
        fields.join(", ")
    );
    assert!(told.contains(&said), "{told}");
});

on_both!(
    another_binary_and_other_coefficients_are_told,
    |database| async {
        let asked = Asked::new(&database, &rows(0..300)).await;
        let run = asked.train("promoted", &[]).await;
        asked
            .set("logitd_model_version", "code_version", "0.0.9+abcdef0")
            .await;
        let (code, said, _) = asked.ask(&[&run], &[]).await;
        assert!(
            code == 0 && said.contains("by another binary: 0.0.9+abcdef0 then, 0.1.0"),
            "{said}"
        );

        // One bit of one coefficient of the fit that was judged.
        let workshop = workshop(&config(CONFIG, &asked.url, &[])).await;
        let stored = workshop.registry.find_version(1).await.unwrap().unwrap();
        let mut trained = serde_json::to_value(&stored.content.trained).unwrap();
        let weight = &mut trained["gate"]["classifier"]["equations"][0]["standardized"][1];
        *weight = weight.as_f64().unwrap().next_up().into();
        replace_trained(&asked.db, 1, trained).await;
        let (code, shown, _) = asked.json(&run, &[]).await;
        assert_eq!(
            (code, &shown["outcome"]),
            (1, &json!("coefficients_differ")),
            "{shown}"
        );
        let difference = shown["coefficients"]["largest_difference"]
            .as_f64()
            .unwrap();
        assert!(difference > 0.0 && difference < 1e-15, "{difference}");
        let code_version = &shown["coefficients"]["code_version"];
        assert_eq!(code_version["then"], "0.0.9+abcdef0");
        let (code, said, told) = asked.ask(&[&run], &[]).await;
        assert_eq!((code, told.as_str()), (1, ""), "{said}");
        assert!(said.contains("not reproduced; version 1;") && said.contains("kind of machine"));
    }
);

on_both!(
    a_run_without_anything_to_compare_is_refused,
    |database| async {
        let asked = Asked::new(&database, &rows(0..300)).await;
        let refused = async |run: &str, why: &str| {
            let (code, said, told) = asked.ask(&[run], &[]).await;
            assert_eq!((code, said.as_str()), (1, ""), "{told}");
            assert!(told.contains(why), "{why:?} in {told}");
        };
        let few = [("LOGITD_TRAINING__MINIMUM_ROWS", "1000")];
        let failed = asked.train("failed", &few).await;
        refused(&failed, "one that ended failed before a fit keeps none").await;
        let run = asked.train("promoted", &[]).await;
        let unknown = "01939fd2-0000-7000-8000-000000000000";
        refused(
            unknown,
            &format!("find a training run {unknown:?} of the model \"default\""),
        )
        .await;
        let named = [("LOGITD_MODEL__NAME", "another")];
        let (code, _, told) = asked.ask(&[&run], &named).await;
        assert!(
            code == 1 && told.contains("of the model \"another\""),
            "{told}"
        );

        let workshop = workshop(&config(CONFIG, &asked.url, &[])).await;
        let queued = workshop.queue.enqueue(Trigger::Command).await.unwrap();
        let Enqueued::Made(queued) = queued else {
            panic!("{queued:?}");
        };
        refused(&queued.id, "a run that is queued: it has not ended").await;

        // As an earlier logitd left it.
        for column in ["settings_fingerprint", "data_fingerprint"] {
            asked
                .set("logitd_training_run", column, None::<String>)
                .await;
        }
        asked
            .set("logitd_training_run", "settings", None::<Value>)
            .await;
        refused(&run, "it was made by a logitd that kept none").await;

        let delete = Query::delete()
            .from_table(Alias::new("logitd_training_run"))
            .and_where(Expr::col(Alias::new("id")).eq(&run))
            .to_owned();
        asked.db.execute(&delete).await.unwrap();
        refused(&run, "find a training run").await;
    }
);

on_both!(
    tables_that_are_behind_are_not_brought_up_to_date,
    |database| async {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("logitd.toml"), CONFIG).unwrap();
        let db = database.connect().await;
        let mut process = Launch::clean(env!("CARGO_BIN_EXE_logitd"))
            .args(["train", "--reproduce", "0"])
            .directory(directory.path())
            .env("LOGITD_DATABASE__URL", database.url())
            .start();
        let code = process.wait_exit(PATIENCE).await.code();
        assert_eq!(code, Some(1));
        let told = process.stderr();
        assert!(
            told.contains("are missing; run `logitd migrate up`"),
            "{told}"
        );
        growing::create(&db).await;
        let runs = Query::select()
            .column(Alias::new("id"))
            .from(Alias::new("logitd_training_run"))
            .to_owned();
        assert!(db.query_all(&runs).await.is_err(), "no table was made");
    }
);
