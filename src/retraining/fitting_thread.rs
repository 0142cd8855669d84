//! Fitting and evaluation on a thread of their own, so that they never hold up a request.
//!
//! It is one of [`background`]'s, of the lowest priority, which the threads that a fit starts inherit.

use super::progress::ProgressSink;
use crate::background;
use crate::learning::{
    FitError, NotTrainable, Schema, Search, SplitRule, TrainSettings, Trained, TrainingSet, train,
};
use crate::store::ReadRows;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// What a fit needs beside its rows.
#[derive(Debug, Clone)]
pub(super) struct Fitting {
    pub(super) schema: Arc<Schema>,
    pub(super) search: Search,
    pub(super) seed: u64,
    pub(super) threads: usize,
    pub(super) refit: bool,
    pub(super) progress: ProgressSink,
}

/// Why a fit ended without a result.
#[derive(Debug, thiserror::Error)]
pub(super) enum FittingError {
    /// The rows cannot be learned from, or the fit was stopped.
    #[error("fit")]
    Fit(#[from] FitError),
    /// The rows cannot be learned from.
    #[error("learn from the rows")]
    Rows(#[from] NotTrainable),
    /// The thread could not be started, or panicked.
    #[error("run the fitting thread")]
    Thread,
}

/// Orders and divides the rows.
pub(super) async fn arrange(rows: ReadRows, split: SplitRule) -> Result<TrainingSet, FittingError> {
    Ok(apart(move || rows.finish(&split)).await??)
}

/// Fits and evaluates. The caller may raise `stop` at any time.
pub(super) async fn fit(
    fitting: Fitting,
    set: Arc<TrainingSet>,
    stop: Arc<AtomicBool>,
) -> Result<Trained, FittingError> {
    Ok(apart(move || run(&fitting, &set, &stop)).await??)
}

/// Computes on a thread of its own, at the lowest priority.
pub(super) async fn apart<T: Send + 'static>(
    compute: impl FnOnce() -> T + Send + 'static,
) -> Result<T, FittingError> {
    let computed = background::compute("logitd-fit", compute).map_err(|_| FittingError::Thread)?;
    computed.await.map_err(|_| FittingError::Thread)
}

fn run(fitting: &Fitting, set: &TrainingSet, stop: &AtomicBool) -> Result<Trained, FitError> {
    let settings = TrainSettings {
        search: fitting.search.clone(),
        seed: fitting.seed,
        refit: fitting.refit,
        threads: fitting.threads,
        stop,
        progress: Some(&|step| fitting.progress.tell_learning(step)),
    };
    train(&fitting.schema, set, &settings)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_apart_is_told_and_ends_nothing_else() {
        let panicked = apart(|| -> u32 { panic!("a bug") }).await;
        assert!(
            matches!(panicked, Err(FittingError::Thread)),
            "{panicked:?}"
        );
        assert_eq!(apart(|| 7).await.unwrap(), 7);
    }
}
