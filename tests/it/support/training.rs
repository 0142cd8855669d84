//! One training run from its request to its end, as the worker does it.

use super::app::workshop;
use logitd::config::Config;
use logitd::retraining::{TrainingRun, Trigger, WhenStopped};
use logitd::serving::{Follower, ModelSlot, ServedModel};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// Trains once, as `logitd train` does.
pub(crate) async fn train(config: &Config) -> TrainingRun {
    let workshop = workshop(config).await;
    workshop.queue.enqueue(Trigger::Command).await.unwrap();
    let run = workshop
        .queue
        .claim()
        .await
        .unwrap()
        .expect("the run is ours");
    let stop = Arc::new(AtomicBool::new(false));
    let ended = workshop
        .retrainer
        .work_off(&run, &stop, WhenStopped::Requeue)
        .await
        .unwrap();
    workshop.database.close().await.unwrap();
    ended.expect("the run ended")
}

/// The champion as a process that just started sees it.
pub(crate) async fn champion(config: &Config) -> Option<Arc<ServedModel>> {
    let workshop = workshop(config).await;
    let slot = Arc::new(ModelSlot::default());
    Follower::new(workshop.registry.clone(), Arc::clone(&slot))
        .look()
        .await
        .unwrap();
    workshop.database.close().await.unwrap();
    slot.snapshot()
}

/// Trains once and gives the champion, which the run must have made.
pub(crate) async fn train_champion(config: &Config) -> Arc<ServedModel> {
    let run = train(config).await;
    assert_eq!(run.status, "promoted", "{:?}", run.error);
    champion(config).await.expect("a champion")
}
