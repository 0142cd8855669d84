//! Rows that a fit saw and that its division now takes for new ones.
//!
//! Shape: of the contents that a version remembers, those that stand in the table only among the
//! rows it is said not to have seen. One may be an old row whose key changed, or a new row that
//! happens to equal one that is gone: it is left out of every comparison. Where so many are moved as
//! a quarter of what a table with wholly new keys would bring, nothing can be told any more.
//! Concurrency: pure. Turned down: comparing keys instead (a rebuilt table may count from one again).

use std::collections::HashMap;

use super::compare::NotComparable;
use super::division::{Division, contents};
use super::training_set::TrainingSet;

/// Fewer are taken for chance.
const LEAST_MOVED: usize = 2;
/// Of the moved rows that wholly new keys would bring, the part that is one too many.
const TOO_MANY: f64 = 0.25;

/// Where remembered rows stand.
#[derive(Default)]
struct Places {
    among_seen: bool,
    others: Vec<usize>,
}

/// Numbers of the rows of `set`, rising, that are moved.
///
/// # Errors
/// [`NotComparable::RowsMoved`]: too many.
pub(super) fn moved_rows(
    set: &TrainingSet,
    division: &Division,
) -> Result<Vec<usize>, NotComparable> {
    if division.remembered.is_empty() {
        return Ok(Vec::new());
    }
    let mut places: HashMap<u64, Places> = HashMap::new();
    for (row, content) in contents(set.all().features).into_iter().enumerate() {
        if !division.remembers(content) {
            continue;
        }
        let places = places.entry(content).or_default();
        match set.seen_by(division, row) {
            true => places.among_seen = true,
            false => places.others.push(row),
        }
    }
    let found = places.len();
    let moved = places.into_values().filter(|places| !places.among_seen);
    let moved: Vec<Vec<usize>> = moved.map(|places| places.others).collect();
    let too_many = TOO_MANY * division.fraction * found as f64;
    if moved.len() >= LEAST_MOVED && moved.len() as f64 > too_many {
        let moved = moved.len();
        return Err(NotComparable::RowsMoved { found, moved });
    }
    let mut rows: Vec<usize> = moved.into_iter().flatten().collect();
    rows.sort_unstable();
    Ok(rows)
}
