//! Tells rows that were not taken: the first hundred by line and column, then their number.

use crate::store::labelled_rows::RefusedRow;

/// Told one by one.
const MOST_TOLD: u64 = 100;

/// How many rows were refused so far.
#[derive(Debug, Default)]
pub(super) struct RefusedRows(u64);

impl RefusedRows {
    /// Counts the row; gives what to tell of it, if anything.
    pub(super) fn add(&mut self, row: &RefusedRow) -> Option<String> {
        self.0 += 1;
        if self.0 > MOST_TOLD {
            return (self.0 == MOST_TOLD + 1)
                .then(|| "further refused rows are only counted".to_owned());
        }
        let column = row.column.as_ref().map(|name| format!(", column {name:?}"));
        Some(format!(
            "line {}{}: {}",
            row.line,
            column.unwrap_or_default(),
            row.detail
        ))
    }

    /// How many there were.
    pub(super) fn count(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_hundred_are_told_and_all_are_counted() {
        let mut refused = RefusedRows::default();
        let row = |line| RefusedRow {
            line,
            column: (line == 1).then(|| "a".to_owned()),
            detail: "is odd".to_owned(),
        };
        let told: Vec<String> = (1..=150)
            .filter_map(|line| refused.add(&row(line)))
            .collect();
        assert_eq!((told.len(), refused.count()), (101, 150));
        assert_eq!(told[0], "line 1, column \"a\": is odd");
        assert_eq!(told[99], "line 100: is odd");
        assert_eq!(told[100], "further refused rows are only counted");
    }
}
