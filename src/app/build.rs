//! Makes the application; asks the operating system for the port and nobody for anything else.

use super::keys::KeyWatch;
use super::workshop::WorkshopError;
use super::{Cores, Workshop};
use crate::clock::Clock;
use crate::config::{Config, ConfigError, ConfigFault, Http};
use crate::health::Health;
use crate::http::openapi::{self, Document, Surface};
use crate::http::{
    self, ApiEndpoint, ApiState, EndpointError, RequestLimits, Server, ServerLimits, ServingParts,
};
use crate::serving::{Follower, ModelSlot, Promoter};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// The OpenAPI document for a configuration; needs no database.
///
/// # Errors
/// As [`openapi::document`](crate::http::openapi::document).
pub fn document(config: &Config) -> Result<Document, serde_json::Error> {
    let surface = Surface {
        keys: config.auth.is_configured(),
    };
    openapi::document(&config.model.name, &config.dataset.learning_schema, surface)
}

/// The whole service, built and not yet running.
pub struct App {
    pub(super) server: Server,
    pub(super) endpoint: Arc<ApiEndpoint>,
    pub(super) health: Arc<Health>,
    pub(super) slot: Arc<ModelSlot>,
    pub(super) follower: Follower,
    pub(super) workshop: Workshop,
    pub(super) keys: KeyWatch,
    pub(super) config: Config,
    address: SocketAddr,
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
    /// The database's URL or the penalty.
    #[error(transparent)]
    Workshop(#[from] WorkshopError),
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
    /// [`AppError`]. A file of keys that cannot be used is one, a database that cannot be reached
    /// is none: the service comes up without it.
    pub async fn build(config: Config, clock: Arc<dyn Clock>) -> Result<Self, AppError> {
        let exposure = config.http.check_exposure(config.auth.is_configured());
        exposure.map_err(AppError::Exposed)?;
        let keys = KeyWatch::begin(&config.auth).map_err(AppError::Keys)?;
        let workshop = Workshop::build(&config, Arc::clone(&clock), Cores::AllButOne).await?;
        let slot = Arc::new(ModelSlot::default());
        let health = Arc::new(Health::default());
        let serving = ServingParts {
            slot: Arc::clone(&slot),
            registry: workshop.registry.clone(),
            promoter: Promoter::new(workshop.registry.clone(), Arc::clone(&slot), clock),
        };
        let state = ApiState::new(
            Arc::clone(&workshop.schema),
            serving,
            workshop.queue.clone(),
            Arc::clone(&health),
            keys.keyring(),
            request_limits(&config.http),
        )
        .with_key(config.dataset.key.clone())
        .with_timetable(workshop.timetable.clone());
        let endpoint = Arc::new(http::endpoint(&state)?);
        let (server, address) = listen(&config.http).await?;
        let follower = Follower::new(workshop.registry.clone(), Arc::clone(&slot));
        Ok(Self {
            server,
            endpoint,
            health,
            slot,
            follower,
            workshop,
            keys,
            config,
            address,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
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

/// The server on its port, and which that is.
async fn listen(http: &Http) -> Result<(Server, SocketAddr), AppError> {
    let listen = |source| AppError::Listen {
        address: http.listen,
        source,
    };
    let server = Server::bind(http.listen, server_limits(http))
        .await
        .map_err(listen)?;
    let address = server.local_address().map_err(listen)?;
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
    }
}
