//! What a person at a terminal sees and does.

use crate::support::app::example;
use crate::support::database::{Engine, TestDatabase, on_both};
use crate::support::postgres::Cluster;
use crate::support::tables::count_rows;
use crate::support::terminal::Terminal;
use sea_orm::ConnectionTrait;
use std::fmt::Write as _;
use std::path::Path;

const CONFIGURATION: &str = "[dataset]\ntable = \"rows\"\nkey = \"id\"\ntarget = \"class\"\n\
    [[dataset.features]]\nname = \"a\"\n[[dataset.features]]\nname = \"b\"\n";

fn write(directory: &Path, rows: u32) {
    std::fs::write(directory.join("logitd.toml"), CONFIGURATION).unwrap();
    let mut csv = "id,a,b,class\n".to_owned();
    for key in 0..rows {
        let (a, b) = (key * 7 % 31, key * 5 % 17);
        writeln!(
            csv,
            "{key},{a}.5,{b}.25,{}",
            u32::from(a + b + key % 6 > 26)
        )
        .unwrap();
    }
    std::fs::write(directory.join("rows.csv"), csv).unwrap();
}

/// The sights of the line that is written again and again.
fn sights<'a>(written: &'a str, words: &str) -> Vec<&'a str> {
    let sights = written.split('\r');
    sights
        .filter(|sight| sight.starts_with('[') && sight.contains(words))
        .collect()
}

on_both!(
    ctrl_c_in_an_import_keeps_whole_batches_and_says_so,
    |database| async {
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), 400_000);
        let url = database.url();
        let variables = [("LOGITD_DATABASE__URL", url.as_str())];
        let terminal = Terminal::open(directory.path(), &variables).await;
        let before = terminal.begin("logitd import rows.csv").await;
        let screen = terminal.wait_for(" rows/s, ").await;
        assert!(screen.contains("cells are separated by commas"), "{screen}");
        terminal.press("C-c").await;
        let (code, written) = terminal.ended(before).await;
        assert_eq!(code, 1, "{written}");
        let sights = sights(&written, " rows/s");
        let whole = |sight: &&str| sight.contains("% ") || sight.contains("%, ");
        assert!(
            !sights.is_empty() && sights.iter().all(whole),
            "{written:?}"
        );
        let rows = count_rows(&database.connect().await, "rows").await;
        assert!(
            rows > 0 && rows < 400_000 && rows.is_multiple_of(1000),
            "{rows}"
        );
        let line = format!("stopped: {rows} rows were committed to rows and stay");
        // The bar is gone, and the line stands where it was.
        let screen = terminal.screen().await;
        assert!(
            screen.lines().any(|told| told == line),
            "{line:?} in\n{screen}"
        );
        assert!(!screen.contains(" rows/s"), "{screen}");

        // What was kept is in nobody's way.
        let (code, written) = terminal.run("logitd import rows.csv").await;
        assert_eq!(code, 0, "{written}");
        assert!(written.contains("imported 400000 rows into rows"));
        let rows = count_rows(&database.connect().await, "rows").await;
        assert_eq!(rows, 400_000);
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn a_training_shows_its_step_and_what_is_left() {
    let database = TestDatabase::new(Engine::Sqlite).await;
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), 60_000);
    let url = database.url();
    let variables = [("LOGITD_DATABASE__URL", url.as_str())];
    let terminal = Terminal::open(directory.path(), &variables).await;
    let (code, written) = terminal.run("logitd import rows.csv").await;
    assert_eq!(code, 0, "{written}");
    let (code, written) = terminal.run("logitd train").await;
    assert_eq!(code, 0, "{written}");
    for words in ["reading the rows, ", "choosing the penalty, "] {
        let seen = sights(&written, words);
        assert!(!seen.is_empty(), "{words:?} in {written:?}");
    }
    assert!(
        written.contains("% ") || written.contains("s left"),
        "{written:?}"
    );
    let screen = terminal.screen().await;
    assert!(
        screen.contains("\npromoted; version 1; 60000 rows read"),
        "{screen}"
    );
    assert!(!screen.contains("[#"), "{screen}");
    // Elsewhere there are lines, and none for what takes no second.
    let (code, written) = terminal.run("logitd train 2>told; cat -v told").await;
    assert_eq!(code, 0, "{written}");
    assert!(
        !written.contains("^M") && !written.contains("[#"),
        "{written:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_is_told_with_what_to_look_at() {
    let cluster = Cluster::private();
    let name = cluster.create_database();
    let admin = sea_orm::Database::connect(cluster.url(&name))
        .await
        .unwrap();
    let made = "CREATE ROLE ada LOGIN PASSWORD 's3cret'";
    admin.execute_unprepared(made).await.unwrap();
    admin.close().await.unwrap();
    cluster.stop();
    cluster.require_passwords();
    cluster.start();
    let directory = tempfile::tempdir().unwrap();
    write(directory.path(), 10);
    let wrong = cluster.url(&name).replace("logitd@", "ada:hunter2@");
    let variables = [("LOGITD_DATABASE__URL", wrong.as_str())];
    let terminal = Terminal::open(directory.path(), &variables).await;
    let init =
        "logitd init --database-url \"$LOGITD_DATABASE__URL\" --table rows --target class --force";
    for (command, setting) in [
        (init, "--database-url"),
        ("logitd import rows.csv", "[database] url"),
        ("logitd train", "[database] url"),
        ("logitd migrate status", "[database] url"),
    ] {
        let (code, written) = terminal.run(command).await;
        assert_eq!(code, 1, "{written}");
        // The line that was typed apart.
        let told = written.split_once("\r\n").unwrap().1;
        for part in ["password authentication failed", "ada:***@", setting] {
            assert!(told.contains(part), "{command}: {part:?} in {told}");
        }
        assert!(!told.contains("hunter2"), "{told}");
    }
    // The right one lets in.
    let right = wrong.replace("hunter2", "s3cret");
    let command = format!("LOGITD_DATABASE__URL='{right}' logitd migrate status");
    let (code, written) = terminal.run(&command).await;
    assert_eq!(code, 0, "{written}");
}

on_both!(
    a_table_that_is_not_there_is_told_with_the_nearest,
    |database| async {
        let db = database.connect().await;
        let made = "CREATE TABLE \"Rows\" (id INTEGER PRIMARY KEY, a INTEGER, class TEXT)";
        db.execute_unprepared(made).await.unwrap();
        let directory = tempfile::tempdir().unwrap();
        write(directory.path(), 10);
        let url = database.url();
        let variables = [("LOGITD_DATABASE__URL", url.as_str())];
        let terminal = Terminal::open(directory.path(), &variables).await;
        let init = "logitd init --database-url \"$LOGITD_DATABASE__URL\" --table rowz --target class --force";
        let train = "LOGITD_DATASET__TABLE=rowz logitd train";
        for command in [init, train] {
            let (code, written) = terminal.run(command).await;
            assert_eq!(code, 1, "{written}");
            let told = written.split_once("\r\n").unwrap().1;
            let expected = "find the table \"rowz\"; the nearest there is: \"Rows\"";
            assert!(told.contains(expected), "{command}: {told}");
        }
        let command = "LOGITD_DATASET__TABLE=zzz logitd train";
        let (code, written) = terminal.run(command).await;
        assert!(
            code == 1 && written.contains("`logitd import` makes one"),
            "{written}"
        );
    }
);

#[tokio::test(flavor = "multi_thread")]
async fn colours_are_for_terminals_only() {
    let directory = tempfile::tempdir().unwrap();
    std::fs::write(
        directory.path().join("logitd.toml"),
        example("two-features"),
    )
    .unwrap();
    let variables = [
        ("LOGITD_DATABASE__URL", "sqlite://own.db"),
        ("LOGITD_LOG", "debug"),
    ];
    let terminal = Terminal::open(directory.path(), &variables).await;
    for command in ["logitd --help", "logitd train"] {
        let (_, written) = terminal.run(command).await;
        let coloured = written.contains("\u{1b}[1m") || written.contains("\u{1b}[2m");
        assert!(coloured, "{command}: {written:?}");
        for plain in [
            format!("NO_COLOR=1 {command}"),
            format!("{command} >told 2>&1; cat told"),
        ] {
            let (_, written) = terminal.run(&plain).await;
            let told = written.split_once("\r\n").unwrap().1;
            let styled = told.contains("\u{1b}[1m")
                || told.contains("\u{1b}[2m")
                || told.contains("\u{1b}[3");
            assert!(!styled, "{plain}: {told:?}");
        }
    }
}
