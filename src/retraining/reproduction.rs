//! A run made again from the settings stored with it: do the same rows give the same coefficients?
//!
//! Shape: [`Retrainer::reproduce`] reads and fits as the run did and gives a [`Reproduction`], which
//! says what was the same. Nothing is written: no run, no version, no sign of life.
//! Concurrency: beside anything else, the fit on a thread of its own; whoever no longer waits raises
//! `stop`. Turned down: a run of the queue (it would be judged and published), and comparing
//! predictions (equal ones say less than equal coefficients).

use super::fitting_thread::{self, FittingError};
use super::progress::RunStep;
use super::retrainer::Retrainer;
use super::settings::RunSettings;
use crate::learning::{FitError, InvalidRecipe, RowCounts, Trained, TrainingSet};
use crate::store::{ModelVersion, RunStatus, StoreError, TrainingRun};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What came of making a run again.
#[derive(Debug, Clone, PartialEq)]
pub struct Reproduction {
    /// The run, as it is stored.
    pub run: TrainingRun,
    /// The fields of the configuration that the run's own settings took the place of.
    pub other_settings: Vec<String>,
    /// The rows, then and now.
    pub data: ReproducedData,
    /// The fits, then and now; `None` where the rows differ or the run made no version.
    pub fits: Option<ReproducedFits>,
}

/// The rows of a run, then and now.
#[derive(Debug, Clone, PartialEq)]
pub struct ReproducedData {
    /// The fingerprint of the rows that the run used.
    pub then: String,
    /// That of the rows of now; `None` where they cannot be learned from.
    pub now: Option<String>,
    /// How many rows there are now.
    pub rows: RowCounts,
    /// Why they cannot be learned from.
    pub fault: Option<String>,
}

/// The fits of a version, then and now.
#[derive(Debug, Clone, PartialEq)]
pub struct ReproducedFits {
    /// The version's number.
    pub version: i32,
    /// Version and revision of the binary that made it.
    pub code_then: String,
    /// Those of this one.
    pub code_now: String,
    /// The largest difference of two coefficients; 0 where all are the same to the last bit, `None`
    /// where they are of other classes or there is a fit more or less.
    pub largest_difference: Option<f64>,
}

impl ReproducedData {
    /// Whether the rows are those of then.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.now.as_ref() == Some(&self.then)
    }
}

impl ReproducedFits {
    /// Whether every coefficient is the same to the last bit.
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.largest_difference == Some(0.0)
    }
}

/// Why a run cannot be made again.
#[derive(Debug, thiserror::Error)]
pub enum ReproductionError {
    /// There is no such run of this model.
    #[error("find a training run {id:?} of the model {model:?}")]
    UnknownRun {
        /// What was asked for.
        id: String,
        /// The configured model.
        model: String,
    },
    /// It waits or works.
    #[error("reproduce a run that is {status}: it has not ended")]
    NotEnded {
        /// Where it stands.
        status: String,
    },
    /// Neither settings nor a fingerprint of rows are kept with it.
    #[error("find the settings of the run: {why}")]
    NoSettings {
        /// How that came.
        why: String,
    },
    /// The stored settings cannot be read.
    #[error("decode the settings of the run")]
    Settings(#[source] serde_json::Error),
    /// The stored penalties cannot be used.
    #[error("use the penalties of the run")]
    Recipe(#[from] InvalidRecipe),
    /// The version that the run made is gone.
    #[error("find the version {version} that the run made")]
    UnknownVersion {
        /// Its number.
        version: i32,
    },
    /// The same rows cannot be fitted.
    #[error("fit the same rows: {0}")]
    Fit(String),
    /// `stop` was raised.
    #[error("reproduce the run: it was stopped")]
    Stopped,
    /// What the store says.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Retrainer {
    /// Reads and fits again as the run with this id did, and compares; writes nothing.
    ///
    /// # Errors
    /// [`ReproductionError`]: there is nothing to compare with, or the rows could not be read or
    /// fitted. That rows or coefficients differ is no error.
    pub async fn reproduce(
        &self,
        id: &str,
        stop: &Arc<AtomicBool>,
    ) -> Result<Reproduction, ReproductionError> {
        let run = self.ended_run(id).await?;
        let (settings, then) = made_of(&run)?;
        let version = self.version_of(&run).await?;
        let mut again = self.clone();
        again.plan = settings.plan(&self.plan)?;
        let (data, set) = again.read_again(then, stop).await?;
        let fits = match (version, set) {
            (Some(version), Some(set)) if data.is_same() => {
                Some(again.fit_again(&version, set, stop).await?)
            }
            _ => None,
        };
        Ok(Reproduction {
            other_settings: settings.differences(&RunSettings::of(&self.plan)),
            run,
            data,
            fits,
        })
    }

    async fn ended_run(&self, id: &str) -> Result<TrainingRun, ReproductionError> {
        let found = self.queue.find(id).await?;
        let run = found.ok_or_else(|| ReproductionError::UnknownRun {
            id: id.to_owned(),
            model: self.plan.model.clone(),
        })?;
        if !run.is_finished() {
            return Err(ReproductionError::NotEnded { status: run.status });
        }
        Ok(run)
    }

    async fn version_of(
        &self,
        run: &TrainingRun,
    ) -> Result<Option<ModelVersion>, ReproductionError> {
        let Some(number) = run.version else {
            return Ok(None);
        };
        let found = self.database.find_model_version(&run.model, number).await?;
        let version = found.ok_or(ReproductionError::UnknownVersion { version: number })?;
        Ok(Some(version))
    }

    /// The rows of now, divided as then where they can be.
    async fn read_again(
        &self,
        then: String,
        stop: &AtomicBool,
    ) -> Result<(ReproducedData, Option<TrainingSet>), ReproductionError> {
        self.progress.begin(RunStep::Read);
        let read = self.read_rows(stop).await?;
        let read = read.ok_or(ReproductionError::Stopped)?;
        let rows = read.counts();
        let (set, fault) = match fitting_thread::arrange(read, self.plan.split).await {
            Ok(set) => (Some(set), None),
            Err(FittingError::Rows(reason)) => (None, Some(reason.to_string())),
            Err(error) => return Err(error.into()),
        };
        let data = ReproducedData {
            then,
            now: set.as_ref().map(TrainingSet::fingerprint),
            rows,
            fault,
        };
        Ok((data, set))
    }

    async fn fit_again(
        &self,
        version: &ModelVersion,
        set: TrainingSet,
        stop: &Arc<AtomicBool>,
    ) -> Result<ReproducedFits, ReproductionError> {
        let fitting = self.fitting();
        let now = fitting_thread::fit(fitting, Arc::new(set), Arc::clone(stop)).await?;
        let then = &version.content;
        Ok(ReproducedFits {
            version: version.version,
            code_then: then.code_version.clone(),
            code_now: self.plan.code_version.clone(),
            largest_difference: largest_difference(&then.trained, &now),
        })
    }
}

/// What the run was made of: its settings, and the fingerprint of its rows.
fn made_of(run: &TrainingRun) -> Result<(RunSettings, String), ReproductionError> {
    let made_of = &run.made_of;
    let (Some(settings), Some(data)) = (&made_of.settings, &made_of.data_fingerprint) else {
        let judged = run.is(RunStatus::Promoted) || run.is(RunStatus::Kept);
        let why = match judged {
            true => "it was made by a logitd that kept none".to_owned(),
            false => format!("one that ended {} before a fit keeps none", run.status),
        };
        return Err(ReproductionError::NoSettings { why });
    };
    let settings = serde_json::from_value(settings.clone());
    let settings = settings.map_err(ReproductionError::Settings)?;
    Ok((settings, data.clone()))
}

/// Over the fit that was judged and the one that serves.
fn largest_difference(then: &Trained, now: &Trained) -> Option<f64> {
    let of = |one: &crate::learning::Fit, other: &crate::learning::Fit| {
        one.classifier.largest_difference(&other.classifier)
    };
    let served = of(&then.served, &now.served)?;
    match (&then.gate, &now.gate) {
        (Some(one), Some(other)) => Some(served.max(of(one, other)?)),
        (None, None) => Some(served),
        _ => None,
    }
}

impl From<FittingError> for ReproductionError {
    fn from(error: FittingError) -> Self {
        match error {
            FittingError::Fit(FitError::Stopped) => Self::Stopped,
            FittingError::Fit(FitError::NotTrainable(reason)) | FittingError::Rows(reason) => {
                Self::Fit(reason.to_string())
            }
            FittingError::Thread => Self::Fit(error.to_string()),
        }
    }
}
