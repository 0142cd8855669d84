//! The rest of a body that nobody wants, because its request was refused at once.
//!
//! Its client sends it all the same, most of the time. Left unread it would end the connection, and connecting
//! anew costs both sides more than taking what comes and dropping it.
//!
//! Concurrency: a task a body, which ends with it, with its connection, or when its time is over: what is
//! left then ends the connection, which [`lingering`](super::lingering) looks after.
//! Turned down: reading it before the refusal (who is refused would wait, and be counted by nobody).

use futures_util::StreamExt;
use poem::Body;
use std::time::Duration;

/// How long a body may still come that is dropped.
const LONGEST: Duration = Duration::from_secs(2);

/// Takes what comes of the body, up to so many bytes, while the answer is already on its way.
pub(super) fn take_and_drop(body: Body, most_bytes: usize) {
    if body.is_empty() {
        return;
    }
    tokio::spawn(async move {
        // Whether it ended, broke off or is given up is the connection's to know.
        let _ = tokio::time::timeout(LONGEST, taken(body, most_bytes)).await;
    });
}

/// How many bytes came; it ends early where there are more than allowed.
async fn taken(body: Body, most_bytes: usize) -> usize {
    let mut pieces = body.into_bytes_stream();
    let mut taken = 0;
    while let Some(Ok(piece)) = pieces.next().await {
        taken += piece.len();
        if taken > most_bytes {
            break;
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use std::io;

    fn endless() -> Body {
        Body::from_bytes_stream(stream::repeat_with(|| Ok::<_, io::Error>(vec![0_u8; 1000])))
    }

    #[tokio::test]
    async fn a_body_is_taken_to_its_end_and_not_past_its_size() {
        let three = [
            Ok(vec![1; 5]),
            Ok(vec![2; 5]),
            Ok::<_, io::Error>(vec![3; 5]),
        ];
        let body = Body::from_bytes_stream(stream::iter(three));
        assert_eq!(taken(body, 100).await, 15);
        assert_eq!(taken(endless(), 10_500).await, 11_000);
        let broken = [
            Ok(vec![1; 5]),
            Err(io::Error::other("gone")),
            Ok(vec![3; 5]),
        ];
        let body = Body::from_bytes_stream(stream::iter(broken));
        assert_eq!(taken(body, 100).await, 5);
    }
}
