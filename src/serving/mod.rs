//! The model in use.
//!
//! Shape: [`ModelSlot`] holds what answers now; [`predictor`] turns instances into predictions with
//! the model that made them; [`registry`] is how versions and deployments are asked for;
//! [`promoter`] is how a person decides what serves, with the [`history`] that a roll back reads;
//! [`follower`] keeps the slot at the champion, whichever process promoted it; [`presence`] tells
//! the other replicas of this one.
//!
//! Concurrency: a request takes one snapshot of the slot (an `Arc`) and works on it to its end; a
//! swap never waits for requests nor they for it. Predictions never touch the database.

pub mod follower;
pub mod history;
pub mod predictor;
pub mod presence;
pub mod promoter;
pub mod registry;
pub mod served_model;
pub mod slot;

pub use crate::store::{Deployment, DeploymentAction, ModelVersion, NewModelVersion, SeenReplica};
pub use follower::Follower;
pub use predictor::{InstancePrediction, Predictor, RangeWarning, WarningKind};
pub use presence::Presence;
pub use promoter::{Order, Promoter, PromotionError};
pub use registry::{Registry, RegistryError};
pub use served_model::ServedModel;
pub use slot::ModelSlot;
