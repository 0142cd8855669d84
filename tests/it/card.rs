//! The card of a version: what it tells, and that its curves are the field's.

mod curves;
mod told;
