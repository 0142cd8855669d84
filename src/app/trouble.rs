//! A trouble that lasts is logged when it begins and when it changes, not at every attempt.

/// What somebody was told last.
#[derive(Debug, Default)]
pub(super) struct Trouble(Option<String>);

impl Trouble {
    /// Whether this is news; it is none the next time.
    pub(super) fn is_new(&mut self, detail: &str) -> bool {
        let known = self.0.as_deref() == Some(detail);
        self.0 = Some(detail.to_owned());
        !known
    }

    /// It went well: the same trouble is news again.
    pub(super) fn is_over(&mut self) {
        self.0 = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_told_once_until_it_changes_or_is_over() {
        let mut trouble = Trouble::default();
        let told = ["a", "a", "b", "b", "a"].map(|detail| trouble.is_new(detail));
        assert_eq!(told, [true, false, true, false, true]);
        trouble.is_over();
        assert!(trouble.is_new("a"));
    }
}
