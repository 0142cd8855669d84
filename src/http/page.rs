//! A page of a list: how much of it and where it begins, as `limit` and `cursor` say.
//!
//! A cursor is the number or id of the last entry of the page before, behind a letter that says of which
//! list it is: one of another list is refused, and nobody is tempted to count with it.

use super::error::ApiError;
use super::problem::ProblemFault;
use std::fmt::Display;

const DEFAULT_LIMIT: u64 = 20;
const MOST_LIMIT: u64 = 100;

/// What was asked for.
#[derive(Debug, PartialEq)]
pub(super) struct Page<K = i32> {
    letter: char,
    /// Only entries behind the one with this number (or other mark).
    pub(super) before: Option<K>,
    limit: u64,
}

impl Page {
    /// Reads the parameters `limit` and `cursor` of the list with this letter, whose entries are
    /// numbered.
    ///
    /// # Errors
    /// `invalid_parameter`, with both faults at once.
    pub(super) fn parse(
        letter: char,
        limit: Option<&str>,
        cursor: Option<&str>,
    ) -> Result<Self, ApiError> {
        Self::by(letter, parse_number, limit, cursor)
    }
}

impl<K: Display> Page<K> {
    /// Reads the parameters `limit` and `cursor` of the list with this letter, whose entries are
    /// marked by what `mark` reads.
    ///
    /// # Errors
    /// `invalid_parameter`, with both faults at once.
    pub(super) fn by(
        letter: char,
        mark: fn(&str) -> Option<K>,
        limit: Option<&str>,
        cursor: Option<&str>,
    ) -> Result<Self, ApiError> {
        let mut faults = Vec::new();
        let limit = limit.map(|text| (text, text.parse().ok()));
        let limit = match limit {
            None => DEFAULT_LIMIT,
            Some((_, Some(limit))) if (1..=MOST_LIMIT).contains(&limit) => limit,
            Some((text, _)) => {
                let detail = format!("expected a number from 1 to {MOST_LIMIT}, found {text:?}");
                faults.push(ProblemFault::of("limit", detail));
                DEFAULT_LIMIT
            }
        };
        let before = cursor.map(|text| text.strip_prefix(letter).and_then(mark));
        if matches!(before, Some(None)) {
            let detail = "is not a cursor; give `next_cursor` of the page before as it is";
            faults.push(ProblemFault::of("cursor", detail));
        }
        if faults.is_empty() {
            return Ok(Self {
                letter,
                before: before.flatten(),
                limit,
            });
        }
        Err(ApiError::parameters(faults))
    }

    /// How many entries to ask for: one more than are shown tells whether there is another page.
    pub(super) fn fetched(&self) -> u64 {
        self.limit + 1
    }

    /// Takes the entry too many away, and gives the cursor of the next page if there was one.
    pub(super) fn cut<T>(&self, entries: &mut Vec<T>, mark: fn(&T) -> K) -> Option<String> {
        let shown = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = entries.len() > shown;
        entries.truncate(shown);
        let last = entries.last().filter(|_| more)?;
        Some(format!("{}{}", self.letter, mark(last)))
    }
}

/// A number from 1, in digits only.
fn parse_number(text: &str) -> Option<i32> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number >= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: Option<&str>, cursor: Option<&str>) -> Result<Page, ApiError> {
        Page::parse('v', limit, cursor)
    }

    #[test]
    fn a_page_is_asked_for_by_limit_and_cursor() {
        let first = page(None, None).unwrap();
        assert_eq!((first.before, first.fetched()), (None, 21));
        let next = page(Some("5"), Some("v7")).unwrap();
        assert_eq!((next.before, next.fetched()), (Some(7), 6));
        let error = page(Some("0"), Some("7")).unwrap_err();
        assert_eq!(error.faults.len(), 2);
        for refused in ["101", "-1", "", "x", "1.5"] {
            assert!(page(Some(refused), None).is_err(), "{refused}");
        }
        assert!(page(None, Some("d7")).is_err(), "a cursor of another list");
    }

    #[test]
    fn only_a_page_with_more_behind_it_has_a_cursor() {
        let page = page(Some("2"), None).unwrap();
        let mut entries = vec![9, 8, 7];
        let next = page.cut(&mut entries, |number| *number);
        assert_eq!((entries, next.as_deref()), (vec![9, 8], Some("v8")));
        let mut last = vec![9, 8];
        assert_eq!(page.cut(&mut last, |number| *number), None);
    }

    #[test]
    fn a_number_is_a_plain_one() {
        assert_eq!(parse_number("12"), Some(12));
        for refused in ["0", "-1", "+1", "1e0", "", "99999999999", "x"] {
            assert_eq!(parse_number(refused), None, "{refused}");
        }
    }
}
