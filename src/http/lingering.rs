//! A connection's end that lets the other side read the last answer.
//!
//! A client may be refused before it has sent all of its body. Closed there and then, the kernel answers the rest
//! with a reset, at which the client's own kernel throws away the answer it had not read yet. So the
//! writing side is closed first, and what still comes is taken and dropped for a moment.
//! Turned down: reading every refused body to its end (a slow or endless one would hold its place), and
//! lingering on every connection (most have nothing left to read, and would stay for nothing).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// How long is listened to who was refused.
const LONGEST: Duration = Duration::from_secs(2);
/// Taken at a time.
const PIECE_BYTES: usize = 16 * 1024;

/// Whether the last answer came before the whole request had.
#[derive(Debug, Clone, Default)]
pub(super) struct Unread(Arc<AtomicBool>);

impl Unread {
    /// Says it of the newest answer.
    pub(super) fn tell(&self, unread: bool) {
        self.0.store(unread, Ordering::Relaxed);
    }

    fn is_told(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// A stream that lingers at its end where the last answer came early.
#[derive(Debug)]
pub(super) struct Lingering<S> {
    stream: S,
    unread: Unread,
    longest: Duration,
    until: Option<Pin<Box<Sleep>>>,
}

impl<S> Lingering<S> {
    pub(super) fn new(stream: S, unread: Unread) -> Self {
        Self {
            stream,
            unread,
            longest: LONGEST,
            until: None,
        }
    }
}

impl<S: AsyncRead + Unpin> Lingering<S> {
    /// Takes what comes until there is no more, the connection breaks or the time is over.
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let longest = self.longest;
        let until = self
            .until
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(longest)));
        if until.as_mut().poll(context).is_ready() {
            return Poll::Ready(());
        }
        let mut piece = [0_u8; PIECE_BYTES];
        loop {
            let mut taken = ReadBuf::new(&mut piece);
            match ready!(Pin::new(&mut self.stream).poll_read(context, &mut taken)) {
                Ok(()) if !taken.filled().is_empty() => {}
                _ => return Poll::Ready(()),
            }
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Lingering<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Lingering<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, pieces)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.until.is_none() {
            ready!(Pin::new(&mut self.stream).poll_shutdown(context))?;
        }
        if self.unread.is_told() {
            ready!(self.poll_rest(context));
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

    fn pair(unread: bool, longest: Duration) -> (DuplexStream, Lingering<DuplexStream>) {
        let (client, server) = tokio::io::duplex(1024);
        let told = Unread::default();
        told.tell(unread);
        let mut server = Lingering::new(server, told);
        server.longest = longest;
        (client, server)
    }

    #[tokio::test]
    async fn the_rest_is_taken_until_its_end() {
        let (mut client, mut server) = pair(true, Duration::from_secs(600));
        let ending = tokio::spawn(async move { server.shutdown().await });
        client.write_all(&vec![1; 100_000]).await.unwrap();
        let mut told = Vec::new();
        client.read_to_end(&mut told).await.unwrap();
        assert!(told.is_empty() && !ending.is_finished());
        drop(client);
        ending.await.unwrap().unwrap();
    }

    #[tokio::test]
    async fn nobody_is_listened_to_for_ever_nor_without_need() {
        let longest = Duration::from_millis(30);
        let (begun, (_client, mut server)) = (Instant::now(), pair(true, longest));
        server.shutdown().await.unwrap();
        assert!(begun.elapsed() >= longest);
        // Here waiting would never end.
        let (_client, mut server) = pair(false, Duration::from_secs(600));
        server.shutdown().await.unwrap();
    }
}
