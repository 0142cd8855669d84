//! A request's body once it has arrived, within its size and its time.
//!
//! Most come in one piece, which is read where it lies. Of several none is kept: each may hold a buffer
//! many times its size, and who sends byte by byte decides how many there are. Turned down: poem's
//! reading, which copies each body twice by way of a page that it clears first.

use super::body_room::BodyRoom;
use super::edge::late_body;
use super::error::ApiError;
use super::error_codes::ErrorCode;
use super::state::ApiState;
use bytes::Bytes;
use http_body_util::BodyExt;
use http_body_util::combinators::BoxBody;
use hyper::body::Body as _;
use poem::RequestBody;

/// The body, within its size and its time; `broken` is what a body without an end is.
///
/// # Errors
/// `payload_too_large`, `request_timeout`, and `broken`.
pub(super) async fn read_bytes(
    body: &mut RequestBody,
    state: &ApiState,
    broken: ErrorCode,
) -> Result<Bytes, ApiError> {
    let limits = state.limits;
    let body = body.take().map_err(|_| ApiError::internal())?;
    let reading = whole(body.into(), limits.max_body_bytes, &state.body_room);
    let read = tokio::time::timeout(limits.body_read_timeout, reading)
        .await
        .map_err(|_| late_body())?;
    read.map_err(|unread| match unread {
        Unread::TooLarge => {
            let detail = format!("the body exceeds {} bytes", limits.max_body_bytes);
            ApiError::new(ErrorCode::PayloadTooLarge, detail)
        }
        Unread::Broken => ApiError::new(broken, "the body ended before it was whole"),
    })
}

/// The body as JSON's text.
///
/// # Errors
/// `invalid_json` where it is not UTF-8.
pub(super) fn as_text(body: &[u8]) -> Result<&str, ApiError> {
    std::str::from_utf8(body).map_err(|error| {
        let at = error.valid_up_to();
        let detail = format!("the body is not UTF-8 at byte {at}");
        ApiError::new(ErrorCode::InvalidJson, detail)
    })
}

/// Why there is no whole body.
#[derive(Debug, PartialEq, Eq)]
enum Unread {
    TooLarge,
    Broken,
}

async fn whole(
    mut body: BoxBody<Bytes, std::io::Error>,
    most_bytes: usize,
    room: &BodyRoom,
) -> Result<Bytes, Unread> {
    let (mut first, mut joined, mut length) = (Bytes::new(), None, 0);
    while let Some(frame) = body.frame().await {
        // Trailers are no part of it.
        let Ok(piece) = frame.map_err(|_| Unread::Broken)?.into_data() else {
            continue;
        };
        length += piece.len();
        if length > most_bytes {
            return Err(Unread::TooLarge);
        }
        if first.is_empty() && joined.is_none() {
            first = piece;
            continue;
        }
        let joined = joined.get_or_insert_with(|| {
            let told = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
            let mut taken = room.take(length.saturating_add(told).min(most_bytes));
            taken.extend(&std::mem::take(&mut first));
            taken
        });
        joined.extend(&piece);
    }
    Ok(joined.map_or(first, Bytes::from_owner))
}

#[cfg(test)]
mod tests {
    use super::*;
    use poem::Body;

    async fn read(pieces: &[&'static str], most_bytes: usize) -> Result<Bytes, Unread> {
        let pieces: Vec<_> = pieces.iter().map(|piece| Ok(Bytes::from(*piece))).collect();
        let stream = futures_util::stream::iter::<Vec<std::io::Result<Bytes>>>(pieces);
        whole(
            Body::from_bytes_stream(stream).into(),
            most_bytes,
            &BodyRoom::default(),
        )
        .await
    }

    #[tokio::test]
    async fn pieces_are_joined_in_their_order_whatever_is_empty() {
        for pieces in [
            &["abcd"][..],
            &["", "ab", "", "cd", ""],
            &["a", "b", "c", "d"],
        ] {
            assert_eq!(read(pieces, 4).await.unwrap(), "abcd", "{pieces:?}");
            assert_eq!(read(pieces, 3).await, Err(Unread::TooLarge), "{pieces:?}");
        }
        assert_eq!(read(&[], 0).await.unwrap(), "");
    }

    #[tokio::test]
    async fn one_piece_is_not_copied() {
        let sent = Bytes::from(vec![7; 10]);
        let body = Body::from_bytes(sent.clone());
        assert_eq!(
            whole(body.into(), 10, &BodyRoom::default())
                .await
                .unwrap()
                .as_ptr(),
            sent.as_ptr()
        );
    }

    #[tokio::test]
    async fn a_body_without_an_end_is_broken() {
        let pieces = [Ok(Bytes::from("ab")), Err(std::io::Error::other("gone"))];
        let body = Body::from_bytes_stream(futures_util::stream::iter(pieces));
        assert_eq!(
            whole(body.into(), 10, &BodyRoom::default()).await,
            Err(Unread::Broken)
        );
    }

    #[test]
    fn what_is_no_text_is_told_by_its_place() {
        let refused = as_text(b"{\"a\": \xff}").unwrap_err();
        assert!(refused.detail.contains("at byte 6"), "{}", refused.detail);
    }
}
