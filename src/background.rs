//! Threads for long work, which give way to requests.
//!
//! Shape: one function that computes apart and hands back what came of it. Concurrency: each such
//! thread, and every thread that it starts, runs where nobody else wants the core (Linux: `SCHED_IDLE`,
//! a thread's own): a request that comes gets it at once. Turned down: niceness alone (a thread of
//! niceness 19 that has a core keeps it for some milliseconds, request or not), and tokio's pool for
//! blocking work (its threads are shared with short work, whose priority must stay).

use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};
use tokio::sync::oneshot;

/// The greatest niceness there is.
const NICEST: i32 = 19;
/// Below every niceness, by Linux's name `SCHED_IDLE`.
const IDLE: ThreadSchedulePolicy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);

/// Computes on a thread of its own, at the lowest priority. The receiver fails when it panicked.
///
/// # Errors
/// No thread could be started.
pub fn compute<T: Send + 'static>(
    name: &str,
    compute: impl FnOnce() -> T + Send + 'static,
) -> std::io::Result<oneshot::Receiver<T>> {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            lower_priority();
            // The receiver is gone when nobody waits any more: nobody is left to tell.
            let _ = sender.send(compute());
        })?;
    Ok(receiver)
}

/// Of this thread alone, and of those that it starts. Where the policy may not be set (a sandbox), the
/// niceness mostly may.
fn lower_priority() {
    let set = set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, IDLE);
    let Err(refused) = set else { return };
    if let Err(error) = rustix::process::setpriority_process(None, NICEST) {
        tracing::warn!(
            ?refused,
            %error,
            "failed to lower the priority of a thread for long work"
        );
    }
}
