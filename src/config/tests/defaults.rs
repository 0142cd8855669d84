//! What holds where nothing is written.

use super::fixtures::{SMALLEST, nothing};
use crate::config::Config;
use crate::learning::Feature;

const DEFAULTS: &str = r#"[model]
name = "default"

[database]
url = "sqlite://logitd.db"
max_connections = 10
min_connections = 0
acquire_timeout_ms = 2000
idle_timeout_seconds = 600
statement_timeout_ms = 30000
migrate = true

[dataset]
table = "data"
target = "class"

[[dataset.features]]
name = "feature_1"
missing = "reject"

[training]
time_zone = "UTC"
jitter_seconds = 0
on_start = "if_missing"
worker = true
poll_interval_seconds = 30
minimum_rows = 100
maximum_rows = 0
held_out_fraction = 0.2
penalties = [0.01, 0.1, 1.0, 10.0, 100.0]
folds = 5
threads = 0
seed = 42
refit = true
claim_ttl_seconds = 30
keep_runs = 200

[gate]
tolerance = 0.0

[serving]
follow_interval_seconds = 2

[http]
listen = "127.0.0.1:8080"
insecure = false
header_read_timeout_ms = 5000
body_read_timeout_ms = 5000
write_timeout_ms = 10000
cors_origins = []
request_timeout_ms = 5000
max_body_bytes = 4194304
max_instances = 10000
drain_seconds = 5
shutdown_seconds = 20
max_connections = 4096
max_in_flight = 1024

[observations]
enabled = false

[auth]

[telemetry]
"#;

#[test]
fn the_smallest_file_gives_every_default() {
    let config = Config::parse(SMALLEST, "logitd.toml", &nothing()).unwrap();
    assert_eq!(config.to_toml(), DEFAULTS);
    let dataset = config.dataset;
    assert_eq!(
        (dataset.url, dataset.schema, dataset.key),
        (None, None, None)
    );
    let schema = dataset.learning_schema;
    assert_eq!(schema.features(), [Feature::named("feature_1")]);
    assert_eq!(
        (schema.target(), schema.classes(), schema.positive()),
        ("class", None, None)
    );
    assert_eq!(config.telemetry.log_format, None);
}
