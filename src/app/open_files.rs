//! How many files, and so connections, the process may have open.

use rustix::process::{Resource, getrlimit, setrlimit};

/// Raises the soft limit of open files, often 1,024 for the sake of old programs, to the hard one, as a
/// process may: the default `[http] max_connections` is more. Gives how many there may be, none where
/// there is no limit.
pub fn allow_many_open_files() -> Option<u64> {
    let mut limit = getrlimit(Resource::Nofile);
    let hard = limit.maximum;
    if limit.current != hard {
        let soft = limit.current;
        limit.current = hard;
        if let Err(error) = setrlimit(Resource::Nofile, limit) {
            tracing::warn!(%error, "failed to raise the limit of open files");
            return soft;
        }
    }
    hard
}
