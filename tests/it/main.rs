//! Everything that needs a database, a port, a process or a browser, in one binary.
//!
//! A file a topic; `support` is what they stand on.

#[cfg(test)]
mod support;

#[cfg(test)]
mod before_migrations;
#[cfg(test)]
mod beside_traffic;
#[cfg(test)]
mod card;
#[cfg(test)]
mod champion;
#[cfg(test)]
mod clocks;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod dataset;
#[cfg(test)]
mod deployments;
#[cfg(test)]
mod documents;
#[cfg(test)]
mod documents_for_clients;
#[cfg(test)]
mod examples_in_document;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod held_out;
#[cfg(test)]
mod hostile_names;
#[cfg(test)]
mod image;
#[cfg(test)]
mod import;
#[cfg(test)]
mod init;
#[cfg(test)]
mod injections;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod killed;
#[cfg(test)]
mod learning_laws;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod manifests;
#[cfg(test)]
mod migrations;
#[cfg(test)]
mod observability;
#[cfg(test)]
mod observations;
#[cfg(test)]
mod open_inference;
#[cfg(test)]
mod outages;
#[cfg(test)]
mod page;
#[cfg(test)]
mod pages;
#[cfg(test)]
mod panics;
#[cfg(test)]
mod pool;
#[cfg(test)]
mod predictions;
#[cfg(test)]
mod predictions_csv;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod promotions;
#[cfg(test)]
mod queue;
#[cfg(test)]
mod readme;
#[cfg(test)]
mod reference_fits;
#[cfg(test)]
mod replicas;
#[cfg(test)]
mod reproduce;
#[cfg(test)]
mod rolling_update;
#[cfg(test)]
mod rollout;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod seen_rows;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod side_by_side;
#[cfg(test)]
mod starts;
#[cfg(test)]
mod status;
#[cfg(test)]
mod telemetry;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod training_runs;
#[cfg(test)]
mod triggers;
#[cfg(test)]
mod trusted_learning;
