//! A file that says the least, and an environment that says everything.

use crate::config::{Config, Environment};

/// The smallest file that can be read.
pub(super) const SMALLEST: &str = r#"
[dataset]
table = "data"
target = "class"
[[dataset.features]]
name = "feature_1"
"#;

/// An empty environment.
pub(super) fn nothing() -> Environment {
    Environment::default()
}

/// The faults of a text that must have some, one a line.
pub(super) fn told(text: &str, environment: &Environment) -> Vec<String> {
    let error = Config::parse(text, "logitd.toml", environment).unwrap_err();
    error.to_string().lines().map(str::to_owned).collect()
}

/// A value other than the default for every variable there is.
pub(super) const EVERY_VARIABLE: &[(&str, &str)] = &[
    ("LOGITD_MODEL__NAME", "5"),
    (
        "LOGITD_DATABASE__URL",
        "postgres://u:pw@h/own?sslmode=require",
    ),
    ("LOGITD_DATABASE__MAX_CONNECTIONS", "11"),
    ("LOGITD_DATABASE__MIN_CONNECTIONS", "1"),
    ("LOGITD_DATABASE__ACQUIRE_TIMEOUT_MS", "2001"),
    ("LOGITD_DATABASE__IDLE_TIMEOUT_SECONDS", "601"),
    ("LOGITD_DATABASE__STATEMENT_TIMEOUT_MS", "30_001"),
    ("LOGITD_DATABASE__MIGRATE", "false"),
    ("LOGITD_DATASET__URL", "postgresql://v:pw@h/rows"),
    ("LOGITD_DATASET__TABLE", "true"),
    ("LOGITD_DATASET__SCHEMA", "Sales.Eu"),
    ("LOGITD_DATASET__KEY", "id"),
    ("LOGITD_DATASET__TARGET", "[class]"),
    ("LOGITD_DATASET__CLASSES", r#"["a", "b"]"#),
    ("LOGITD_DATASET__POSITIVE", "a"),
    ("LOGITD_DATASET__ORDER", "at"),
    (
        "LOGITD_DATASET__FEATURES",
        r#"[{name = "x", minimum = -1, maximum = 1e3, example = 0.5, unit = "mm",
             description = "of \"x\" and more", missing = "mean"}, {name = "y"}]"#,
    ),
    ("LOGITD_TRAINING__SCHEDULE", "30 2 * * 1-5"),
    ("LOGITD_TRAINING__TIME_ZONE", "Europe/Berlin"),
    ("LOGITD_TRAINING__JITTER_SECONDS", "60"),
    ("LOGITD_TRAINING__NEW_ROWS", "1000"),
    ("LOGITD_TRAINING__ON_START", "never"),
    ("LOGITD_TRAINING__WORKER", "false"),
    ("LOGITD_TRAINING__POLL_INTERVAL_SECONDS", "31"),
    ("LOGITD_TRAINING__MINIMUM_ROWS", "101"),
    ("LOGITD_TRAINING__MAXIMUM_ROWS", "101"),
    ("LOGITD_TRAINING__HELD_OUT_FRACTION", "0"),
    ("LOGITD_TRAINING__PENALTIES", "[0.1]"),
    ("LOGITD_TRAINING__FOLDS", "3"),
    ("LOGITD_TRAINING__THREADS", "2"),
    ("LOGITD_TRAINING__SEED", "9223372036854775807"),
    ("LOGITD_TRAINING__REFIT", "false"),
    ("LOGITD_TRAINING__CLAIM_TTL_SECONDS", " 31 "),
    ("LOGITD_TRAINING__KEEP_RUNS", "201"),
    ("LOGITD_GATE__TOLERANCE", "0.001"),
    ("LOGITD_SERVING__FOLLOW_INTERVAL_SECONDS", "3"),
    ("LOGITD_HTTP__LISTEN", "[::]:0"),
    ("LOGITD_HTTP__INSECURE", "true"),
    ("LOGITD_HTTP__HEADER_READ_TIMEOUT_MS", "5001"),
    ("LOGITD_HTTP__BODY_READ_TIMEOUT_MS", "5002"),
    ("LOGITD_HTTP__WRITE_TIMEOUT_MS", "5004"),
    (
        "LOGITD_HTTP__CORS_ORIGINS",
        "[\"https://app.example\", \"http://localhost:3000\"]",
    ),
    ("LOGITD_HTTP__REQUEST_TIMEOUT_MS", "5003"),
    ("LOGITD_HTTP__MAX_BODY_BYTES", "0x10"),
    ("LOGITD_HTTP__MAX_INSTANCES", "10001"),
    ("LOGITD_HTTP__DRAIN_SECONDS", "0"),
    ("LOGITD_HTTP__SHUTDOWN_SECONDS", "21"),
    ("LOGITD_HTTP__MAX_CONNECTIONS", "4097"),
    ("LOGITD_HTTP__MAX_IN_FLIGHT", "1025"),
    ("LOGITD_HTTP__TLS__CERTIFICATE", "/etc/logitd-tls/tls.crt"),
    ("LOGITD_HTTP__TLS__KEY", "/etc/logitd-tls/tls.key"),
    ("LOGITD_OBSERVATIONS__ENABLED", "true"),
    (
        "LOGITD_AUTH__KEYS",
        r#"[{name = "ci", role = "operate", sha256 =
             "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"}]"#,
    ),
    ("LOGITD_AUTH__KEYS_FILE", "/etc/logitd/keys.toml"),
    ("LOGITD_TELEMETRY__LOG_FORMAT", "text"),
    ("LOGITD_TELEMETRY__METRICS_LISTEN", "127.0.0.1:9090"),
];

/// What [`EVERY_VARIABLE`] comes to.
pub(super) const EVERY_VALUE: &str = r#"[model]
name = "5"

[database]
url = "postgres://u:***@h/own?sslmode=require"
max_connections = 11
min_connections = 1
acquire_timeout_ms = 2001
idle_timeout_seconds = 601
statement_timeout_ms = 30001
migrate = false

[dataset]
url = "postgresql://v:***@h/rows"
table = "true"
schema = "Sales.Eu"
key = "id"
target = "[class]"
classes = ["a", "b"]
positive = "a"
order = "at"

[[dataset.features]]
name = "x"
minimum = -1.0
maximum = 1000.0
example = 0.5
unit = "mm"
description = 'of "x" and more'
missing = "mean"

[[dataset.features]]
name = "y"
missing = "reject"

[training]
schedule = "30 2 * * 1-5"
time_zone = "Europe/Berlin"
jitter_seconds = 60
new_rows = 1000
on_start = "never"
worker = false
poll_interval_seconds = 31
minimum_rows = 101
maximum_rows = 101
held_out_fraction = 0.0
penalties = [0.1]
folds = 3
threads = 2
seed = 9223372036854775807
refit = false
claim_ttl_seconds = 31
keep_runs = 201

[gate]
tolerance = 0.001

[serving]
follow_interval_seconds = 3

[http]
listen = "[::]:0"
insecure = true
header_read_timeout_ms = 5001
body_read_timeout_ms = 5002
write_timeout_ms = 5004
cors_origins = ["https://app.example", "http://localhost:3000"]
request_timeout_ms = 5003
max_body_bytes = 16
max_instances = 10001
drain_seconds = 0
shutdown_seconds = 21
max_connections = 4097
max_in_flight = 1025

[http.tls]
certificate = "/etc/logitd-tls/tls.crt"
key = "/etc/logitd-tls/tls.key"

[observations]
enabled = true

[auth]
keys_file = "/etc/logitd/keys.toml"

[[auth.keys]]
name = "ci"
role = "operate"
sha256 = "ba7816bf***"

[telemetry]
log_format = "text"
metrics_listen = "127.0.0.1:9090"
"#;
