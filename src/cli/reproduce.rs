//! `logitd train --reproduce RUN`: the run is made again from its stored settings and compared.
//!
//! Nothing is written, and so the tables are not brought up to date either. It ends with 0 where the
//! same came out, with 3 where the rows differ, with 1 where the coefficients do.

use super::begun::Begun;
use super::failure::Failure;
use super::progress_line::ProgressLine;
use super::unreachable::Unreachable;
use super::{output, training_progress};
use crate::app::{Cores, Workshop};
use crate::clock::SystemClock;
use crate::lifecycle::Signals;
use crate::retraining::{ReproducedFits, Reproduction};
use serde_json::json;
use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code where the rows differ.
const OTHER_DATA: u8 = 3;

pub(super) async fn run(begun: &Begun, run: &str, json: bool) -> Result<ExitCode, Failure> {
    let failed = |error| Failure::of("reproduce the run")(Unreachable::named(&begun.config, error));
    let reproduced = reproduce(begun, run).await.map_err(failed)?;
    let Some(reproduced) = reproduced else {
        output::tell("logitd: interrupted");
        return Err(Failure::Told);
    };
    tell_other_settings(&reproduced);
    let outcome = Outcome::of(&reproduced);
    if json {
        output::say(as_json(&reproduced, outcome));
    } else {
        output::say(in_words(&reproduced));
    }
    match outcome {
        Outcome::Reproduced | Outcome::SameData => Ok(ExitCode::SUCCESS),
        Outcome::DataDiffer => Ok(ExitCode::from(OTHER_DATA)),
        Outcome::CoefficientsDiffer => Err(Failure::Told),
    }
}

/// `None` when a signal came first.
async fn reproduce(
    begun: &Begun,
    run: &str,
) -> Result<Option<Reproduction>, Box<dyn Error + Send + Sync>> {
    let (config, clock) = (&begun.config, Arc::new(SystemClock));
    let workshop = Workshop::build(config, clock, Cores::All, &begun.telemetry).await?;
    workshop.database.require_migrated().await?;
    let stop = Arc::new(AtomicBool::new(false));
    let signal = Signals::take_over()?.first();
    let watched = workshop.retrainer.watch_progress();
    let mut line = ProgressLine::begin();
    let reproduced = tokio::select! {
        reproduced = workshop.retrainer.reproduce(run, &stop) => reproduced.map(Some),
        _ = signal => Ok(None),
        () = training_progress::follow(watched, &mut line) => Ok(None),
    };
    stop.store(true, Ordering::Relaxed);
    line.clear();
    let reproduced = reproduced?;
    workshop.database.close().await?;
    Ok(reproduced)
}

/// What it comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// The same rows gave the same coefficients.
    Reproduced,
    /// The rows are the same, and there is no version to compare with.
    SameData,
    /// The rows differ.
    DataDiffer,
    /// The same rows gave other coefficients.
    CoefficientsDiffer,
}

impl Outcome {
    fn of(reproduced: &Reproduction) -> Self {
        match &reproduced.fits {
            _ if !reproduced.data.is_same() => Self::DataDiffer,
            None => Self::SameData,
            Some(fits) if fits.is_same() => Self::Reproduced,
            Some(_) => Self::CoefficientsDiffer,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Reproduced => "reproduced",
            Self::SameData => "same_data",
            Self::DataDiffer => "data_differ",
            Self::CoefficientsDiffer => "coefficients_differ",
        }
    }
}

fn tell_other_settings(reproduced: &Reproduction) {
    if !reproduced.other_settings.is_empty() {
        output::tell(format!(
            "the run's own settings count; the configuration says something else now: {}",
            reproduced.other_settings.join(", ")
        ));
    }
}

fn in_words(reproduced: &Reproduction) -> String {
    let (data, rows) = (&reproduced.data, reproduced.data.rows);
    if !data.is_same() {
        let then = reproduced.run.rows.map_or(0, |rows| rows.usable);
        let now = match (&data.now, &data.fault) {
            (Some(now), _) => format!("{} rows used now, {now}", rows.usable),
            (None, fault) => format!("now: {}", fault.as_deref().unwrap_or("nothing")),
        };
        return format!(
            "the data differ; {then} rows used then, {}; {now}",
            data.then
        );
    }
    let same = format!("the same {} rows, {}", rows.usable, data.then);
    match &reproduced.fits {
        None => format!(
            "{same}; a run that ended {} made no version to compare with",
            reproduced.run.status
        ),
        Some(fits) if fits.is_same() => {
            let version = fits.version;
            format!(
                "reproduced; version {version}; {same}; every coefficient is the same to the last bit; {}",
                by(fits)
            )
        }
        Some(fits) => format!(
            "not reproduced; version {}; {same}; the coefficients differ{}; {}; the same bits are \
             promised of the same binary on the same kind of machine",
            fits.version,
            match fits.largest_difference {
                Some(difference) => format!(" by {difference:e} at most"),
                None => ", for they are of other classes or fits".to_owned(),
            },
            by(fits)
        ),
    }
}

/// By which binaries.
fn by(fits: &ReproducedFits) -> String {
    match fits.code_then == fits.code_now {
        true => format!("by the same code, {}", fits.code_now),
        false => format!(
            "by another binary: {} then, {} now",
            fits.code_then, fits.code_now
        ),
    }
}

fn as_json(reproduced: &Reproduction, outcome: Outcome) -> String {
    let (run, data) = (&reproduced.run, &reproduced.data);
    let fits = reproduced.fits.as_ref().map(|fits| {
        json!({
            "same": fits.is_same(),
            "largest_difference": fits.largest_difference,
            "code_version": {"then": fits.code_then, "now": fits.code_now},
        })
    });
    let shown = json!({
        "run": run.id,
        "outcome": outcome.as_str(),
        "version": run.version,
        "data": {
            "same": data.is_same(),
            "fingerprint": {"then": data.then, "now": data.now},
            "rows": {"then": run.rows, "now": data.rows},
            "fault": data.fault,
        },
        "coefficients": fits,
        "other_settings": reproduced.other_settings,
    });
    shown.to_string()
}
