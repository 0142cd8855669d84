//! Keys: who may call what, and in which ways a key is sent.

mod in_use;
mod who;

use crate::documents::cases::{Operation, operations};
use crate::support::app::{TestApp, breast_cancer, two_features};
use crate::support::client::Answer;
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::rows::load_breast_cancer;
use logitd::config::{Config, KeyDigest};
use serde_json::Value;

/// Every call and the role that it needs, as promised; a word of its own for those open to all.
const CALLS: &[(&str, &str)] = &[
    ("GET /livez", "open"),
    ("GET /readyz", "open"),
    ("GET /startupz", "open"),
    ("GET /errors/{code}", "open"),
    ("POST /v1/predict", "predict"),
    ("GET /v1/predict", "predict"),
    ("GET /predict/...", "predict"),
    ("POST /v1/predict/batch", "predict"),
    ("POST /v1/predict/csv", "predict"),
    ("GET /v1/schema", "predict"),
    ("GET /v1/models", "predict"),
    ("GET /v1/models/champion", "predict"),
    ("GET /v1/models/{version}", "predict"),
    ("GET /v1/models/{version}/card", "predict"),
    ("GET /v1/deployments", "predict"),
    ("GET /v2", "predict"),
    ("GET /v2/health/live", "open"),
    ("GET /v2/health/ready", "open"),
    ("GET /v2/models", "predict"),
    ("GET /v2/models/{model}", "predict"),
    ("GET /v2/models/{model}/ready", "predict"),
    ("POST /v2/models/{model}/infer", "predict"),
    ("GET /v2/models/{model}/versions/{version}", "predict"),
    ("GET /v2/models/{model}/versions/{version}/ready", "predict"),
    (
        "POST /v2/models/{model}/versions/{version}/infer",
        "predict",
    ),
    ("POST /v1/observations", "ingest"),
    ("GET /v1/observations", "ingest"),
    ("GET /v1/observations/{key}", "ingest"),
    ("PUT /v1/observations/{key}", "ingest"),
    ("DELETE /v1/observations/{key}", "ingest"),
    ("POST /v1/training-runs", "operate"),
    ("GET /v1/training-runs", "operate"),
    ("GET /v1/training-runs/{id}", "operate"),
    ("DELETE /v1/training-runs/{id}", "operate"),
    ("GET /v1/training-runs/{id}/refused", "operate"),
    ("POST /v1/models/{version}/promote", "operate"),
    ("POST /v1/models/rollback", "operate"),
    ("PUT /v1/models/pin", "operate"),
    ("DELETE /v1/models/pin", "operate"),
];

/// What the document does not list, all open.
const BESIDE: [&str; 4] = ["/", "/docs", "/openapi.json", "/openapi.yaml"];

const ROLES: [&str; 3] = ["predict", "ingest", "operate"];

fn key(role: &str) -> String {
    format!("logitd_the-key-of-{role}")
}

fn line(role: &str, key: &str) -> String {
    let digits = KeyDigest::of(key.as_bytes()).digits();
    format!("{{ name = \"{role}\", role = \"{role}\", sha256 = \"{digits}\" }}")
}

/// A key a role, each called as its role.
fn keys() -> String {
    format!("[{}]", ROLES.map(|role| line(role, &key(role))).join(", "))
}

/// Every call that there can be.
fn with_everything(url: &str, keys: &[(&str, &str)]) -> Config {
    let observations = [("LOGITD_OBSERVATIONS__ENABLED", "true")];
    breast_cancer(url, &[&observations, keys].concat())
}

fn with_keys(url: &str) -> Config {
    two_features(url, &[("LOGITD_AUTH__KEYS", &keys())])
}

/// Method and path as the table writes them.
fn call_of(operation: &Operation<'_>) -> String {
    let path = match operation.id {
        "predict_from_path" => "/predict/...",
        _ => operation.path,
    };
    format!("{} {path}", operation.method.to_uppercase())
}

/// What an operation needs; one that nobody wrote down fails the test.
fn role_of(operation: &Operation<'_>) -> &'static str {
    let call = call_of(operation);
    let row = CALLS.iter().find(|(known, _)| *known == call);
    row.unwrap_or_else(|| panic!("{call} has no row in the table of roles"))
        .1
}

/// A request that works: the examples of the document.
struct Call {
    method: String,
    target: String,
    media: Option<String>,
    body: String,
}

impl Call {
    fn of(operation: &Operation<'_>) -> Self {
        let mut target = operation.path.to_owned();
        let mut query = Vec::new();
        for parameter in operation.parameters() {
            let name = parameter["name"].as_str().unwrap();
            let example = match &parameter["example"] {
                Value::String(text) => text.clone(),
                value => value.to_string(),
            };
            if parameter["in"] == "path" {
                target = target.replace(&format!("{{{name}}}"), &example);
            } else if parameter["required"] == true {
                query.push(format!("{name}={example}"));
            }
        }
        if !query.is_empty() {
            target = format!("{target}?{}", query.join("&"));
        }
        let content = operation.value["requestBody"]["content"].as_object();
        let content = content.and_then(|content| content.iter().next());
        let body = content.map_or(String::new(), |(_, content)| match &content["example"] {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        });
        Self {
            method: operation.method.to_uppercase(),
            target,
            media: content.map(|(media, _)| media.clone()),
            body,
        }
    }

    async fn send(&self, app: &TestApp, headers: &[(&str, &str)]) -> Answer {
        let mut headers = headers.to_vec();
        headers.extend(self.media.as_deref().map(|media| ("content-type", media)));
        let body = self.body.clone();
        let request = app
            .client
            .request(&self.method, &self.target, &headers, body);
        request.await
    }
}

fn is_refused(answer: &Answer) -> bool {
    matches!(answer.status, 401 | 403)
}

/// Both ways to send a key.
fn headers(key: &str) -> [(&'static str, String); 2] {
    [
        ("authorization", format!("Bearer {key}")),
        ("x-api-key", key.to_owned()),
    ]
}

async fn check_call(app: &TestApp, operation: &Operation<'_>) {
    let needs = role_of(operation);
    let call = Call::of(operation);
    let place = format!("{} {}", call.method, call.target);
    let rank = |role: &str| ROLES.iter().position(|known| *known == role);
    for role in ROLES {
        for (header, value) in headers(&key(role)) {
            let answer = call.send(app, &[(header, &value)]).await;
            // "open" has no rank, which is below the first.
            if rank(role) >= rank(needs) {
                assert!(!is_refused(&answer), "{place} as {role}: {}", answer.text());
            } else {
                let problem = answer.problem_at(&call.target, "forbidden");
                let detail = format!("the key's role is {role}, and this call needs {needs}");
                assert_eq!(problem["detail"], detail, "{place}");
            }
        }
    }
    let nobody = call.send(app, &[]).await;
    let stranger = call.send(app, &[("x-api-key", "logitd_no-such-key")]).await;
    if needs == "open" {
        assert!(!is_refused(&nobody) && !is_refused(&stranger), "{place}");
        return;
    }
    nobody.problem_at(&call.target, "unauthorized");
    stranger.problem_at(&call.target, "unauthorized");
    let challenge = "Bearer realm=\"logitd\"";
    assert_eq!(
        nobody.header("www-authenticate"),
        Some(challenge),
        "{place}"
    );
    let challenge = "Bearer realm=\"logitd\", error=\"invalid_token\"";
    assert_eq!(
        stranger.header("www-authenticate"),
        Some(challenge),
        "{place}"
    );
}

on_both!(every_role_may_what_the_table_says, |database| async {
    load_breast_cancer(&database.connect().await).await;
    let keys = [("LOGITD_AUTH__KEYS", &*keys())];
    let app = TestApp::start(with_everything(&database.url(), &keys)).await;
    app.champion().await;
    let document = app.client.get("/openapi.json").await.json();
    let operations = operations(&document);
    // Every row of the table is for a call that there is.
    let there: Vec<_> = operations.iter().map(call_of).collect();
    let unused = CALLS
        .iter()
        .filter(|(call, _)| !there.contains(&(*call).to_owned()));
    assert_eq!(unused.collect::<Vec<_>>(), [] as [&(&str, &str); 0]);
    for operation in &operations {
        check_call(&app, operation).await;
    }
    for path in BESIDE {
        let answer = app
            .client
            .request("GET", path, &[("x-api-key", "wrong")], "")
            .await;
        assert!(answer.status < 400, "{path}: {}", answer.status);
    }
    // What is not there is not there for anybody, and no role changes that.
    app.client.get("/v1/nothing").await.problem("not_found");
    let answer = app.client.request("PATCH", "/v1/predict", &[], "").await;
    answer.problem("method_not_allowed");
});

on_both!(without_keys_every_call_is_open, |database| async {
    load_breast_cancer(&database.connect().await).await;
    let app = TestApp::start(with_everything(&database.url(), &[])).await;
    app.champion().await;
    let document = app.client.get("/openapi.json").await.json();
    for operation in &operations(&document) {
        role_of(operation);
        let call = Call::of(operation);
        for headers in [&[][..], &[("authorization", "Bearer of-something-else")]] {
            let answer = call.send(&app, headers).await;
            assert!(!is_refused(&answer), "{}: {}", call.target, answer.text());
        }
    }
});

#[tokio::test(flavor = "multi_thread")]
async fn a_path_is_judged_as_the_router_takes_it() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let app = TestApp::start(with_keys(&database.url())).await;
    for path in [
        "/v1/schema/",
        "//v1/schema",
        "/v1/../v1/schema",
        "/v1/%73chema",
        "/v1/schema?x=/livez",
        "/livez/../v1/schema",
        "/v1/schema;/livez",
        "/predict/feature_1/1/feature_2/2",
        "/predict/%66eature_1/1/feature_2/2",
        "/v1%2Fschema",
    ] {
        let answer = app.client.get(path).await;
        assert!(
            matches!(answer.status, 401 | 404),
            "{path}: {}",
            answer.status
        );
    }
    let head = app.client.request("HEAD", "/v1/schema", &[], "").await;
    assert_eq!(head.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_call_is_not_read() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let limit = [
        ("LOGITD_AUTH__KEYS", &*keys()),
        ("LOGITD_HTTP__MAX_BODY_BYTES", "100"),
    ];
    let app = TestApp::start(two_features(&database.url(), &limit)).await;
    // Neither the type nor the size of the body matters before the key does.
    let large = "x".repeat(1_000);
    let answer = app.client.post("/v1/predict", "text/plain", large).await;
    answer.problem("unauthorized");
}
