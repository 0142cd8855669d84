//! The page at `/`: how the service stands, for whoever comes by with a browser.
//!
//! Shape: [`call`] is the call; [`standing`] asks for what is known now; [`page`] shows it, [`runs`]
//! and [`replicas`] its tables. Loading it again shows what is known then.
//!
//! Concurrency: what serves is read from memory. A database that does not answer takes its tables away
//! and nothing else.
//!
//! Turned down: a page that loads itself again (it moves under whoever reads it, or listens to it).

mod call;
mod page;
mod replicas;
mod runs;
mod standing;

pub(super) use call::StatusApi;
