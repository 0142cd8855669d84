//! One span, which costs nothing where nobody listens.
//!
//! Shape: a span is the context in which it is current; it ends when it is dropped. Code inside
//! [`Span::in_scope`] or [`Span::around`] has it for its parent, log lines carry its ids.

use opentelemetry::trace::{FutureExt, SpanBuilder, SpanContext, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, Value};
use opentelemetry_sdk::trace::SdkTracer;
use std::borrow::Cow;
use std::future::Future;

/// A span that ends with its value; empty where nothing is traced.
#[derive(Debug)]
#[must_use = "a span that is dropped at once measures nothing"]
pub struct Span {
    context: Option<Context>,
}

impl Span {
    /// Nothing is measured.
    pub(super) fn none() -> Self {
        Self { context: None }
    }

    /// A child of `parent`.
    pub(super) fn start(tracer: &SdkTracer, builder: SpanBuilder, parent: &Context) -> Self {
        let span = tracer.build_with_context(builder, parent);
        Self {
            context: Some(parent.with_span(span)),
        }
    }

    /// Not a span of ours, only the trace that what is done inside belongs to.
    pub(super) fn of_context(context: Context) -> Self {
        Self {
            context: Some(context),
        }
    }

    /// Whatever runs in it belongs to no trace.
    pub fn outside() -> Self {
        Self::of_context(Context::new())
    }

    pub(super) fn context(&self) -> Option<&Context> {
        self.context.as_ref()
    }

    /// Runs a computation with this span as the current one.
    pub fn in_scope<T>(&self, compute: impl FnOnce() -> T) -> T {
        let _entered = self.context.clone().map(Context::attach);
        compute()
    }

    /// Runs a future with this span as the current one. It ends with the last owner of the span.
    pub async fn around<F: Future>(&self, future: F) -> F::Output {
        match &self.context {
            Some(context) => future.with_context(context.clone()).await,
            None => future.await,
        }
    }

    /// Sets an attribute.
    pub fn set(&self, name: &'static str, value: impl Into<Value>) {
        if let Some(context) = &self.context {
            context.span().set_attribute(KeyValue::new(name, value));
        }
    }

    /// Says that what it measures failed, with the failure's code.
    pub fn fail(&self, code: impl Into<Cow<'static, str>>) {
        if let Some(context) = &self.context {
            let (span, code) = (context.span(), code.into());
            span.set_attribute(KeyValue::new("error.type", code.clone()));
            span.set_status(Status::error(code));
        }
    }

    /// Points to a span of another trace that this one is because of.
    pub(super) fn link(&self, to: SpanContext) {
        if let Some(context) = &self.context {
            context.span().add_link(to, Vec::new());
        }
    }
}

impl Drop for Span {
    fn drop(&mut self) {
        if let Some(context) = &self.context {
            context.span().end();
        }
    }
}
