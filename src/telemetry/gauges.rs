//! What stands somehow at any moment, asked when somebody scrapes or exports.

use crate::clock::Clock;
use chrono::{DateTime, Utc};
use opentelemetry::KeyValue;
use opentelemetry::metrics::{AsyncInstrument, Meter};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// The version that answers.
#[derive(Debug, Clone, PartialEq)]
pub struct Champion {
    /// Its number.
    pub version: i32,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Its mean log loss on the held-out rows, where there were some.
    pub log_loss: Option<f64>,
    /// Its area under the ROC curve there.
    pub roc_auc: Option<f64>,
}

/// How one pool of connections stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pool {
    /// What it is for.
    pub name: &'static str,
    /// Connections in use.
    pub used: u32,
    /// Connections open and idle.
    pub idle: u32,
    /// The most there may be.
    pub most: u32,
}

/// How the newest run that is over ended, whichever process worked it off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LastRun {
    /// When.
    pub ended_at: DateTime<Utc>,
    /// Its last status.
    pub outcome: String,
    /// The first code that says why.
    pub reason: String,
    /// Whether the newest judgement of the version that answers is that the data have changed.
    pub data_changed: bool,
}

/// Gives a value whenever it is asked.
type Ask<T> = Arc<dyn Fn() -> T + Send + Sync>;

/// Whom to ask.
#[derive(Clone)]
pub struct Watched {
    /// The version that answers, if one does.
    pub champion: Ask<Option<Champion>>,
    /// The pools.
    pub pools: Ask<Vec<Pool>>,
    /// Each check by its name, and whether it is better than down.
    pub checks: Ask<Vec<(&'static str, bool)>>,
    /// When the schedule asks for the next run, if there is one.
    pub next_tick: Ask<Option<DateTime<Utc>>>,
    /// How long ago this process last saw that it serves what it should.
    pub follow_lag: Ask<Option<Duration>>,
    /// How often a champion could not be loaded.
    pub failed_loads: Ask<u64>,
    /// The newest run that is over, if there was one.
    pub last_run: Ask<Option<LastRun>>,
}

impl fmt::Debug for Watched {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Watched")
    }
}

/// Makes the gauges.
pub(super) fn register(meter: &Meter, model: &str, watched: Watched, clock: Arc<dyn Clock>) {
    let of_model = KeyValue::new("model.name", model.to_owned());
    champion(
        meter,
        of_model.clone(),
        watched.champion,
        Arc::clone(&clock),
    );
    followed(meter, of_model.clone(), watched.follow_lag);
    failed_loads(meter, of_model.clone(), watched.failed_loads);
    next_tick(
        meter,
        of_model.clone(),
        watched.next_tick,
        Arc::clone(&clock),
    );
    last_run(meter, of_model, watched.last_run, clock);
    pools(meter, watched.pools);
    checks(meter, watched.checks);
}

fn champion(
    meter: &Meter,
    of_model: KeyValue,
    champion: Ask<Option<Champion>>,
    clock: Arc<dyn Clock>,
) {
    let (ask, labels) = (Arc::clone(&champion), [of_model.clone()]);
    meter
        .i64_observable_gauge("model.champion.version")
        .with_description("The version that answers; 0: none does.")
        .with_callback(move |gauge| {
            let version = ask().map_or(0, |champion| champion.version);
            gauge.observe(version.into(), &labels);
        })
        .build();
    let ask = Arc::clone(&champion);
    let age = move |champion: Champion| {
        let age = clock.now() - champion.created_at;
        Some(age.as_seconds_f64().max(0.0))
    };
    let number = |name: &'static str, unit: &'static str, description: &'static str| {
        meter
            .f64_observable_gauge(name)
            .with_unit(unit)
            .with_description(description)
    };
    let told = "Seconds since the version that answers was made.";
    number("model.champion.age", "s", told)
        .with_callback(told_of(ask, of_model.clone(), age))
        .build();
    let told = "Mean log loss of the version that answers on its held-out rows.";
    let log_loss = |champion: Champion| champion.log_loss;
    number("model.champion.log_loss", "", told)
        .with_callback(told_of(Arc::clone(&champion), of_model.clone(), log_loss))
        .build();
    let told = "Area under the ROC curve of the version that answers on its held-out rows.";
    number("model.champion.roc_auc", "", told)
        .with_callback(told_of(champion, of_model, |champion| champion.roc_auc))
        .build();
}

fn told_of(
    ask: Ask<Option<Champion>>,
    of_model: KeyValue,
    value: impl Fn(Champion) -> Option<f64> + Send + Sync + 'static,
) -> impl Fn(&dyn AsyncInstrument<f64>) + Send + Sync + 'static {
    move |gauge| {
        if let Some(value) = ask().and_then(&value) {
            gauge.observe(value, std::slice::from_ref(&of_model));
        }
    }
}

fn followed(meter: &Meter, of_model: KeyValue, lag: Ask<Option<Duration>>) {
    meter
        .f64_observable_gauge("serving.follow.lag")
        .with_unit("s")
        .with_description(
            "Seconds since this process last saw that it serves the newest deployment.",
        )
        .with_callback(move |gauge| {
            if let Some(lag) = lag() {
                gauge.observe(lag.as_secs_f64(), std::slice::from_ref(&of_model));
            }
        })
        .build();
}

fn failed_loads(meter: &Meter, of_model: KeyValue, failed: Ask<u64>) {
    meter
        .u64_observable_counter("serving.failed_loads")
        .with_unit("{load}")
        .with_description("Champions that this process tried to load and could not.")
        .with_callback(move |counter| counter.observe(failed(), std::slice::from_ref(&of_model)))
        .build();
}

/// In the words of `training.run.duration`, which only the process that worked a run off counts.
fn last_run(meter: &Meter, of_model: KeyValue, last: Ask<Option<LastRun>>, clock: Arc<dyn Clock>) {
    let (ask, labels) = (Arc::clone(&last), of_model.clone());
    meter
        .f64_observable_gauge("training.last_run.age")
        .with_unit("s")
        .with_description("Seconds since the newest run ended, by how it ended and why.")
        .with_callback(move |gauge| {
            let Some(run) = ask() else { return };
            let age = (clock.now() - run.ended_at).as_seconds_f64().max(0.0);
            let outcome = KeyValue::new("training.run.outcome", run.outcome);
            let reason = KeyValue::new("training.run.reason", run.reason);
            gauge.observe(age, &[labels.clone(), outcome, reason]);
        })
        .build();
    meter
        .i64_observable_gauge("training.data_changed")
        .with_description(
            "1: by the newest judgement of the version that answers the data have changed.",
        )
        .with_callback(move |gauge| {
            let changed = last().is_some_and(|run| run.data_changed);
            gauge.observe(changed.into(), std::slice::from_ref(&of_model));
        })
        .build();
}

fn next_tick(
    meter: &Meter,
    of_model: KeyValue,
    next: Ask<Option<DateTime<Utc>>>,
    clock: Arc<dyn Clock>,
) {
    meter
        .f64_observable_gauge("training.schedule.next_tick")
        .with_unit("s")
        .with_description("Seconds to the next run that the schedule asks for.")
        .with_callback(move |gauge| {
            if let Some(next) = next() {
                let left = (next - clock.now()).as_seconds_f64();
                gauge.observe(left, std::slice::from_ref(&of_model));
            }
        })
        .build();
}

/// The conventions say `db.client.connection.count`; a gauge that ends in `_count` is refused by
/// Prometheus' own check, so these have the names that came before it.
fn pools(meter: &Meter, pools: Ask<Vec<Pool>>) {
    let named = |pool: &Pool| KeyValue::new("db.client.connection.pool.name", pool.name);
    let ask = Arc::clone(&pools);
    meter
        .i64_observable_up_down_counter("db.client.connections.usage")
        .with_unit("{connection}")
        .with_description("Connections of a pool, by whether they are in use.")
        .with_callback(move |counter| {
            for pool in ask() {
                for (state, count) in [("used", pool.used), ("idle", pool.idle)] {
                    let state = KeyValue::new("db.client.connection.state", state);
                    counter.observe(count.into(), &[named(&pool), state]);
                }
            }
        })
        .build();
    meter
        .i64_observable_up_down_counter("db.client.connections.max")
        .with_unit("{connection}")
        .with_description("The most connections of a pool.")
        .with_callback(move |counter| {
            for pool in pools() {
                counter.observe(pool.most.into(), &[named(&pool)]);
            }
        })
        .build();
}

fn checks(meter: &Meter, checks: Ask<Vec<(&'static str, bool)>>) {
    meter
        .i64_observable_gauge("health.check.up")
        .with_description("1: the check is up, or up with a warning; 0: it is down.")
        .with_callback(move |gauge| {
            for (name, up) in checks() {
                gauge.observe(up.into(), &[KeyValue::new("health.check.name", name)]);
            }
        })
        .build();
}
