//! `[database]`: where the service keeps its own tables, and the pool that reaches them.

use super::field::Field;
use super::secret::Secret;
use super::section::Section;
use super::typed::{DAY_MS, DAY_SECONDS};
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "database";

pub(super) const FIELDS: &[Field] = &[
    Field::with_default(
        "url",
        "\"sqlite://logitd.db\"",
        "the service's own tables: `sqlite://...` or `postgres://...`",
    )
    .secret(),
    Field::with_default("max_connections", "10", "connections in the pool at most"),
    Field::with_default("min_connections", "0", "connections that are kept open"),
    Field::with_default(
        "acquire_timeout_ms",
        "2000",
        "how long to wait for a connection; then `store_unavailable`",
    ),
    Field::with_default(
        "idle_timeout_seconds",
        "600",
        "how long a connection may idle before it is closed",
    ),
    Field::with_default(
        "statement_timeout_ms",
        "30000",
        "how long one statement may take",
    ),
    Field::with_default(
        "migrate",
        "true",
        "migrate at start; false: check only, and refuse with the command to run",
    ),
];

/// The service's own database and its pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// `sqlite:...`, `postgres://...` or `postgresql://...`.
    pub url: Secret,
    /// Connections in the pool at most; at least 1.
    pub max_connections: u32,
    /// Connections kept open; at most `max_connections`.
    pub min_connections: u32,
    /// How long to wait for a connection of the pool, in milliseconds.
    pub acquire_timeout_ms: u64,
    /// How long a connection may idle before it is closed, in seconds.
    pub idle_timeout_seconds: u64,
    /// How long one statement may take, in milliseconds.
    pub statement_timeout_ms: u64,
    /// Whether to migrate at start; otherwise the tables are only checked.
    pub migrate: bool,
}

/// The section, and its URL even where the rest is wrong: `[dataset]` is judged by it.
pub(super) fn read(section: &mut Section<'_>) -> (Option<Secret>, Option<Database>) {
    let url = section.database_url("url");
    (url.clone(), read_with_url(section, url))
}

fn read_with_url(section: &mut Section<'_>, url: Option<Secret>) -> Option<Database> {
    let max_connections = section.integer("max_connections", 1..=10_000);
    let min_connections = section.integer("min_connections", 0..=10_000);
    refuse_more_kept_than_allowed(section, min_connections, max_connections);
    let acquire_timeout_ms = section.integer("acquire_timeout_ms", 1..=DAY_MS);
    let idle_timeout_seconds = section.integer("idle_timeout_seconds", 1..=DAY_SECONDS);
    let statement_timeout_ms = section.integer("statement_timeout_ms", 1..=DAY_MS);
    let migrate = section.boolean("migrate");
    Some(Database {
        url: url?,
        max_connections: max_connections?,
        min_connections: min_connections?,
        acquire_timeout_ms: acquire_timeout_ms?,
        idle_timeout_seconds: idle_timeout_seconds?,
        statement_timeout_ms: statement_timeout_ms?,
        migrate: migrate?,
    })
}

fn refuse_more_kept_than_allowed(
    section: &mut Section<'_>,
    minimum: Option<u32>,
    maximum: Option<u32>,
) {
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && minimum > maximum
    {
        let detail = format!("must be at most max_connections ({maximum}), found {minimum}");
        section.refuse("min_connections", detail);
    }
}

pub(super) fn write(database: &Database, out: &mut SectionWriter<'_>) {
    out.text("url", &database.url.redacted_url());
    out.integer("max_connections", database.max_connections);
    out.integer("min_connections", database.min_connections);
    out.integer("acquire_timeout_ms", database.acquire_timeout_ms);
    out.integer("idle_timeout_seconds", database.idle_timeout_seconds);
    out.integer("statement_timeout_ms", database.statement_timeout_ms);
    out.boolean("migrate", database.migrate);
}
