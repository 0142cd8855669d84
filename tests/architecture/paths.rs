//! Every path a file names, groups taken apart: `use a::{b, c::d}` names `a::b` and `a::c::d`.
//!
//! Shape: a scan over words, `::`, braces and commas of stripped code. A path is found wherever it
//! stands (use, expression, type, attribute); what a macro or a glob import hides is not found.

use super::source::SourceFile;

/// One path, with the line its last segment stands on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedPath {
    pub(crate) line: usize,
    pub(crate) segments: Vec<String>,
}

impl NamedPath {
    pub(crate) fn first(&self) -> &str {
        &self.segments[0]
    }

    /// Whether two segments follow each other anywhere in it.
    pub(crate) fn has(&self, first: &str, second: &str) -> bool {
        self.segments
            .windows(2)
            .any(|pair| pair[0] == first && pair[1] == second)
    }

    /// The path from the crate's root; none if it leads into another crate.
    pub(crate) fn within_crate(&self, module: &[String]) -> Option<Vec<String>> {
        let supers = self
            .segments
            .iter()
            .take_while(|segment| *segment == "super")
            .count();
        let (base, rest) = match self.first() {
            "crate" | "logitd" => (&[][..], 1),
            "self" => (module, 1),
            "super" => (&module[..module.len().saturating_sub(supers)], supers),
            _ => return None,
        };
        Some([base, &self.segments[rest..]].concat())
    }
}

/// All paths of a file, in order. A path of one segment is a plain name.
pub(crate) fn paths(file: &SourceFile) -> Vec<NamedPath> {
    let tokens = tokens(&file.code);
    let line_ends = file.code.match_indices('\n').map(|(at, _)| at).collect();
    let mut scan = Scan {
        line_ends,
        tokens: &tokens,
        at: 0,
        found: Vec::new(),
    };
    while scan.at < scan.tokens.len() {
        // What follows a dot is a field or a method, not a path.
        let is_member = scan.at > 0 && scan.tokens[scan.at - 1].1 == ".";
        if is_name(scan.tokens[scan.at].1) && !is_member {
            scan.path(&[]);
        } else {
            scan.at += 1;
        }
    }
    scan.found
}

pub(crate) fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words, `::` and single other characters, each with its offset.
pub(crate) fn tokens(code: &str) -> Vec<(usize, &str)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = code[at..].chars().next() {
        let rest = &code[at..];
        let is_word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if is_word(first) {
            rest.find(|c| !is_word(c)).unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        if !first.is_whitespace() {
            tokens.push((at, &rest[..length]));
        }
        at += length;
    }
    tokens
}

struct Scan<'a> {
    line_ends: Vec<usize>,
    tokens: &'a [(usize, &'a str)],
    at: usize,
    found: Vec<NamedPath>,
}

impl Scan<'_> {
    fn token(&self, ahead: usize) -> &str {
        self.tokens.get(self.at + ahead).map_or("", |token| token.1)
    }

    /// Reads one path that continues `base`, and all paths of a group that it ends in.
    fn path(&mut self, base: &[String]) {
        let mut segments = base.to_vec();
        segments.push(self.token(0).to_owned());
        while self.token(1) == "::" && (is_name(self.token(2)) || self.token(2) == "*") {
            segments.push(self.token(2).to_owned());
            self.at += 2;
        }
        if self.token(1) == "::" && self.token(2) == "{" {
            self.at += 3;
            self.group(&segments);
            return;
        }
        let at = self.tokens[self.at].0;
        let line = self.line_ends.partition_point(|end| *end < at) + 1;
        if segments.last().is_some_and(|last| last == "self") && segments.len() > 1 {
            segments.pop();
        }
        self.found.push(NamedPath { line, segments });
        self.at += 1;
    }

    fn group(&mut self, base: &[String]) {
        while !matches!(self.token(0), "}" | "") {
            match self.token(0) {
                "as" => self.at += 2,
                name if is_name(name) || name == "*" => self.path(base),
                _ => self.at += 1,
            }
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Vec<(usize, String)> {
        let found = paths(&SourceFile::new("src/http/a.rs", text));
        found
            .into_iter()
            .map(|path| (path.line, path.segments.join("::")))
            .collect()
    }

    #[test]
    fn groups_are_taken_apart() {
        let text =
            "crate::{\n  a::{self, B},\n  c::D as E, f::*};\nx.poem(); ::tokio::spawn::<u8>()";
        let expected = [
            (2, "crate::a"),
            (2, "crate::a::B"),
            (3, "crate::c::D"),
            (3, "crate::f::*"),
            (4, "x"),
            (4, "tokio::spawn"),
            (4, "u8"),
        ];
        assert_eq!(
            named(text),
            expected.map(|(line, path)| (line, path.to_owned()))
        );
    }

    #[test]
    fn ways_around_lead_to_the_root() {
        let file = SourceFile::new("src/http/a.rs", "");
        let from = |path: &str| {
            let segments = path.split("::").map(str::to_owned).collect();
            NamedPath { line: 1, segments }
                .within_crate(&file.module())
                .map(|p| p.join("::"))
        };
        assert_eq!(from("crate::store::X").as_deref(), Some("store::X"));
        assert_eq!(from("super::super::store::X").as_deref(), Some("store::X"));
        assert_eq!(from("super::b").as_deref(), Some("http::b"));
        assert_eq!(from("self::b").as_deref(), Some("http::a::b"));
        assert_eq!(from("logitd::app").as_deref(), Some("app"));
        assert_eq!(from("std::fs"), None);
    }
}
