//! `logitd demo`: the whole product on real data, with nothing set up.
//!
//! The example's table and configuration are built into the binary; everything is kept in one SQLite
//! file. A second start finds its champion and trains nothing.

use super::arguments::DemoArguments;
use super::begun::Begun;
use super::examples::Example;
use super::failure::Failure;
use super::import::create_example_table;
use super::output;
use crate::app::{App, Cores, Workshop};
use crate::clock::SystemClock;
use crate::config::{Config, ConfigFault, Environment};
use crate::lifecycle::Signals;
use crate::serving::ModelSlot;
use crate::telemetry::Telemetry;
use percent_encoding::{AsciiSet, utf8_percent_encode};
use std::error::Error;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

const CONFIGURATION: &str = include_str!("../../examples/breast-cancer/logitd.toml");

/// What has a meaning in a URL and none in a file's name.
const MEANINGFUL: AsciiSet = AsciiSet::EMPTY.add(b'%').add(b'?').add(b'#');

/// The example's configuration with the demo's own file and address.
pub(super) fn configuration(
    arguments: &DemoArguments,
    environment: &Environment,
) -> Result<Config, Failure> {
    let file = arguments.database.display().to_string();
    let file = utf8_percent_encode(&file, &MEANINGFUL).to_string();
    let mut overrides = vec![
        ("LOGITD_DATABASE__URL", format!("sqlite://{file}")),
        ("LOGITD_HTTP__LISTEN", arguments.listen.to_string()),
        ("LOGITD_HTTP__DRAIN_SECONDS", "0".to_owned()),
    ];
    if let Some(meant) = environment.get("LOGITD_HTTP__INSECURE") {
        overrides.push(("LOGITD_HTTP__INSECURE", meant.to_owned()));
    }
    let standard = environment.open_telemetry();
    let standard = standard.map(|(name, value)| (name, value.to_owned()));
    overrides.extend(standard);
    let overrides = Environment::from_pairs(overrides);
    let config = Config::parse(CONFIGURATION, "the built-in example", &overrides)?;
    let exposed = |fault: ConfigFault| Failure::of("show the demo")(fault.to_string().into());
    config
        .http
        .check_exposure(config.auth.is_configured())
        .map_err(exposed)?;
    Ok(config)
}

pub(super) async fn run(Begun { config, telemetry }: Begun) -> Result<ExitCode, Failure> {
    let failed = Failure::of("show the demo");
    import(&config, &telemetry).await.map_err(failed)?;
    let app = App::build(config, Arc::new(SystemClock), telemetry)
        .await
        .map_err(|error| failed(error.into()))?;
    let signals = Signals::take_over().map_err(|error| failed(error.into()))?;
    let telling = tokio::spawn(tell_when_ready(app.slot(), app.address()));
    let ended = app.run_until_stopped(signals.first()).await;
    telling.abort();
    if ended {
        Ok(ExitCode::SUCCESS)
    } else {
        Err(Failure::Told)
    }
}

async fn import(
    config: &Config,
    telemetry: &Telemetry,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let workshop = Workshop::build(config, Arc::new(SystemClock), Cores::All, telemetry).await?;
    workshop.migrate().await?;
    let written = create_example_table(config, Example::BreastCancer).await?;
    if written > 0 {
        output::say(format!(
            "imported {written} rows of the breast-cancer example"
        ));
    }
    Ok(workshop.database.close().await?)
}

async fn tell_when_ready(slot: Arc<ModelSlot>, address: SocketAddr) {
    let model = loop {
        if let Some(model) = slot.snapshot() {
            break model;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let base = format!("http://{address}");
    output::say(format!(
        "serving {} version {}",
        model.name(),
        model.number()
    ));
    output::say(format!("  try it in a browser   {base}/docs"));
    let card = format!("{base}/v1/models/{}/card", model.number());
    output::say(format!("  how it stands         {base}/"));
    output::say(format!("  the model's card      {card}"));
    output::say(format!("  the schema            {base}/v1/schema"));
    output::say(format!("  the champion          {base}/v1/models/champion"));
    output::say(format!("  the document          {base}/openapi.json"));
    output::say("Ctrl-C ends it.");
}
