//! The story of a service, through the generated Rust client: asked, refused, taught, taken back.
//!
//! `story ADDRESS KEY READER FIRST`: KEY has the role operate, READER the role predict; FIRST is the
//! first key of the rows to write. `shape` is what differs between configurations. Every call that is
//! refused where it should not be ends the story with the problem.

mod shape;

use futures_util::TryStreamExt;
use logitd_client::types::{
    DeploymentOrder, Instance, InstanceBatch, NewObservation, ObservationBatch, ObservationKey,
    ObservationLabel, ObservationValue, Prediction, Problem, TrainingRun,
};
use logitd_client::{Client, Error, ResponseValue};
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};

type Told<T> = Result<T, Box<dyn std::error::Error>>;

const PATIENCE: Duration = Duration::from_secs(60);

/// A client that sends this key.
fn with_key(address: &str, key: &str) -> Told<Client> {
    let value = HeaderValue::from_str(&format!("Bearer {key}"))?;
    let headers = HeaderMap::from_iter([(AUTHORIZATION, value)]);
    let client = reqwest::Client::builder()
        .default_headers(headers)
        .build()?;
    Ok(Client::new_with_client(address, client))
}

/// What was refused, and why.
fn refused<T: std::fmt::Debug>(answer: Result<ResponseValue<T>, Error<Problem>>) -> Problem {
    match answer {
        Err(Error::ErrorResponse(problem)) => problem.into_inner(),
        other => panic!("no problem: {other:?}"),
    }
}

fn is_close(one: f64, other: f64) {
    assert!((one - other).abs() < 1e-9, "{one} is not {other}");
}

fn label(class: usize) -> ObservationLabel {
    ObservationLabel::String(shape::CLASSES[class].to_owned())
}

async fn asks(client: &Client) -> Told<()> {
    let schema = client.get_schema().send().await?;
    let names: Vec<&str> = schema
        .features
        .iter()
        .map(|feature| &*feature.name)
        .collect();
    assert_eq!(names, shape::FEATURES);
    assert_eq!(schema.classes, shape::CLASSES);
    let alone = client.predict().body(shape::asked()).send().await?;
    let served = schema.model.as_ref().map(|model| model.version);
    assert_eq!(served, Some(alone.model.version));
    let shares = alone.probabilities.values();
    is_close(shares.clone().sum(), 1.0);
    let largest = shares.copied().fold(0.0, f64::max);
    is_close(alone.probabilities[&alone.label], largest);
    let warnings = alone.warnings.iter();
    let warnings: Vec<_> = warnings
        .map(|warning| (&*warning.feature, &*warning.kind))
        .collect();
    assert_eq!(warnings, shape::WARNINGS);
    let batch = InstanceBatch::builder().instances(vec![shape::asked(), shape::asked()]);
    let both = client.predict_batch().body(batch).send().await?;
    assert_eq!(both.model.version, alone.model.version);
    assert_eq!(both.predictions.len(), 2);
    for one in &both.predictions {
        assert_eq!(one.probabilities, alone.probabilities);
    }
    check_table(client, &alone).await?;
    let explained = client
        .predict()
        .explain(true)
        .body(shape::asked())
        .send()
        .await?;
    check_explanation(&explained);
    Ok(())
}

/// The instance as a CSV is answered as alone.
async fn check_table(client: &Client, alone: &Prediction) -> Told<()> {
    let row = serde_json::to_value(shape::asked())?;
    let cells = row.as_object().ok_or("no object")?;
    let names: Vec<&str> = cells.keys().map(String::as_str).collect();
    let values: Vec<String> = cells.values().map(ToString::to_string).collect();
    let table = format!("{}\n{}\n", names.join(","), values.join(","));
    let answered = client.predict_csv().body(table).send().await?;
    let parts: Vec<_> = answered.into_inner().into_inner().try_collect().await?;
    let answered = String::from_utf8(parts.concat())?;
    let shares = shape::CLASSES.map(|class| alone.probabilities[class].to_string());
    let header = shape::CLASSES.map(|class| format!("probability_{class}"));
    let lines = [
        format!("label,{}", header.join(",")),
        format!("{},{}", alone.label, shares.join(",")),
    ];
    assert!(answered.lines().eq(lines), "{answered}");
    Ok(())
}

/// The parts add up: to the log-odds, or to scores whose softmax are the probabilities.
fn check_explanation(explained: &Prediction) {
    let scores = shape::scores(explained);
    if let ([(_, score)], Some(log_odds)) = (&scores[..], explained.log_odds) {
        return is_close(*score, log_odds);
    }
    assert_eq!(scores.len(), shape::CLASSES.len());
    let total: f64 = scores.iter().map(|(_, score)| score.exp()).sum();
    for (name, score) in &scores {
        is_close(score.exp() / total, explained.probabilities[name]);
    }
}

async fn is_refused(client: &Client) {
    let problem = refused(client.predict().body(shape::refused()).send().await);
    assert_eq!((problem.status, &*problem.code), (400, "invalid_instance"));
    // In the order of the body, which is the client's own.
    let pointers = problem.errors.iter().map(|fault| fault.pointer.as_deref());
    let pointers: BTreeSet<Option<&str>> = pointers.collect();
    assert_eq!(pointers, BTreeSet::from(shape::POINTERS.map(Some)));
    let missing = refused(client.get_model().version(99).send().await);
    assert_eq!((missing.status, &*missing.code), (404, "not_found"));
}

/// Writes two rows, changes one, deletes the other: one more than there was.
async fn ingests(client: &Client, first: i64) -> Told<()> {
    let row = |place: usize, features: Instance| NewObservation {
        key: ObservationKey::Int64(first + place as i64),
        features,
        label: label(place),
    };
    let rows = vec![row(0, shape::asked()), row(1, shape::asked())];
    let batch = ObservationBatch { observations: rows };
    let written = client.write_observations().body(batch).send().await?;
    assert_eq!(written.written, 2);
    let value = ObservationValue::builder()
        .features(shape::asked())
        .label(label(1));
    let changed = client
        .put_observation()
        .key(first.to_string())
        .body(value)
        .send()
        .await?;
    assert_eq!(changed.key.to_string(), first.to_string());
    assert_eq!(changed.label.as_deref(), Some(shape::CLASSES[1]));
    let found = client
        .get_observation()
        .key(first.to_string())
        .send()
        .await?;
    assert_eq!(
        (&found.features, &found.label),
        (&changed.features, &changed.label)
    );
    assert!(found.features.contains_key(shape::FEATURES[0]));
    let listed = client.list_observations().limit(3).send().await?;
    assert!(listed.items.len() == 3 && listed.next_cursor.is_some());
    let second = (first + 1).to_string();
    client.delete_observation().key(&second).send().await?;
    let missing = refused(client.get_observation().key(&second).send().await);
    assert_eq!(missing.code, "not_found");
    let fault = NewObservation {
        label: ObservationLabel::Boolean(true),
        ..row(0, shape::refused())
    };
    let problem = refused(client.write_observations().body(fault).send().await);
    assert_eq!(
        problem.errors.len(),
        shape::POINTERS.len() + 1,
        "{problem:?}"
    );
    Ok(())
}

/// Asks for a run and waits for its end; the version that it made has seen the new row.
async fn trains(client: &Client) -> Told<TrainingRun> {
    let before = client.list_models().send().await?;
    let accepted = client.request_training_run().send().await?;
    let link = format!("/v1/training-runs/{}", accepted.id);
    assert_eq!(accepted.headers()["location"], link);
    let deadline = Instant::now() + PATIENCE;
    let mut run = accepted.into_inner();
    while run.finished_at.is_none() {
        assert!(Instant::now() < deadline, "{run:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
        run = client
            .get_training_run()
            .id(run.id)
            .send()
            .await?
            .into_inner();
    }
    assert!(["promoted", "kept"].contains(&&*run.status), "{run:?}");
    assert_eq!(
        run.gate.as_ref().map(|gate| &gate.decision),
        Some(&run.status)
    );
    let made = client
        .get_model()
        .version(run.version.ok_or("no version")?)
        .send()
        .await?;
    assert_eq!(made.training_run, run.id);
    assert_eq!(made.rows.fitted, before.items[0].rows.fitted + 1);
    Ok(run)
}

/// Lists what there is, puts another version in place, and takes that back.
async fn goes_back(client: &Client, run: &TrainingRun) -> Told<()> {
    let newest = client.list_models().limit(1).send().await?;
    let cursor = newest
        .next_cursor
        .clone()
        .ok_or("there is no second page")?;
    let older = client.list_models().cursor(cursor).send().await?;
    let versions: Vec<i32> = newest
        .items
        .iter()
        .chain(&older.items)
        .map(|item| item.version)
        .collect();
    let version = run.version.ok_or("no version")?;
    assert!(
        versions.iter().copied().eq((1..=version).rev()),
        "{versions:?}"
    );
    let serves = client.get_champion().send().await?.version;
    let other = versions
        .into_iter()
        .find(|item| *item != serves)
        .ok_or("only one version")?;
    let order = |reason: &str, pin| {
        DeploymentOrder::builder()
            .reason(reason.to_owned())
            .pin(pin)
    };
    let promote = client.promote_model().version(other);
    let promoted = promote.body(order("to see it serve", false)).send().await?;
    assert_eq!(
        (promoted.version, &*promoted.action, promoted.pinned),
        (other, "promote", false)
    );
    let back = client
        .roll_back_model()
        .body(order("no", true))
        .send()
        .await?;
    assert_eq!(
        (back.version, &*back.action, back.pinned),
        (serves, "roll_back", true)
    );
    assert_eq!(back.deployed_by, "ci");
    let free = client
        .unpin_model()
        .reason("the story is over")
        .send()
        .await?;
    let history = client.list_deployments().limit(3).send().await?;
    let sequences = history.items.iter().map(|entry| entry.sequence);
    assert!(
        sequences.eq([free.sequence, back.sequence, promoted.sequence]),
        "{history:?}"
    );
    Ok(())
}

async fn has_the_wrong_key(address: &str, reader: &str) -> Told<()> {
    let stranger = with_key(address, "wrong")?;
    let problem = refused(stranger.predict().body(shape::asked()).send().await);
    assert_eq!((problem.status, &*problem.code), (401, "unauthorized"));
    let client = with_key(address, reader)?;
    client.predict().body(shape::asked()).send().await?;
    let problem = refused(client.request_training_run().send().await);
    assert_eq!((problem.status, &*problem.code), (403, "forbidden"));
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Told<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, key, reader, first] = &arguments[..] else {
        return Err("usage: story ADDRESS KEY READER FIRST".into());
    };
    let client = with_key(address, key)?;
    asks(&client).await?;
    is_refused(&client).await;
    ingests(&client, first.parse()?).await?;
    let run = trains(&client).await?;
    goes_back(&client, &run).await?;
    has_the_wrong_key(address, reader).await?;
    println!("the story in Rust: told");
    Ok(())
}
