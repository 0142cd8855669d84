//! What the OpenTelemetry crates have to say for themselves, at most one line a minute.
//!
//! That an export failed is told by the [`collector`](super::collector) in our words; the crates say it
//! once more a signal and a try, so those lines are left out. What is left (a sampler's argument that
//! makes no sense, spans dropped because a queue is full) is told once a minute.

use super::exports::OncePerMinute;
use tracing::{Event, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter};

/// Where every crate of OpenTelemetry's speaks.
pub(super) const TARGET: &str = "opentelemetry";

/// Lets few of the crates' own events through, and everything else.
#[derive(Debug, Default)]
pub(super) struct FewSdkEvents {
    last: OncePerMinute,
}

impl<S: Subscriber> Filter<S> for FewSdkEvents {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        let about_exports =
            metadata.name().contains("Export") || metadata.name().contains("Client");
        !(metadata.target().starts_with(TARGET) && about_exports)
    }

    fn event_enabled(&self, event: &Event<'_>, _: &Context<'_, S>) -> bool {
        !event.metadata().target().starts_with(TARGET) || self.last.pass().is_some()
    }
}
