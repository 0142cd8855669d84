//! The Open Inference Protocol, asked by two clients that others wrote (`tests/python`), and by
//! hand where a client cannot be made to be careless.
//!
//! On SQLite only: none of it asks the database.

use crate::support::app::{TestApp, breast_cancer, config};
use crate::support::database::{Engine, TestDatabase};
use crate::support::python::run_python;
use crate::support::rows::{load_breast_cancer, load_csv};
use crate::support::tables::{ColumnKind, create_table, insert_rows, read_all};
use logitd::config::Config;
use sea_orm::DatabaseConnection;
use sea_orm::sea_query::Value as DbValue;
use serde_json::{Value, json};

const JSON_LENGTH: &str = "inference-header-content-length";

/// A service over a table, and some rows of it as the clients will send them.
struct Asked {
    app: TestApp,
    _database: TestDatabase,
    features: Vec<String>,
    rows: Vec<Vec<Option<f64>>>,
}

impl Asked {
    async fn start(
        load: impl AsyncFn(&DatabaseConnection),
        configured: impl Fn(&str) -> Config,
    ) -> Self {
        let database = TestDatabase::new(Engine::Sqlite).await;
        let db = database.connect().await;
        load(&db).await;
        let config = configured(&database.url());
        let features = config.dataset.learning_schema.features().iter();
        let features: Vec<String> = features.map(|feature| feature.name.clone()).collect();
        let cells = read_all(&db, &config.dataset.table, &features).await;
        let number = |cell: Option<String>| cell.map(|text| text.parse().unwrap());
        let rows = cells.into_iter().step_by(7).take(25);
        let rows = rows.map(|row| row.into_iter().map(number).collect());
        let rows = rows.collect();
        let app = TestApp::start(config).await;
        app.champion().await;
        Self {
            app,
            _database: database,
            features,
            rows,
        }
    }

    /// What our own batch call says of the rows.
    async fn batch(&self) -> Value {
        let instance = |row: &Vec<Option<f64>>| -> Value {
            let members = self.features.iter().cloned();
            let members = members.zip(row.iter().map(|value| json!(value)));
            Value::Object(members.collect())
        };
        let instances: Value = self.rows.iter().map(instance).collect();
        let body = json!({"instances": instances});
        let answer = self.app.client.post_json("/v1/predict/batch", &body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// Lets both clients ask and compare.
    async fn by_clients(&self, optional: &[&str]) {
        let said = self.batch().await;
        let classes = self.app.client.get("/v1/schema").await.json()["classes"].clone();
        let predictions = said["predictions"].as_array().unwrap();
        let each =
            |member: &str| -> Value { predictions.iter().map(|one| one[member].clone()).collect() };
        let shares = |one: &Value| -> Value {
            let names = classes.as_array().unwrap().iter();
            names
                .map(|name| one["probabilities"][name.as_str().unwrap()].clone())
                .collect()
        };
        let two = classes.as_array().unwrap().len() == 2;
        let case = json!({
            "address": self.app.client.address().to_string(),
            "model": said["model"]["name"], "version": said["model"]["version"],
            "features": self.features, "optional": optional, "classes": classes,
            "rows": self.rows, "labels": each("label"),
            "probabilities": predictions.iter().map(shares).collect::<Value>(),
            "log_odds": if two { each("log_odds") } else { Value::Null },
        });
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("case.json");
        std::fs::write(&file, case.to_string()).unwrap();
        let ran =
            tokio::task::spawn_blocking(move || run_python("open_inference_clients.py", file));
        let printed = ran.await.unwrap();
        assert!(printed.contains("25 rows"), "{printed}");
    }
}

async fn two_classes() -> Asked {
    let load = async |db: &DatabaseConnection| {
        load_breast_cancer(db).await;
    };
    Asked::start(load, |url| breast_cancer(url, &[])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn two_classes_and_thirty_features_through_both_clients() {
    two_classes().await.by_clients(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn three_classes_through_both_clients() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/wine.csv");
    let load = async |db: &DatabaseConnection| {
        load_csv(db, file, "wine", "cultivar").await;
    };
    let header = std::fs::read_to_string(file).unwrap();
    let names = header.lines().next().unwrap().split(',');
    let names = names.filter(|name| !["id", "cultivar"].contains(name));
    let features: String = names
        .map(|name| format!("[[dataset.features]]\nname = \"{name}\"\n"))
        .collect();
    let text = format!(
        "[model]\nname = \"wine\"\n[dataset]\ntable = \"wine\"\ntarget = \"cultivar\"\n{features}"
    );
    Asked::start(load, |url| config(&text, url, &[]))
        .await
        .by_clients(&[])
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_a_space_and_values_that_are_missing_through_both_clients() {
    let load = async |db: &DatabaseConnection| {
        let columns = [
            ("Order Total", ColumnKind::Double),
            ("items", ColumnKind::Double),
            ("returned", ColumnKind::Text),
        ];
        create_table(db, "orders", &columns).await;
        let rows = (0..300_u32).map(|row| {
            let total = f64::from(row * 37 % 101);
            let items = f64::from(row * row % 7);
            let returned = if f64::from(row % 11) * 9.0 < total {
                "yes"
            } else {
                "no"
            };
            let items = (row % 3 != 0).then_some(items);
            vec![
                DbValue::from(total),
                DbValue::from(items),
                DbValue::from(returned),
            ]
        });
        let names = columns.map(|(name, _)| name);
        insert_rows(db, "orders", &names, rows.collect()).await;
    };
    let text = "[model]\nname = \"orders-2026\"\n[dataset]\ntable = \"orders\"\n\
        target = \"returned\"\n[[dataset.features]]\nname = \"Order Total\"\n\
        [[dataset.features]]\nname = \"items\"\nmissing = \"mean\"\n";
    let asked = Asked::start(load, |url| config(text, url, &[])).await;
    asked.by_clients(&["items"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_failure_has_the_protocols_form() {
    let asked = two_classes().await;
    let client = &asked.app.client;
    let infer = "/v2/models/breast-cancer/infer";
    let post = async |body: &'static str, headers: &[(&str, &str)]| {
        client.request("POST", infer, headers, body).await
    };
    client
        .get("/v2/nothing")
        .await
        .open_inference_problem("not_found");
    client
        .get("/v2/models/other/ready")
        .await
        .open_inference_problem("not_found");
    client
        .get("/v2/models/breast-cancer/versions/2")
        .await
        .open_inference_problem("not_found");
    let get = client.get(infer).await;
    get.open_inference_problem("method_not_allowed");
    assert_eq!(get.header("allow"), Some("POST"));
    post("{", &[]).await.open_inference_problem("invalid_json");
    post("[]", &[])
        .await
        .open_inference_problem("invalid_instance");
    let missing = post("{}", &[])
        .await
        .open_inference_problem("invalid_instance");
    assert_eq!(missing["errors"][0]["pointer"], "/inputs");
    assert!(
        missing["error"]
            .as_str()
            .unwrap()
            .contains("/inputs is missing")
    );
    for length in ["x", "-1", "3"] {
        let told = post("{}", &[(JSON_LENGTH, length)]).await;
        let told = told.open_inference_problem("invalid_parameter");
        assert_eq!(
            told["errors"][0]["parameter"],
            "Inference-Header-Content-Length"
        );
    }
    let gzip = post("{}", &[("content-encoding", "gzip")]).await;
    gzip.open_inference_problem("unsupported_media_type");
    let large = " ".repeat(4_194_305);
    let large = client.request("POST", infer, &[], large).await;
    large.open_inference_problem("payload_too_large");
    client.get("/v1/nothing").await.problem("not_found");
    asked.app.health.start_draining();
    client
        .get("/v2/health/ready")
        .await
        .open_inference_problem("model_not_ready");
    client
        .get("/v2/models/breast-cancer/ready")
        .await
        .open_inference_problem("model_not_ready");
    let live = client.get("/v2/health/live").await;
    assert_eq!((live.status, live.json()), (200, json!({"live": true})));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_clients_send_beside_the_protocol_does_not_matter() {
    let asked = two_classes().await;
    let ready = asked.app.client.get("/v2/health/ready").await;
    assert_eq!((ready.status, ready.json()), (200, json!({"ready": true})));
    let models = asked.app.client.get("/v2/models").await.json();
    assert_eq!(models, json!({"models": ["breast-cancer"]}));
    let row: Vec<f64> = asked.rows[0].iter().map(|value| value.unwrap()).collect();
    let body = json!({
        "model_name": "breast-cancer", "model_version": null, "id": "é",
        "parameters": null, "raw_input_contents": [],
        "inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 30], "data": [row],
            "contents": {}, "parameters": {"content_type": "np"}}],
        "outputs": [{"name": "log_odds", "parameters": {"more": 1}}],
    });
    let path = "/v2/models/breast-cancer/infer";
    let mut answers = Vec::new();
    for headers in [
        &[][..],
        &[("content-type", "text/plain")],
        &[("content-type", "application/json; charset=utf-8")],
    ] {
        let sent = asked
            .app
            .client
            .request("POST", path, headers, body.to_string());
        let answer = sent.await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("application/json"));
        answers.push(answer.json());
    }
    let batch = asked.batch().await;
    let expected = json!({
        "model_name": "breast-cancer", "model_version": "1", "id": "é",
        "outputs": [{"name": "log_odds", "datatype": "FP64", "shape": [1],
            "data": [batch["predictions"][0]["log_odds"]]}],
    });
    assert!(
        answers.iter().all(|answer| *answer == expected),
        "{answers:?}"
    );
}
