//! What the gate said of a run is shown over HTTP, every number of it.

use super::decision;
use crate::support::app::{TestApp, config};
use crate::support::database::on_both;
use crate::support::growing::{self, CONFIG, rows};
use crate::support::training::{train, train_champion};
use logitd::learning::Estimate;
use serde_json::{Value, json};

fn estimate(of: Estimate) -> Value {
    json!({
        "mean": of.mean,
        "lower": of.lower,
        "upper": of.upper,
        "standard_error": of.standard_error,
    })
}

on_both!(every_number_behind_a_decision_is_shown, |database| async {
    let db = database.connect().await;
    growing::create(&db).await;
    growing::add(&db, &rows(0..400)).await;
    let still = [
        ("LOGITD_TRAINING__WORKER", "false"),
        ("LOGITD_GATE__TOLERANCE", "0.015625"),
    ];
    let config = || config(CONFIG, &database.url(), &still);
    train_champion(&config()).await;
    growing::add(&db, &rows(400..2_000)).await;
    let run = train(&config()).await;
    let stored = decision(&run);
    let app = TestApp::start(config()).await;
    app.champion().await;
    let path = format!("/v1/training-runs/{}", run.id);
    let shown = app.client.get(&path).await.json()["gate"].clone();
    let (challenger, champion) = (stored.challenger.unwrap(), stored.champion.unwrap());
    let reasons = stored.reasons.iter();
    let reasons = reasons.map(|one| json!({"code": one.code, "detail": one.detail}));
    let expected = json!({
        "decision": run.status,
        "reasons": reasons.collect::<Value>(),
        "challenger": {
            "version": 2,
            "log_loss": challenger.log_loss.unwrap(),
            "gain": estimate(challenger.gain.unwrap()),
        },
        "champion": {
            "version": 1,
            "log_loss": champion.log_loss.unwrap(),
            "gain": estimate(champion.gain.unwrap()),
            "beats_base_rate": true,
        },
        "difference": estimate(stored.difference.unwrap()),
        "tolerance": 0.015625,
        "base_rate_log_loss": stored.base_rate_log_loss.unwrap(),
        "rows": stored.rows.unwrap(),
    });
    assert_eq!(shown, expected);
    // The list tells the same.
    let listed = app.client.get("/v1/training-runs?limit=1").await.json();
    assert_eq!(listed["items"][0]["gate"], expected);
});
