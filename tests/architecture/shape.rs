//! Rules about sizes, names and the place of logic.
//!
//! Shape: functions from files to findings. Lines of a function are counted from `fn` to its
//! closing brace over stripped code, blank and comment lines apart: right for formatted code.

use super::paths::{is_name, tokens};
use super::source::{Finding, SourceFile, line_of};
use super::stripped::item_end;

const LONGEST_FILE_LINES: usize = 400;
const LONGEST_FUNCTION_LINES: usize = 40;

const VAGUE: [&str; 10] = [
    "utils", "util", "helpers", "helper", "common", "types", "manager", "managers", "misc",
    "shared",
];

/// Files that nobody reads to their end.
pub(crate) fn long_files(files: &[SourceFile]) -> Vec<Finding> {
    let long = files.iter().filter(|file| file.lines > LONGEST_FILE_LINES);
    let found = long.map(|file| {
        let what = format!(
            "{} lines, and a file has at most {LONGEST_FILE_LINES}",
            file.lines
        );
        file.finding(file.lines, what)
    });
    found.collect()
}

/// Functions that do more than their name says.
pub(crate) fn long_functions(files: &[SourceFile]) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in files {
        let tokens = tokens(&file.code);
        for pair in tokens
            .windows(2)
            .filter(|pair| pair[0].1 == "fn" && is_name(pair[1].1))
        {
            let (start, name) = (pair[0].0, pair[1].1);
            let end = item_end(file.code.as_bytes(), start);
            let body = file.code[start..end].lines();
            let lines = body.filter(|line| !line.trim().is_empty()).count();
            if lines > LONGEST_FUNCTION_LINES {
                let what = format!("`{name}` has {lines} lines, at most {LONGEST_FUNCTION_LINES}");
                found.push(file.finding(line_of(&file.code, start), what));
            }
        }
    }
    found
}

/// Modules whose name says nothing.
pub(crate) fn vague_names(files: &[SourceFile]) -> Vec<Finding> {
    let vague = |file: &SourceFile| {
        let mut parts = file.path.trim_end_matches(".rs").split('/');
        let name = parts.find(|part| VAGUE.contains(part))?;
        Some(file.finding(1, format!("`{name}` says nothing: name what it does")))
    };
    files.iter().filter_map(vague).collect()
}

/// A `mod.rs` (and `lib.rs`) has docs, attributes, `mod x;` and `pub use`, nothing else.
pub(crate) fn logic_in_mod_rs(files: &[SourceFile]) -> Vec<Finding> {
    let mut found = Vec::new();
    let holds_none =
        |file: &&SourceFile| file.path.ends_with("/mod.rs") || file.path.ends_with("src/lib.rs");
    for file in files.iter().filter(holds_none) {
        let mut at = 0;
        while at < file.code.len() {
            let end = declaration_end(&file.code, at);
            let item = &file.code[at..end];
            if !is_declaration(item, file.path.ends_with("src/lib.rs")) {
                let first = item.len() - item.trim_start().len();
                let line = line_of(&file.code, at + first);
                let rule = "a mod.rs holds docs, `mod` and `pub use`, no logic";
                found.push(file.finding(line, rule));
            }
            at = end;
        }
    }
    found
}

/// The brace of `use a::{b, c};` ends no item.
fn declaration_end(code: &str, at: usize) -> usize {
    let end = item_end(code.as_bytes(), at);
    let rest = code[end..].trim_start();
    if rest.starts_with(';') {
        code.len() - rest.len() + 1
    } else {
        end
    }
}

/// `lib.rs` re-exports nothing: a name at the root would be a way around the direction.
fn is_declaration(item: &str, is_root: bool) -> bool {
    let tokens = tokens(item);
    let mut words = tokens.iter().map(|(_, token)| *token).peekable();
    while words.next_if_eq(&"#").is_some() {
        let mut depth = 0;
        for word in words.by_ref() {
            depth += i32::from(word == "[") - i32::from(word == "]");
            if depth == 0 && word == "]" {
                break;
            }
        }
    }
    let public = words.next_if_eq(&"pub").is_some();
    if words.next_if_eq(&"(").is_some() {
        words.by_ref().find(|word| *word == ")");
    }
    match words.next() {
        Some("mod") => words.next().is_some_and(is_name) && words.next() == Some(";"),
        Some("use") => public && !is_root,
        None => true,
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::{bites, lines};

    #[test]
    fn sizes() {
        let lines_of = |count: usize| "a();\n".repeat(count);
        assert_eq!(lines(long_files, "src/a.rs", &lines_of(400)), []);
        assert_eq!(lines(long_files, "src/a.rs", &lines_of(401)), [401]);
        let function = |count| format!("\nfn f(\n  a: [u8; 2],\n) {{\n{}}}\n", lines_of(count));
        assert_eq!(lines(long_functions, "src/a.rs", &function(36)), []);
        assert_eq!(lines(long_functions, "src/a.rs", &function(37)), [2]);
        let commented = function(30).replace("a();", "a();\n// why\n");
        assert_eq!(lines(long_functions, "src/a.rs", &commented), []);
        let test = format!("#[cfg(test)]\nmod tests {{{}}}", function(99));
        assert_eq!(lines(long_functions, "src/a.rs", &test), []);
    }

    #[test]
    fn names_and_logic() {
        for path in [
            "src/utils.rs",
            "src/http/helpers/a.rs",
            "tests/it/common/mod.rs",
        ] {
            assert_eq!(lines(vague_names, path, ""), [1], "{path}");
        }
        assert_eq!(lines(vague_names, "src/http/openapi.rs", ""), []);
        let bad = [
            "fn f() {}",
            "use self::a::B;",
            "mod a { fn b() {} }",
            "pub const A: u8 = 1;",
        ];
        let good = [
            "pub mod a;\n#[cfg(test)]\nmod b;",
            "pub use a::{B, C};",
            "pub(crate) use a::B;",
            "#[path = \"x\"]\npub(crate) mod a;",
            "#![allow(x)]\nmod a;",
            "#[cfg(test)] mod tests { fn f() {} }",
        ];
        bites(logic_in_mod_rs, "src/http/mod.rs", &bad, &good);
        bites(logic_in_mod_rs, "src/http/a.rs", &[], &bad);
        bites(
            logic_in_mod_rs,
            "src/lib.rs",
            &["pub use a::B;"],
            &["pub mod a;"],
        );
    }
}
