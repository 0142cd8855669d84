//! Threads for long work, which give way to requests.
//!
//! Shape: one function that computes apart and hands back what came of it. Concurrency: each such
//! thread, and every thread that it starts, has the lowest priority there is (Linux: the niceness is a
//! thread's own): where requests and long work want the same core, requests get it. Turned down:
//! tokio's pool for blocking work (its threads are shared with short work, whose priority must stay).

use tokio::sync::oneshot;

/// The greatest niceness there is.
const NICEST: i32 = 19;

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

/// Of this thread alone, and of those that it starts.
fn lower_priority() {
    if let Err(error) = rustix::process::setpriority_process(None, NICEST) {
        tracing::warn!(%error, "failed to lower the priority of a thread for long work");
    }
}
