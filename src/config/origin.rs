//! From the offset of a byte to the line it stands on: [`Origin`].

use std::sync::Arc;

use super::fault::Place;

/// Where a piece of TOML came from, so that a span in it becomes a place.
#[derive(Clone, Debug)]
pub(super) enum Origin<'a> {
    /// A file, by its name and where its lines begin.
    File(Arc<str>, Arc<LineStarts>),
    /// A variable: places inside of it are all its name.
    Variable(&'a str),
}

impl Origin<'_> {
    /// The place of the byte at `offset`.
    pub(super) fn place(&self, offset: usize) -> Place {
        match self {
            Self::File(source, lines) => Place::File {
                source: source.clone(),
                line: Some(lines.line(offset)),
            },
            Self::Variable(name) => Place::Variable((*name).to_owned()),
        }
    }

    /// The place of all of it.
    pub(super) fn whole(&self) -> Place {
        match self {
            Self::File(source, _) => Place::File {
                source: source.clone(),
                line: None,
            },
            Self::Variable(name) => Place::Variable((*name).to_owned()),
        }
    }
}

/// The byte offsets at which the lines after the first begin, ascending.
#[derive(Debug)]
pub(super) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub(super) fn of(text: &str) -> Self {
        Self(
            text.match_indices('\n')
                .map(|(offset, _)| offset + 1)
                .collect(),
        )
    }

    /// The line of the byte at `offset`, from 1.
    pub(super) fn line(&self, offset: usize) -> usize {
        self.0.partition_point(|&start| start <= offset) + 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_begins_behind_its_line_feed() {
        let lines = LineStarts::of("a\n\nb\r\n");
        assert_eq!(
            [0, 1, 2, 3, 5, 6, 99].map(|offset| lines.line(offset)),
            [1, 1, 2, 3, 3, 4, 4]
        );
    }
}
