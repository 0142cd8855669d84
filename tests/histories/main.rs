//! What the gate does over many retrainings: a promise about frequencies is counted.
//!
//! Shape: a history draws a distribution, trains at every size of its table as a run does and asks
//! the gate; what serves in the end is scored on 100,000 rows that nobody saw. The parts are the pure
//! ones; `tests/it/gate` sends one history of each kind through each database.
//!
//! Concurrency: histories share nothing and run side by side.
//!
//! It is a binary of its own because it wants the learning optimised, and seeds by the hundred:
//! `scripts/test.sh` runs it as a step.

#[cfg(test)]
mod counted;
#[cfg(test)]
mod distribution;
#[cfg(test)]
mod training;
