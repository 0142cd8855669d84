//! Every statement that goes to the database, told by its kind and its table.
//!
//! sea-orm calls back after each statement, in transactions and streams too, so that nothing that is
//! asked later can be forgotten. The words are taken from the statement's text as the query builder
//! writes it: identifiers in double quotes, keywords in capitals. Values are never in the text.

use crate::telemetry::{DatabaseCall, DatabaseInstruments};
use sea_orm::metric::Info;
use sea_orm::{DatabaseConnection, DbBackend};

/// Has every statement of this pool told.
pub(super) fn watch(pool: &mut DatabaseConnection, instruments: DatabaseInstruments) {
    pool.set_metric_callback(move |info: &Info<'_>| {
        let (operation, table) = words(&info.statement.sql);
        instruments.called(&DatabaseCall {
            system: system(info.statement.db_backend),
            operation,
            table: &table,
            elapsed: info.elapsed,
            failed: info.failed,
        });
    });
}

fn system(backend: DbBackend) -> &'static str {
    if super::database::is_sqlite(backend) {
        "sqlite"
    } else {
        "postgresql"
    }
}

/// The kind of a statement, and the table that it is about; empty where it names none.
fn words(sql: &str) -> (&'static str, String) {
    let mut rest = sql;
    let kind = next_word(&mut rest).unwrap_or_default();
    let (kind, before_the_table) = match kind.to_ascii_uppercase().as_str() {
        "SELECT" => ("SELECT", "FROM"),
        "INSERT" => ("INSERT", "INTO"),
        "DELETE" => ("DELETE", "FROM"),
        "UPDATE" => ("UPDATE", ""),
        _ => return ("OTHER", String::new()),
    };
    let skipped = before_the_table.is_empty()
        || std::iter::from_fn(|| next_word(&mut rest)).any(|word| word == before_the_table);
    let table = if skipped { name(rest) } else { None };
    (kind, table.unwrap_or_default())
}

/// The next word outside of quotes and parentheses; `rest` is then what follows it.
fn next_word<'a>(rest: &mut &'a str) -> Option<&'a str> {
    let mut depth = 0_u32;
    loop {
        let trimmed = rest.trim_start();
        let first = trimmed.chars().next()?;
        let length = match first {
            '"' | '\'' => quoted_length(trimmed),
            _ if first.is_alphanumeric() || first == '_' => {
                let end = |c: char| !(c.is_alphanumeric() || c == '_');
                trimmed.find(end).unwrap_or(trimmed.len())
            }
            _ => first.len_utf8(),
        };
        let (token, after) = trimmed.split_at(length);
        *rest = after;
        match first {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && token.starts_with(char::is_alphabetic) => return Some(token),
            _ => {}
        }
    }
}

/// How long the quoted text at the start is, quotes included; a doubled quote does not end it.
fn quoted_length(text: &str) -> usize {
    let mut bytes = text.bytes().enumerate();
    let quote = bytes.next().map(|(_, byte)| byte);
    let mut ended = false;
    for (at, byte) in bytes {
        match (Some(byte) == quote, ended) {
            (true, _) => ended = !ended,
            (false, true) => return at,
            (false, false) => {}
        }
    }
    text.len()
}

/// The last part of the quoted name at the start: `"schema"."table"` is `table`.
fn name(text: &str) -> Option<String> {
    let text = text.trim_start();
    if !text.starts_with('"') {
        return None;
    }
    let (first, rest) = text.split_at(quoted_length(text));
    match rest.strip_prefix('.') {
        Some(rest) => name(rest),
        None => {
            let inside = first.strip_prefix('"')?.strip_suffix('"')?;
            Some(inside.replace("\"\"", "\""))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::sea_query::{
        Alias, Expr, ExprTrait, IntoIden, PostgresQueryBuilder, Query, SqliteQueryBuilder,
    };

    fn named(name: &str) -> sea_orm::sea_query::DynIden {
        Alias::new(name).into_iden()
    }

    #[test]
    fn each_kind_is_told_with_its_table_on_both_engines() {
        let select = Query::select()
            .column(named("FROM"))
            .column(named("a \"FROM \"\"x\""))
            .from((named("public"), named("my \"table\"")))
            .and_where(Expr::col(named("a")).eq("FROM \"secret\""))
            .to_owned();
        let insert = Query::insert()
            .into_table(named("rows"))
            .columns([named("INTO")])
            .values_panic([1.into()])
            .to_owned();
        let update = Query::update()
            .table(named("runs"))
            .value(named("SET"), 1)
            .to_owned();
        let delete = Query::delete().from_table(named("old")).to_owned();
        for (text, expected) in [
            (
                select.to_string(PostgresQueryBuilder),
                ("SELECT", "my \"table\""),
            ),
            (
                select.to_string(SqliteQueryBuilder),
                ("SELECT", "my \"table\""),
            ),
            (insert.to_string(PostgresQueryBuilder), ("INSERT", "rows")),
            (update.to_string(SqliteQueryBuilder), ("UPDATE", "runs")),
            (delete.to_string(PostgresQueryBuilder), ("DELETE", "old")),
        ] {
            let (kind, table) = words(&text);
            assert_eq!((kind, table.as_str()), expected, "{text}");
        }
    }

    #[test]
    fn what_names_no_table_is_told_by_its_kind() {
        let nothing = Query::select()
            .expr(Expr::val(1))
            .to_string(SqliteQueryBuilder);
        assert_eq!(words(&nothing), ("SELECT", String::new()));
        let inner = Query::select()
            .column(named("a"))
            .from(named("inner"))
            .to_owned();
        let outer = Query::select()
            .column(named("a"))
            .from_subquery(inner, named("t"))
            .to_string(PostgresQueryBuilder);
        assert_eq!(words(&outer), ("SELECT", String::new()), "{outer}");
        for text in ["", "(", "\"", "VACUUM"] {
            assert_eq!(words(text), ("OTHER", String::new()), "{text}");
        }
    }
}
