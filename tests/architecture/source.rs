//! Source text as the rules see it: no comments, no literals, no test modules.
//!
//! Shape: [`SourceFile::new`] blanks what is not code, byte for byte, so that lines stay where
//! they were; literals are kept aside. Turned down: a parser crate, for questions that names,
//! braces and lines answer.

use std::fmt;
use std::path::Path;

use super::stripped::Stripped;

/// One file, read once.
#[derive(Clone, Debug)]
pub(crate) struct SourceFile {
    /// From the root of the repository, with slashes: `src/http/mod.rs`.
    pub(crate) path: String,
    /// The text with comments, literals and test modules turned into blanks.
    pub(crate) code: String,
    /// What stands in string literals outside tests, with the line each begins on.
    pub(crate) literals: Vec<(usize, String)>,
    /// All lines of the file, tests and comments too.
    pub(crate) lines: usize,
    /// Paths of modules that are only there in tests, without `.rs`.
    test_modules: Vec<String>,
}

/// A broken rule, where it is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}: {}", self.path, self.line, self.what)
    }
}

impl SourceFile {
    /// Prepares the text of one file.
    pub(crate) fn new(path: &str, text: &str) -> Self {
        let mut stripped = Stripped::of(text.as_bytes());
        let cut = stripped.cut_tests();
        let within_tests = |at: usize| cut.iter().any(|range| range.contains(&at));
        let literals = stripped
            .literals
            .iter()
            .filter(|(at, _)| !within_tests(*at));
        let literals = literals.map(|(at, literal)| (line_of(text, *at), literal.clone()));
        Self {
            path: path.to_owned(),
            literals: literals.collect(),
            code: String::from_utf8(stripped.code).expect("blanks are ASCII"),
            lines: text.lines().count(),
            test_modules: test_modules(path, text, &cut),
        }
    }

    /// The file of a test module: only its length is left to check.
    fn emptied(self) -> Self {
        Self {
            code: String::new(),
            literals: Vec::new(),
            ..self
        }
    }

    /// The module's path from the crate's root: `src/http/mod.rs` is `[http]`.
    pub(crate) fn module(&self) -> Vec<String> {
        let inner = self
            .path
            .split_once("src/")
            .map_or(self.path.as_str(), |(_, inner)| inner);
        let mut parts: Vec<String> = inner
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        if matches!(parts.last().map(String::as_str), Some("mod" | "lib")) {
            parts.pop();
        }
        parts
    }

    /// The room of the house it stands in: `http`, `app`, `main`; empty for `lib.rs`.
    pub(crate) fn room(&self) -> String {
        self.module().first().cloned().unwrap_or_default()
    }

    pub(crate) fn finding(&self, line: usize, what: impl Into<String>) -> Finding {
        Finding {
            path: self.path.clone(),
            line,
            what: what.into(),
        }
    }
}

/// Reads every Rust file under `folder` of the repository; panics if there is none.
pub(crate) fn read_folder(folder: &str) -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .unwrap_or_else(|fault| panic!("{} cannot be checked: {fault}", folder.display()));
        for entry in entries {
            let path = entry.expect("read a folder").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).expect("read a source file");
                let path = path.strip_prefix(root).expect("a path below the root");
                found.push(SourceFile::new(&path.display().to_string(), &text));
            }
        }
    }
    assert!(!found.is_empty(), "{folder} holds nothing to check");
    found.sort_by(|a, b| a.path.cmp(&b.path));
    without_test_modules(found)
}

/// Empties the files that a `#[cfg(test)] mod name;` brings in, and what lies below them.
fn without_test_modules(files: Vec<SourceFile>) -> Vec<SourceFile> {
    let modules: Vec<String> = files
        .iter()
        .flat_map(|file| file.test_modules.clone())
        .collect();
    let is_test = |path: &str| {
        let rest = modules
            .iter()
            .filter_map(|module| path.strip_prefix(module.as_str()));
        rest.into_iter()
            .any(|rest| rest == ".rs" || rest.starts_with('/'))
    };
    let emptied = |file: SourceFile| {
        if is_test(&file.path) {
            file.emptied()
        } else {
            file
        }
    };
    files.into_iter().map(emptied).collect()
}

fn test_modules(path: &str, text: &str, cut: &[std::ops::Range<usize>]) -> Vec<String> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let folder = match name.trim_end_matches(".rs") {
        "mod" | "lib" | "main" => folder.to_owned(),
        name => format!("{folder}/{name}"),
    };
    let declared = cut.iter().filter_map(|range| {
        let (_, name) = text[range.clone()]
            .trim_end()
            .strip_suffix(';')?
            .rsplit_once("mod ")?;
        Some(format!("{folder}/{}", name.trim()))
    });
    declared.collect()
}

pub(crate) fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes()[..at]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count()
        + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_literals_are_blank_and_lines_stay() {
        let text =
            "a // poem\n/* b /* c */ d */ e\nf(\"g \\\" h\", r#\"i\" \"j\"#, '\"', 'k, 'é')\nl";
        let file = SourceFile::new("src/a.rs", text);
        let words: Vec<_> = file.code.split_whitespace().collect();
        assert_eq!(words.join(" "), "a e f(\" \", r#\" \"#, , 'k, ) l");
        let expected = [(3, "g \\\" h".to_owned()), (3, "i\" \"j".to_owned())];
        assert_eq!(
            (file.literals.as_slice(), file.lines),
            (expected.as_slice(), 4)
        );
        assert_eq!(file.code.lines().count(), 4);
    }

    #[test]
    fn test_modules_are_cut_with_their_literals() {
        let text = "a;\n#[cfg(test)]\n#[path = \"x\"]\nmod tests {\n  fn b() { \"}\" }\n}\nc(\"d\");\n\
                    #[cfg(test)]\nuse e;\nf";
        let file = SourceFile::new("src/a.rs", text);
        assert_eq!(
            file.code.split_whitespace().collect::<String>(),
            "a;c(\"\");f"
        );
        assert_eq!(file.literals, [(7, "d".to_owned())]);
    }

    #[test]
    fn test_modules_in_files_of_their_own_are_left_out() {
        let declaring = "#[cfg(test)]\nmod tests;\nmod real;";
        let files = [
            "src/a/mod.rs",
            "src/a/tests.rs",
            "src/a/tests/b.rs",
            "src/a/real.rs",
        ];
        let files = files.map(|path| {
            SourceFile::new(
                path,
                if path.ends_with("mod.rs") {
                    declaring
                } else {
                    "c"
                },
            )
        });
        let files = without_test_modules(files.to_vec());
        let seen: Vec<_> = files
            .iter()
            .map(|file| file.code.trim().replace('\n', " "))
            .collect();
        assert_eq!(seen, ["mod real;", "", "", "c"]);
        assert_eq!(files[1].lines, 1);
        let inner = SourceFile::new("src/a.rs", "#[cfg(test)] mod tests { fn x() {} }");
        assert!(inner.test_modules.is_empty());
        assert_eq!(
            SourceFile::new("src/a.rs", declaring).test_modules,
            ["src/a/tests"]
        );
    }

    #[test]
    fn a_file_knows_its_module() {
        for (path, module) in [
            ("src/lib.rs", ""),
            ("src/main.rs", "main"),
            ("src/http/mod.rs", "http"),
            ("src/store/entity/run.rs", "store.entity.run"),
        ] {
            assert_eq!(SourceFile::new(path, "").module().join("."), module);
        }
    }

    #[test]
    #[should_panic(expected = "cannot be checked")]
    fn a_missing_folder_is_no_pass() {
        read_folder("src/nowhere");
    }
}
