//! More versions of a model without more training, and versions that nobody can read.
//!
//! Shape: a version is the champion with its equations moved, published through the queue as a run
//! that was kept: what the gate thinks of a second version does not matter here. Turned down:
//! training again, which takes longer and makes versions that are too much alike.

use super::app::{clock, workshop};
use logitd::app::Workshop;
use logitd::config::Config;
use logitd::retraining::Trigger;
use logitd::serving::{ModelSlot, ModelVersion, NewModelVersion, Order, Promoter};
use logitd::store::{Deployment, RunEnd, RunStatus};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, Value};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::sync::Arc;

/// Publishes the version that serves once more, with other coefficients; gives its number. Nothing
/// else may work off runs meanwhile.
pub(crate) async fn add_version(config: &Config) -> i32 {
    let workshop = workshop(config).await;
    let champion = workshop.registry.find_deployment().await.unwrap();
    let champion = champion.expect("a champion").version;
    let found = workshop.registry.find_version(champion).await.unwrap();
    let newest = workshop.registry.list_versions(None, 1).await.unwrap();
    let next = newest[0].version + 1;
    let content = moved(&found.unwrap(), next);
    let number = publish(&workshop, content).await;
    assert_eq!(number, next);
    workshop.database.close().await.unwrap();
    number
}

/// Every coefficient another one, and another for each number.
fn moved(version: &ModelVersion, number: i32) -> NewModelVersion {
    let mut content = version.content.clone();
    let mut trained = serde_json::to_value(&content.trained).unwrap();
    let equations = trained["served"]["classifier"]["equations"].as_array_mut();
    for (place, equation) in equations.expect("equations").iter_mut().enumerate() {
        let step = f64::from(number) * (1.0 + place as f64 / 3.0);
        let baseline = equation["baseline"].as_f64().unwrap();
        equation["baseline"] = (baseline - 0.37 * step).into();
        for weight in equation["standardized"].as_array_mut().unwrap() {
            *weight = (weight.as_f64().unwrap() * (1.0 + step / 7.0)).into();
        }
    }
    content.trained = serde_json::from_value(trained).unwrap();
    content
}

/// Publishes a version by a run that keeps it.
pub(crate) async fn publish(workshop: &Workshop, content: NewModelVersion) -> i32 {
    workshop.queue.enqueue(Trigger::Command).await.unwrap();
    let run = workshop.queue.claim().await.unwrap();
    let run = run.expect("the run is ours");
    let end = RunEnd::at(RunStatus::Kept, clock().now());
    let published = workshop.database.publish(&run, &end, content, None);
    published.await.unwrap()
}

/// Promotes a version as another process would.
pub(crate) async fn promote_elsewhere(config: &Config, version: i32, pin: bool) -> Deployment {
    let workshop = workshop(config).await;
    let slot = Arc::new(ModelSlot::default());
    let order = Order {
        by: "another process".into(),
        reason: "a test".into(),
    };
    let promoter = Promoter::new(workshop.registry.clone(), slot, clock());
    let promoted = promoter.promote(version, order, pin).await.unwrap();
    workshop.database.close().await.unwrap();
    promoted
}

/// Makes a stored version one that nothing can decode.
pub(crate) async fn spoil(db: &DatabaseConnection, version: i32) {
    replace_trained(
        db,
        version,
        serde_json::json!({"written": "by a later logitd"}),
    )
    .await;
}

/// Puts something else in the place of what a version has learned.
pub(crate) async fn replace_trained(
    db: &DatabaseConnection,
    version: i32,
    trained: serde_json::Value,
) {
    let update = Query::update()
        .table(Alias::new("logitd_model_version"))
        .value(Alias::new("trained"), Expr::val(Value::from(trained)))
        .and_where(Expr::col(Alias::new("version")).eq(version))
        .to_owned();
    db.execute(&update).await.unwrap();
}
