//! Which value stands at a place of a column, and how many are below a bound, without sorting it.
//!
//! Shape: the values are counted into narrow bins between the smallest and the largest; which bin a
//! place or a bound falls into follows from the counts, and only the values of those few bins are
//! taken out and looked at one by one. What comes out is what sorting would say, to the last bit: a
//! larger value is never in an earlier bin, whatever is rounded. Two passes and no copy; where most
//! values lie in one bin beside a far one, that bin is a copy. Concurrency: pure. Turned down: sorting
//! (twenty steps a value where two do), and selecting in a copy (three times as long).

use super::moments::Range;

const BINS: usize = 2_048;
/// Of a bin that nobody asks about.
const UNASKED: u8 = u8::MAX;

/// The bins of a column: where a value falls.
#[derive(Clone, Copy)]
struct Bins {
    half_minimum: f64,
    scale: f64,
}

impl Bins {
    fn new(range: Range) -> Self {
        // Halved, so that a range from one end of the doubles to the other does not overflow.
        let half_minimum = 0.5 * range.minimum;
        let scale = BINS as f64 / (0.5 * range.maximum - half_minimum);
        Self {
            half_minimum,
            scale,
        }
    }

    /// Never falls as the value rises.
    #[inline]
    fn of(self, value: f64) -> usize {
        (((0.5 * value - self.half_minimum) * self.scale) as u32 as usize).min(BINS - 1)
    }
}

/// A column with the few of its bins that are asked about.
pub(super) struct Ranks {
    bins: Bins,
    /// Values in the bins before.
    before: Vec<usize>,
    /// Which of `taken` a bin is.
    taken_at: Vec<u8>,
    /// The values of those bins, each in order.
    taken: Vec<Vec<f64>>,
}

impl Ranks {
    /// Of a column of that range, which is not empty, for questions about these places in its order
    /// and about these bounds: at most a hundred together.
    pub(super) fn of(values: &[f64], range: Range, places: &[usize], bounds: &[f64]) -> Self {
        let bins = Bins::new(range);
        let mut counts = vec![0_usize; BINS];
        for value in values.iter().filter(|value| !value.is_nan()) {
            counts[bins.of(*value)] += 1;
        }
        let mut before = Vec::with_capacity(BINS);
        let mut sum = 0;
        for count in &counts {
            before.push(sum);
            sum += count;
        }
        let mut taken_at = vec![UNASKED; BINS];
        let at_places = places.iter().map(|place| bin_at(&before, *place));
        let mut taken: Vec<Vec<f64>> = Vec::new();
        for bin in at_places.chain(bounds.iter().map(|bound| bins.of(*bound))) {
            if taken_at[bin] == UNASKED {
                taken_at[bin] = taken.len() as u8;
                taken.push(Vec::with_capacity(counts[bin]));
            }
        }
        for value in values.iter().filter(|value| !value.is_nan()) {
            if let Some(taken) = taken.get_mut(usize::from(taken_at[bins.of(*value)])) {
                taken.push(*value);
            }
        }
        for values in &mut taken {
            values.sort_unstable_by(f64::total_cmp);
        }
        Self {
            bins,
            before,
            taken_at,
            taken,
        }
    }

    /// The value at a place that was asked about.
    pub(super) fn at(&self, place: usize) -> f64 {
        let bin = bin_at(&self.before, place);
        self.taken(bin)
            .get(place - self.before[bin])
            .copied()
            .unwrap_or_default()
    }

    /// How many values are below a bound that was asked about.
    pub(super) fn below(&self, bound: f64) -> usize {
        let bin = self.bins.of(bound);
        self.before[bin] + self.taken(bin).partition_point(|value| *value < bound)
    }

    fn taken(&self, bin: usize) -> &[f64] {
        let taken = self.taken.get(usize::from(self.taken_at[bin]));
        taken.map_or(&[], Vec::as_slice)
    }
}

/// The bin that holds a place of the order: the last one that begins not after it.
fn bin_at(before: &[usize], place: usize) -> usize {
    before.partition_point(|before| *before <= place) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::splitmix::SplitMix64;

    /// What sorting says.
    fn compare(values: &[f64]) {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|one| !one.is_nan()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let last = sorted.len() - 1;
        let places: Vec<usize> = (0..=10).map(|at| last * at / 10).collect();
        let bounds: Vec<f64> = places.iter().map(|place| sorted[*place]).collect();
        let between = bounds.windows(2).map(|two| two[0] / 2.0 + two[1] / 2.0);
        let bounds: Vec<f64> = bounds.iter().copied().chain(between).collect();
        let ranks = Ranks::of(values, Range::of(values), &places, &bounds);
        for place in places {
            assert_eq!(
                ranks.at(place).to_bits(),
                sorted[place].to_bits(),
                "{place}"
            );
        }
        for bound in bounds {
            let below = sorted.partition_point(|value| *value < bound);
            assert_eq!(ranks.below(bound), below, "{bound}");
        }
    }

    #[test]
    fn they_are_those_of_the_sorted_column() {
        let mut random = SplitMix64(7);
        let mut draw = || random.draw() as f64 / 1e19;
        let even: Vec<f64> = (0..20_000).map(|_| draw()).collect();
        compare(&even);
        compare(&even.iter().map(|value| value - 0.5).collect::<Vec<_>>());
        compare(&even.iter().map(|value| value.powi(40)).collect::<Vec<_>>());
        compare(
            &even
                .iter()
                .map(|value| (value * 5.0).floor())
                .collect::<Vec<_>>(),
        );
        compare(&[3.0]);
        compare(&[3.0, f64::NAN, 1.0, 2.0]);
    }

    #[test]
    fn neither_far_values_nor_the_ends_of_the_doubles_change_that() {
        let mut random = SplitMix64(8);
        let mut values: Vec<f64> = (0..5_000).map(|_| random.draw() as f64 / 1e19).collect();
        values.push(1e300);
        compare(&values);
        values.extend([f64::MIN, f64::MAX, -f64::MIN_POSITIVE, 0.0, -0.0]);
        compare(&values);
        let tiny = |at: u32| f64::from(at) * 5e-324;
        compare(&(0..100).map(tiny).collect::<Vec<_>>());
        compare(&[f64::MIN, f64::MAX]);
        compare(&[1.0, 1.0 + f64::EPSILON, 1.0]);
    }
}
