//! What every handler may ask: immutable, shared, cheap to clone.

use super::body_room::BodyRoom;
use super::cors::Cors;
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::keyring::Keyring;
use super::observation::ObservationForm;
use crate::health::Health;
use crate::learning::Schema;
use crate::retraining::{ObservationTable, Timetable, TrainingQueue};
use crate::serving::{ModelSlot, Predictor, Promoter, Registry, ServedModel};
use crate::telemetry::Telemetry;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

/// What a request may cost.
#[derive(Debug, Clone, Copy)]
pub struct RequestLimits {
    /// The largest body, in bytes.
    pub max_body_bytes: usize,
    /// The most instances of a batch.
    pub max_instances: usize,
    /// The most requests at once.
    pub max_in_flight: usize,
    /// How long a body may take to arrive.
    pub body_read_timeout: Duration,
    /// How long an answer may take.
    pub request_timeout: Duration,
}

/// What serves, and who decides it.
#[derive(Debug)]
pub struct ServingParts {
    /// The model in use.
    pub slot: Arc<ModelSlot>,
    /// The versions and deployments.
    pub registry: Registry,
    /// What promotes, rolls back and pins.
    pub promoter: Promoter,
}

/// The state behind the handlers; every request has it, so a copy is one pointer.
#[derive(Debug, Clone)]
pub struct ApiState(Arc<StateParts>);

/// What the state is made of.
#[derive(Debug, Clone)]
pub struct StateParts {
    pub(super) model: String,
    pub(super) schema: Arc<Schema>,
    pub(super) key: Option<String>,
    pub(super) predictor: Predictor,
    pub(super) registry: Registry,
    pub(super) promoter: Promoter,
    pub(super) training: TrainingQueue,
    pub(super) timetable: Option<Timetable>,
    pub(super) slot: Arc<ModelSlot>,
    pub(super) health: Arc<Health>,
    pub(super) keyring: Arc<Keyring>,
    pub(super) limits: RequestLimits,
    pub(super) body_room: BodyRoom,
    pub(super) cors: Cors,
    pub(super) telemetry: Telemetry,
    pub(super) observations: Option<ObservationTable>,
}

impl Deref for ApiState {
    type Target = StateParts;

    fn deref(&self) -> &StateParts {
        &self.0
    }
}

impl ApiState {
    /// Joins what handlers need.
    #[must_use]
    pub fn new(
        schema: Arc<Schema>,
        serving: ServingParts,
        training: TrainingQueue,
        health: Arc<Health>,
        keyring: Arc<Keyring>,
        limits: RequestLimits,
        telemetry: Telemetry,
    ) -> Self {
        let ServingParts {
            slot,
            registry,
            promoter,
        } = serving;
        let predictor = Predictor::new(Arc::clone(&slot));
        let model = registry.model().to_owned();
        Self(Arc::new(StateParts {
            model,
            schema,
            key: None,
            predictor,
            registry,
            promoter,
            training,
            timetable: None,
            slot,
            health,
            keyring,
            limits,
            body_room: BodyRoom::default(),
            cors: Cors::default(),
            telemetry,
            observations: None,
        }))
    }

    /// With the schedule by which runs are made.
    #[must_use]
    pub fn with_timetable(mut self, timetable: Option<Timetable>) -> Self {
        Arc::make_mut(&mut self.0).timetable = timetable;
        self
    }

    /// With the pages of these origins let in.
    #[must_use]
    pub fn with_cors(mut self, cors: Cors) -> Self {
        Arc::make_mut(&mut self.0).cors = cors;
        self
    }

    /// With the name of the column that names a row.
    #[must_use]
    pub fn with_key(mut self, key: Option<String>) -> Self {
        Arc::make_mut(&mut self.0).key = key;
        self
    }

    /// With the table that clients may write observations into.
    #[must_use]
    pub fn with_observations(mut self, table: Option<ObservationTable>) -> Self {
        Arc::make_mut(&mut self.0).observations = table;
        self
    }

    /// What an observation is made of.
    pub(super) fn observation_form(&self) -> ObservationForm<'_> {
        let table = self.observations.as_ref();
        ObservationForm {
            schema: &self.schema,
            ordered: table.is_some_and(ObservationTable::is_ordered),
        }
    }

    /// Reads what a client sent, inside the span of that name.
    pub(super) fn validating<T>(&self, read: impl FnOnce() -> T) -> T {
        self.telemetry.span("instance.validate").in_scope(read)
    }

    /// The model that answers this request.
    ///
    /// # Errors
    /// `model_not_ready` until a champion is loaded.
    pub(super) fn require_model(&self) -> Result<Arc<ServedModel>, ApiError> {
        self.predictor.model().ok_or_else(|| {
            let detail = "no trained model is loaded yet; /readyz?verbose tells what is missing";
            ApiError::new(ErrorCode::ModelNotReady, detail)
        })
    }
}
