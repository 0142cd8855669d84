//! `[training]`: when a run is made, of which rows, and with which recipe.

use super::field::Field;
use super::section::Section;
use super::timing::{self, Timing};
use super::typed::DAY_SECONDS;
use super::writer::SectionWriter;

pub(super) const SECTION: &str = "training";

/// Whole numbers that every TOML reader and a `bigint` column can hold.
const LARGEST_INTEGER: u64 = i64::MAX as u64;

/// More threads than any machine has cores.
const MOST_THREADS: u64 = 1024;

/// A longer list of penalties would be fitted for days.
const MOST_PENALTIES: usize = 100;

pub(super) const FIELDS: &[Field] = &[
    Field::without_default(
        "schedule",
        "none",
        "when a run is made: a cron pattern of five fields, or six with seconds first; as in crontab, \
         either of the two days will do where both are restricted",
    ),
    Field::with_default(
        "time_zone",
        "\"UTC\"",
        "whose clocks the schedule follows, by its IANA name; over changes of summer time a named time \
         comes once a day",
    ),
    Field::with_default(
        "jitter_seconds",
        "0",
        "a tick comes later by up to so many seconds, the same for every process and another for every \
         tick",
    ),
    Field::without_default(
        "new_rows",
        "none",
        "a run is made when the table has so many rows more than the last run that ended promoted or \
         kept has read",
    ),
    Field::with_default(
        "on_start",
        "\"if_missing\"",
        "train when the service starts: `if_missing` (no champion yet), `always` or `never`",
    ),
    Field::with_default(
        "worker",
        "true",
        "false: this process queues and follows, and never trains",
    ),
    Field::with_default(
        "poll_interval_seconds",
        "30",
        "how often the worker looks for a queued run",
    ),
    Field::with_default(
        "minimum_rows",
        "100",
        "fewer usable rows are not trained on",
    ),
    Field::with_default(
        "maximum_rows",
        "0",
        "of more usable rows so many are sampled by a hash of the key; 0: all are used",
    ),
    Field::with_default(
        "held_out_fraction",
        "0.2",
        "share of the rows kept for the evaluation; 0: no evaluation and no gate, the first version is \
         promoted, later ones by hand",
    ),
    Field::with_default(
        "penalties",
        "[0.01, 0.1, 1.0, 10.0, 100.0]",
        "L2 penalties on standardised features, on the sum of log losses (scikit-learn's 1/C); the \
         one with the smallest mean log loss over the folds is taken; one value: no search; 0 allowed",
    ),
    Field::with_default(
        "folds",
        "5",
        "parts that the search over penalties divides the rows into, from 2 to 100",
    ),
    Field::with_default(
        "threads",
        "0",
        "threads of a fit; 0: in the service the CPU limit less one, at least one, in `logitd train` \
         all; their number changes no bit of the result",
    ),
    Field::with_default(
        "seed",
        "42",
        "where the fit draws rows for its start; never who is held out",
    ),
    Field::with_default(
        "refit",
        "true",
        "after the evaluation fit the same recipe on all rows and serve that",
    ),
    Field::with_default(
        "claim_ttl_seconds",
        "30",
        "a run whose worker was silent for so long may be taken over; at least 3",
    ),
    Field::with_default(
        "keep_runs",
        "200",
        "older runs are forgotten, but none that made a version and not the last that was judged",
    ),
];

/// Whether the start of the service makes a training run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnStart {
    /// Where there is no champion yet.
    IfMissing,
    /// At every start.
    Always,
    /// At no start.
    Never,
}

const ON_START: &[(&str, OnStart)] = &[
    ("if_missing", OnStart::IfMissing),
    ("always", OnStart::Always),
    ("never", OnStart::Never),
];

/// When a run is made, of which rows, and with which recipe.
#[derive(Clone, Debug, PartialEq)]
pub struct Training {
    /// When runs are made beside those that are asked for.
    pub timing: Timing,
    /// Whether the start makes a run.
    pub on_start: OnStart,
    /// Whether this process works on the queue.
    pub worker: bool,
    /// How often the worker looks for a queued run, in seconds.
    pub poll_interval_seconds: u64,
    /// Fewer usable rows are not trained on.
    pub minimum_rows: usize,
    /// Of more usable rows so many are sampled; 0: all are used.
    pub maximum_rows: usize,
    /// Share of the rows kept for the evaluation; at least 0 and below 1.
    pub held_out_fraction: f64,
    /// L2 penalties on standardised features, on the sum of log losses; at least one, each finite
    /// and at least 0.
    pub penalties: Vec<f64>,
    /// Parts that the search over penalties divides the rows into, from 2 to 100.
    pub folds: usize,
    /// Threads of a fit; 0 leaves it to the process.
    pub threads: usize,
    /// Where the fit draws rows for its start.
    pub seed: u64,
    /// Whether the recipe is fitted again on all rows.
    pub refit: bool,
    /// How long a silent worker keeps its run, in seconds; at least 3.
    pub claim_ttl_seconds: u64,
    /// Older runs are forgotten; at least 1.
    pub keep_runs: u64,
}

pub(super) fn read(section: &mut Section<'_>) -> Option<Training> {
    let timing = timing::read(section);
    let on_start = section.choice("on_start", ON_START);
    let worker = section.boolean("worker");
    let poll_interval_seconds = section.integer("poll_interval_seconds", 1..=DAY_SECONDS);
    let minimum_rows = section.integer("minimum_rows", 1..=LARGEST_INTEGER);
    let maximum_rows = section.integer("maximum_rows", 0..=LARGEST_INTEGER);
    refuse_few(section, minimum_rows, maximum_rows);
    let held_out_fraction = read_held_out_fraction(section);
    let penalties = read_penalties(section);
    let folds = section.integer("folds", 2..=100);
    let threads = section.integer("threads", 0..=MOST_THREADS);
    let seed = section.integer("seed", 0..=LARGEST_INTEGER);
    let refit = section.boolean("refit");
    let claim_ttl_seconds = section.integer("claim_ttl_seconds", 3..=DAY_SECONDS);
    let keep_runs = section.integer("keep_runs", 1..=LARGEST_INTEGER);
    Some(Training {
        timing: timing?,
        on_start: on_start?,
        worker: worker?,
        poll_interval_seconds: poll_interval_seconds?,
        minimum_rows: minimum_rows?,
        maximum_rows: maximum_rows?,
        held_out_fraction: held_out_fraction?,
        penalties: penalties?,
        folds: folds?,
        threads: threads?,
        seed: seed?,
        refit: refit?,
        claim_ttl_seconds: claim_ttl_seconds?,
        keep_runs: keep_runs?,
    })
}

fn read_held_out_fraction(section: &mut Section<'_>) -> Option<f64> {
    let fraction = section.number("held_out_fraction")?;
    if (0.0..1.0).contains(&fraction) {
        return Some(fraction);
    }
    let detail = format!("must be at least 0 and below 1, found {fraction}");
    section.refuse("held_out_fraction", detail);
    None
}

/// A sample smaller than the least would never be trained on.
fn refuse_few(section: &mut Section<'_>, minimum: Option<usize>, maximum: Option<usize>) {
    if let (Some(minimum), Some(maximum)) = (minimum, maximum)
        && maximum > 0
        && maximum < minimum
    {
        let detail =
            format!("must be 0 or at least minimum_rows, which is {minimum}, found {maximum}");
        section.refuse("maximum_rows", detail);
    }
}

fn read_penalties(section: &mut Section<'_>) -> Option<Vec<f64>> {
    let penalties = section.numbers("penalties")?;
    let wrong = penalties
        .iter()
        .find(|penalty| !penalty.is_finite() || **penalty < 0.0);
    let detail = match (wrong, penalties.len()) {
        (Some(penalty), _) => format!("must be finite numbers of at least 0, found {penalty}"),
        (None, 0) => "is an empty list; give one value, [1.0]".to_owned(),
        (None, count) if count > MOST_PENALTIES => {
            format!("may hold {MOST_PENALTIES} values at most, found {count}")
        }
        (None, _) => return Some(penalties),
    };
    section.refuse("penalties", detail);
    None
}

pub(super) fn write(training: &Training, out: &mut SectionWriter<'_>) {
    timing::write(&training.timing, out);
    out.choice("on_start", ON_START, training.on_start);
    out.boolean("worker", training.worker);
    out.integer("poll_interval_seconds", training.poll_interval_seconds);
    out.integer("minimum_rows", training.minimum_rows as u64);
    out.integer("maximum_rows", training.maximum_rows as u64);
    out.number("held_out_fraction", training.held_out_fraction);
    out.numbers("penalties", &training.penalties);
    out.integer("folds", training.folds as u64);
    out.integer("threads", training.threads as u64);
    out.integer("seed", training.seed);
    out.boolean("refit", training.refit);
    out.integer("claim_ttl_seconds", training.claim_ttl_seconds);
    out.integer("keep_runs", training.keep_runs);
}
