//! A million rows of twenty features in less than 100 MB, which is what the process itself took.

use super::Desk;
use crate::support::database::on_both;
use crate::support::process::Launch;
use crate::support::tables::count_rows;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::Duration;

const ROWS: u64 = 1_000_000;
const FEATURES: usize = 20;
const MOST_BYTES: u64 = 100_000_000;
/// Against a hang, not a measure of speed.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs its arguments and tells the most memory that they ever had, in KiB: the kernel counts it with the
/// end of a process, when nobody can ask `/proc` any more.
const MEASURED: &str = r#"
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print("peak", usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"#;

/// Rows whose numbers have as many digits as a measurement has.
fn write_rows(file: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::new(File::create(file)?);
    let header: String = (0..FEATURES).map(|n| format!("feature_{n},")).collect();
    writeln!(file, "id,{header}class")?;
    let measured: Vec<String> = (0..997_u64)
        .map(|row| {
            let mut cells = String::new();
            for column in 0..FEATURES as u64 {
                let value = ((row * 7919 + column * 104_729) % 1_000_003) as f64 / 12_345.6;
                write!(cells, ",{value:.6}").unwrap();
            }
            cells
        })
        .collect();
    for (key, cells) in (0..ROWS).zip(measured.iter().cycle()) {
        writeln!(file, "{key}{cells},{}", key % 3)?;
    }
    file.flush()
}

on_both!(a_million_rows_take_less_than_100_mb, |database| async {
    let features: String = (0..FEATURES)
        .map(|n| format!("[[dataset.features]]\nname = \"feature_{n}\"\n"))
        .collect();
    let dataset = "[dataset]\ntable = \"rows\"\nkey = \"id\"\ntarget = \"class\"\n";
    let desk = Desk::new(&database, &format!("{dataset}{features}"));
    write_rows(&desk.directory.path().join("rows.csv")).unwrap();
    let python = Launch::tool("python3")
        .args(["-c", MEASURED, env!("CARGO_BIN_EXE_logitd")])
        .args(["import", "rows.csv"])
        .directory(desk.directory.path())
        .env("LOGITD_DATABASE__URL", &desk.url);
    let mut python = python.try_start().unwrap_or_else(|error| {
        panic!("start python3: {error}; install it with: apt-get install python3")
    });
    let status = python.wait_exit(PATIENCE).await;
    let said = python.stdout();
    assert!(status.success(), "{said}\n{}", python.stderr());
    assert!(said.contains("imported 1000000 rows into rows"), "{said}");
    let peak = said.lines().find_map(|line| line.strip_prefix("peak "));
    let peak_bytes = 1024 * peak.unwrap().parse::<u64>().unwrap();
    assert!(peak_bytes < MOST_BYTES, "{peak_bytes} bytes");
    // Less than the keys' hashes alone take: then something else was measured.
    assert!(peak_bytes > 16 * ROWS, "{peak_bytes} bytes");
    assert_eq!(count_rows(&database.connect().await, "rows").await, ROWS);
});
