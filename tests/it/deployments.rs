//! The rows that say what serves: of two writers one conflicts, and a pin is a row too.

use crate::support::app::{clock, two_features, workshop};
use crate::support::database::on_both;
use crate::support::rows::load_two_features;
use crate::support::tables::count_rows;
use crate::support::training::train_champion;
use logitd::app::Workshop;
use logitd::retraining::{Enqueued, Trigger};
use logitd::store::{
    Deployment, DeploymentAction, NewDeployment, Promotion, RunEnd, RunStatus, StoreError,
};

fn pin(replaces: Option<i32>) -> NewDeployment {
    NewDeployment {
        version: 1,
        action: DeploymentAction::Pin,
        pinned: true,
        deployed_at: clock().now(),
        deployed_by: "ann".into(),
        reason: "a holiday".into(),
        replaces,
    }
}

async fn deploy(workshop: &Workshop, new: NewDeployment) -> Result<Deployment, StoreError> {
    let fingerprint = workshop.schema.fingerprint();
    let model = workshop.registry.model();
    workshop.database.deploy(model, &fingerprint, new).await
}

on_both!(of_many_writers_one_appends, |database| async {
    load_two_features(&database.connect().await, 200, 1).await;
    let config = two_features(&database.url(), &[]);
    train_champion(&config).await;
    let mut workshops = Vec::new();
    for _ in 0..6 {
        workshops.push(workshop(&config).await);
    }
    for round in 1..=5 {
        let writers = workshops
            .iter()
            .cloned()
            .map(|workshop| tokio::spawn(async move { deploy(&workshop, pin(Some(round))).await }));
        let mut appended = Vec::new();
        for writer in writers.collect::<Vec<_>>() {
            match writer.await.unwrap() {
                Ok(deployment) => appended.push(deployment.sequence),
                Err(StoreError::Conflict(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(appended, [round + 1]);
    }
    let db = database.connect().await;
    assert_eq!(count_rows(&db, "logitd_deployment").await, 6);
});

on_both!(
    a_decision_that_races_with_a_pin_publishes_nothing,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let config = two_features(&database.url(), &[]);
        let champion = train_champion(&config).await;
        let workshop = workshop(&config).await;
        let asked = workshop.queue.enqueue(Trigger::Command).await.unwrap();
        assert!(matches!(asked, Enqueued::Made(_)));
        let run = workshop.queue.claim().await.unwrap().unwrap();
        let decided = Promotion {
            deployed_by: "schedule".into(),
            reason: "better".into(),
            replaces: Some(champion.deployment().sequence),
        };
        let pinned = deploy(&workshop, pin(decided.replaces)).await.unwrap();
        assert!(pinned.pinned && pinned.version == 1);

        let end = RunEnd::at(RunStatus::Promoted, clock().now());
        let challenger = champion.version().content.clone();
        let published = workshop
            .database
            .publish(&run, &end, challenger, Some(decided))
            .await;
        assert!(
            matches!(published, Err(StoreError::Conflict(_))),
            "{published:?}"
        );
        let db = database.connect().await;
        assert_eq!(count_rows(&db, "logitd_model_version").await, 1);
        let newest = workshop.registry.find_deployment().await.unwrap().unwrap();
        assert_eq!(newest, pinned);
        let run = workshop.queue.find(&run.id).await.unwrap().unwrap();
        assert_eq!(run.status, RunStatus::Running.as_str());
    }
);

on_both!(
    deployments_from_before_the_pin_are_promotions_without_one,
    |database| async {
        load_two_features(&database.connect().await, 200, 1).await;
        let champion = train_champion(&two_features(&database.url(), &[])).await;
        let workshop = workshop(&two_features(&database.url(), &[])).await;
        let steps = workshop.database.migration_status().await.unwrap();
        let ours = |name: &str| name.ends_with("pin_deployments");
        let place = steps.iter().position(|step| ours(&step.name)).unwrap();
        let later = u32::try_from(steps.len() - place).unwrap();
        workshop.database.migrate_down(later).await.unwrap();
        let old_binary = workshop.registry.find_deployment().await;
        assert!(old_binary.is_err(), "the columns are gone");
        workshop.database.migrate_up().await.unwrap();
        let found = workshop.registry.find_deployment().await.unwrap().unwrap();
        assert_eq!(&found, champion.deployment());
        assert_eq!(
            (found.action.as_str(), found.pinned),
            (DeploymentAction::Promote.as_str(), false)
        );
    }
);
