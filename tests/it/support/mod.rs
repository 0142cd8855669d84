//! What the tests stand on: databases, tables, programs, an HTTP client, a browser.
//!
//! Shape: a file a thing, each with tests of its own, since a harness that does not work makes
//! tests that cannot fail. Concurrency: tests run in parallel and share only the PostgreSQL
//! server; everything else is made for one test and gone with it, however the test ends.

pub(crate) mod accepted;
pub(crate) mod app;
pub(crate) mod balancer;
pub(crate) mod browser;
pub(crate) mod certificates;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod collector;
pub(crate) mod database;
pub(crate) mod eventually;
pub(crate) mod growing;
pub(crate) mod held;
pub(crate) mod https;
pub(crate) mod keep_alive;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod prometheus;
pub(crate) mod proxy;
pub(crate) mod python;
pub(crate) mod rendered;
pub(crate) mod rows;
pub(crate) mod services;
pub(crate) mod shed;
pub(crate) mod tables;
pub(crate) mod terminal;
pub(crate) mod training;
pub(crate) mod versions;
pub(crate) mod watchdog;
pub(crate) mod watched_service;
