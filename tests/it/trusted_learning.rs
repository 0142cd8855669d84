//! The numbers through the whole service: inference, more than two classes, the search, and
//! refusals with their reasons.

use crate::support::app::{TestApp, breast_cancer, config};
use crate::support::database::{TestDatabase, on_both};
use crate::support::rows::{load_breast_cancer, load_csv};
use crate::support::tables::{ColumnKind, create_table, insert_rows};
use crate::support::training::{train, train_champion};
use logitd::config::Config;
use logitd::lifecycle::Stop;
use sea_orm::sea_query::Value as Cell;
use serde_json::Value;

fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A configuration over a table loaded from a CSV file.
fn of_csv(
    database: &TestDatabase,
    table: &str,
    target: &str,
    columns: &[String],
    more: &str,
) -> Config {
    let named = |name: &&String| *name != "id" && *name != target;
    let features: String = columns
        .iter()
        .filter(named)
        .map(|name| format!("[[dataset.features]]\nname = \"{name}\"\n"))
        .collect();
    let text = format!(
        "[model]\nname = \"{table}\"\n[dataset]\ntable = \"{table}\"\nkey = \"id\"\n\
         target = \"{target}\"\n[training]\n{more}\n{features}"
    );
    config(&text, &database.url(), &[])
}

fn close(found: &Value, expected: f64, within: f64) {
    let found = found.as_f64().unwrap();
    assert!(
        (found / expected - 1.0).abs() < within,
        "{found} {expected}"
    );
}

on_both!(
    spector_without_a_penalty_is_what_stata_prints,
    |database| async {
        let db = database.connect().await;
        let columns = load_csv(&db, &data("spector.csv"), "spector", "grade").await;
        let more = "held_out_fraction = 0\nminimum_rows = 10\npenalties = [0]";
        let app = TestApp::start(of_csv(&database, "spector", "grade", &columns, more)).await;
        app.champion().await;
        let version = app.client.get("/v1/models/1").await.json();
        assert_eq!(version["rows"]["fitted"], 32);
        assert!(version.get("evaluation").is_none() && version.get("search").is_none());
        let equation = &version["equations"][0];
        let terms = [
            ("gpa", 2.826_112_972_01, 1.262_941_145_26),
            ("tuce", 0.095_157_670_255_7, 0.141_554_207_662),
            ("psi", 2.378_687_728_35, 1.064_564_301_65),
        ];
        for (term, (name, coefficient, error)) in equation["coefficients"]
            .as_array()
            .unwrap()
            .iter()
            .zip(terms)
        {
            assert_eq!(term["feature"], name);
            close(&term["coefficient"], coefficient, 1e-6);
            close(&term["standard_error"], error, 1e-6);
            close(&term["odds_ratio"], coefficient.exp(), 1e-5);
            close(&term["z"], coefficient / error, 1e-5);
            let ends = term["confidence_interval"].as_array().unwrap();
            close(&ends[0], coefficient - 1.959_963_984_540_054 * error, 1e-4);
        }
        close(
            &equation["intercept"]["coefficient"],
            -13.021_348_320_1,
            2e-6,
        );
        close(
            &equation["intercept"]["standard_error"],
            4.931_324_628_71,
            1e-6,
        );
        close(&version["log_likelihood"], -12.889_634_222, 1e-8);
        close(&version["null_log_likelihood"], -20.592, 1e-4);
        assert!(app.stop(Stop::Now).await);
    }
);

fn reference(name: &str) -> Value {
    let text = std::fs::read_to_string(data("reference.json")).unwrap();
    serde_json::from_str::<Value>(&text).unwrap()[name].clone()
}

on_both!(
    three_classes_are_served_and_agree_with_the_published_numbers,
    |database| async {
        let db = database.connect().await;
        let columns = load_csv(&db, &data("wine.csv"), "wine", "cultivar").await;
        let app = TestApp::start(of_csv(
            &database,
            "wine",
            "cultivar",
            &columns,
            "penalties = [1]",
        ))
        .await;
        app.champion().await;
        let version = app.client.get("/v1/models/1").await.json();
        let reference = reference("wine");
        assert!(
            version.get("positive").is_none(),
            "there is none among three"
        );
        for (class, equation) in version["equations"].as_array().unwrap().iter().enumerate() {
            let expected = reference["standardized_coefficients"][class]
                .as_array()
                .unwrap();
            for (term, expected) in equation["coefficients"]
                .as_array()
                .unwrap()
                .iter()
                .zip(expected)
            {
                let off = term["standardized"].as_f64().unwrap() - expected.as_f64().unwrap();
                assert!(off.abs() < 1e-6, "{term} {expected}");
                assert!(term.get("odds_ratio").is_none() && term.get("standard_error").is_none());
            }
        }
        let codes = version["warnings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|warning| warning["code"].clone());
        assert!(
            codes
                .collect::<Vec<_>>()
                .contains(&Value::from("penalised_no_inference"))
        );

        let row: Vec<&str> = "14.23,1.71,2.43,15.6,127.0,2.8,3.06,0.28,2.29,5.64,1.04,3.92,1065.0"
            .split(',')
            .collect();
        let names = columns
            .iter()
            .filter(|name| *name != "id" && *name != "cultivar");
        let instance: serde_json::Map<_, _> = names
            .zip(row)
            .map(|(name, value)| (name.clone(), value.parse::<f64>().unwrap().into()))
            .collect();
        let answer = app
            .client
            .post_json("/v1/predict?explain=true", &instance.into())
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let said = answer.json();
        assert_eq!(said["label"], "class_0");
        assert!(said.get("probability").is_none() && said.get("log_odds").is_none());
        let expected = reference["probabilities_of_first_rows"][0]
            .as_array()
            .unwrap();
        let mut scores = Vec::new();
        for (class, expected) in ["class_0", "class_1", "class_2"].into_iter().zip(expected) {
            let off = said["probabilities"][class].as_f64().unwrap() - expected.as_f64().unwrap();
            assert!(off.abs() < 1e-6);
            let parts = said["contributions"][class].as_object().unwrap();
            let sum: f64 = parts.values().map(|part| part.as_f64().unwrap()).sum();
            scores.push(sum + said["baseline"][class].as_f64().unwrap());
        }
        let all: f64 = scores.iter().map(|score| score.exp()).sum();
        for (class, score) in ["class_0", "class_1", "class_2"].into_iter().zip(scores) {
            let p = said["probabilities"][class].as_f64().unwrap();
            assert!((score.exp() / all - p).abs() < 1e-9, "{class}");
        }
        assert!(app.stop(Stop::Now).await);
    }
);

on_both!(the_search_is_stored_with_the_version, |database| async {
    load_breast_cancer(&database.connect().await).await;
    let list = [
        ("LOGITD_TRAINING__PENALTIES", "[0, 0.1, 1, 100]"),
        ("LOGITD_TRAINING__FOLDS", "4"),
    ];
    let app = TestApp::start(breast_cancer(&database.url(), &list)).await;
    app.champion().await;
    let version = app.client.get("/v1/models/champion").await.json();
    let search = &version["search"];
    assert_eq!(
        (&search["folds"], &search["chosen"]),
        (&Value::from(4), &version["penalty"])
    );
    let entries = search["entries"].as_array().unwrap();
    let penalties: Vec<f64> = entries
        .iter()
        .map(|entry| entry["penalty"].as_f64().unwrap())
        .collect();
    assert_eq!(penalties, [100.0, 1.0, 0.1, 0.0]);
    assert!(
        entries[3]["left_out"].is_string(),
        "without a penalty the classes separate: {search}"
    );
    let loss = |entry: &Value| entry["mean_log_loss"].as_f64();
    let least = entries
        .iter()
        .filter_map(loss)
        .fold(f64::INFINITY, f64::min);
    let chosen = entries
        .iter()
        .find(|entry| entry["penalty"] == version["penalty"])
        .unwrap();
    assert_eq!(loss(chosen), Some(least));
    assert!(entries[0]["standard_error"].as_f64().unwrap() > 0.0);
    assert!(app.stop(Stop::Now).await);
});

/// Why a run over this configuration fails.
async fn refusal(config: &Config) -> String {
    let run = train(config).await;
    assert_eq!(run.status, "failed");
    let error = run.error.unwrap();
    assert_eq!(error.code, "not_trainable");
    error.detail
}

on_both!(
    what_has_no_answer_is_refused_with_the_columns_and_the_advice,
    |database| async {
        let db = database.connect().await;
        load_breast_cancer(&db).await;
        let without = [("LOGITD_TRAINING__PENALTIES", "[0]")];
        let told = refusal(&breast_cancer(&database.url(), &without)).await;
        let words = [
            "tell the classes apart without an error",
            "set a penalty above 0",
            "\"worst_radius\"",
        ];
        assert!(words.iter().all(|words| told.contains(words)), "{told}");

        let columns = [
            ("id", ColumnKind::Integer),
            ("a", ColumnKind::Double),
            ("b", ColumnKind::Double),
            ("class", ColumnKind::Integer),
        ];
        create_table(&db, "twice", &columns).await;
        let row = |i: i32| {
            let a = f64::from(i * 37 % 101) / 10.0;
            let class = i32::from(f64::from(i * 61 % 97) / 9.7 > a);
            vec![
                Cell::from(i % 150),
                Cell::from(a),
                Cell::from(1.0 - a),
                Cell::from(class),
            ]
        };
        insert_rows(
            &db,
            "twice",
            &columns.map(|(name, _)| name),
            (0..200).map(row).collect(),
        )
        .await;
        let of = |key: &str, penalties: &str| {
            let text = format!(
                "[dataset]\ntable = \"twice\"\n{key}\ntarget = \"class\"\n[training]\npenalties = {penalties}\n\
             [[dataset.features]]\nname = \"a\"\n[[dataset.features]]\nname = \"b\"\n"
            );
            config(&text, &database.url(), &[])
        };
        let told = refusal(&of("key = \"id\"", "[1]")).await;
        assert!(
            told.starts_with("100 rows share their key in \"id\" with another row"),
            "{told}"
        );
        let told = refusal(&of("", "[0]")).await;
        assert!(
            told.starts_with("the columns \"a\", \"b\" determine each other"),
            "{told}"
        );
        assert!(told.contains("set a penalty above 0"), "{told}");
        let champion = train_champion(&of("", "[1]")).await;
        let warnings = champion.version().content.trained.all_warnings();
        let told = warnings
            .iter()
            .find(|warning| warning.code == "duplicated_columns");
        assert_eq!(told.unwrap().columns, ["a", "b"], "{warnings:?}");
    }
);

on_both!(
    a_first_version_no_better_than_the_base_rate_says_so,
    |database| async {
        let db = database.connect().await;
        create_table(
            &db,
            "noise",
            &[("a", ColumnKind::Double), ("class", ColumnKind::Integer)],
        )
        .await;
        let row = |i: i32| {
            let mixed = (u64::from(i.unsigned_abs()) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            vec![
                Cell::from((mixed >> 40) as f64),
                Cell::from(i32::from(mixed.count_ones() % 2 == 0)),
            ]
        };
        insert_rows(&db, "noise", &["a", "class"], (0..400).map(row).collect()).await;
        let text = "[dataset]\ntable = \"noise\"\ntarget = \"class\"\n[[dataset.features]]\nname = \"a\"\n";
        let champion = train_champion(&config(text, &database.url(), &[])).await;
        let trained = &champion.version().content.trained;
        let evaluation = trained.evaluation.as_ref().unwrap();
        let better = evaluation.log_loss < evaluation.base_rate_log_loss.unwrap();
        let told = trained
            .all_warnings()
            .iter()
            .any(|warning| warning.code == "not_better_than_base_rate");
        assert_eq!(told, !better, "{evaluation:?}");
    }
);
