//! What an answer occupies until its last byte is written: a place among the requests in flight, its
//! connection's attention.
//!
//! The body's bytes own it. The server drops them once they are written, or the connection is gone;
//! nobody has to remember to let go. Who is further in leaves what it holds on the response
//! ([`leave_on`]), so that the bytes are wrapped once. Turned down: letting go when the handler is done, by which slow
//! readers could pile up answers in memory without any limit.

use super::error::ApiError;
use bytes::Bytes;
use poem::{Body, Response};
use std::sync::Arc;
use tokio::sync::OwnedSemaphorePermit;

/// Bytes, and what is held as long as they are.
struct Held<T> {
    bytes: Bytes,
    _occupied: T,
}

impl<T> AsRef<[u8]> for Held<T> {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// A place among the requests in flight, as the edge leaves it on a response.
#[derive(Clone)]
struct InFlight(#[expect(dead_code, reason = "held, never read")] Arc<OwnedSemaphorePermit>);

/// Has the response hold the place for as long as it is there, and until it is written.
pub(super) fn leave_on(response: &mut Response, place: OwnedSemaphorePermit) {
    response.extensions_mut().insert(InFlight(Arc::new(place)));
}

/// Has the response hold `occupied`, and what was left on it, until it is written.
///
/// # Errors
/// A body that cannot be made.
pub(super) async fn until_written<T>(response: Response, occupied: T) -> Result<Response, ApiError>
where
    T: Send + 'static,
{
    let (mut parts, body) = response.into_parts();
    let in_flight = parts.extensions.remove::<InFlight>();
    if body.is_empty() {
        return Ok(Response::from_parts(parts, body));
    }
    // Every body of ours is whole already: nothing is waited for or copied.
    let bytes = body.into_bytes().await.map_err(|_| ApiError::internal())?;
    let held = Held {
        bytes,
        _occupied: (occupied, in_flight),
    };
    let body = Body::from_bytes(Bytes::from_owner(held));
    Ok(Response::from_parts(parts, body))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::Semaphore;

    #[tokio::test]
    async fn it_is_let_go_with_the_last_of_the_bytes() {
        let place = Arc::new(());
        let response = Response::builder().body("answer");
        let held = until_written(response, Arc::clone(&place)).await.unwrap();
        let bytes = held.into_body().into_bytes().await.unwrap();
        let rest = bytes.slice(3..);
        drop(bytes);
        assert_eq!((Arc::strong_count(&place), &rest[..]), (2, &b"wer"[..]));
        drop(rest);
        assert_eq!(Arc::strong_count(&place), 1);
    }

    #[tokio::test]
    async fn what_was_left_on_it_is_let_go_with_the_bytes_too() {
        let places = Arc::new(Semaphore::new(1));
        let place = Arc::clone(&places).try_acquire_owned().unwrap();
        let mut response = Response::builder().body("answer");
        leave_on(&mut response, place);
        let held = until_written(response, ()).await.unwrap();
        let bytes = held.into_body().into_bytes().await.unwrap();
        assert_eq!(places.available_permits(), 0);
        drop(bytes);
        assert_eq!(places.available_permits(), 1);
    }

    #[tokio::test]
    async fn an_empty_answer_holds_nothing() {
        let place = Arc::new(());
        let response = Response::builder().finish();
        let _held = until_written(response, Arc::clone(&place)).await.unwrap();
        assert_eq!(Arc::strong_count(&place), 1);
    }
}
