//! What is told to the outside about the inside. So far: the log, and errors in words.

mod causes;
mod log;

pub use causes::with_causes;
pub use log::{LogStyle, start};
