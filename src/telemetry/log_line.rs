//! A line of the log with the trace it belongs to.
//!
//! JSON: the members `trace_id` and, where a span of ours is current, `span_id` at the end of the
//! object. Text: the same two behind the other fields.

use super::propagation::current_ids;
use std::fmt;
use tracing::{Event, Subscriber};
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::format::{DefaultFields, Format, Json, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes an event as one JSON object.
#[derive(Debug)]
pub(super) struct JsonLine(pub(super) Format<Json>);

impl<S, N> FormatEvent<S, N> for JsonLine
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let Some((trace, span)) = current_ids() else {
            return self.0.format_event(context, writer, event);
        };
        let mut line = String::new();
        self.0
            .format_event(context, Writer::new(&mut line), event)?;
        let open = line.trim_end().strip_suffix('}').unwrap_or(&line);
        write!(writer, "{open},\"trace_id\":\"{trace}\"")?;
        if let Some(span) = span {
            write!(writer, ",\"span_id\":\"{span}\"")?;
        }
        writeln!(writer, "}}")
    }
}

/// Writes the fields of an event for a person.
#[derive(Debug, Default)]
pub(super) struct TextFields(DefaultFields);

impl<'w> FormatFields<'w> for TextFields {
    fn format_fields<R: RecordFields>(&self, mut writer: Writer<'w>, fields: R) -> fmt::Result {
        // Written first, since the inner format takes the writer for itself.
        let mut told = String::new();
        self.0.format_fields(Writer::new(&mut told), fields)?;
        writer.write_str(&told)?;
        if let Some((trace, span)) = current_ids() {
            write!(writer, " trace_id={trace}")?;
            if let Some(span) = span {
                write!(writer, " span_id={span}")?;
            }
        }
        Ok(())
    }
}
