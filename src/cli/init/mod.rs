//! `logitd init`: a configuration written from a table that is there.
//!
//! Shape: `store::inspection` looks, [`choice`] decides what each column is (pure), [`cautions`] says
//! what a person should know (pure), [`document`] writes it down (pure), [`command`] joins them and
//! writes the file. What it writes is read back before it is written: it works unedited.
//!
//! Turned down: questions at the terminal (a script could not answer them), and bounds from the
//! observed range, which would refuse the next larger value.

mod cautions;
mod choice;
mod command;
mod document;
mod words;

pub(super) use command::run;
