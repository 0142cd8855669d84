//! Fuzz targets: what reads a request, and what shows a stored version.

mod csv;
mod instance;
mod path;
pub(super) mod rows;
mod stored;
