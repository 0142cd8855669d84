//! Rows in fixed blocks, shared over threads, with sums that do not depend on how many there are.
//!
//! Shape: a table falls into blocks of at most 2,048 rows and these into at most 64 runs of
//! neighbours; the bounds follow from the sizes alone. A run is added up in row order by whichever
//! thread takes it, and the runs are added up in their order at the end: the same additions in the
//! same order with 1, 2 or 8 threads, so the same bits. Concurrency: scoped threads that share
//! nothing but the number of the next run; where none can be started the caller does it all.
//! Turned down: rayon (its reduction tree follows the thread count), and one sum a thread.

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Rows standardised at a time, at most; runs begin at multiples of it.
pub(super) const BLOCK_ROWS: usize = 2_048;
/// The same at least: below it a product of matrices spends its time on getting ready.
const LEAST_BLOCK_ROWS: usize = 256;
/// Values of a block, about: half a megabyte, so that it and its weighted copy stay in the
/// second-level cache.
const BLOCK_VALUES: usize = 1 << 16;
/// Runs at most: enough for any machine's threads to be busy to the end.
const MOST_RUNS: usize = 64;
/// Runs at least, where there are as many blocks.
const LEAST_RUNS: usize = 8;
/// What all runs' sums together should not need more of.
const SUMS_BYTES: usize = 64 << 20;

/// Rows of a block of so many columns.
pub(super) fn block_rows(columns: usize) -> usize {
    let rows = BLOCK_VALUES / columns.max(1);
    (rows - rows % LEAST_BLOCK_ROWS).clamp(LEAST_BLOCK_ROWS, BLOCK_ROWS)
}

/// The runs of blocks over `rows` rows when each sum has `values` numbers: row ranges.
pub(super) fn runs(rows: usize, values: usize) -> Vec<Range<usize>> {
    let most = (SUMS_BYTES / (8 * values.max(1))).clamp(LEAST_RUNS, MOST_RUNS);
    let blocks = rows.div_ceil(BLOCK_ROWS).max(1);
    let length = blocks.div_ceil(most) * BLOCK_ROWS;
    (0..rows)
        .step_by(length)
        .map(|from| from..(from + length).min(rows))
        .collect()
}

/// `work` for every number below `count`, over `threads` threads, results in order; `None` when one
/// of them gave none.
pub(super) fn in_parallel<T: Send>(
    count: usize,
    threads: usize,
    work: impl Fn(usize) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    in_parallel_with(count, threads, || (), |(), at| work(at))
}

/// The same with room of its own for each thread, which every number it takes finds as the last one
/// left it: no result may depend on that.
pub(super) fn in_parallel_with<R, T: Send>(
    count: usize,
    threads: usize,
    room: impl Fn() -> R + Sync,
    work: impl Fn(&mut R, usize) -> Option<T> + Sync,
) -> Option<Vec<T>> {
    let threads = threads.clamp(1, count.max(1));
    if threads == 1 {
        let mut room = room();
        return (0..count).map(|at| work(&mut room, at)).collect();
    }
    let next = AtomicUsize::new(0);
    let take = || {
        let (mut room, mut done) = (room(), Vec::new());
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return done;
            }
            done.push((at, work(&mut room, at)));
        }
    };
    let mut done = thread::scope(|scope| {
        let spawned: Vec<_> = (1..threads)
            .filter_map(|_| thread::Builder::new().spawn_scoped(scope, take).ok())
            .collect();
        let mut done = take();
        for thread in spawned {
            match thread.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_cover_every_row_once_and_begin_at_blocks() {
        for (rows, values) in [
            (0, 1),
            (1, 1),
            (2_048, 9),
            (2_049, 9),
            (1_000_000, 441),
            (300_000, 1 << 22),
        ] {
            let runs = runs(rows, values);
            assert!(runs.len() <= MOST_RUNS);
            assert!(
                runs.iter()
                    .all(|run| run.start % BLOCK_ROWS == 0 && !run.is_empty())
            );
            let covered: usize = runs.iter().map(ExactSizeIterator::len).sum();
            assert_eq!(covered, rows);
            assert!(runs.windows(2).all(|two| two[0].end == two[1].start));
        }
    }

    #[test]
    fn results_come_in_order_from_any_number_of_threads() {
        for threads in [0, 1, 2, 8, 200] {
            let squares = in_parallel(100, threads, |at| Some(at * at)).unwrap();
            assert_eq!(squares, (0..100).map(|at| at * at).collect::<Vec<_>>());
            assert_eq!(
                in_parallel(100, threads, |at| (at != 57).then_some(at)),
                None
            );
            assert_eq!(in_parallel(0, threads, Some), Some(vec![]));
            let room = || Vec::with_capacity(100);
            let with_room = |seen: &mut Vec<usize>, at: usize| {
                seen.push(at);
                Some((seen.len(), at))
            };
            let told = in_parallel_with(100, threads, room, with_room).unwrap();
            assert!(told.iter().map(|(_, at)| *at).eq(0..100));
            // Each number is seen once by the room it was taken into, and each room fills up by one.
            let firsts = told.iter().filter(|(length, _)| *length == 1).count();
            assert!((1..=threads.max(1)).contains(&firsts));
        }
    }
}
