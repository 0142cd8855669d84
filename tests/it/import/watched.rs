//! An import that a person watches and may stop.

use super::{CONFIGURATION, Desk};
use crate::support::app::PATIENCE;
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::eventually::eventually;
use crate::support::process::{Launch, Process};
use crate::support::tables::count_rows;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use std::fmt::Write as _;

fn rows(count: u32) -> String {
    let mut csv = "id,a,b,class\n".to_owned();
    for key in 0..count {
        writeln!(csv, "{key},0.5,1.5,{}", key % 2).unwrap();
    }
    csv
}

/// Waits until something of the file is committed, by another connection.
async fn some_rows(db: &DatabaseConnection, process: &mut Process) {
    let table = sea_orm::sea_query::Query::select()
        .expr(sea_orm::sea_query::Expr::val(1))
        .from("rows")
        .limit(1)
        .take();
    let committed = async || {
        let first = db.query_one(&table).await;
        first.ok().flatten()
    };
    eventually(PATIENCE, "rows are committed", committed).await;
    assert!(process.is_running(), "{}", process.stdout());
}

on_both!(
    ctrl_c_keeps_what_was_committed_and_says_how_much,
    |database| async {
        let desk = Desk::new(&database, CONFIGURATION);
        desk.write(rows(400_000));
        let db = database.connect().await;
        let mut process = desk.launch(&["import", "rows.csv"]).start();
        some_rows(&db, &mut process).await;
        process.interrupt();
        let status = process.wait_exit(PATIENCE).await;
        let told = process.stderr();
        assert_eq!(status.code(), Some(1), "{told}");
        let rows = count_rows(&db, "rows").await;
        assert!(
            rows > 0 && rows < 400_000 && rows.is_multiple_of(1000),
            "{rows}"
        );
        let line = format!("stopped: {rows} rows were committed to rows and stay");
        assert!(told.lines().any(|told| told == line), "{line:?} in\n{told}");
    }
);

on_both!(
    a_killed_import_leaves_whole_batches_and_is_done_again,
    |database| async {
        let desk = Desk::new(&database, CONFIGURATION);
        desk.write(rows(100_000));
        let db = database.connect().await;
        let mut process = desk.launch(&["import", "rows.csv"]).start();
        some_rows(&db, &mut process).await;
        drop(process);
        let kept = count_rows(&db, "rows").await;
        assert!(kept > 0 && kept.is_multiple_of(1000), "{kept}");
        let (said, _) = desk.run(&["import", "rows.csv"], 0).await;
        assert_eq!(said, "imported 100000 rows into rows");
        assert_eq!(count_rows(&db, "rows").await, 100_000);
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn a_terminal_sees_a_bar_and_others_lines() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let desk = Desk::new(&database, CONFIGURATION);
    desk.write(rows(100_000) + "x,1,1,1\n");
    let (_, told) = desk.run(&["import", "rows.csv"], 1).await;
    assert!(!told.contains(['\u{1b}', '\r', '[']), "{told}");

    let command = format!("{} import rows.csv", env!("CARGO_BIN_EXE_logitd"));
    let terminal = Launch::clean("/usr/bin/script")
        .args(["-qec", &command, "/dev/null"])
        .directory(desk.directory.path())
        .env("LOGITD_DATABASE__URL", &desk.url)
        .try_start();
    let mut terminal = terminal.unwrap_or_else(|error| {
        panic!("start script: {error}; install it with: apt-get install bsdutils")
    });
    let status = terminal.wait_exit(PATIENCE).await;
    let seen = terminal.stdout();
    assert_eq!(status.code(), Some(1), "{seen}");
    let sights: Vec<&str> = seen
        .split('\r')
        .filter(|sight| sight.starts_with('['))
        .collect();
    assert!(sights.len() > 1, "{seen:?}");
    for sight in sights {
        assert!(
            sight.contains('%') && sight.contains(" rows/s"),
            "{sight:?}"
        );
    }
    // The bar is taken away before a line is told, and nothing is coloured.
    assert!(
        seen.contains("\r\u{1b}[Kline 100002, column \"id\": "),
        "{seen:?}"
    );
    assert_eq!(
        seen.matches('\u{1b}').count(),
        seen.matches("\r\u{1b}[K").count() + seen.matches(" left\u{1b}[K").count(),
        "{seen:?}"
    );
}
