//! A request's body that tells whether it is still being waited for, so that a client that is slow is
//! told that, and not that the service is.

use http_body_util::combinators::BoxBody;
use hyper::body::{Body, Frame, SizeHint};
use poem::Request;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

type Bytes = bytes::Bytes;

/// Whether somebody waits for more of a body.
#[derive(Debug, Clone, Default)]
pub(super) struct Arrival(Arc<AtomicBool>);

impl Arrival {
    /// Watches the body of this request.
    pub(super) fn watch(request: &mut Request) -> Self {
        let arrival = Self::default();
        let body = request.take_body();
        if body.is_empty() {
            return arrival;
        }
        let arriving = Arriving {
            body: body.into(),
            arrival: arrival.clone(),
        };
        request.set_body(poem::Body::from(BoxBody::new(arriving)));
        arrival
    }

    pub(super) fn is_awaited(&self) -> bool {
        self.0.load(Ordering::Relaxed)
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
        self.arrival.0.store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
