//! What the parts of a prediction and of a training cost, one operation after the other.
//!
//! Shape: a list of named operations, each of which does its work once when it is called. Criterion
//! times them (`cargo bench --bench parts`, with a part of a name to run fewer); `--count NAME TIMES`
//! calls one so often and ends, for `bench/instructions.sh`, which has callgrind count; `--names` lists
//! them. Only what is public is called: a prediction goes through the whole endpoint, and what stands
//! around the handlers has an operation of its own, so that a difference tells the rest.
//!
//! Concurrency: one thread, also where a fit could take more, so that times and counts compare.

use criterion::{Criterion, Throughput};
use operation::{Failure, Operation};
use std::hint::black_box;
use std::io::Write;

mod asked;
mod learning;
mod operation;
mod serving;
mod table;

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words[..] {
        ["--names"] => {
            let mut out = std::io::stdout();
            for operation in operations()? {
                writeln!(out, "{}", operation.name)?;
            }
            Ok(())
        }
        ["--count", name, times] => count(name, times.parse()?),
        _ => time(),
    }
}

fn operations() -> Result<Vec<Operation>, Failure> {
    let mut all = serving::operations()?;
    all.extend(learning::operations()?);
    Ok(all)
}

/// One operation so often, and nothing else.
fn count(name: &str, times: u32) -> Result<(), Failure> {
    let mut all = operations()?.into_iter();
    let found = all.find(|operation| operation.name == name);
    let mut operation = found.ok_or_else(|| format!("there is no operation {name}"))?;
    for _ in 0..times {
        black_box((operation.run)()?);
    }
    Ok(())
}

/// All of them by Criterion, whose arguments say which.
fn time() -> Result<(), Failure> {
    let mut criterion = Criterion::default().configure_from_args();
    for mut operation in operations()? {
        let mut failed = None;
        let mut group = criterion.benchmark_group(operation.room);
        group.throughput(Throughput::Elements(operation.rows));
        // The least that Criterion takes: a fit lasts long enough to be told by a few.
        group.sample_size(if operation.is_long { 10 } else { 50 });
        group.bench_function(operation.name, |bencher| {
            bencher.iter(|| match (operation.run)() {
                Ok(done) => done,
                Err(failure) => {
                    failed.get_or_insert(failure);
                    0
                }
            });
        });
        group.finish();
        if let Some(failure) = failed {
            return Err(failure);
        }
    }
    criterion.final_summary();
    Ok(())
}
