//! Two hundred strings that mean something to somebody who does not quote: to either database, to a
//! shell, a format, a log, a page.

const QUOTES: [&str; 8] = ["'", "\"", "`", "\\'", "''", "\"\"", "$$", "]"];

const ENDINGS: [&str; 20] = [
    "; DROP TABLE data; --",
    " OR 1=1 --",
    " OR 'a'='a",
    ") UNION SELECT id, a FROM data --",
    "; DELETE FROM data; /*",
    "; UPDATE data SET a = 'gone'; --",
    "||(SELECT a FROM data)||",
    "; ATTACH DATABASE 'x' AS y; --",
    "; COPY data TO PROGRAM 'id'; --",
    " AND pg_sleep(10) --",
    "; PRAGMA writable_schema = 1; --",
    "; SET ROLE postgres; --",
    "::text",
    " COLLATE NOCASE",
    "->>'a'",
    ".\"data\".\"a\"",
    "; COMMIT; BEGIN; --",
    " LIMIT 0 OFFSET 1",
    " IS NOT NULL; VACUUM",
    "; INSERT INTO data VALUES (3, 'more'); --",
];

const OTHERS: [&str; 40] = [
    "%",
    "_",
    "%s%n%x",
    "{}",
    "{0}",
    "$1",
    "?",
    "?1",
    ":name",
    "@name",
    "#{1+1}",
    "${jndi:ldap://x}",
    "<script>alert(1)</script>",
    "../../etc/passwd",
    "%27%20OR%201=1",
    "%00",
    "\\",
    "\\\\",
    "\\x27",
    "\\u0027",
    "null",
    "NULL",
    "true",
    "NaN",
    "1e999",
    "0x1F",
    "-1",
    "1; SELECT 1",
    "select",
    "from",
    "*",
    "()",
    "[]",
    "a,b",
    "a;b",
    "a\tb",
    "\u{fe}\u{202e}",
    "ʼ OR 1=1",
    "\u{ff07}",
    "🦀'; --",
];

/// Each another, none empty.
pub(crate) fn strings() -> Vec<String> {
    let quoted = QUOTES.iter().flat_map(|quote| {
        let with = move |ending| format!("x{quote}{ending}");
        ENDINGS.iter().map(with)
    });
    let all: Vec<String> = quoted.chain(OTHERS.map(str::to_owned)).collect();
    assert_eq!(all.len(), 200);
    all
}

/// No text of PostgreSQL: they are refused wherever a value is kept.
pub(crate) const WITH_NUL: [&str; 3] = ["\0", "a\0b", "x'\0; DROP TABLE data; --"];
