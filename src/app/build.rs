//! Makes the application; asks the operating system for the port and nobody for anything else.

use super::certificate::CertificateWatch;
use super::keys::KeyWatch;
use super::observations;
use super::replica_name::replica_name;
use super::watched::{self, Seen};
use super::workshop::{WorkshopError, dataset_table};
use super::{Cores, Workshop};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, ConfigFault, Http};
use crate::health::Health;
use crate::http::openapi::{self, Document, Surface};
use crate::http::{
    self, ApiEndpoint, ApiState, Cors, EndpointError, Keyring, MetricsEndpoint, RequestLimits,
    Server, ServerLimits, ServingParts,
};
use crate::serving::{Follower, ModelSlot, Presence, Promoter};
use crate::store::{ObservationTable, StoreError};
use crate::telemetry::Telemetry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// The OpenAPI document for a configuration; needs no database.
///
/// # Errors
/// As [`openapi::document`](crate::http::openapi::document).
pub fn document(config: &Config) -> Result<Document, serde_json::Error> {
    let schema = &config.dataset.learning_schema;
    let surface = Surface {
        keys: config.auth.is_configured(),
        observations: config.observations.enabled,
        ordered: dataset_table(config).own_order(schema).is_some(),
    };
    openapi::document(&config.model.name, schema, surface)
}

/// The whole service, built and not yet running.
pub struct App {
    pub(super) server: Server,
    pub(super) endpoint: Arc<ApiEndpoint>,
    pub(super) health: Arc<Health>,
    pub(super) slot: Arc<ModelSlot>,
    pub(super) follower: Follower,
    pub(super) presence: Presence,
    pub(super) workshop: Workshop,
    pub(super) keys: KeyWatch,
    pub(super) certificate: Option<CertificateWatch>,
    pub(super) observations: Option<ObservationTable>,
    pub(super) config: Config,
    pub(super) metrics: Option<MetricsServer>,
    pub(super) seen: Arc<Seen>,
    address: SocketAddr,
}

/// The second address, for metrics and probes.
pub(super) struct MetricsServer {
    server: Server,
    endpoint: Arc<MetricsEndpoint>,
}

impl MetricsServer {
    async fn bind(config: &Config, state: &ApiState) -> Result<Option<Self>, AppError> {
        let Some(listen) = config.telemetry.metrics_listen else {
            return Ok(None);
        };
        Ok(Some(Self {
            server: bind(listen, &config.http).await?.0,
            endpoint: Arc::new(http::metrics_endpoint(state)),
        }))
    }

    /// Answers for as long as the future is asked.
    pub(super) async fn answer(self) {
        let (_never, stopped) = watch::channel(false);
        self.server.run(self.endpoint, stopped).await;
    }
}

/// Why the service could not be built.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// The address is open to others and nothing says that this is meant.
    #[error("{0}")]
    Exposed(ConfigFault),
    /// The file of keys.
    #[error("read the keys: {0}")]
    Keys(ConfigError),
    /// The files of the certificate.
    #[error("read the certificate: {0}")]
    Certificate(ConfigError),
    /// The database's URL or the penalty.
    #[error(transparent)]
    Workshop(#[from] WorkshopError),
    /// The table that observations are to be written into.
    #[error("serve observations")]
    Observations(#[source] StoreError),
    /// The document, or a call without a role.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The port.
    #[error("listen on {address}")]
    Listen {
        /// The configured address.
        address: SocketAddr,
        /// What the operating system says.
        #[source]
        source: std::io::Error,
    },
}

impl App {
    /// Builds the service and binds its port.
    ///
    /// # Errors
    /// [`AppError`]. A file of keys, a certificate or a table of observations that cannot be used is one,
    /// a database that cannot be reached is none: the service comes up without it.
    pub async fn build(
        config: Config,
        clock: Arc<dyn Clock>,
        telemetry: Telemetry,
    ) -> Result<Self, AppError> {
        check_exposure(&config)?;
        let keys = KeyWatch::begin(&config.auth).map_err(AppError::Keys)?;
        let certificate = CertificateWatch::begin(config.http.tls.as_ref());
        let certificate = certificate.map_err(AppError::Certificate)?;
        let (time, cores) = (Arc::clone(&clock), Cores::AllButOne);
        let workshop = Workshop::build(&config, time, cores, &telemetry).await?;
        let observations = observations::open(&config, &workshop).await?;
        let slot = Arc::new(ModelSlot::default());
        let health = Arc::new(Health::default());
        let serving = serving_parts(&workshop, &slot, clock);
        let state = api_state(&config, &workshop, serving, &health, keys.keyring())
            .with_observations(observations.clone());
        let endpoint = Arc::new(http::endpoint(&state)?);
        let (server, address) = bind_api(&config.http, certificate.as_ref()).await?;
        let metrics = MetricsServer::bind(&config, &state).await?;
        let seen = Arc::default();
        watched::watch(&workshop, &slot, &health, &seen);
        Ok(Self {
            server,
            endpoint,
            health,
            follower: Follower::new(workshop.registry.clone(), Arc::clone(&slot)),
            slot,
            presence: presence(&workshop),
            workshop,
            keys,
            certificate,
            observations,
            config,
            metrics,
            seen,
            address,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where metrics are asked for too, if anywhere.
    #[must_use]
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        let metrics = self.metrics.as_ref();
        metrics.and_then(|metrics| metrics.server.local_address().ok())
    }

    /// What answers now.
    #[must_use]
    pub fn slot(&self) -> Arc<ModelSlot> {
        Arc::clone(&self.slot)
    }

    /// How it stands.
    #[must_use]
    pub fn health(&self) -> Arc<Health> {
        Arc::clone(&self.health)
    }
}

fn serving_parts(
    workshop: &Workshop,
    slot: &Arc<ModelSlot>,
    clock: Arc<dyn Clock>,
) -> ServingParts {
    ServingParts {
        slot: Arc::clone(slot),
        registry: workshop.registry.clone(),
        promoter: Promoter::new(workshop.registry.clone(), Arc::clone(slot), clock),
    }
}

fn presence(workshop: &Workshop) -> Presence {
    let (registry, code) = (workshop.registry.clone(), env!("LOGITD_CODE_VERSION"));
    Presence::new(registry, &replica_name(), code)
}

fn api_state(
    config: &Config,
    workshop: &Workshop,
    serving: ServingParts,
    health: &Arc<Health>,
    keyring: Arc<Keyring>,
) -> ApiState {
    ApiState::new(
        Arc::clone(&workshop.schema),
        serving,
        workshop.queue.clone(),
        Arc::clone(health),
        keyring,
        request_limits(&config.http),
        workshop.telemetry.clone(),
    )
    .with_cors(Cors::of(config.http.cors_origins.clone()))
    .with_key(config.dataset.key.clone())
    .with_timetable(workshop.timetable.clone())
}

fn check_exposure(config: &Config) -> Result<(), AppError> {
    let exposure = config.http.check_exposure(config.auth.is_configured());
    exposure.map_err(AppError::Exposed)
}

/// The address for everybody, by TLS where there is a certificate.
async fn bind_api(
    http: &Http,
    certificate: Option<&CertificateWatch>,
) -> Result<(Server, SocketAddr), AppError> {
    let (server, address) = bind(http.listen, http).await?;
    let server = match certificate {
        Some(watch) => server.with_tls(watch.certificates()),
        None => server,
    };
    Ok((server, address))
}

async fn bind(address: SocketAddr, http: &Http) -> Result<(Server, SocketAddr), AppError> {
    let failed = |source| AppError::Listen { address, source };
    let bound = Server::bind(address, server_limits(http)).await;
    let server = bound.map_err(failed)?;
    let address = server.local_address().map_err(failed)?;
    Ok((server, address))
}

fn request_limits(http: &Http) -> RequestLimits {
    RequestLimits {
        max_body_bytes: http.max_body_bytes,
        max_instances: http.max_instances,
        max_in_flight: http.max_in_flight,
        body_read_timeout: Duration::from_millis(http.body_read_timeout_ms),
        request_timeout: Duration::from_millis(http.request_timeout_ms),
    }
}

fn server_limits(http: &Http) -> ServerLimits {
    ServerLimits {
        max_connections: http.max_connections,
        header_read_timeout: Duration::from_millis(http.header_read_timeout_ms),
        write_timeout: Duration::from_millis(http.write_timeout_ms),
    }
}
