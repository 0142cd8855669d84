//! An end to what one row may take: a quote that is never closed would make one of the whole file.

use std::io::{Error, Read, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A row, line breaks in quotes included, takes at most about as much.
pub(super) const MOST_ROW_BYTES: usize = 16 << 20;

/// How much the row that is being read may still take.
#[derive(Debug, Clone, Default)]
pub(super) struct Allowance(Arc<AtomicUsize>);

impl Allowance {
    /// A row begins.
    pub(super) fn renew(&self) {
        self.0.store(MOST_ROW_BYTES, Ordering::Relaxed);
    }
}

/// A reader that fails where a row takes too much.
#[derive(Debug)]
pub(super) struct RowLimit<R> {
    inner: R,
    allowance: Allowance,
}

impl<R> RowLimit<R> {
    /// Reads from `inner` as far as it is allowed to.
    pub(super) fn new(inner: R, allowance: Allowance) -> Self {
        Self { inner, allowance }
    }
}

impl<R: Read> Read for RowLimit<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let left = self.allowance.0.load(Ordering::Relaxed);
        if left == 0 {
            return Err(Error::other(format!(
                "it takes more than {MOST_ROW_BYTES} bytes; is a quote not closed?"
            )));
        }
        let taken = self.inner.read(buffer)?;
        let left = left.saturating_sub(taken);
        self.allowance.0.store(left, Ordering::Relaxed);
        Ok(taken)
    }
}
