//! sea-orm's view of our own tables, one file a table. Nothing here leaves `store`.

pub(super) mod deployment;
pub(super) mod model_version;
pub(super) mod replica;
pub(super) mod training_run;
pub(super) mod trigger;
