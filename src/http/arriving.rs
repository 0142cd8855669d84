//! A request's body that tells how far it has come.
//!
//! Whether it is still being waited for, so that a client that is slow is told that, and not that the service is; and
//! whether somebody took it to its end, since what is left of it stands before the connection's next request.

use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use poem::Request;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::{Context, Poll};

type Bytes = bytes::Bytes;

/// There is more of it, or may be, and nobody waits for it.
const BEGUN: u8 = 0;
/// Somebody waits for more.
const AWAITED: u8 = 1;
/// It ended or broke off, or there never was one.
const OVER: u8 = 2;

/// How far a body has come.
#[derive(Debug, Clone)]
pub(super) struct Arrival(Arc<AtomicU8>);

impl Arrival {
    /// Watches the body of this request, on which [`Arrival::of`] finds it.
    pub(super) fn watch(request: &mut Request) -> Self {
        let body = request.take_body();
        if body.is_empty() {
            return Self::none();
        }
        let arrival = Self(Arc::new(AtomicU8::new(BEGUN)));
        let arriving = Arriving {
            body: body.into(),
            arrival: arrival.clone(),
        };
        request.set_body(poem::Body::from(BoxBody::new(arriving)));
        request.extensions_mut().insert(arrival.clone());
        arrival
    }

    /// That of this request.
    pub(super) fn of(request: &Request) -> Self {
        request
            .extensions()
            .get()
            .cloned()
            .unwrap_or_else(Self::none)
    }

    fn none() -> Self {
        Self(Arc::new(AtomicU8::new(OVER)))
    }

    /// Whether somebody waits for more.
    pub(super) fn is_awaited(&self) -> bool {
        self.0.load(Ordering::Relaxed) == AWAITED
    }

    /// Whether nothing of it is left.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) == OVER
    }
}

struct Arriving {
    body: BoxBody<Bytes, io::Error>,
    arrival: Arrival,
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        let state = match &polled {
            Poll::Pending => AWAITED,
            Poll::Ready(Some(Ok(_))) if !self.body.is_end_stream() => BEGUN,
            Poll::Ready(_) => OVER,
        };
        self.arrival.0.store(state, Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::{StreamExt, stream};

    #[tokio::test]
    async fn it_is_over_once_it_was_taken_to_its_end() {
        let pieces = [Ok("ab"), Ok::<_, io::Error>("cd")];
        let mut request = Request::default();
        request.set_body(poem::Body::from_bytes_stream(stream::iter(pieces)));
        let arrival = Arrival::watch(&mut request);
        let mut body = request.take_body().into_bytes_stream();
        for _ in 0..2 {
            assert!(!Arrival::of(&request).is_over());
            body.next().await.unwrap().unwrap();
        }
        assert!(body.next().await.is_none());
        assert!(arrival.is_over() && !arrival.is_awaited());
    }

    #[tokio::test]
    async fn one_that_does_not_come_is_awaited_and_none_at_all_is_over() {
        let mut request = Request::default();
        assert!(Arrival::watch(&mut request).is_over());
        assert!(Arrival::of(&request).is_over());
        let silent = stream::pending::<io::Result<Bytes>>();
        request.set_body(poem::Body::from_bytes_stream(silent));
        let arrival = Arrival::watch(&mut request);
        let mut body = request.take_body().into_bytes_stream();
        assert!(!arrival.is_awaited());
        assert!(futures_util::poll!(body.next()).is_pending());
        assert!(arrival.is_awaited() && !arrival.is_over());
    }
}
