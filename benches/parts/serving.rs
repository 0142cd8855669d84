//! Predictions through the whole endpoint, as a connection hands them over: span and measures, edge,
//! key, routes, parsing, model, answer. The model is the breast-cancer example's, stored by the
//! program itself.

use super::asked::{Asked, BATCH, instances};
use super::operation::{Failure, Operation};
use logitd::app::{Cores, Workshop};
use logitd::clock::SystemClock;
use logitd::config::{Config, Environment};
use logitd::http::{ApiEndpoint, ApiState, Keyring, RequestLimits, ServingParts, endpoint};
use logitd::serving::{Follower, ModelSlot, Promoter};
use logitd::telemetry::Telemetry;
use poem::http::StatusCode;
use poem::{Endpoint, Request};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Runtime;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/breast-cancer");

/// The endpoint over a stored champion, and what it runs on.
struct Service {
    runtime: Runtime,
    endpoint: ApiEndpoint,
    key: String,
    /// Holds the database for as long as it is asked.
    _folder: tempfile::TempDir,
}

pub(crate) fn operations() -> Result<Vec<Operation>, Failure> {
    let service = Rc::new(Service::start()?);
    let (names, rows) = instances()?;
    let one = |name, rows: usize, asked| operation(&service, name, rows, asked);
    Ok(vec![
        one("probe", 1, Asked::of_probe()),
        one("json-1", 1, Asked::single(&names, &rows[0])),
        one("json-1000", BATCH, Asked::batch(&names, &rows)),
        one("csv-1000", BATCH, Asked::csv(&names, &rows)),
        one("tensor-1000", BATCH, Asked::tensor(&rows)),
    ])
}

fn operation(service: &Rc<Service>, name: &'static str, rows: usize, asked: Asked) -> Operation {
    let service = Rc::clone(service);
    Operation {
        room: "serving",
        name,
        rows: rows as u64,
        is_long: rows > 1,
        run: Box::new(move || service.ask(&asked)),
    }
}

impl Service {
    fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let key = store_champion(folder.path())?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let text = std::fs::read_to_string(folder.path().join("logitd.toml"))?;
        let endpoint = runtime.block_on(built(&text))?;
        Ok(Self {
            runtime,
            endpoint,
            key,
            _folder: folder,
        })
    }

    /// The bytes of the answer, which is 200.
    fn ask(&self, asked: &Asked) -> Result<u64, Failure> {
        let mut request = Request::builder()
            .method(asked.method.clone())
            .uri_str(asked.path)
            .header("X-API-Key", &self.key)
            .header("Content-Length", asked.body.len());
        for (name, value) in &asked.headers {
            request = request.header(*name, value);
        }
        let request = request.body(asked.body.clone());
        self.runtime.block_on(async {
            let response = self.endpoint.get_response(request).await;
            let status = response.status();
            let body = response.into_body().into_bytes().await?;
            if status == StatusCode::OK {
                return Ok(body.len() as u64);
            }
            Err(format!("{status}: {}", String::from_utf8_lossy(&body)).into())
        })
    }
}

/// By the program: the table, a training, a key. Gives the key.
fn store_champion(folder: &Path) -> Result<String, Failure> {
    let made = logitd(
        folder,
        &["key", "new", "--name", "bench", "--role", "predict"],
    )?;
    let (key, line) = made.split_once('\n').ok_or("no key was printed")?;
    let configured = std::fs::read_to_string(format!("{EXAMPLE}/logitd.toml"))?;
    let url = format!("sqlite://{}/logitd.db", folder.display());
    let mut configured = configured.replace("sqlite://logitd.db", &url);
    write!(
        configured,
        "\n[auth]\nkeys = [{}]\n",
        line.trim().trim_end_matches(',')
    )?;
    std::fs::write(folder.join("logitd.toml"), configured)?;
    logitd(folder, &["import", "--example", "breast-cancer"])?;
    logitd(folder, &["train"])?;
    Ok(key.to_owned())
}

fn logitd(folder: &Path, words: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_logitd"));
    let ran = command.args(words).current_dir(folder).output()?;
    if !ran.status.success() {
        return Err(String::from_utf8_lossy(&ran.stderr).into());
    }
    Ok(String::from_utf8(ran.stdout)?)
}

/// As [`logitd::app::App`] builds it, without a port.
async fn built(text: &str) -> Result<ApiEndpoint, Failure> {
    let config = Config::parse(text, "bench", &Environment::from_pairs::<&str, &str>([]))?;
    let clock = Arc::new(SystemClock);
    let telemetry = Telemetry::build(&config.model.name, &config.open_telemetry, clock.clone())?;
    let workshop = Workshop::build(&config, clock.clone(), Cores::All, &telemetry).await?;
    let slot = Arc::new(ModelSlot::default());
    Follower::new(workshop.registry.clone(), Arc::clone(&slot))
        .look()
        .await?;
    let serving = ServingParts {
        slot: Arc::clone(&slot),
        registry: workshop.registry.clone(),
        promoter: Promoter::new(workshop.registry.clone(), slot, clock),
    };
    let limits = RequestLimits {
        max_body_bytes: config.http.max_body_bytes,
        max_instances: config.http.max_instances,
        max_in_flight: config.http.max_in_flight,
        body_read_timeout: Duration::from_millis(config.http.body_read_timeout_ms),
        request_timeout: Duration::from_millis(config.http.request_timeout_ms),
    };
    let (schema, queue) = (Arc::clone(&workshop.schema), workshop.queue.clone());
    let keyring = Arc::new(Keyring::of(config.auth.keys.clone()));
    let health = Arc::default();
    let state = ApiState::new(schema, serving, queue, health, keyring, limits, telemetry);
    Ok(endpoint(&state)?)
}
