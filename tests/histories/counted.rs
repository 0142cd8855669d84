//! The histories, and the frequencies that are promised of them.
//!
//! Shape: one end a seed, and shares over the ends. Concurrency: seeds are shared out among threads;
//! an end depends on its seed alone.

use crate::distribution::{Distribution, Draws, Row};
use crate::training::{Training, loss};
use logitd::retraining::gate::Verdict;
use std::sync::atomic::{AtomicU64, Ordering};

const HISTORIES: u64 = 200;
const RETRAININGS: i32 = 20;
const FRESH_ROWS: usize = 100_000;
const ONE: &[f64] = &[1.0];
const LIST: &[f64] = &[0.01, 0.1, 1.0, 10.0, 100.0];

/// Losses on fresh rows at the end of a history.
struct End {
    first: f64,
    last_champion: f64,
    newest_challenger: f64,
    replaced: bool,
}

/// Rows of the table at a retraining: the same factor from each to the next.
fn rows_at(retraining: i32, from: usize, to: usize) -> usize {
    let share = f64::from(retraining) / f64::from(RETRAININGS);
    (from as f64 * (to as f64 / from as f64).powf(share)).round() as usize
}

fn history(seed: u64, from: usize, to: usize, penalties: &[f64]) -> End {
    let mut draws = Draws(seed.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ from as u64);
    let distribution = Distribution::draw(&mut draws);
    let schema = distribution.schema();
    let rows = distribution.rows(&mut draws, to);
    let fresh = distribution.rows(&mut draws, FRESH_ROWS);
    let first = Training::of(&schema, &rows[..from], penalties);
    let gains = first.gains();
    let mut champion = first.serve(1, gains);
    let first = loss(&champion.served, &fresh);
    let mut newest = first;
    for retraining in 1..=RETRAININGS {
        let table = &rows[..rows_at(retraining, from, to)];
        let challenger = Training::of(&schema, table, penalties);
        if retraining == RETRAININGS {
            newest = loss(&challenger.trained.served, &fresh);
        }
        let decision = challenger.beside(&champion);
        if decision.decision == Verdict::Promoted {
            champion = challenger.serve(retraining + 1, true);
        } else if let Some(known) = decision.judged().and(decision.champion) {
            champion.beats_base_rate = known.beats_base_rate == Some(true);
        }
    }
    End {
        first,
        last_champion: loss(&champion.served, &fresh),
        newest_challenger: newest,
        replaced: champion.version > 1,
    }
}

/// `work` for every seed, side by side.
fn for_seeds<T: Send>(seeds: u64, work: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let next = AtomicU64::new(0);
    let take = || {
        let mut done = Vec::new();
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds {
                return done;
            }
            done.push(work(seed));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(take)).collect();
        let done = workers
            .into_iter()
            .flat_map(|worker| worker.join().unwrap());
        done.collect()
    })
}

fn share(of: &[End], what: impl Fn(&End) -> bool) -> f64 {
    of.iter().filter(|end| what(end)).count() as f64 / of.len() as f64
}

/// The promises of retraining on a table that grows.
fn holds(from: usize, penalties: &[f64]) {
    let ends = for_seeds(HISTORIES, |seed| history(seed, from, 5_000, penalties));
    let rise: f64 = ends.iter().map(|end| end.last_champion - end.first).sum();
    let mean_rise = rise / ends.len() as f64;
    let harmed = share(&ends, |end| end.last_champion > end.first + 0.01);
    let replaced = share(&ends, |end| end.replaced);
    let behind = share(&ends, |end| {
        end.last_champion > end.newest_challenger + 0.01
    });
    println!(
        "{from} {penalties:?}: rise {mean_rise:.5} harmed {harmed} replaced {replaced} behind {behind}"
    );
    assert!(mean_rise <= 0.0, "it rose by {mean_rise} on average");
    assert!(harmed < 0.05, "harmed in {harmed}");
    assert!(replaced >= 0.95, "replaced in {replaced}");
    assert!(behind < 0.05, "behind in {behind}");
}

#[test]
fn from_150_rows_with_one_penalty_the_champion_only_gets_better() {
    holds(150, ONE);
}

#[test]
fn from_150_rows_with_the_list_the_champion_only_gets_better() {
    holds(150, LIST);
}

#[test]
fn from_500_rows_with_one_penalty_the_champion_only_gets_better() {
    holds(500, ONE);
}

#[test]
fn from_500_rows_with_the_list_the_champion_only_gets_better() {
    holds(500, LIST);
}

/// The same rows with the labels dealt out anew.
fn shuffled(mut rows: Vec<Row>, draws: &mut Draws) -> Vec<Row> {
    for last in (1..rows.len()).rev() {
        let other = (draws.bits() % (last as u64 + 1)) as usize;
        let positive = rows[last].positive;
        rows[last].positive = rows[other].positive;
        rows[other].positive = positive;
    }
    rows
}

/// How many of 100 seeds promote what learned from shuffled labels, beside a champion that learned
/// from rows with `honest` labels or from another shuffling.
fn promoted_by_chance(honest: bool) -> usize {
    let promoted = for_seeds(100, |seed| {
        let mut draws = Draws(seed ^ 0x5bd1_e995);
        let distribution = Distribution::draw(&mut draws);
        let schema = distribution.schema();
        let mut rows = distribution.rows(&mut draws, 1_000);
        if !honest {
            rows = shuffled(rows, &mut draws);
        }
        let champion = Training::of(&schema, &rows, ONE);
        let gains = champion.gains();
        let champion = champion.serve(1, gains);
        let challenger = Training::of(&schema, &shuffled(rows, &mut draws), ONE);
        challenger.beside(&champion).decision == Verdict::Promoted
    });
    promoted.into_iter().filter(|promoted| *promoted).count()
}

#[test]
fn shuffled_labels_are_promoted_in_at_most_5_of_100_seeds_beside_an_honest_champion() {
    let promoted = promoted_by_chance(true);
    assert!(promoted <= 5, "{promoted} of 100 were promoted");
}

#[test]
fn shuffled_labels_are_promoted_in_at_most_5_of_100_seeds_beside_a_champion_of_chance() {
    let promoted = promoted_by_chance(false);
    assert!(promoted <= 5, "{promoted} of 100 were promoted");
}
