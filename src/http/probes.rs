//! Three probes with three meanings. None asks the database.

use super::answer::JsonAnswer;
use super::deployment_body::ServingBody;
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::openapi::ApiTag;
use super::problem::ProblemFault;
use super::state::ApiState;
use crate::health::{CheckState, Health};
use poem::web::Data;
use poem_openapi::param::Query;
use poem_openapi::{Object, OpenApi};
use serde::Serialize;

/// How the service stands.
#[derive(Debug, Object, Serialize)]
struct HealthReport {
    /// `ok`.
    status: String,
    /// Every check, with `verbose`.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Vec<HealthCheck>>,
    /// Which version this process serves and which it should, with `verbose`.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    serving: Option<ServingBody>,
}

/// How one thing stands.
#[derive(Debug, Object, Serialize)]
struct HealthCheck {
    /// `model`, `store`, `dataset`, `training`, or `keys` where a file holds them.
    name: String,
    /// `up`, `warning` or `down`.
    state: String,
    /// In words, where there is something to say.
    #[oai(skip_serializing_if_is_none)]
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
}

pub(super) struct ProbeApi;

#[OpenApi(tag = "ApiTag::Health")]
impl ProbeApi {
    /// Is the process alive?
    ///
    /// Answers as long as the process does, whatever became of the database or the model: a restart
    /// would mend neither.
    #[oai(path = "/livez", method = "get", operation_id = "livez")]
    async fn livez(
        &self,
        state: Data<&ApiState>,
        /// Name every check; any value but `false` asks for it, and none too.
        verbose: Query<Option<String>>,
    ) -> JsonAnswer<HealthReport> {
        JsonAnswer(report(&state, is_asked(&verbose)))
    }

    /// Should requests come?
    ///
    /// Yes once a model is loaded, until the service drains. The database may be gone: predictions
    /// do not need it. With `verbose` every check is named, those that would not stop traffic too,
    /// and which version serves here and which should.
    #[oai(path = "/readyz", method = "get", operation_id = "readyz")]
    async fn readyz(
        &self,
        state: Data<&ApiState>,
        /// Name every check; any value but `false` asks for it, and none too.
        verbose: Query<Option<String>>,
    ) -> Result<JsonAnswer<HealthReport>, ApiError> {
        let health = &state.health;
        if health.is_ready() {
            return Ok(JsonAnswer(report(&state, is_asked(&verbose))));
        }
        let detail = if health.is_draining() {
            "the service is about to stop"
        } else {
            "no trained model is loaded yet"
        };
        Err(not_ready(health, detail, is_asked(&verbose)))
    }

    /// Has the start ended?
    ///
    /// Yes once a first attempt at migrations and registry ended, well or badly. It never waits for
    /// training, nor for the database.
    #[oai(path = "/startupz", method = "get", operation_id = "startupz")]
    async fn startupz(
        &self,
        state: Data<&ApiState>,
        /// Name every check; any value but `false` asks for it, and none too.
        verbose: Query<Option<String>>,
    ) -> Result<JsonAnswer<HealthReport>, ApiError> {
        let health = &state.health;
        if health.is_started() {
            return Ok(JsonAnswer(report(&state, is_asked(&verbose))));
        }
        Err(not_ready(
            health,
            "the service is starting",
            is_asked(&verbose),
        ))
    }
}

/// `?verbose`, `?verbose=` and anything but `false` ask for it.
fn is_asked(verbose: &Query<Option<String>>) -> bool {
    verbose.0.as_deref().is_some_and(|value| value != "false")
}

fn report(state: &ApiState, verbose: bool) -> HealthReport {
    HealthReport {
        status: "ok".into(),
        checks: verbose.then(|| checks(&state.health)),
        serving: verbose.then(|| ServingBody::of(&state.slot)),
    }
}

fn checks(health: &Health) -> Vec<HealthCheck> {
    let told = health.checks().into_iter().map(|(name, state)| {
        let (state, detail) = match state {
            CheckState::Up => ("up", None),
            CheckState::Warning(detail) => ("warning", Some(detail)),
            CheckState::Down(detail) => ("down", Some(detail)),
        };
        HealthCheck {
            name: name.as_str().into(),
            state: state.into(),
            detail,
        }
    });
    told.collect()
}

fn not_ready(health: &Health, detail: &str, verbose: bool) -> ApiError {
    let error = ApiError::new(ErrorCode::ModelNotReady, detail);
    if !verbose {
        return error;
    }
    let faults = checks(health).into_iter().map(|check| {
        let detail = check
            .detail
            .map(|detail| format!(": {detail}"))
            .unwrap_or_default();
        ProblemFault::of_service(format!("{} is {}{detail}", check.name, check.state))
    });
    error.with_faults(faults.collect())
}
