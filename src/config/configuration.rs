//! The configuration as a whole: every section read, or every fault told.

use super::api_key;
use super::auth::{self, Auth};
use super::database::{self, Database};
use super::dataset::{self, Dataset};
use super::document::{Document, GivenTable};
use super::environment::Environment;
use super::fault::ConfigError;
use super::feature;
use super::field::Field;
use super::gate::{self, Gate};
use super::http::{self, Http};
use super::http_tls;
use super::model::{self, Model};
use super::observations::{self, Observations};
use super::open_telemetry::{self, OpenTelemetry};
use super::overlay::overlay;
use super::section::Section;
use super::serving::{self, Serving};
use super::telemetry::{self, Telemetry};
use super::training::{self, Training};
use super::writer::SectionWriter;

/// What the service was told. `Debug` shows no secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// What the classifier is called.
    pub model: Model,
    /// The service's own tables.
    pub database: Database,
    /// The labelled rows.
    pub dataset: Dataset,
    /// When and how a classifier is trained.
    pub training: Training,
    /// What a new version has to show before it serves.
    pub gate: Gate,
    /// How a process follows the champion.
    pub serving: Serving,
    /// The address and the limits of the server.
    pub http: Http,
    /// Whether clients may write labelled rows.
    pub observations: Observations,
    /// Who may call.
    pub auth: Auth,
    /// What the log looks like, and where metrics are asked for.
    pub telemetry: Telemetry,
    /// What the standard variables `OTEL_...` say.
    pub open_telemetry: OpenTelemetry,
}

impl Config {
    /// Reads TOML, overlaid by the environment; `source` names the text in the faults.
    ///
    /// # Errors
    /// Everything that is wrong at once; a text that is not TOML is one fault.
    pub fn parse(text: &str, source: &str, environment: &Environment) -> Result<Self, ConfigError> {
        let mut document = Document::of(text, source)?;
        overlay(&mut document, environment);
        let open_telemetry = open_telemetry::read(environment, &mut document.faults);
        match read_sections(&mut document, open_telemetry) {
            Some(config) if document.faults.is_empty() => Ok(config),
            _ => Err(ConfigError::of(document.faults)),
        }
    }

    /// The effective configuration as TOML, defaults written out, in the documented order. It
    /// reads back the same but for passwords, which are hidden ([`super::Secret::redacted_url`]).
    pub fn to_toml(&self) -> String {
        let mut out = String::new();
        model::write(&self.model, &mut SectionWriter::begin(&mut out, "[model]"));
        database::write(
            &self.database,
            &mut SectionWriter::begin(&mut out, "[database]"),
        );
        dataset::write(
            &self.dataset,
            &mut SectionWriter::begin(&mut out, "[dataset]"),
        );
        for listed in self.dataset.learning_schema.features() {
            let mut section = SectionWriter::begin(&mut out, "[[dataset.features]]");
            feature::write(listed, &mut section);
        }
        training::write(
            &self.training,
            &mut SectionWriter::begin(&mut out, "[training]"),
        );
        gate::write(&self.gate, &mut SectionWriter::begin(&mut out, "[gate]"));
        serving::write(
            &self.serving,
            &mut SectionWriter::begin(&mut out, "[serving]"),
        );
        write_http(&self.http, &mut out);
        observations::write(
            &self.observations,
            &mut SectionWriter::begin(&mut out, "[observations]"),
        );
        auth::write(&self.auth, &mut SectionWriter::begin(&mut out, "[auth]"));
        for key in &self.auth.keys {
            api_key::write(key, &mut SectionWriter::begin(&mut out, "[[auth.keys]]"));
        }
        telemetry::write(
            &self.telemetry,
            &mut SectionWriter::begin(&mut out, "[telemetry]"),
        );
        out
    }
}

/// Reads one section; one that nobody wrote is read as an empty one.
fn read_section<'a, T>(
    document: &mut Document<'a>,
    name: &'static str,
    fields: &'static [Field],
    read: impl FnOnce(&mut Section<'a>) -> T,
) -> T {
    let whole = document.whole.clone();
    let given = document
        .sections
        .remove(name)
        .unwrap_or_else(|| GivenTable::empty(whole));
    let mut section = Section::new(name, fields, given);
    let outcome = read(&mut section);
    document.faults.extend(section.finish());
    outcome
}

fn write_http(http: &Http, out: &mut String) {
    http::write(http, &mut SectionWriter::begin(out, "[http]"));
    if let Some(tls) = &http.tls {
        http_tls::write(tls, &mut SectionWriter::begin(out, "[http.tls]"));
    }
}

/// The server, with its certificate.
fn read_http(document: &mut Document<'_>) -> Option<Http> {
    let http = read_section(document, http::SECTION, http::FIELDS, http::read);
    let (name, fields) = (http_tls::SECTION, http_tls::FIELDS);
    let tls = read_section(document, name, fields, http_tls::read);
    Some(Http { tls, ..http? })
}

/// What callers may.
fn read_callers(
    document: &mut Document<'_>,
    dataset: Option<&Dataset>,
) -> (Option<Observations>, Auth) {
    // One that could not be read is no second fault.
    let key = dataset.is_none_or(|dataset| dataset.key.is_some());
    let (section, fields) = (observations::SECTION, observations::FIELDS);
    let observations = read_section(document, section, fields, |section| {
        observations::read(section, key)
    });
    let auth = read_section(document, auth::SECTION, auth::FIELDS, auth::read);
    (observations, auth)
}

fn read_sections(document: &mut Document<'_>, open_telemetry: OpenTelemetry) -> Option<Config> {
    let model = read_section(document, model::SECTION, model::FIELDS, model::read);
    let (url, database) = read_section(
        document,
        database::SECTION,
        database::FIELDS,
        database::read,
    );
    let dataset = read_section(document, dataset::SECTION, dataset::FIELDS, |section| {
        dataset::read(section, url.as_ref())
    });
    let training = read_section(
        document,
        training::SECTION,
        training::FIELDS,
        training::read,
    );
    let gate = read_section(document, gate::SECTION, gate::FIELDS, gate::read);
    let serving = read_section(document, serving::SECTION, serving::FIELDS, serving::read);
    let http = read_http(document);
    let (observations, auth) = read_callers(document, dataset.as_ref());
    let (name, fields) = (telemetry::SECTION, telemetry::FIELDS);
    let telemetry = read_section(document, name, fields, telemetry::read);
    Some(Config {
        model: model?,
        database: database?,
        dataset: dataset?,
        training: training?,
        gate: gate?,
        serving: serving?,
        http: http?,
        observations: observations?,
        auth,
        telemetry: telemetry?,
        open_telemetry,
    })
}
