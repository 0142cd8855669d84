//! Never-rule 2, no SQL text: what reads like a statement, and the doors that take text.
//!
//! Shape: one function from files to findings. It knows statements by their words, so a statement
//! put together from single words would pass; the doors are there to catch that one.

use super::paths::tokens;
use super::source::{Finding, SourceFile, line_of};

/// Never-rule 2, SQL as text: in a literal, or through a door that takes text.
pub(crate) fn sql_text(files: &[SourceFile]) -> Vec<Finding> {
    const DOORS: [&str; 9] = [
        "execute_unprepared",
        "from_string",
        "from_sql_and_values",
        "cust_with_expr",
        "cust_with_exprs",
        "cust_with_values",
        "raw_sql",
        "query_as",
        "query_scalar",
    ];
    let mut found = Vec::new();
    for file in files {
        let literals = file.literals.iter().filter(|(_, literal)| is_sql(literal));
        found.extend(literals.map(|(line, literal)| {
            let start: String = literal.trim().chars().take(40).collect();
            file.finding(*line, format!("SQL text {start:?}; use the query builder"))
        }));
        let tokens = tokens(&file.code);
        for (index, (at, token)) in tokens.iter().enumerate() {
            let before = |back: usize| index.checked_sub(back).map_or("", |i| tokens[i].1);
            let custom = *token == "cust" && before(1) == "::" && before(2) == "Expr";
            // A function of ours that is called so is no door.
            let door = DOORS.contains(token) && before(1) != "fn";
            if custom || door {
                let line = line_of(&file.code, *at);
                found.push(file.finding(line, format!("`{token}` takes SQL text")));
            }
        }
    }
    found
}

/// Two words that make a statement: in capitals anywhere, one behind the other at the start in any
/// case, or anyhow from the start on beside a sign that English has no use for.
fn is_sql(literal: &str) -> bool {
    const STATEMENTS: [(&str, &str); 13] = [
        ("SELECT", "FROM"),
        ("SELECT", "1"),
        ("INSERT", "INTO"),
        ("DELETE", "FROM"),
        ("UPDATE", "SET"),
        ("CREATE", "TABLE"),
        ("CREATE", "INDEX"),
        ("DROP", "TABLE"),
        ("ALTER", "TABLE"),
        ("TRUNCATE", "TABLE"),
        ("BEGIN", "IMMEDIATE"),
        ("PRAGMA", ""),
        ("LOCK", "TABLE"),
    ];
    let words = literal.split(|c: char| !c.is_alphanumeric() && c != '_');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let has_sign = literal.contains(['*', '=', '$', '?', '"', '{']);
    STATEMENTS.iter().any(|(first, second)| {
        let is_second = |word: &&str| word.eq_ignore_ascii_case(second);
        let leads = words
            .first()
            .is_some_and(|word| word.eq_ignore_ascii_case(first));
        let capitals = words.iter().position(|word| word == first);
        capitals.is_some_and(|at| second.is_empty() || words[at + 1..].contains(second))
            || leads && words.get(1).is_some_and(is_second)
            || leads && has_sign && (second.is_empty() || words[1..].iter().any(is_second))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planted::bites;

    #[test]
    fn statements_are_known_from_sentences() {
        for sql in [
            "SELECT a FROM b",
            "select * from t",
            "insert into t",
            "pragma x = 1",
            "SELECT 1",
            "; DROP TABLE data",
            "update t set a = $1",
            "Create Table x",
            "BEGIN IMMEDIATE",
        ] {
            assert!(is_sql(sql), "{sql}");
        }
        for english in [
            "select a column from the table",
            "update the settings",
            "drop",
            "",
            "failed to insert rows into the table",
            "create a table",
            "delete the run",
        ] {
            assert!(!is_sql(english), "{english}");
        }
    }

    #[test]
    fn statements() {
        let bad = [
            "let a = \"SELECT a FROM b\";",
            "let a = r#\"insert into \"x\"\"#;",
            "db.execute_unprepared(a);",
            "Expr::cust(a);",
            "Statement::from_string(b, a);",
        ];
        let good = [
            "// SELECT a FROM b",
            "\"choose a column from the table\";",
            "Func::cust(a);",
            "#[cfg(test)] mod tests { const A: &str = \"DROP TABLE x\"; }",
            "fn from_string() {}",
        ];
        bites(sql_text, "src/store/runs.rs", &bad, &good);
    }
}
