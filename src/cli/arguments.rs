//! What can be said on the command line.

use super::examples::Example;
use crate::config::{Role, check_key_name};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;

/// A table of labelled rows in, served probabilities out.
#[derive(Debug, Parser)]
#[command(name = "logitd", version, about, long_about = None, propagate_version = true)]
#[command(after_help = "Try it with nothing set up:  logitd demo")]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Show the whole product on real data with nothing set up.
    #[command(
        after_help = "Makes ./logitd-demo.db, imports the breast-cancer example, trains and \
        serves it on http://127.0.0.1:8080. A second start trains nothing.\n\
        Example:  logitd demo --listen 127.0.0.1:9090"
    )]
    Demo(DemoArguments),
    /// Look at a table and write the configuration for it.
    #[command(
        after_help = "Without --feature every numeric column but the key and the target becomes a feature; \
        the file says what was found and why a column was left out.\n\
        Example:  logitd init --database-url postgres://me@localhost/shop --table orders --target returned\n\
        Then:     logitd train; logitd serve"
    )]
    Init(InitArguments),
    /// Load labelled rows from a CSV file into the configured table, made if it is not there.
    #[command(
        after_help = "The first line names the columns, in any order; cells are separated by commas, \
        semicolons or tabs.\nAn empty cell is null. A row whose key is in the table already replaces \
        that row, if the\nkey's column has a unique index. Ends with 1 if any row was refused: each is \
        told by line and\ncolumn, and the others are loaded.\n\
        Examples:  logitd import rows.csv --config logitd.toml\n           \
        logitd import --example breast-cancer --config examples/breast-cancer/logitd.toml"
    )]
    Import(ImportArguments),
    /// Serve predictions, and train a first model where there is none.
    #[command(after_help = "Example:  logitd serve --config examples/breast-cancer/logitd.toml")]
    Serve(ConfigArguments),
    /// Do one training run in the foreground.
    #[command(
        after_help = "Ends with 0 when the version was promoted or kept, 1 when the run failed. With\n\
        --reproduce: 0 when the same came out, 3 when the data differ, 1 when the coefficients do.\n\
        Example:  logitd train --config logitd.toml\n\
        In a script:  logitd train --json | jq .version\n\
        To audit a version:  logitd train --reproduce 0192d3a1-7c1e-7000-8000-5f0c8b7a2e11"
    )]
    Train(TrainArguments),
    /// Bring the service's own tables up to date, take steps back, or show them.
    #[command(after_help = "Example:  logitd migrate status --config logitd.toml")]
    Migrate(MigrateArguments),
    /// Print the effective configuration, secrets hidden; ends with 2 if it is wrong.
    #[command(
        after_help = "Every fault is told at once, with its line or its variable.\n\
        Example:  LOGITD_HTTP__LISTEN=127.0.0.1:9090 logitd config --config logitd.toml"
    )]
    Config(ConfigArguments),
    /// Print the OpenAPI document for this configuration, to make typed clients from.
    #[command(
        after_help = "It needs no database: it follows from configuration and version only.\n\
        Example:  logitd openapi --format yaml > openapi.yaml"
    )]
    Openapi(OpenapiArguments),
    /// Make a key with which a caller says who asks.
    #[command(after_help = "Example:  logitd key new --name ci --role operate")]
    Key(KeyArguments),
    /// Ask the running service whether it is ready; for images without a shell.
    #[command(
        after_help = "Asks /readyz at the configured [http] listen. Ends with 0 when it is ready.\n\
        Example:  logitd healthcheck --config /etc/logitd/logitd.toml"
    )]
    Healthcheck(ConfigArguments),
    /// Print the completions for a shell.
    #[command(after_help = "Example:  logitd completions bash > \
        ~/.local/share/bash-completion/completions/logitd")]
    Completions(CompletionsArguments),
}

#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    /// The configuration file [default: ./logitd.toml, then /etc/logitd/logitd.toml].
    #[arg(long, short, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(super) struct DemoArguments {
    /// Where to listen.
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub(super) listen: std::net::SocketAddr,
    /// The SQLite file that everything is kept in.
    #[arg(long, default_value = "logitd-demo.db", value_name = "FILE")]
    pub(super) database: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// Where the table is: `sqlite://FILE` or `postgres://USER:PASSWORD@HOST/DATABASE`.
    #[arg(long, value_name = "URL")]
    pub(super) database_url: String,
    /// The table or view with the labelled rows.
    #[arg(long)]
    pub(super) table: String,
    /// Its schema, on PostgreSQL [default: what the search path finds].
    #[arg(long)]
    pub(super) schema: Option<String>,
    /// The column to predict: text, integer or boolean.
    #[arg(long, value_name = "COLUMN")]
    pub(super) target: String,
    /// A column to predict from; may be given many times [default: every numeric column].
    #[arg(long = "feature", value_name = "COLUMN")]
    pub(super) features: Vec<String>,
    /// The column that names a row for good [default: the primary key, else one with a unique index].
    #[arg(long, value_name = "COLUMN")]
    pub(super) key: Option<String>,
    /// The file to write.
    #[arg(long, default_value = "logitd.toml", value_name = "FILE")]
    pub(super) out: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, Args)]
pub(super) struct ImportArguments {
    /// The CSV file.
    #[arg(required_unless_present = "example")]
    pub(super) file: Option<PathBuf>,
    /// Take a table that is built in instead of a file.
    #[arg(long, value_enum, value_name = "NAME", conflicts_with = "file")]
    pub(super) example: Option<Example>,
    #[command(flatten)]
    pub(super) config: ConfigArguments,
}

#[derive(Debug, Args)]
pub(super) struct TrainArguments {
    #[command(flatten)]
    pub(super) config: ConfigArguments,
    /// Make no run: read and fit again as the run with this id did, and compare. Writes nothing.
    #[arg(long, value_name = "RUN")]
    pub(super) reproduce: Option<String>,
    /// Print the run, or what was compared, as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct OpenapiArguments {
    #[command(flatten)]
    pub(super) config: ConfigArguments,
    /// In which form.
    #[arg(long, value_enum, default_value = "json")]
    pub(super) format: DocumentFormat,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum DocumentFormat {
    Json,
    Yaml,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// Which shell.
    pub(super) shell: Shell,
}

#[derive(Debug, Args)]
pub(super) struct KeyArguments {
    #[command(subcommand)]
    pub(super) step: KeyStep,
}

#[derive(Debug, Subcommand)]
pub(super) enum KeyStep {
    /// Make a key: print it once, with the line that makes it valid.
    #[command(
        after_help = "The service keeps only the key's SHA-256, which the line holds. Nothing is written.\n\
        Example:  logitd key new --name ci --role operate"
    )]
    New {
        /// Who will hold it: stands in the log and on what was done with it.
        #[arg(long, value_parser = key_name)]
        name: String,
        /// What it allows; each role allows what those before it do.
        #[arg(long, value_parser = role())]
        role: Role,
    },
}

fn key_name(name: &str) -> Result<String, String> {
    check_key_name(name).map(|()| name.to_owned())
}

fn role() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str))
        .map(|word| Role::find(&word).unwrap_or(Role::Predict))
}

#[derive(Debug, Args)]
pub(super) struct MigrateArguments {
    #[command(subcommand)]
    pub(super) step: MigrateStep,
}

#[derive(Debug, Subcommand)]
pub(super) enum MigrateStep {
    /// Apply every step that is missing.
    #[command(after_help = "Example:  logitd migrate up --config logitd.toml")]
    Up(ConfigArguments),
    /// Take the last step back; what its tables hold is lost.
    #[command(after_help = "Example:  logitd migrate down --steps 2")]
    Down {
        #[command(flatten)]
        config: ConfigArguments,
        /// How many steps.
        #[arg(long, default_value_t = 1)]
        steps: u32,
    },
    /// Show every step.
    #[command(after_help = "Example:  logitd migrate status --json")]
    Status {
        #[command(flatten)]
        config: ConfigArguments,
        /// Print the steps as JSON.
        #[arg(long)]
        json: bool,
    },
}
