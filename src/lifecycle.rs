//! How the process is told to stop.
//!
//! The first SIGTERM drains: not ready, still answering, then what is in flight, then the end. The
//! first SIGINT skips the drain. A second signal ends the process at once.

use tokio::signal::unix::{Signal, SignalKind, signal};

/// How to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// Drain first: a load balancer needs time to hear of it.
    Drain,
    /// Skip the drain: a person is waiting.
    Now,
}

/// The exit code of a process that was told twice.
const ABORTED: i32 = 130;

/// The process's signals.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes over SIGTERM and SIGINT.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn take_over() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Waits for the first signal; from then on a second one ends the process at once.
    pub async fn first(mut self) -> Stop {
        let stop = self.next().await;
        tokio::spawn(async move {
            self.next().await;
            std::process::exit(ABORTED);
        });
        stop
    }

    async fn next(&mut self) -> Stop {
        tokio::select! {
            _ = self.terminate.recv() => Stop::Drain,
            _ = self.interrupt.recv() => Stop::Now,
        }
    }
}
